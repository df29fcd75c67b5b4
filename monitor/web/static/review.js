// The review page by keyboard: one key decides, saves and opens the next card. Without this script the
// same forms work by post and redirect.

import { Cards } from "./review_cards.js";
import { Choices, Drafts } from "./review_edit.js";
import { Help, Keys } from "./review_keys.js";
import { News } from "./review_news.js";
import { Outbox } from "./review_outbox.js";
import { Said } from "./review_said.js";
import { Work } from "./review_work.js";

const LOOK_AFTER = 1500; // ms
const LOOK_EVERY = 30000; // ms: who has the card open is kept for a minute and a half

const root = document.getElementById("review");
const words = JSON.parse(root.dataset.words);
const user = root.dataset.user;
const outbox = new Outbox(user, document.querySelector("meta[name=token]")?.content || "");
const said = new Said(words);
const cards = new Cards(root.dataset.query);
const drafts = new Drafts(user);
const news = new News(cards, said, words);
const waiting = Number(root.dataset.waiting);
const work = new Work({ outbox, cards, drafts, said, news, words, user, waiting });
news.work = work;

const form = () => document.getElementById("decide");
const button = (name) => cards.card.querySelector(`[data-action="${name}"]`);

// A card that has just come: its draft, its lists of choices.
function ready() {
  for (const one of cards.card.querySelectorAll("form[data-draft]")) {
    if (!drafts.restore(one)) continue;
    for (const part of [one.closest("details"), one.querySelector("details")]) if (part) part.open = true;
    one.querySelector("[data-restored]")?.removeAttribute("hidden");
  }
  const save = () => form().requestSubmit(button("save"));
  if (form()) form().choices = [...form().querySelectorAll("fieldset[data-kind]")].map((f) => new Choices(f, save));
}

async function look() {
  const card = cards.card;
  if (!form() || document.hidden || !navigator.onLine) return;
  try {
    const headers = { "X-Token": outbox.token };
    const answer = await fetch(`/queue/${cards.open}/look`, { method: "POST", headers, redirect: "manual" });
    if (!answer.ok) return;
    const { looking } = await answer.json();
    const line = card.querySelector("[data-looking]");
    line.textContent = looking.join(" ");
    line.hidden = !looking.length;
  } catch {
    // a courtesy: said again in half a minute
  }
}

function press(name) {
  const found = button(name);
  if (found && !cards.item(cards.open)?.classList.contains("leaving")) found.click();
  return Boolean(found);
}

function edit(kind) {
  if (!form()) return false;
  form().querySelector("details.edit").open = true;
  if (kind === "note") form().querySelector("textarea").focus();
  else form().choices.find((c) => c.field.dataset.kind === kind).focus();
  return true;
}

async function move(step) {
  const id = cards.beside(step);
  if (!id) return said.say(step > 0 ? words.last : words.first);
  if (!(await cards.show(id, { focus: false }))) return undefined;
  cards.item(id)?.querySelector("a").focus({ preventScroll: true });
  return said.say(words.opened, cards.card);
}

function escape() {
  if (!form() || !cards.card.contains(document.activeElement)) return false;
  form().querySelector("details.edit").open = false;
  cards.focus();
  return true;
}

function submit(event) {
  const sent = event.target;
  if (!sent.matches("form[data-save]")) return;
  event.preventDefault();
  const by = event.submitter;
  const fields = new FormData(sent, by);
  fields.delete("token");
  drafts.drop(sent);
  work.give({
    key: fields.get("key") || `${Date.now()}-${Math.random()}`,
    kind: by?.dataset.save || sent.dataset.save,
    article: cards.open,
    title: cards.card.dataset.headline,
    language: cards.card.dataset.language,
    url: by?.getAttribute("formaction") || sent.getAttribute("action"),
    body: new URLSearchParams(fields).toString(),
  });
}

const help = new Help(document.getElementById("help"));
const acts = {
  confirm: () => press("confirm"),
  irrelevant: () => press("irrelevant"),
  skip: () => press("skip"),
  discuss: () => press("discuss"),
  mine: () => press("assign"),
  original: () => press("original"),
  regions: () => edit("regions"),
  topics: () => edit("topics"),
  direction: () => edit("direction"),
  note: () => edit("note"),
  next: () => move(1),
  previous: () => move(-1),
  undo: () => work.undo(),
  conflict: () => work.showConflict(),
  keep: () => work.keepTheirs(),
  search: () => news.search(),
  help: () => help.open(),
  escape: () => escape(),
};
const ANYWHERE = ["undo", "conflict", "search", "help"];

new Keys(JSON.parse(root.dataset.keys), JSON.parse(root.dataset.pages), (action) => {
  // A card that nobody sees is not decided.
  if (cards.card.offsetParent === null && !ANYWHERE.includes(action)) return false;
  return acts[action]();
});
root.addEventListener("submit", submit);
root.addEventListener("input", (event) => {
  const typed = event.target.closest("form[data-draft]");
  if (typed && !event.target.matches("[data-filter]")) drafts.keep(typed);
});
root.addEventListener("click", (event) => {
  if (event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  const act = event.target.closest("[data-act]")?.dataset.act;
  const link = event.target.closest("a[data-open]");
  // A list on a narrow screen leads to a page of its own.
  if (act) acts[act]();
  else if (link && cards.card.offsetParent !== null) cards.show(link.dataset.open);
  else return;
  event.preventDefault();
});
let looked = 0;
cards.addEventListener("card", () => {
  ready();
  clearTimeout(looked); // a card that is decided in a second needs no telling
  looked = setTimeout(look, LOOK_AFTER);
});
document.getElementById("show-conflict").addEventListener("click", () => work.showConflict());
setInterval(look, LOOK_EVERY);
ready();
cards.prefetch();
outbox.flush();
news.watch();
