// Changing tags on the open card: a box to type a name in, numbers for the first nine choices, and a
// draft of everything typed or ticked that outlives a reload, a lost connection and signing in again.

const MOST_DAYS = 30; // a draft nobody came back to

function plain(text) {
  return text.toLocaleLowerCase("fi").normalize("NFC").trim();
}

// One list of choices under a box that narrows it by name, in any of the languages.
export class Choices {
  constructor(field, save) {
    this.field = field;
    this.box = field.querySelector("[data-filter]");
    this.save = save;
    this.choices = [...field.querySelectorAll("[data-names]")];
    this.single = field.querySelector("input[type=radio]:not([name=main])") !== null;
    if (this.box) {
      this.box.closest("[data-script]").hidden = false;
      this.box.addEventListener("input", () => this.narrow());
    }
    field.addEventListener("keydown", (event) => this.press(event));
    field.addEventListener("change", (event) => {
      if (event.target.matches("input[name=region]:checked")) this.alone(event.target);
      if (event.target.matches("input[name=topic], input[name=main]")) this.main(event.target);
    });
    this.narrow();
  }

  get shown() {
    return this.choices.filter((choice) => !choice.hidden);
  }

  narrow() {
    const wanted = plain(this.box?.value || "");
    for (const choice of this.choices) choice.hidden = !this.fits(choice, wanted);
    this.choices.forEach((choice) => (choice.querySelector("[data-number]").textContent = ""));
    this.shown.slice(0, 9).forEach((choice, n) => {
      choice.querySelector("[data-number]").textContent = n + 1;
    });
    const best = this.best;
    for (const choice of this.choices) choice.classList.toggle("best", choice === best);
    const none = this.field.querySelector("[data-none]");
    if (none) none.hidden = this.shown.length > 0;
  }

  names(choice) {
    return plain(choice.dataset.names).split("|");
  }

  // A name fits where one of its words begins with what was typed.
  fits(choice, wanted) {
    return this.names(choice).some((name) => [" ", "-"].some((gap) => `${gap}${name}`.includes(gap + wanted)));
  }

  // What Enter adds: a name that itself begins so goes before one with such a word in it.
  get best() {
    const wanted = plain(this.box?.value || "");
    const open = wanted ? this.shown.filter((choice) => !choice.querySelector("input").checked) : [];
    return open.find((choice) => this.names(choice).some((name) => name.startsWith(wanted))) || open[0];
  }

  press(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    // With Shift a digit gives another character: its place on the keyboard tells which.
    const digit = event.shiftKey ? /^Digit([1-9])$/.exec(event.code)?.[1] : /^[1-9]$/.exec(event.key)?.[0];
    const marks = event.shiftKey && this.field.querySelector("input[name=main]") !== null;
    if (digit && (marks || !event.shiftKey)) {
      event.preventDefault();
      const choice = this.shown[Number(digit) - 1];
      if (!choice) return;
      this.take(choice, marks);
      if (this.single) this.save();
    } else if (event.key === "Enter" && event.target.matches("input")) {
      event.preventDefault();
      if (!this.box?.value.trim()) this.save();
      // A name is typed to add it; numbers and the space bar take one away.
      else if (this.best) this.take(this.best, marks);
      else this.clear();
    }
  }

  pick(choice) {
    const input = choice.querySelector("input");
    input.checked = this.single || !input.checked;
    if (input.checked) this.alone(input);
    input.dispatchEvent(new Event("change", { bubbles: true }));
    this.clear();
  }

  // With `main` the choice becomes the main topic.
  take(choice, main) {
    const mark = main && choice.querySelector("input[name=main]");
    if (!mark) return this.pick(choice);
    mark.checked = true;
    mark.dispatchEvent(new Event("change", { bubbles: true }));
    return this.clear();
  }

  // One of the chosen topics is the main one: that chosen first, until another is marked.
  main(input) {
    const box = input.closest("[data-names]").querySelector("input[name=topic]");
    if (input.name === "main") box.checked = true;
    const ticked = [...this.field.querySelectorAll("input[name=topic]:checked")].map((topic) => topic.value);
    this.order = (this.order || ticked).filter((topic) => topic !== box.value);
    if (box.checked) this.order.push(box.value);
    const marked = this.field.querySelector("input[name=main]:checked");
    if (marked && this.order.includes(marked.value)) return;
    for (const mark of this.field.querySelectorAll("input[name=main]")) mark.checked = mark.value === this.order[0];
  }

  clear() {
    if (!this.box) return;
    this.box.value = "";
    this.narrow();
  }

  // The whole country or some regions, not both.
  alone(input) {
    for (const other of this.field.querySelectorAll("input[name=region]:checked")) {
      if (other !== input && (other.value === "NAT") !== (input.value === "NAT")) other.checked = false;
    }
  }

  focus() {
    const first = this.box || this.field.querySelector("input:checked") || this.field.querySelector("input");
    first.focus();
  }
}

// What was typed or ticked in a form, by form and article.
export class Drafts {
  constructor(user) {
    this.prefix = `review.draft.${user}.`;
    for (const [name, draft] of this.all()) {
      if (Date.now() - draft.at > MOST_DAYS * 86400000) localStorage.removeItem(name);
    }
  }

  all() {
    try {
      return Object.entries(localStorage)
        .filter(([name]) => name.startsWith(this.prefix))
        .map(([name, text]) => [name, JSON.parse(text)]);
    } catch {
      return [];
    }
  }

  name(form) {
    return this.prefix + form.dataset.draft;
  }

  keep(form) {
    const fields = [...form.elements].filter((e) => e.name && e.type !== "hidden" && e.type !== "submit");
    const values = fields.map((e) => [e.name, e.value, e.matches("[type=checkbox], [type=radio]") ? e.checked : null]);
    try {
      localStorage.setItem(this.name(form), JSON.stringify({ at: Date.now(), hash: form.dataset.hash, values }));
    } catch {
      // nothing is kept where the browser forbids it; the form itself still stands
    }
  }

  // Puts a draft back; true where there was one.
  restore(form) {
    let draft = null;
    try {
      draft = JSON.parse(localStorage.getItem(this.name(form)));
    } catch {
      return false;
    }
    if (!draft) return false;
    for (const [name, value, checked] of draft.values) {
      // Ticks belong to the text they were made on; what was typed stays in any case.
      if (checked !== null && draft.hash !== form.dataset.hash) continue;
      for (const field of form.elements) {
        if (field.name !== name) continue;
        if (checked === null) field.value = value;
        else if (field.value === value) field.checked = checked;
      }
    }
    return true;
  }

  // What a request that was refused had typed, for the next time its card is open.
  putBack(item) {
    const values = [...new URLSearchParams(item.body)].filter(([name, text]) => ["note", "text"].includes(name) && text);
    if (!values.length || item.kind !== "decide") return;
    const draft = { at: Date.now(), hash: "", values: values.map(([name, text]) => [name, text, null]) };
    localStorage.setItem(`${this.prefix}decide.${item.article}`, JSON.stringify(draft));
  }

  drop(form) {
    try {
      localStorage.removeItem(this.name(form));
    } catch {
      // as above
    }
  }
}
