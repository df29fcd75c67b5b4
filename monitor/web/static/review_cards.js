// Cards and the list beside them: fetches a card before it is needed, puts it in place of the open one,
// and keeps address, title, focus and the mark in the list with it.

const AHEAD = 3; // cards fetched in advance: a lost connection does not stop the work at once
const KEPT = 20; // cards held at most

export class Cards extends EventTarget {
  constructor(query) {
    super();
    this.query = query;
    this.ready = new Map();
    this.wanted = 0;
    addEventListener("popstate", () => {
      const id = location.pathname.match(/^\/queue\/(\d+)$/)?.[1] || this.items()[0]?.dataset.article;
      if (id) this.show(id, { push: false });
    });
  }

  get card() {
    return document.getElementById("card");
  }

  get open() {
    return this.card?.dataset.article || "";
  }

  items() {
    return [...document.querySelectorAll("#queue-list > li")];
  }

  item(id) {
    return document.querySelector(`#queue-list > li[data-article="${id}"]`);
  }

  // The nearest item that is not decided, `step` from the open one; "" at the end.
  beside(step, from = this.open) {
    const items = this.items();
    let at = items.findIndex((item) => item.dataset.article === from);
    if (at < 0 && step < 0) return "";
    for (at += step; at >= 0 && at < items.length; at += step) {
      if (!items[at].classList.contains("decided")) return items[at].dataset.article;
    }
    return "";
  }

  address(id, part = "") {
    return `/queue/${id}${part}${this.query ? `?${this.query}` : ""}`;
  }

  fetched(id) {
    if (!this.ready.has(id)) {
      const asked = fetch(this.address(id, "/card"), { redirect: "manual" }).then((answer) => {
        if (answer.type === "opaqueredirect" || answer.status === 401) throw new Error("session");
        if (!answer.ok) throw new Error(answer.status === 404 ? "gone" : "lost");
        return answer.text();
      });
      asked.catch(() => this.ready.delete(id));
      this.ready.set(id, asked);
      if (this.ready.size > KEPT) this.ready.delete(this.ready.keys().next().value);
    }
    return this.ready.get(id);
  }

  forget(id) {
    this.ready.delete(id);
  }

  prefetch(from = this.open) {
    let id = from;
    for (let n = 0; n < AHEAD; n += 1) {
      id = this.beside(1, id);
      if (!id) return;
      this.fetched(id).catch(() => {});
    }
  }

  async show(id, { push = true, focus = true } = {}) {
    const turn = (this.wanted += 1);
    this.mark(id);
    let html;
    try {
      html = await this.fetched(id);
    } catch (error) {
      if (turn === this.wanted) this.failed(id, error.message);
      return false;
    }
    if (turn !== this.wanted) return false; // another card was asked for meanwhile
    this.forget(id); // opened again later, it is fetched anew
    this.place(html, { push, focus });
    return true;
  }

  place(html, how) {
    // Made by the server, every text in it escaped; a parsed document runs nothing.
    const card = new DOMParser().parseFromString(html, "text/html").getElementById("card");
    if (card) this.put(document.adoptNode(card), how);
  }

  put(card, { push = false, focus = true } = {}) {
    this.card.replaceWith(card);
    const id = card.dataset.article;
    const path = id ? `/queue/${id}` : "/queue";
    if (id) this.mark(id);
    if (push && location.pathname !== path) history.pushState(null, "", id ? this.address(id) : path);
    if (card.dataset.title) document.title = card.dataset.title;
    if (focus) this.focus();
    this.dispatchEvent(new CustomEvent("card", { detail: { id } }));
    this.prefetch();
  }

  focus() {
    this.card.focus({ preventScroll: true });
    const top = this.card.getBoundingClientRect().top;
    if (top < 0 || top > innerHeight / 2) this.card.scrollIntoView({ block: "start" });
  }

  failed(id, why) {
    const said = document.getElementById("card-failed").content.cloneNode(true).firstElementChild;
    said.dataset.article = id;
    for (const part of said.querySelectorAll("[data-when]")) part.hidden = part.dataset.when !== why;
    said.querySelector("[data-again]").addEventListener("click", () => this.show(id));
    this.card.replaceWith(said);
    said.focus();
    this.dispatchEvent(new CustomEvent("failed", { detail: { id, why } }));
  }

  mark(id) {
    for (const item of this.items()) {
      const here = item.dataset.article === id;
      const link = item.querySelector("a");
      if (here) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
      if (here) item.scrollIntoView({ block: "nearest" });
    }
  }

  decided(id, yes = true) {
    const item = this.item(id);
    item?.classList.toggle("decided", yes);
    const sign = item?.querySelector(".settled");
    if (sign) sign.hidden = !yes;
  }
}
