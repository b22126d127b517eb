// How a picture and an embed look in the text, with what is said about them.

import { NodeSelection } from "prosemirror-state";
import { host } from "./address.js";
import { el, field, say } from "./dom.js";
import { patiently } from "./upload.js";

const from = (e) => e.target instanceof Element && e.target.closest("input, a, button");

// set changes attributes of the node that is shown.
function set(view, getPos, attrs) {
  const pos = getPos();
  if (pos === undefined) return;
  const tr = view.state.tr;
  for (const [name, value] of Object.entries(attrs)) tr.setNodeAttribute(pos, name, value);
  view.dispatch(tr);
}

// entry is an input for an attribute. It is written when it changes, letter by
// letter, so that nothing typed here is lost either.
function entry(view, getPos, name, label) {
  const input = el("input", { type: "text", maxlength: "1000", autocomplete: "off", "data-name": name, input: () => set(view, getPos, { [name]: input.value }) });
  input.addEventListener("keydown", (e) => {
    if (e.key === "Enter") e.preventDefault(); // it would send the form
    if (e.key === "Escape") {
      view.dispatch(view.state.tr.setSelection(NodeSelection.create(view.state.doc, getPos())));
      view.focus();
    }
  });
  return { input, dom: field(label, input) };
}

// show writes an attribute into its input, unless it is there already.
function show(entry, value, editable) {
  if (entry.input.value !== value) entry.input.value = value;
  entry.input.readOnly = !editable;
}

class Figure {
  constructor(node, view, getPos) {
    this.view = view;
    this.contentDOM = el("figcaption", { "data-empty": say("figure.caption") });
    this.picture = el("div", { class: "shown", contenteditable: "false" });
    this.credit = entry(view, getPos, "credit", say("figure.credit"));
    this.alt = entry(view, getPos, "alt", say("figure.alt"));
    const about = el("div", { class: "about", contenteditable: "false" }, this.credit.dom, this.alt.dom);
    this.dom = el("figure", { class: "picture" }, this.picture, this.contentDOM, about);
    this.update(node);
  }

  update(node) {
    if (this.node && node.type !== this.node.type) return false;
    const { picture, url, credit, alt, video } = node.attrs;
    if (!this.node || ["picture", "url", "video"].some((name) => node.attrs[name] !== this.node.attrs[name])) {
      const src = picture ? `/newsroom/pictures/${encodeURIComponent(picture)}/small` : url.startsWith("/") ? url : "";
      // A picture that lives elsewhere is not fetched from there.
      const img = src && el("img", { src, alt: "", draggable: "false" });
      if (img) patiently(img);
      this.picture.replaceChildren(img || el("span", {}, url));
      if (video) this.picture.append(el("span", { class: "film" }, `▶ ${say("video")}`));
    }
    this.node = node;
    const img = this.picture.querySelector("img");
    if (img && img.alt !== alt) img.alt = alt;
    show(this.credit, credit, this.view.editable);
    show(this.alt, alt, this.view.editable);
    return true;
  }

  stopEvent(e) {
    return Boolean(from(e));
  }

  ignoreMutation(m) {
    return m.type !== "selection" && !this.contentDOM.contains(m.target);
  }
}

class Embed {
  constructor(node, view, getPos) {
    this.view = view;
    this.title = entry(view, getPos, "title", say("embed.title"));
    this.where = el("span", { class: "host" });
    this.open = el("a", { target: "_blank", rel: "noopener noreferrer" }, say("embed.open"));
    this.dom = el("figure", { class: "embed", contenteditable: "false" }, el("p", {}, this.where, " ", this.open), this.title.dom);
    this.update(node);
  }

  update(node) {
    if (this.node && node.type !== this.node.type) return false;
    this.node = node;
    this.where.textContent = host(node.attrs.url);
    this.open.href = node.attrs.url;
    show(this.title, node.attrs.title, this.view.editable);
    return true;
  }

  stopEvent(e) {
    return Boolean(from(e));
  }

  ignoreMutation() {
    return true;
  }
}

export const nodeViews = {
  figure: (node, view, getPos) => new Figure(node, view, getPos),
  embed: (node, view, getPos) => new Embed(node, view, getPos),
};
