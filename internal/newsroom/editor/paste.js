// What happens to what is pasted or dropped.

import { DOMParser as Parser, Fragment, Slice } from "prosemirror-model";
import { Plugin } from "prosemirror-state";
import { isInTable } from "prosemirror-tables";
import { bare, video } from "./address.js";
import { insert } from "./commands.js";
import { node } from "./convert.js";
import { say } from "./dom.js";
import { bring } from "./drop.js";
import { read } from "./html.js";
import { readText } from "./plain.js";
import { schema } from "./schema.js";

const n = schema.nodes;

const slice = (blocks) => Slice.maxOpen(Fragment.fromArray(blocks.map(node).filter(Boolean)));

// oneLine are places that hold a single line of text.
const oneLine = new Set([n.table_cell, n.table_header, n.caption, n.attribution, n.figure, n.quote_text, n.crosshead]);

// flat makes one line of a slice, with breaks between what were lines.
function flat(content) {
  let out = Fragment.empty;
  content.nodesBetween(0, content.size, (child) => {
    if (!child.isTextblock) return true;
    if (child.content.size === 0) return false;
    let line = child.content;
    if (child.type === n.preformatted) line = Fragment.from(schema.text(child.textContent.replaceAll("\n", " ")));
    out = out.size ? out.addToEnd(n.hard_break.create()).append(line) : line;
    return false;
  });
  return out;
}

// paste makes the plugin. note(text) tells the person what was left out; uploads is
// where pictures go.
export function paste(note, uploads) {
  let left = new Set();

  const ours = Parser.fromSchema(schema);
  const foreign = {
    parseSlice(dom, options) {
      if (dom.querySelector?.("[data-pm-slice]") || dom.hasAttribute?.("data-pm-slice")) return ours.parseSlice(dom, options);
      const found = read(dom);
      left = found.left;
      return slice(found.blocks);
    },
  };

  return new Plugin({
    props: {
      // A file that is dropped would take the place of the page.
      handleDrop(view, event) {
        if (!event.dataTransfer?.files.length) return false;
        event.preventDefault();
        const at = view.posAtCoords({ left: event.clientX, top: event.clientY });
        if (!uploads || !bring(view, event.dataTransfer.files, uploads, at ? at.pos : view.state.selection.from, note)) note(say(uploads ? "drop.none" : "drop.words"));
        return true;
      },
      transformPastedHTML: unstyled,
      transformPasted: cells,
      clipboardParser: foreign,
      clipboardTextParser(text, $context, asPlain) {
        left = new Set();
        return slice(readText(text));
      },
      clipboardTextSerializer: (s) => s.content.textBetween(0, s.content.size, "\n\n", (leaf) => (leaf.type === n.hard_break ? "\n" : leaf.attrs.url || "")),
      handlePaste(view, event, pasted) {
        if (left.has("pictures")) note(say("paste.pictures"));
        left = new Set();
        const { state } = view;
        const { $from, $to, empty } = state.selection;
        const text = event.clipboardData?.getData("text/plain") || "";
        if (!text && event.clipboardData?.files.length) {
          if (!uploads || !bring(view, event.clipboardData.files, uploads, $from.pos, note)) note(say(uploads ? "paste.files" : "drop.words"));
          return true;
        }
        const address = $from.parent.type.spec.code ? "" : bare(text);
        if (address && !empty && $from.sameParent($to)) {
          view.dispatch(state.tr.addMark($from.pos, $to.pos, schema.mark("link", { href: address })));
          return true;
        }
        if (n.embed && address && empty && video(address) && $from.parent.type === n.paragraph && $from.parent.content.size === 0) {
          return insert(state, view.dispatch, n.embed.create({ url: address }));
        }
        if (address && empty && address === text.trim()) {
          const tr = state.tr.replaceSelectionWith(schema.text(address, [...$from.marks().filter((m) => m.type.name !== "link"), schema.mark("link", { href: address })]), false);
          view.dispatch(tr.removeStoredMark(schema.marks.link).scrollIntoView());
          return true;
        }
        if (oneLine.has($from.parent.type) && $from.sameParent($to) && !isCells(pasted)) {
          const line = flat(pasted.content);
          if (line.size === 0) return false;
          view.dispatch(state.tr.replaceSelection(new Slice(line, 0, 0)).scrollIntoView().setMeta("paste", true));
          return true;
        }
        return false;
      },
    },
  });
}

// unstyled moves styles where they say something and do nothing: the page's policy
// lets no style stand in HTML, not even in a document that nobody sees.
const unstyled = (html) => html.replace(/<style[^>]*>[^]*?<\/style\s*>/gi, "").replace(/<[a-z][^>]*>/gi, (tag) => tag.replace(/\sstyle\s*=/gi, " data-style="));

// cells is the table in what goes into a table, so that it goes into its cells.
function cells(pasted, view) {
  if (!isInTable(view.state) || !pasted.content.childCount) return pasted;
  let table = null;
  pasted.content.descendants((child) => {
    if (child.type === n.table) table ||= child;
    return !table;
  });
  return table ? new Slice(Fragment.from(table), 0, 0) : pasted;
}

// isCells reports whether a slice is part of a table: that goes into cells.
function isCells(pasted) {
  let found = false;
  pasted.content.descendants((child) => {
    found ||= child.type.spec.tableRole === "row" || child.type.spec.tableRole === "cell";
    return !found;
  });
  return found;
}
