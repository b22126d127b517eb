// The line that says how it stands with what was typed: saved 12 s ago, saving,
// offline and kept here, not saved and why.

import { el, number, say } from "./dom.js";

const quiet = new Set(["", "saving", "saved"]);

export class Status {
  constructor(place) {
    this.place = place;
    this.first = place.textContent; // when it was saved before this page was opened
    this.seen = el("span", { "aria-hidden": "true" });
    this.heard = el("span", { class: "heard" }); // spoken only when the news is news
    place.replaceChildren(this.seen, this.heard);
    this.kind = "";
    this.draw();
    setInterval(() => this.draw(), 1000);
  }

  // set shows a state: saving, saved, or trouble with its reason. aloud says it
  // also when it is the usual.
  set(kind, text = "", aloud = false) {
    const before = this.kind;
    this.kind = kind;
    this.text = text;
    if (kind === "saved") this.at = Date.now();
    this.place.dataset.state = kind;
    const spoken = kind === "saved" ? say("state.saved") : text || say(`state.${kind}`);
    if (!quiet.has(kind) || aloud || (kind === "saved" && !quiet.has(this.trouble || ""))) {
      if (this.heard.textContent !== spoken) this.heard.textContent = spoken;
    } else if (quiet.has(before)) this.heard.textContent = "";
    if (kind !== "saving") this.trouble = kind;
    this.draw();
  }

  draw() {
    const text = this.words();
    if (this.seen.textContent !== text) this.seen.textContent = text;
  }

  words() {
    if (this.kind === "") return this.first;
    if (this.kind !== "saved") return this.text || say(`state.${this.kind}`);
    const seconds = Math.round((Date.now() - this.at) / 1000);
    if (seconds < 2) return say("state.saved");
    if (seconds < 60) return say("state.seconds", number(seconds));
    return say("state.minutes", number(Math.floor(seconds / 60)));
  }
}
