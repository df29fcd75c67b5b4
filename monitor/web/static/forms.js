// Nothing written or chosen is lost where the session has ended: the page stays, says so, and the same
// button sends again once somebody has signed in in another window. Text is kept in this browser besides.

const KEEP = "kept:";

// --- what was typed ---------------------------------------------------------------------------------

function keyOf(field) {
  return `${KEEP}${location.pathname}#${field.form.dataset.keep}.${field.name}`;
}

function restore(field) {
  let text = null;
  try { text = localStorage.getItem(keyOf(field)); } catch { return; }
  if (text === null || text === field.value) { forget(field); return; }
  const note = field.form.querySelector("[data-say=restored]");
  field.value = text;
  if (note) { note.hidden = false; }
}

function keep(field) {
  try { localStorage.setItem(keyOf(field), field.value); } catch { /* private window: the form still works */ }
}

function forget(field) {
  try { localStorage.removeItem(keyOf(field)); } catch { /* as above */ }
}

for (const form of document.querySelectorAll("form[data-keep]")) {
  for (const field of form.querySelectorAll("textarea, input[type=text]")) {
    restore(field);
    field.addEventListener("input", () => keep(field));
  }
}

// --- sending without leaving ------------------------------------------------------------------------

function show(form, name) {
  for (const note of form.querySelectorAll("[data-say]")) { note.hidden = note.dataset.say !== name; }
}

async function freshToken() {
  const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
  if (!answer.ok || answer.redirected) { return null; }
  const found = new DOMParser().parseFromString(await answer.text(), "text/html");
  const meta = found.querySelector("meta[name=token]");
  return meta ? meta.content : null;
}

async function send(form) {
  const token = await freshToken();
  if (token === null) { show(form, "login"); return; }
  const hidden = form.querySelector("input[name=token]");
  if (hidden) { hidden.value = token; }
  for (const field of form.querySelectorAll("textarea, input[type=text]")) { forget(field); }
  form.submit();
}

for (const form of document.querySelectorAll("form[data-stay]")) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    send(form).catch(() => show(form, "login"));
  });
}
