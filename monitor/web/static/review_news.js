// What else happens in the queue: new items announce themselves and wait; nothing moves by itself.

const EVERY = 60000; // ms

export class News {
  constructor(cards, said, words) {
    this.cards = cards;
    this.said = said;
    this.words = words;
    this.button = document.getElementById("news");
    this.button.addEventListener("click", () => this.reload());
    this.known = 0;
  }

  watch() {
    setInterval(() => this.ask(), EVERY);
  }

  async ask() {
    if (document.hidden || !navigator.onLine) return;
    try {
      const query = this.cards.query;
      const answer = await fetch(`/queue/news${query ? `?${query}` : ""}`, { redirect: "manual" });
      if (!answer.ok) return;
      const { articles, waiting } = await answer.json();
      this.tell(articles);
      if (!this.work.outbox.items.length) this.work.count(waiting);
    } catch {
      // asked again in a minute
    }
  }

  tell(articles) {
    const here = new Set(this.cards.items().map((item) => item.dataset.article));
    const fresh = articles.filter((id) => !here.has(String(id))).length;
    if (fresh === this.known) return;
    this.known = fresh;
    this.button.hidden = fresh === 0;
    this.button.textContent = this.words.new_items.replace("{n}", fresh);
    if (fresh) this.said.say(this.button.textContent);
  }

  // The list anew, because somebody asked for it or came to its end; the page stays, and so does the work
  // that waits in it. False where it could not be had.
  async reload() {
    const query = this.cards.query;
    let page;
    try {
      const answer = await fetch(`/queue${query ? `?${query}` : ""}`, { redirect: "manual" });
      if (!answer.ok) return false;
      page = new DOMParser().parseFromString(await answer.text(), "text/html");
    } catch {
      return false; // the outbox says that the server cannot be reached
    }
    document.getElementById("queue-list").replaceWith(document.adoptNode(page.getElementById("queue-list")));
    this.button.hidden = true;
    this.known = 0;
    this.work.count(Number(page.getElementById("review").dataset.waiting));
    this.cards.put(document.adoptNode(page.getElementById("card")), { push: true });
    for (const item of this.work.outbox.items) if (item.kind === "decide") this.cards.decided(item.article);
    this.said.say(this.cards.open ? this.words.opened : this.words.all_done, this.cards.card);
    return true;
  }

  search() {
    const box = document.getElementById("find");
    box.closest("details").open = true;
    if (box.offsetParent === null) {
      location.assign(`/queue?${this.cards.query ? `${this.cards.query}&` : ""}view=list`);
      return;
    }
    box.focus();
    box.select();
  }
}
