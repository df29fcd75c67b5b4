// Decisions on their way to the server. Each is kept in localStorage until the server has answered, and
// sent in order, one at a time, with the key it was made under: sent twice it still counts once.

const PAUSES = [1, 2, 4, 8, 15, 30]; // seconds between tries while the server cannot be reached
const SIGNED_OUT = 4; // seconds between looks whether somebody has signed in again
const TOO_LONG = 15000; // ms until an answer counts as lost

export class Outbox extends EventTarget {
  constructor(user, token) {
    super();
    this.user = user;
    this.token = token;
    this.name = `review.outbox.${user}`;
    this.memory = []; // stands in where the browser keeps nothing
    this.trouble = ""; // "" | lost | session | stranger
    this.tries = 0;
    this.timer = 0;
    this.running = null;
    this.made = new Map(); // key -> decision, for undoings that wait behind it
    addEventListener("online", () => this.flush());
    addEventListener("focus", () => this.flush());
  }

  get items() {
    try {
      return JSON.parse(localStorage.getItem(this.name)) || this.memory;
    } catch {
      return this.memory;
    }
  }

  set items(list) {
    this.memory = list;
    try {
      localStorage.setItem(this.name, JSON.stringify(list));
    } catch {
      // full or forbidden: the page itself still holds them
    }
  }

  add(item) {
    this.items = [...this.items, item];
    this.tell();
    return this.flush();
  }

  // Takes one back that was not sent; false where it is on its way or gone.
  withdraw(key) {
    const found = this.items.find((item) => item.key === key && item.state !== "conflict");
    if (!found || this.sending === key) return false;
    this.drop(key);
    this.tell();
    return true;
  }

  drop(key) {
    this.items = this.items.filter((item) => item.key !== key);
  }

  set(key, changes) {
    this.items = this.items.map((item) => (item.key === key ? { ...item, ...changes } : item));
  }

  get waiting() {
    return this.items.filter((item) => item.state !== "conflict");
  }

  tell() {
    const detail = { waiting: this.waiting.length, trouble: this.trouble };
    this.dispatchEvent(new CustomEvent("state", { detail }));
  }

  // Settled when all is sent or something is in the way.
  flush() {
    this.running ||= this.run().finally(() => {
      this.running = null;
      this.tell();
    });
    return this.running;
  }

  async run() {
    clearTimeout(this.timer);
    // Another tab of the same person has the same outbox; without locks the key alone guards it.
    if (navigator.locks) await navigator.locks.request(this.name, () => this.drain());
    else await this.drain();
  }

  async drain() {
    for (let item = this.waiting[0]; item; item = this.waiting[0]) {
      this.sending = item.key;
      this.trouble = await this.send(item);
      this.sending = "";
      if (this.trouble) return this.later();
      this.tries = 0;
    }
  }

  later() {
    const pause = this.trouble === "lost" ? PAUSES[Math.min(this.tries, PAUSES.length - 1)] : SIGNED_OUT;
    this.tries += 1;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.flush(), pause * 1000);
  }

  // "" where the item is settled, else what is in the way.
  async send(item) {
    let answer;
    try {
      answer = await this.post(item);
      if (answer.status === 403) {
        const trouble = await this.renew();
        if (trouble) return trouble;
        answer = await this.post(item);
      }
      return await this.settle(item, answer);
    } catch {
      return "lost";
    }
  }

  post(item) {
    const decision = item.decision || this.made.get(item.of);
    return fetch(item.url || `/queue/decisions/${decision || 0}/undo`, {
      method: "POST",
      headers: {
        Accept: "application/json",
        "Content-Type": "application/x-www-form-urlencoded",
        "X-Token": this.token,
        "X-Part": "card",
      },
      body: item.body,
      redirect: "manual",
      signal: AbortSignal.timeout(TOO_LONG),
    });
  }

  async settle(item, answer) {
    if (answer.type === "opaqueredirect" || answer.status === 401) return (await this.renew()) || "lost";
    if (answer.status >= 500 || answer.status === 429) return "lost";
    if (answer.status === 409) {
      const html = await answer.text();
      this.set(item.key, { state: "conflict" });
      this.dispatchEvent(new CustomEvent("conflict", { detail: { item, html } }));
      return "";
    }
    const said = answer.ok ? await answer.json() : null;
    if (said?.decision) this.made.set(item.key, said.decision);
    this.drop(item.key);
    const detail = { item, said, status: answer.status };
    this.dispatchEvent(new CustomEvent(answer.ok ? "saved" : "refused", { detail }));
    return "";
  }

  // A new token after signing in again; what is still in the way otherwise.
  async renew() {
    const answer = await fetch("/queue/session", { headers: { Accept: "application/json" }, redirect: "manual" });
    if (answer.type === "opaqueredirect" || answer.status === 401) return "session";
    if (!answer.ok) return answer.status === 403 ? "session" : "lost";
    const { user, token } = await answer.json();
    // Decisions of one person are never sent in the name of another.
    if (String(user) !== String(this.user)) return "stranger";
    this.token = token;
    document.querySelector("meta[name=token]")?.setAttribute("content", token);
    for (const field of document.querySelectorAll("input[name=token]")) field.value = token;
    return "";
  }
}
