// Bars over the story: what one should know, and what one can do about it.

import { button, el } from "./dom.js";

export class Bars {
  constructor() {
    this.dom = el("div", { class: "bars" });
    this.shown = new Map();
  }

  // show puts a bar in its place; acts are [text, what to do]. The same bar again
  // changes nothing, so that nobody is told twice.
  show(name, text, acts = [], more = null) {
    const say = JSON.stringify([text, acts.map(([t]) => t)]);
    if (this.shown.get(name)?.say === say) return;
    const dom = el("div", { class: "story-bar", role: "alert", "data-bar": name },
      el("p", {}, text), more, ...acts.map(([t, act]) => button(t, act)));
    const old = this.shown.get(name);
    if (old) old.dom.replaceWith(dom);
    else this.dom.append(dom);
    this.shown.set(name, { dom, say });
  }

  hide(name) {
    this.shown.get(name)?.dom.remove();
    this.shown.delete(name);
  }
}
