// Follows a job on its page: what changes is written in place and said politely; nothing moves.
// When the job has ended, a person refreshes the page to see what came of it.

const EVERY = 2000; // milliseconds
const live = document.querySelector("[data-job]");
const log = document.querySelector("[data-log]");
const place = (name) => live.querySelector(`[data-${name}]`);

function line({ at, moment, said }) {
  const item = document.createElement("li");
  const time = document.createElement("time");
  time.dateTime = at;
  time.textContent = moment;
  item.append(time, ` ${said}`);
  return item;
}

function announce(words) {
  const status = place("announce");
  if (status.textContent !== words) status.textContent = words;
}

function show(job) {
  const word = place("word");
  if (word.textContent !== job.word) {
    word.textContent = job.word;
    word.className = `job-state job-${job.state}`;
  }
  const note = place("note");
  if (note && note.textContent !== job.note) note.textContent = job.note;
  place("far").textContent = job.far;
  const bar = live.querySelector("progress");
  if (job.share === null) bar.removeAttribute("value");
  else bar.value = job.share;
  log.replaceChildren(...job.lines.map(line));
  document.querySelector("[data-log-none]")?.toggleAttribute("hidden", job.lines.length > 0);
  announce(job.under_way ? job.word : `${job.word}. ${place("refresh").textContent}`);
  if (job.under_way) return;
  bar.value = bar.max;
  place("note")?.remove();
}

async function follow() {
  let again = true;
  try {
    const answer = await fetch(live.dataset.job, { credentials: "same-origin", redirect: "error" });
    if (answer.ok) {
      const job = await answer.json();
      show(job);
      again = job.under_way;
    } else {
      again = answer.status >= 500;
    }
  } catch {
    // No connection: the next look may find it again.
  }
  if (again) setTimeout(follow, EVERY);
}

if (live) setTimeout(follow, EVERY);
