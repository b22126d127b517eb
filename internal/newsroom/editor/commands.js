// What can be done to blocks. A command tells whether it can be done, and does
// it when it is given a dispatch.

import { chainCommands, setBlockType, toggleMark } from "prosemirror-commands";
import { Fragment } from "prosemirror-model";
import { NodeSelection, Selection, TextSelection } from "prosemirror-state";
import { isInTable } from "prosemirror-tables";
import { schema } from "./schema.js";

const n = schema.nodes;

export const mark = (name) => toggleMark(schema.marks[name], null, { removeWhenPresent: false, includeWhitespace: false });

// around finds the node of a type that the selection is in: {node, pos, depth}.
export function around($pos, ...types) {
  for (let depth = $pos.depth; depth > 0; depth--) {
    if (types.includes($pos.node(depth).type)) return { node: $pos.node(depth), pos: $pos.before(depth), depth };
  }
  return null;
}

// blockRange is the range of whole top-level blocks that the selection touches.
function blockRange({ $from, $to }) {
  const start = $from.index(0);
  const end = $to.index(0) + ($to.depth > 0);
  return { from: $from.posAtIndex(start, 0), to: $to.posAtIndex(end, 0), start, end };
}

// texts are the lines of a block, as far as they say something: what stays when
// a block becomes one of another kind.
function texts(node) {
  if (node.isTextblock) return [node.content];
  const out = [];
  node.forEach((child) => child.isTextblock && (child.content.size || child.type !== n.attribution) && out.push(child.content));
  return out;
}

const plain = new Set([n.paragraph, n.crosshead, n.quote, n.list, n.preformatted]);

// turn makes other blocks of those that the selection touches. What cannot be
// turned (a table, a figure) stays, and then nothing is done.
function turn(build, isAlready) {
  return (state, dispatch) => {
    const range = blockRange(state.selection);
    const blocks = [];
    for (let i = range.start; i < range.end; i++) blocks.push(state.doc.child(i));
    if (blocks.length === 0 || !blocks.every((b) => plain.has(b.type))) return false;
    if (!dispatch) return true;
    const lines = blocks.flatMap(texts);
    const next = blocks.every(isAlready) ? lines.map((l) => textblock(n.paragraph, l)) : build(lines);
    const tr = state.tr.replaceWith(range.from, range.to, next);
    dispatch(tr.setSelection(sameLetters(state, tr, range)).scrollIntoView());
    return true;
  };
}

// sameLetters is the selection that holds the same letters after blocks have
// become others. What stands in them has stayed, and a line break counts as much
// as the end of a line, so letters can be counted from the start.
function sameLetters({ doc, selection }, tr, range) {
  const letters = (at) => doc.textBetween(range.from, at, "\n", "\n").length;
  const place = (count) => {
    let left = count;
    let at = null;
    tr.doc.nodesBetween(range.from, tr.mapping.map(range.to), (node, pos) => {
      if (!node.isTextblock) return true;
      if (at === null && left <= node.content.size) at = pos + 1 + left;
      left -= node.content.size + 1;
      return false;
    });
    return tr.doc.resolve(at ?? tr.mapping.map(range.to));
  };
  return TextSelection.between(place(letters(selection.anchor)), place(letters(selection.head)));
}

// textblock makes a node of a line, without the marks that it does not have.
function textblock(type, content, attrs) {
  const out = [];
  content.forEach((child) => {
    if (type === n.preformatted && child.type === n.hard_break) out.push(schema.text("\n", type.allowedMarks(child.marks)));
    else if (type !== n.preformatted && child.isText && child.text.includes("\n")) {
      child.text.split("\n").forEach((text, i) => {
        if (i > 0) out.push(n.hard_break.create());
        if (text) out.push(schema.text(text, child.marks));
      });
    } else out.push(child.mark(type.allowedMarks(child.marks)));
  });
  return type.create(attrs, Fragment.fromArray(out));
}

// joined is several lines as one, with line breaks between them.
function joined(lines) {
  return lines.reduce((all, l) => (all ? all.addToEnd(n.hard_break.create()).append(l) : l), null) || Fragment.empty;
}

export const paragraph = turn((lines) => lines.map((l) => textblock(n.paragraph, l)), () => false);
export const crosshead = turn((lines) => lines.map((l) => textblock(n.crosshead, l)), (b) => b.type === n.crosshead);
export const preformatted = turn((lines) => textblock(n.preformatted, joined(lines)), (b) => b.type === n.preformatted);
export const quote = turn(
  (lines) => n.quote.create(null, [textblock(n.quote_text, joined(lines)), n.attribution.create()]),
  (b) => b.type === n.quote,
);
const list = (ordered) => turn(
  (lines) => n.list.create({ ordered }, lines.map((l) => textblock(n.item, l))),
  (b) => b.type === n.list && b.attrs.ordered === ordered,
);
export const bullets = list(false);
export const numbered = list(true);

// active reports whether the selection stands in a block of a kind.
export function active(state, kind) {
  const { $from } = state.selection;
  const node = state.selection.node || ($from.depth ? $from.node(1) : null);
  if (kind === "bullets") return node?.type === n.list && !node.attrs.ordered;
  if (kind === "numbered") return node?.type === n.list && node.attrs.ordered;
  return node?.type === n[kind];
}

export function marked(state, name) {
  const type = schema.marks[name];
  const { from, to, $from, empty } = state.selection;
  return empty ? Boolean(type.isInSet(state.storedMarks || $from.marks())) : state.doc.rangeHasMark(from, to, type);
}

// insert puts a block after the one in which the cursor is, or in the place of
// an empty paragraph.
export function insert(state, dispatch, block) {
  const { $from, $to } = state.selection;
  let tr = state.tr;
  let at;
  if ($from.depth === 1 && $from.parent.type === n.paragraph && $from.parent.content.size === 0) {
    at = $from.before(1);
    tr = tr.replaceWith(at, $from.after(1), block);
  } else {
    at = $to.depth ? $to.after(1) : $to.pos;
    tr = tr.insert(at, block);
  }
  const after = at + block.nodeSize;
  if (after >= tr.doc.content.size && !block.isTextblock) tr = tr.insert(after, n.paragraph.create());
  const inside = Selection.findFrom(tr.doc.resolve(at), 1, true);
  tr.setSelection(block.isAtom ? Selection.near(tr.doc.resolve(after), 1) : inside || Selection.near(tr.doc.resolve(at)));
  dispatch(tr.scrollIntoView());
  return true;
}

const startOf = ({ selection: { $cursor } }) => $cursor && $cursor.parentOffset === 0;

// freshAfter opens an empty paragraph after the top-level block of the cursor.
function freshAfter(state, dispatch, tr = state.tr) {
  const after = tr.mapping.map(state.selection.$head.after(1));
  if (dispatch) {
    tr.insert(after, n.paragraph.create());
    dispatch(tr.setSelection(TextSelection.create(tr.doc, after + 1)).scrollIntoView());
  }
  return true;
}

// ---- Enter ----

// A line break: what Enter is where a block is one line.
export function lineBreak(state, dispatch) {
  const { $from, $to } = state.selection;
  if (!$from.sameParent($to) || !$from.parent.inlineContent) return false;
  if ($from.parent.type.spec.code) dispatch?.(state.tr.insertText("\n").scrollIntoView());
  else dispatch?.(state.tr.replaceSelectionWith(n.hard_break.create(), true).scrollIntoView());
  return true;
}

// liftItem makes the item of the cursor a paragraph between two lists.
function liftItem(state, dispatch) {
  const { $from } = state.selection;
  const found = around($from, n.item);
  if (!found) return false;
  if (dispatch) {
    const whole = around($from, n.list);
    const index = $from.index(found.depth - 1);
    const part = (from, to) => {
      const items = [];
      for (let i = from; i < to; i++) items.push(whole.node.child(i));
      return items.length ? [n.list.create(whole.node.attrs, items)] : [];
    };
    const before = part(0, index);
    const next = [...before, n.paragraph.create(null, found.node.content), ...part(index + 1, whole.node.childCount)];
    const tr = state.tr.replaceWith(whole.pos, whole.pos + whole.node.nodeSize, next);
    const at = whole.pos + (before[0]?.nodeSize || 0) + 1;
    dispatch(tr.setSelection(TextSelection.create(tr.doc, at + $from.parentOffset)).scrollIntoView());
  }
  return true;
}

const emptyItem = (state, dispatch) => {
  const found = state.selection.empty && around(state.selection.$from, n.item);
  return found && found.node.content.size === 0 ? liftItem(state, dispatch) : false;
};

// In a quotation Enter breaks the line; after an empty line it leads on to whose
// the words are, and from there to a new paragraph.
function inQuote(state, dispatch) {
  const { $from, empty } = state.selection;
  if ($from.parent.type === n.attribution) return freshAfter(state, dispatch);
  if ($from.parent.type !== n.quote_text) return false;
  if (!empty || $from.nodeBefore?.type !== n.hard_break || $from.parentOffset < $from.parent.content.size) return lineBreak(state, dispatch);
  if (dispatch) {
    const tr = state.tr.delete($from.pos - 1, $from.pos);
    dispatch(tr.setSelection(TextSelection.near(tr.doc.resolve(tr.mapping.map($from.after())), 1)).scrollIntoView());
  }
  return true;
}

// An empty line at the end of preformatted text leads out of it.
function outOfCode(state, dispatch) {
  const { $from, empty } = state.selection;
  const { parent } = $from;
  if (parent.type !== n.preformatted || !empty) return false;
  if ($from.parentOffset < parent.content.size || !parent.textContent.endsWith("\n")) return false;
  return freshAfter(state, dispatch, state.tr.delete($from.pos - 1, $from.pos));
}

function fromCaption(state, dispatch) {
  const { $from } = state.selection;
  if ($from.parent.type === n.figure) return freshAfter(state, dispatch);
  if ($from.parent.type !== n.caption) return false;
  dispatch?.(state.tr.setSelection(Selection.near(state.doc.resolve($from.after()), 1)).scrollIntoView());
  return true;
}

const inCell = (state, dispatch) => (isInTable(state) ? lineBreak(state, dispatch) : false);

// A node that is selected and holds no text: a new paragraph after it.
function afterNode(state, dispatch) {
  const { selection } = state;
  if (!(selection instanceof NodeSelection) || selection.node.isInline) return false;
  dispatch?.((() => {
    const tr = state.tr.insert(selection.to, n.paragraph.create());
    return tr.setSelection(TextSelection.create(tr.doc, selection.to + 1)).scrollIntoView();
  })());
  return true;
}

export const enter = chainCommands(emptyItem, inQuote, outOfCode, fromCaption, inCell, afterNode);

// ---- Backspace at the start of a block ----

function plainAtStart(state, dispatch) {
  if (!startOf(state)) return false;
  const { $from } = state.selection;
  const { parent } = $from;
  if (parent.type === n.item) return liftItem(state, dispatch);
  if (parent.type === n.crosshead) return setBlockType(n.paragraph)(state, dispatch);
  if (parent.type === n.preformatted || parent.type === n.quote_text) return paragraph(state, dispatch);
  if (parent.type === n.attribution) {
    dispatch?.(state.tr.setSelection(Selection.near(state.doc.resolve($from.before()), -1)));
    return true;
  }
  if (parent.type === n.figure) {
    dispatch?.(state.tr.setSelection(NodeSelection.create(state.doc, $from.before())));
    return true;
  }
  return parent.type === n.caption;
}

export const backspace = plainAtStart;

// ---- the way out at the end ----

// Down from the last line of the last block, when nothing can be typed after it.
export function below(state, dispatch, view) {
  const { $head, empty } = state.selection;
  if (!empty || $head.depth === 0 || $head.index(0) < state.doc.childCount - 1) return false;
  const last = $head.node(1);
  if (last.type === n.paragraph || last.type === n.crosshead || last.type === n.list) return false;
  if ($head.pos < $head.end(1) - ($head.depth - 1) || (view && !view.endOfTextblock("down"))) return false;
  return freshAfter(state, dispatch);
}
