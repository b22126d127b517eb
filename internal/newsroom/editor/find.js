// Find and replace: a bar over the text, and marks in it.

import { Plugin, PluginKey, TextSelection } from "prosemirror-state";
import { Decoration, DecorationSet } from "prosemirror-view";
import { button, el, freshID, number, say } from "./dom.js";

const key = new PluginKey("find");
const most = 5000; // marks that are drawn

// pattern is what to look for as people mean it: a space is any space, straight
// quotation marks are any.
function pattern(words, matchCase) {
  const source = words.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&")
    .replace(/ /g, "[ \\u00a0\\u202f]").replace(/["“”„]/g, "[\"“”„«»]").replace(/['’‘]/g, "['’‘‚]");
  return new RegExp(source, matchCase ? "gu" : "giu");
}

// search returns where words stand in a document.
export function search(doc, words, matchCase) {
  const found = [];
  if (!words) return found;
  const re = pattern(words, matchCase);
  doc.descendants((node, pos) => {
    if (!node.isTextblock) return true;
    const text = node.textBetween(0, node.content.size, "\n", "\n");
    for (const m of text.matchAll(re)) found.push({ from: pos + 1 + m.index, to: pos + 1 + m.index + m[0].length });
    return false;
  });
  return found;
}

const closed = { open: false, words: "", matchCase: false, found: [], at: -1, marks: DecorationSet.empty };

function draw(doc, found, at) {
  const first = Math.max(0, at - most / 2);
  return DecorationSet.create(doc, found.slice(first, first + most).map((f, i) => Decoration.inline(f.from, f.to, { class: first + i === at ? "found here" : "found" })));
}

export const finding = new Plugin({
  key,
  state: {
    init: () => closed,
    apply(tr, old) {
      const asked = tr.getMeta(key);
      if (asked && asked.open === false) return closed;
      if (!asked && (!old.open || !tr.docChanged)) return old;
      const next = { ...old, ...asked };
      if (tr.docChanged || next.words !== old.words || next.matchCase !== old.matchCase || !old.open) next.found = search(tr.doc, next.words, next.matchCase);
      if (asked?.near !== undefined || tr.docChanged) {
        const near = asked?.near ?? tr.selection.from;
        next.at = next.found.findIndex((f) => f.from >= near);
        if (next.at < 0 && next.found.length) next.at = 0;
      }
      next.marks = draw(tr.doc, next.found, next.at);
      return next;
    },
  },
  props: { decorations: (state) => key.getState(state).marks },
});

// finder makes the bar.
export function finder(view) {
  const words = el("input", { type: "text", autocomplete: "off", id: freshID("find") });
  const by = el("input", { type: "text", autocomplete: "off", id: freshID("replace") });
  const matchCase = el("input", { type: "checkbox" });
  const said = el("output", { role: "status" });
  const now = () => key.getState(view.state);
  const tell = (meta) => view.dispatch(view.state.tr.setMeta(key, meta));

  function reveal() {
    const { found, at } = now();
    if (at < 0) return;
    view.dispatch(view.state.tr.setSelection(TextSelection.create(view.state.doc, found[at].from, found[at].to)).scrollIntoView());
  }
  function step(dir) {
    const { found, at } = now();
    if (found.length === 0) return;
    tell({ at: (at + dir + found.length) % found.length });
    reveal();
  }
  function look() {
    tell({ open: true, words: words.value, matchCase: matchCase.checked, near: view.state.selection.from });
    reveal();
  }
  // put replaces some of what was found, in one step of undo.
  function put(list) {
    if (!view.editable || list.length === 0) return;
    const tr = view.state.tr;
    for (const f of [...list].reverse()) {
      if (by.value) tr.insertText(by.value, f.from, f.to);
      else tr.delete(f.from, f.to);
    }
    const last = list.at(-1);
    const near = tr.mapping.map(last.to);
    tr.setSelection(TextSelection.near(tr.doc.resolve(Math.min(near, tr.doc.content.size))));
    view.dispatch(tr.setMeta(key, { near }));
  }
  function one() {
    const { found, at } = now();
    if (at < 0) return;
    put([found[at]]);
    reveal();
  }
  function all() {
    const { found } = now();
    const n = found.length;
    put(found);
    if (view.editable && n) said.textContent = say("find.replaced", number(n));
  }
  function close() {
    tell({ open: false });
    bar.hidden = true;
    view.focus();
  }

  const bar = el("div", { role: "search", class: "find", "aria-label": say("find"), hidden: true },
    el("span", { class: "group" }, el("label", { for: words.id }, say("find.words")), words, said,
      button("↑", () => step(-1), { "aria-label": say("find.previous"), title: say("find.previous") }),
      button("↓", () => step(1), { "aria-label": say("find.next"), title: say("find.next") }),
      el("label", { class: "check" }, matchCase, " ", say("find.case"))),
    el("span", { class: "group" }, el("label", { for: by.id }, say("find.by")), by,
      button(say("find.replace"), one), button(say("find.all"), all)),
    button(say("find.close"), close, { class: "quiet" }));

  words.addEventListener("input", look);
  matchCase.addEventListener("change", look);
  bar.addEventListener("keydown", (e) => {
    if (e.isComposing) return;
    const typing = e.target === words || e.target === by;
    if (e.key === "Escape") close();
    else if (e.key === "Enter" && typing) e.target === by ? one() : step(e.shiftKey ? -1 : 1);
    else if (e.key === "F3") step(e.shiftKey ? -1 : 1);
    else return;
    e.preventDefault();
    e.stopPropagation();
  });

  return {
    bar,
    open() {
      const { from, to, $from, $to } = view.state.selection;
      const chosen = $from.sameParent($to) ? view.state.doc.textBetween(from, to, "\n", "\n") : "";
      if (chosen && chosen.length < 100) words.value = chosen;
      bar.hidden = false;
      look();
      words.focus();
      words.select();
      return true;
    },
    update(state) {
      if (bar.hidden) return;
      const { found, at, words: sought } = key.getState(state);
      const text = !sought ? "" : found.length === 0 ? say("find.none") : say("find.count", number(at + 1), number(found.length));
      if (said.textContent !== text) said.textContent = text;
    },
  };
}
