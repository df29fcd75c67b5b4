// Keys: which action a key stands for, and when it does. Nothing here knows what an action does.

const TYPING = "input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]";
const GO_MS = 2000; // between the go key and its letter

export class Keys {
  // keys: action -> key; pages: letter -> address; act: called with an action, true where it was done
  constructor(keys, pages, act) {
    this.actions = new Map(Object.entries(keys).map(([action, key]) => [key, action]));
    this.pages = pages;
    this.act = act;
    this.going = 0;
    document.addEventListener("keydown", (event) => this.press(event));
  }

  press(event) {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    const typing = event.target.closest?.(TYPING);
    if (typing && event.key !== "Escape") return;
    if (document.querySelector("dialog[open]")) return; // the dialog has its own
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    if (this.gone(key)) return event.preventDefault();
    const action = event.key === "Escape" ? "escape" : this.actions.get(key);
    if (!action || event.repeat) return; // a key held down decides once
    if (action === "go") {
      this.going = event.timeStamp;
      event.preventDefault();
    } else if (this.act(action, event) !== false) {
      event.preventDefault();
    }
  }

  gone(key) {
    const soon = this.going && performance.now() - this.going < GO_MS;
    this.going = 0;
    if (!soon || !this.pages[key]) return false;
    location.assign(this.pages[key]);
    return true;
  }
}

// The overlay with all keys. The dialog element keeps the focus inside; it goes back where it was.
export class Help {
  constructor(dialog) {
    this.dialog = dialog;
    dialog.addEventListener("close", () => this.before?.isConnected && this.before.focus());
    dialog.addEventListener("keydown", (event) => {
      if (event.key === "?") dialog.close();
    });
    for (const button of document.querySelectorAll("[data-help]")) {
      button.hidden = false;
      button.addEventListener("click", () => this.open());
    }
  }

  open() {
    this.before = document.activeElement;
    this.dialog.showModal();
  }
}
