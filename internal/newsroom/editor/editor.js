// The editor itself, in the place of the plain source field.

import { dropCursor } from "prosemirror-dropcursor";
import { gapCursor } from "prosemirror-gapcursor";
import { history } from "prosemirror-history";
import { EditorState, Selection } from "prosemirror-state";
import { EditorView } from "prosemirror-view";
import { insert } from "./commands.js";
import { fromDoc, toDoc } from "./convert.js";
import { counter } from "./count.js";
import { el, say } from "./dom.js";
import { arriving } from "./drop.js";
import { finder, finding } from "./find.js";
import { keys, typing } from "./keys.js";
import { askEmbed, askLink, askPicture } from "./links.js";
import { paste } from "./paste.js";
import { schema } from "./schema.js";
import { newTable, tables } from "./table.js";
import { toolbar } from "./toolbar.js";
import { nodeViews } from "./views.js";

const smartKept = "newsroom-smart"; // "off" where somebody wants typewriter marks

// editor puts the editor beside a source field, with a body in it. page has: find and
// pictures, addresses to search; uploads, where files go; changed(), save();
// described(), the ids of what describes the field, or nothing.
export function editor(source, body, settings, bars, page) {
  try {
    settings.smart = localStorage.getItem(smartKept) !== "off";
  } catch {
    // A browser that keeps nothing for us begins with them.
  }
  settings.changed = () => {
    try {
      localStorage.setItem(smartKept, settings.smart ? "on" : "off");
    } catch {
      // The choice is good for this page.
    }
  };

  const label = source.labels?.[0];
  const name = label ? { "aria-labelledby": (label.id ||= `${source.id}-label`) } : { "aria-label": say("text") };
  label?.addEventListener("click", () => view.focus());
  source.hidden = true;

  const note = (text) => bars.show("note", text, [[say("note.fine"), () => bars.hide("note")]]);
  const acts = {
    link: (v) => askLink(v, page.find),
    table: (v) => (v.editable ? newTable(v) : true),
    find: () => find.open(),
    save: () => (page.save(), true),
    toolbar: () => (bar.focus(), true),
  };
  if (schema.nodes.embed) acts.embed = askEmbed;
  if (page.pictures) acts.picture = (v) => askPicture(v, page.pictures);

  let editable = false;
  const count = counter(settings);
  const view = new EditorView(null, {
    state: EditorState.create({
      doc: toDoc(body),
      plugins: [typing(settings), ...keys(acts), history(), dropCursor({ color: false, class: "drop" }), gapCursor(), paste(note, page.uploads), arriving, tables, finding],
    }),
    nodeViews,
    editable: () => editable,
    attributes: () => ({
      role: "textbox", "aria-multiline": "true", ...name, "aria-readonly": String(!editable),
      lang: settings.language, spellcheck: "true", tabindex: "0", class: "story-text",
      ...(page.described?.() ? { "aria-describedby": page.described() } : {}),
      ...(source.getAttribute("aria-invalid") ? { "aria-invalid": "true" } : {}),
    }),
    dispatchTransaction(tr) {
      const state = view.state.apply(tr);
      view.updateState(state);
      if (tr.docChanged) {
        count.update(state.doc);
        if (!tr.getMeta("shown")) page.changed();
      }
      bar.update(state);
      find.update(state);
    },
  });
  const bar = toolbar(view, acts, settings);
  const find = finder(view);
  const dom = el("div", { class: "editor" }, bar.bar, find.bar, view.dom, el("p", { class: "under" }, count.dom));
  source.after(dom);
  bar.update(view.state);
  count.update(view.state.doc);

  // A click under the last block goes on after it.
  view.dom.addEventListener("mousedown", (e) => {
    if (e.target !== view.dom || !editable) return;
    const last = view.dom.lastElementChild;
    if (!last || e.clientY <= last.getBoundingClientRect().bottom) return;
    const { doc } = view.state;
    if (doc.lastChild.type === schema.nodes.paragraph || doc.lastChild.type === schema.nodes.crosshead) return;
    e.preventDefault();
    const tr = view.state.tr.insert(doc.content.size, schema.nodes.paragraph.create());
    view.dispatch(tr.setSelection(Selection.atEnd(tr.doc)));
    view.focus();
  });

  return {
    dom,
    view,
    read: () => fromDoc(view.state.doc),

    // show replaces what differs from a body, so that the cursor stays where it was.
    show(next) {
      const { doc } = view.state;
      const fresh = toDoc(next);
      const start = doc.content.findDiffStart(fresh.content);
      if (start === null) return;
      let { a, b } = doc.content.findDiffEnd(fresh.content);
      const overlap = start - Math.min(a, b);
      if (overlap > 0) [a, b] = [a + overlap, b + overlap];
      const tr = view.state.tr.replace(start, a, fresh.slice(start, b));
      if (!tr.doc.eq(fresh)) view.dispatch(view.state.tr.replaceWith(0, doc.content.size, fresh.content).setMeta("shown", true).setMeta("addToHistory", false));
      else view.dispatch(tr.setMeta("shown", true).setMeta("addToHistory", false));
    },

    edit(on) {
      editable = on;
      view.setProps({ editable: () => editable });
      dom.classList.toggle("reading", !on);
      // Blocks that have not changed are not drawn anew.
      for (const input of view.dom.querySelectorAll("[data-name]")) input.readOnly = !on;
      bar.update(view.state);
    },

    language(to) {
      settings.language = to;
      view.setProps({});
      count.update(view.state.doc);
    },

    // describe tells anew what describes the field.
    describe: () => view.setProps({}),

    // insert puts a stored block where the cursor is.
    insert: (node) => insert(view.state, view.dispatch, node),
  };
}
