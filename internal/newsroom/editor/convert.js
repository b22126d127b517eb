// From the stored form of a body, {"blocks": […]}, to the editor's and back.
// Nothing of a canonical body is lost on the way; what is typed becomes
// canonical on the server.

import { Fragment } from "prosemirror-model";
import { schema } from "./schema.js";

const n = schema.nodes;
const signs = ["strong", "em", "sub", "sup", "code"]; // in the order of a stored span

// ---- in ----

// line makes the content of one line of a node of type.
export function line(type, spans = []) {
  const out = [];
  for (const span of spans) {
    let marks = signs.filter((s) => span[s]).map((s) => schema.mark(s));
    if (span.href) marks.push(schema.mark("link", { href: span.href }));
    marks = type.allowedMarks(marks);
    if (type === n.preformatted) {
      out.push(schema.text(span.text, marks));
      continue;
    }
    span.text.split("\n").forEach((text, i) => {
      if (i > 0) out.push(n.hard_break.create(null, null, marks));
      if (text) out.push(schema.text(text, marks));
    });
  }
  return Fragment.fromArray(out.filter((node) => !node.isText || node.text));
}

const textblock = (type, spans, attrs) => type.create(attrs, line(type, spans));

function table(block) {
  const width = Math.max(1, ...block.rows.map((row) => row.cells.length));
  const rows = block.rows.map((row) => {
    const type = row.head ? n.table_header : n.table_cell;
    const cells = Array.from({ length: width }, (_, i) => textblock(type, row.cells[i]));
    return n.table_row.create({ had: row.cells.length < width ? row.cells.length : null }, cells);
  });
  return n.table_block.create(null, [textblock(n.caption, block.text), n.table.create(null, rows)]);
}

// node makes a node of a block; null for a kind that this editor does not know.
export function node(block) {
  switch (block.kind) {
    case "paragraph":
    case "crosshead":
    case "preformatted":
      return textblock(n[block.kind], block.text);
    case "quote":
      return n.quote.create(null, [textblock(n.quote_text, block.text), textblock(n.attribution, block.attribution)]);
    case "list":
      return n.list.create({ ordered: Boolean(block.ordered) }, block.items.map((item) => textblock(n.item, item)));
    case "table":
      return table(block);
    case "figure": {
      if (!n.figure) return null;
      const { picture = "", credit = "", alt = "", url = "", video = "" } = block;
      return textblock(n.figure, block.text, { picture, credit, alt, url, video });
    }
    case "embed":
      if (!n.embed) return textblock(n.paragraph, [{ text: block.title || block.url, href: block.url }]);
      return n.embed.create({ url: block.url, title: block.title || "" });
  }
  return null;
}

// toDoc makes the editor's document of a body.
export function toDoc(body) {
  const blocks = (body?.blocks || []).map(node).filter(Boolean);
  return n.doc.create(null, blocks.length ? blocks : [n.paragraph.create()]);
}

// ---- out ----

// Characters that a stored text may not hold; a tab is a space but where white
// space counts.
const control = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/g;
const clean = (text, tabs) => text.replace(control, (c) => (c !== "\t" ? "" : tabs ? c : " "));

function spans(textblock) {
  const out = [];
  let last;
  textblock.forEach((child) => {
    const text = child.isText ? clean(child.text, textblock.type.spec.code) : "\n";
    if (!text) return;
    if (last?.marks === child.marks || (last && sameMarks(last.marks, child.marks))) {
      last.span.text += text;
      return;
    }
    const span = { text };
    for (const s of signs) if (child.marks.some((m) => m.type.name === s)) span[s] = true;
    const link = child.marks.find((m) => m.type.name === "link");
    if (link) span.href = link.attrs.href;
    last = { marks: child.marks, span };
    out.push(span);
  });
  return out;
}

const sameMarks = (a, b) => a.length === b.length && a.every((m, i) => m.eq(b[i]));

// set is an object with those of its fields that are not empty.
const set = (o) => Object.fromEntries(Object.entries(o).filter(([, v]) => v && v.length !== 0));

function row(node) {
  const cells = children(node, spans);
  const head = node.firstChild?.type === n.table_header; // cells that were pasted may be of the other sort
  if (node.attrs.had !== null) {
    while (cells.length > node.attrs.had && cells.at(-1).length === 0) cells.pop();
  }
  return { ...set({ head }), cells };
}

function children(node, f) {
  const out = [];
  node.forEach((child) => out.push(f(child)));
  return out;
}

function block(node) {
  switch (node.type) {
    case n.quote: {
      const [text, attribution] = children(node, spans);
      return set({ kind: "quote", text, attribution });
    }
    case n.list: {
      const items = children(node, spans).filter((item) => item.length);
      return set({ kind: "list", ordered: node.attrs.ordered, items });
    }
    case n.table_block:
      return set({ kind: "table", text: spans(node.firstChild), rows: children(node.lastChild, row) });
    case n.figure: {
      const { picture, credit, alt, url, video } = node.attrs;
      return set({ kind: "figure", text: spans(node), picture, credit: clean(credit), alt: clean(alt), url, video });
    }
    case n.embed:
      return set({ kind: "embed", url: node.attrs.url, title: clean(node.attrs.title) });
  }
  return set({ kind: node.type.name, text: spans(node) });
}

// says reports whether a block shows anything: an empty paragraph is a place
// to type, and no block.
const says = (b) => b.kind === "embed" || b.kind === "figure" || b.text || b.items || b.rows || b.attribution;

// Nodes never change, so each has to be converted only once: a long text of
// which one paragraph was edited costs one paragraph.
const made = new WeakMap();

// fromDoc makes the stored form of the editor's document.
export function fromDoc(doc) {
  const blocks = [];
  doc.forEach((child) => {
    let b = made.get(child);
    if (!b) made.set(child, (b = block(child)));
    if (says(b)) blocks.push(b);
  });
  return { blocks };
}
