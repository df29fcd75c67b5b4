// What becomes of a decision after its key: the outbox, the count, undo, and the decisions of others that
// stood before ours.

export class Work {
  constructor({ outbox, cards, drafts, said, news, words, user, waiting }) {
    Object.assign(this, { outbox, cards, drafts, said, news, words, waiting });
    this.name = `review.done.${user}`;
    this.conflicts = []; // ours that were not kept, each with the card that shows both
    this.end = false; // the list is used up; what comes next waits for the outbox
    outbox.addEventListener("state", (event) => {
      said.saving(event.detail);
      this.goOn();
    });
    outbox.addEventListener("saved", (event) => this.saved(event.detail));
    outbox.addEventListener("conflict", (event) => this.clash(event.detail));
    outbox.addEventListener("refused", (event) => this.refused(event.detail.item));
    // Those in conflict before a reload are sent once more, and meet the same answer.
    outbox.items = outbox.items.map((item) => ({ ...item, state: undefined }));
    for (const item of outbox.items) if (item.kind === "decide") cards.decided(item.article);
  }

  // Decisions of this session that can be undone, the newest last.
  get done() {
    return JSON.parse(sessionStorage.getItem(this.name) || "[]");
  }

  set done(list) {
    sessionStorage.setItem(this.name, JSON.stringify(list.slice(-500)));
  }

  forget(key) {
    this.done = this.done.filter((one) => one.key !== key);
  }

  count(n) {
    this.waiting = Math.max(0, n);
    for (const place of document.querySelectorAll("[data-waiting-count]")) {
      place.textContent = this.waiting.toLocaleString(document.documentElement.lang);
    }
  }

  // A form's item: into the outbox, and on without waiting for the answer where it settles the card.
  async give(item) {
    if (!["decide", "skip", "discuss"].includes(item.kind)) return this.outbox.add(item);
    // A key pressed once more before the next card has come.
    if (this.end || this.done.some((one) => one.key === item.key)) return undefined;
    const fresh = !this.cards.item(item.article)?.classList.contains("decided");
    this.settle(item.article);
    if (item.kind === "decide") {
      this.done = [...this.done, { key: item.key, article: item.article, title: item.title, decision: null }];
    }
    const next = this.cards.beside(1, item.article) || this.cards.beside(-1, item.article);
    this.cards.decided(item.article);
    this.cards.forget(item.article);
    if (fresh) this.count(this.waiting - 1);
    this.outbox.add(item);
    const text = { decide: this.words.decided, skip: this.words.skipped, discuss: this.words.saved }[item.kind];
    if (next) {
      if (await this.cards.show(next)) this.said.say(text, this.cards.card, this.waiting);
      return undefined;
    }
    this.end = true;
    return this.goOn();
  }

  // At the end of the list, once nothing waits to be saved, the list anew.
  async goOn() {
    if (!this.end || this.outbox.waiting.length || this.reloading) return;
    this.reloading = true;
    this.end = !(await this.news.reload());
    this.reloading = false;
  }

  saved({ item, said: answer }) {
    if (item.kind === "decide") {
      this.done = this.done.map((one) => (one.key === item.key ? { ...one, decision: answer.decision } : one));
    } else if (item.kind === "undo") {
      // Whoever has gone on meanwhile stays where they are.
      if (this.cards.open === this.from) this.undone(item.article);
      else this.said.say(this.words.undone);
    } else if (item.kind === "aside") {
      this.said.say(this.words.saved);
      this.cards.forget(item.article);
      const busy = document.activeElement?.matches("textarea, input:not([type=radio], [type=checkbox])");
      if (this.cards.open === item.article && !busy) this.cards.show(item.article, { push: false });
    }
  }

  clash({ item, html }) {
    this.forget(item.key);
    if (item.kind !== "decide") return this.outbox.drop(item.key);
    this.conflicts.push({ item, html });
    return this.said.conflicts(this.conflicts);
  }

  // The article is not what it was: what was typed goes back into the draft.
  refused(item) {
    this.forget(item.key);
    this.drafts.putBack(item);
    if (item.kind === "decide") this.cards.decided(item.article, false);
    this.said.refused(item);
  }

  showConflict() {
    const first = this.conflicts[0];
    if (!first) return false;
    this.cards.place(first.html, { push: true });
    this.said.say(this.words.conflict_open, this.cards.card);
    return true;
  }

  settle(article) {
    const at = this.conflicts.findIndex((one) => one.item.article === article);
    if (at < 0) return;
    this.outbox.drop(this.conflicts.splice(at, 1)[0].item.key);
    this.said.conflicts(this.conflicts);
  }

  // Theirs stands; the work goes on.
  keepTheirs() {
    const next = this.cards.beside(1) || this.cards.beside(-1);
    this.settle(this.cards.open);
    return next ? this.cards.show(next) : this.news.reload();
  }

  undo() {
    const list = this.done;
    const last = list.pop();
    if (!last) return this.said.say(this.words.nothing_to_undo);
    this.done = list;
    this.end = false;
    this.cards.decided(last.article, false);
    this.cards.forget(last.article);
    this.count(this.waiting + 1);
    if (this.outbox.withdraw(last.key)) return this.undone(last.article);
    this.said.say(this.words.undoing);
    this.from = this.cards.open;
    const key = `${last.key}/undo`;
    return this.outbox.add({
      key,
      kind: "undo",
      of: last.key,
      decision: last.decision,
      article: last.article,
      title: last.title,
      body: new URLSearchParams({ key, article: last.article }).toString(),
    });
  }

  async undone(article) {
    this.cards.forget(article);
    this.from = article;
    if (await this.cards.show(article)) this.said.say(this.words.undone, this.cards.card);
  }
}
