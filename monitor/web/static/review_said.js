// What the review page says of itself: announcements for those who listen, and what is not saved yet.

export class Said {
  constructor(words) {
    this.words = words;
    this.live = document.getElementById("said");
    this.bar = document.getElementById("saving");
    this.clash = document.getElementById("conflicts");
  }

  // `text` with {n}; after it the headline of `card` in its own language.
  say(text, card = null, n = 0) {
    const parts = [text.replace("{n}", n.toLocaleString(document.documentElement.lang))];
    if (card?.dataset.headline) {
      const headline = document.createElement("span");
      headline.lang = card.dataset.language;
      headline.textContent = card.dataset.headline;
      parts.push(" ", headline);
    }
    this.live.replaceChildren(...parts);
  }

  // The line that stays while something is not saved, with what to do about it.
  saving({ waiting, trouble }) {
    this.bar.hidden = !waiting || !trouble;
    if (this.bar.hidden) return;
    const text = this.words.waiting.replace("{n}", waiting);
    const why = this.words[`trouble_${trouble}`];
    this.bar.querySelector("[data-text]").textContent = `${text} ${why}`;
    this.bar.querySelector("[data-sign-in]").hidden = trouble !== "session";
  }

  conflicts(list) {
    this.clash.hidden = list.length === 0;
    if (!list.length) return;
    const { item } = list[0];
    const title = this.clash.querySelector("[data-title]");
    title.textContent = item.title;
    title.lang = item.language || "";
    this.clash.querySelector("[data-count]").textContent = list.length > 1 ? `(${list.length})` : "";
  }

  refused(item) {
    const note = document.getElementById("refused");
    note.hidden = false;
    note.querySelector("[data-title]").textContent = item.title;
  }
}
