// The dialogs for a link, an embed and a picture.

import { NodeSelection, Selection } from "prosemirror-state";
import { embeddable, typed } from "./address.js";
import { insert } from "./commands.js";
import { button, dialog, el, field, freshID, say } from "./dom.js";
import { schema } from "./schema.js";
import { patiently } from "./upload.js";

const { link } = schema.marks;

// linkAt is the whole link that the cursor stands in: {from, to, href}.
export function linkAt($pos) {
  const { parent } = $pos;
  const at = parent.childAfter($pos.parentOffset).node && link.isInSet(parent.childAfter($pos.parentOffset).node.marks)
    ? parent.childAfter($pos.parentOffset)
    : parent.childBefore($pos.parentOffset);
  const mark = at.node && link.isInSet(at.node.marks);
  if (!mark) return null;
  let first = at.index;
  let last = at.index;
  const same = (i) => mark.isInSet(parent.child(i).marks);
  while (first > 0 && same(first - 1)) first--;
  while (last < parent.childCount - 1 && same(last + 1)) last++;
  let from = $pos.start();
  for (let i = 0; i < first; i++) from += parent.child(i).nodeSize;
  let to = from;
  for (let i = first; i <= last; i++) to += parent.child(i).nodeSize;
  return { from, to, href: mark.attrs.href };
}

// linkIn is the address of the first link in a range.
function linkIn(doc, from, to) {
  let found = "";
  doc.nodesBetween(from, to, (node) => {
    found ||= link.isInSet(node.marks)?.attrs.href || "";
  });
  return found;
}

// setLink makes a link of a range, or of its own address where nothing is selected.
function setLink(view, { from, to }, href) {
  const tr = view.state.tr;
  if (from === to) {
    const text = href.replace(/^(https?:\/\/|mailto:)/, "");
    tr.insertText(text, from);
    to = from + text.length;
  }
  tr.removeMark(from, to, link).addMark(from, to, link.create({ href })).removeStoredMark(link);
  view.dispatch(tr.setSelection(Selection.near(tr.doc.resolve(to), -1)).scrollIntoView());
}

// search asks address for what fits the words, a moment after the last letter.
// Answers that come late are not shown.
function search(input, address, show) {
  let timer;
  let turn = 0;
  const ask = async () => {
    const mine = ++turn;
    const q = input.value.trim();
    if (!q || /^(https?:|mailto:|\/)/i.test(q)) return show([]);
    try {
      const answer = await fetch(`${address}${address.includes("?") ? "&" : "?"}q=${encodeURIComponent(q)}`, { headers: { Accept: "application/json" } });
      const found = answer.ok ? await answer.json() : [];
      if (mine === turn) show(found || []);
    } catch {
      if (mine === turn) show([]);
    }
  };
  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, 150);
  });
}

// choices is a list under an input in which arrows move and Enter takes.
function choices(input, take, draw) {
  const list = el("ul", { role: "listbox", id: freshID("found"), "aria-label": say("link.found"), hidden: true });
  let found = [];
  let at = -1;
  const mark = () => {
    [...list.children].forEach((li, i) => li.setAttribute("aria-selected", String(i === at)));
    if (at < 0) input.removeAttribute("aria-activedescendant");
    else {
      input.setAttribute("aria-activedescendant", list.children[at].id);
      list.children[at].scrollIntoView({ block: "nearest" });
    }
  };
  for (const [name, value] of Object.entries({ role: "combobox", "aria-autocomplete": "list", "aria-controls": list.id, "aria-expanded": "false" })) input.setAttribute(name, value);
  input.addEventListener("input", () => {
    at = -1; // another letter may mean another one
    mark();
  });
  input.addEventListener("keydown", (e) => {
    if (found.length === 0 || e.isComposing) return;
    if (e.key === "ArrowDown") at = (at + 1) % found.length;
    else if (e.key === "ArrowUp") at = (at - 1 + found.length) % found.length;
    else if (e.key === "Enter" && at >= 0) take(found[at]);
    else return;
    e.preventDefault();
    mark();
  });
  return {
    list,
    show(next) {
      const was = found[at]?.path; // an answer that is late takes no choice away
      found = next;
      at = was === undefined ? -1 : found.findIndex((f) => f.path === was);
      list.hidden = found.length === 0;
      input.setAttribute("aria-expanded", String(!list.hidden));
      list.replaceChildren(...found.map((f, i) => el("li", {
        role: "option", id: `${list.id}-${i}`, "aria-selected": "false", click: () => take(found[i]),
      }, ...draw(f))));
      mark();
    },
  };
}

// askLink opens the dialog for the selection, or for the link that the cursor is in.
export function askLink(view, find) {
  if (!view.editable) return true;
  const { selection } = view.state;
  if (selection.empty && !selection.$from.parent.inlineContent) return true;
  const at = selection.empty && linkAt(selection.$from);
  const range = at || selection;
  const old = at ? at.href : linkIn(view.state.doc, selection.from, selection.to);
  const input = el("input", { type: "text", autocomplete: "off", spellcheck: "false", value: old, autofocus: true, "data-name": "href" });
  const wrong = el("p", { role: "alert", class: "wrong" });
  const close = () => d.box.close();
  const take = (href) => {
    setLink(view, range, href);
    close();
  };
  const list = choices(input, (f) => take(f.path), (f) => [el("b", {}, f.headline), " ", el("small", {}, [f.section, f.when].filter(Boolean).join(" · "))]);
  if (find) search(input, find, list.show);
  const form = el("form", {
    method: "dialog",
    submit: (e) => {
      e.preventDefault();
      const href = typed(input.value);
      if (href) return take(href);
      wrong.textContent = say("link.wrong");
      input.setAttribute("aria-invalid", "true");
    },
  },
  field(say(find ? "link.address" : "link.address.only"), input), list.list, wrong,
  el("p", { class: "buttons" },
    el("button", { type: "submit" }, say("link.set")),
    old !== "" && button(say("link.remove"), () => {
      view.dispatch(view.state.tr.removeMark(range.from, range.to, link));
      close();
    }, { class: "quiet" }),
    button(say("cancel"), close, { class: "quiet" })));
  const d = dialog(say("link"), { class: "editor-dialog" }, form);
  d.open(() => view.focus());
  input.select();
  return true;
}

// askEmbed opens the dialog for something that lives elsewhere.
export function askEmbed(view) {
  if (!view.editable) return true;
  const url = el("input", { type: "url", autocomplete: "off", autofocus: true, "data-name": "url" });
  const title = el("input", { type: "text", maxlength: "1000", autocomplete: "off", "data-name": "title" });
  const wrong = el("p", { role: "alert", class: "wrong" });
  const form = el("form", {
    method: "dialog",
    novalidate: true,
    submit: (e) => {
      e.preventDefault();
      const address = embeddable(url.value);
      if (!address) {
        wrong.textContent = say("embed.wrong");
        url.setAttribute("aria-invalid", "true");
        return;
      }
      insert(view.state, view.dispatch, schema.nodes.embed.create({ url: address, title: title.value.trim() }));
      d.box.close();
    },
  }, field(say("embed.address"), url), field(say("embed.title"), title), wrong,
  el("p", { class: "buttons" }, el("button", { type: "submit" }, say("embed.set")), button(say("cancel"), () => d.box.close(), { class: "quiet" })));
  const d = dialog(say("embed"), { class: "editor-dialog" }, form);
  d.open(() => view.focus());
  return true;
}

// choosePicture lets one choose among the paper's pictures: address answers
// [{"id", "caption", "credit", "alt", "video", "length"}] for ?q=; a video comes with its
// poster, which is the picture.
export function choosePicture(address, title, take, back) {
  const input = el("input", { type: "search", autocomplete: "off", autofocus: true });
  const list = el("ul", { class: "pictures" });
  const none = el("p", { role: "status" });
  const show = (found) => {
    none.textContent = found.length ? "" : say("picture.none");
    list.replaceChildren(...found.map((p) => {
      const img = el("img", { src: `/newsroom/pictures/${encodeURIComponent(p.id)}/small`, alt: "", loading: "lazy" });
      patiently(img);
      const b = button("", () => {
        take(p);
        d.box.close();
      });
      b.append(img, el("span", {}, p.video ? `▶ ${p.length ? `${p.length} ` : ""}` : "", p.caption || p.alt || p.credit || p.id));
      return el("li", {}, b);
    }));
  };
  const d = dialog(title, { class: "editor-dialog wide" }, field(say("picture.find"), input), none, list,
    el("p", { class: "buttons" }, button(say("cancel"), () => d.box.close(), { class: "quiet" })));
  let turn = 0;
  const ask = async () => {
    const mine = ++turn;
    try {
      const answer = await fetch(`${address}${address.includes("?") ? "&" : "?"}q=${encodeURIComponent(input.value.trim())}`, { headers: { Accept: "application/json" } });
      const found = answer.ok ? await answer.json() : [];
      if (mine === turn) show(found || []);
    } catch {
      if (mine === turn) show([]);
    }
  };
  input.addEventListener("input", ask);
  ask();
  d.open(back);
}

// figureOf is a picture in the text, with what the library says of it.
export function figureOf(p) {
  return schema.nodes.figure.create({ picture: p.id, credit: p.credit || "", alt: p.alt || "", video: p.video || "" }, p.caption ? schema.text(p.caption) : null);
}

// askPicture puts a picture where the cursor is, or in the place of the one that is
// chosen there.
export function askPicture(view, address) {
  if (!view.editable) return true;
  choosePicture(address, say("picture"), (p) => {
    const figure = figureOf(p);
    const { selection } = view.state;
    const chosen = selection instanceof NodeSelection && selection.node.type === schema.nodes.figure ? selection : null;
    if (chosen) view.dispatch(view.state.tr.setNodeMarkup(chosen.from, null, { ...figure.attrs, url: "" }));
    else insert(view.state, view.dispatch, figure);
  }, () => view.focus());
  return true;
}
