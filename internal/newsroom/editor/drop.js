// Pictures that are dropped or pasted into the text: they are sent to the library,
// and stand at their place when they have arrived.

import { Plugin, PluginKey } from "prosemirror-state";
import { Decoration, DecorationSet } from "prosemirror-view";
import { insert } from "./commands.js";
import { button, el, number, say } from "./dom.js";
import { figureOf } from "./links.js";
import { Upload, pictures } from "./upload.js";

const key = new PluginKey("arriving");

// arriving marks the places of pictures on their way; they move with the text.
export const arriving = new Plugin({
  key,
  state: {
    init: () => DecorationSet.empty,
    apply(tr, set) {
      set = set.map(tr.mapping, tr.doc);
      const { add, remove } = tr.getMeta(key) || {};
      if (add) set = set.add(tr.doc, [Decoration.widget(add.pos, add.dom, { id: add.id, stopEvent: () => true, ignoreSelection: true })]);
      if (remove) set = set.remove(set.find(null, null, (spec) => spec.id === remove));
      return set;
    },
  },
  props: { decorations: (state) => key.getState(state) },
});

// place is where a block may stand, next to a position in the text.
function place(doc, pos) {
  const $pos = doc.resolve(pos);
  if ($pos.depth === 0) return pos;
  const box = [$pos.before(1), $pos.after(1)];
  return pos - box[0] < box[1] - pos ? box[0] : box[1];
}

// bring sends files from a place in the text on. It reports whether there was a
// picture among them.
export function bring(view, files, at, pos, note) {
  const some = pictures(files);
  if (!view.editable || some.length === 0) return false;
  let turn = Promise.resolve();
  for (const file of some) {
    const id = {};
    const bar = el("progress", { max: String(Math.max(file.size, 1)), value: "0", "aria-label": file.name });
    const said = el("span", { role: "status" }, file.name);
    const stop = button(say("cancel"), () => upload.cancel(), { class: "quiet" });
    const dom = el("div", { class: "arriving", contenteditable: "false" }, said, bar, stop);
    const upload = new Upload(file, at, (u) => {
      bar.value = u.got;
      const percent = number(Math.floor((100 * u.got) / Math.max(file.size, 1)));
      const text = u.state === "lost" ? say("drop.lost", file.name) : say("drop.sending", file.name, percent);
      if (said.textContent !== text) said.textContent = text;
    });
    view.dispatch(view.state.tr.setMeta(key, { add: { pos: place(view.state.doc, pos), dom, id } }));
    turn = turn.then(async () => {
      const done = upload.state !== "stopped" && await upload.run();
      const [where] = key.getState(view.state).find(null, null, (spec) => spec.id === id);
      view.dispatch(view.state.tr.setMeta(key, { remove: id }));
      if (!done) {
        if (upload.state !== "stopped") note(upload.state === "login" ? say("login.ended") : say("drop.failed", file.name, upload.said));
        return;
      }
      if (upload.picture.video) { // a video is placed when it has its poster
        note(say("drop.video", file.name));
        return;
      }
      const figure = figureOf(upload.picture);
      if (where) view.dispatch(view.state.tr.insert(place(view.state.doc, where.from), figure));
      else insert(view.state, view.dispatch, figure);
    });
  }
  return true;
}
