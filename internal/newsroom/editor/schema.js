// The form of a text: the blocks of internal/richtext, and nothing else. In a letter
// there are neither pictures nor what lives elsewhere: programs for mail show none.

import { Schema } from "prosemirror-model";
import { embeddable, href } from "./address.js";
import { say } from "./dom.js";

const inline = { content: "inline*" };

// A cell of a table is one line of text. Cells are never merged: the spans are
// there because prosemirror-tables reads them.
const cell = (role, tag) => ({
  ...inline,
  attrs: { colspan: { default: 1 }, rowspan: { default: 1 }, colwidth: { default: null } },
  tableRole: role,
  isolating: true,
  parseDOM: [{ tag }],
  toDOM: () => [tag, 0],
});

const data = (dom, name) => dom.getAttribute(`data-${name}`) || "";

const nodes = {
  doc: { content: "block+" },
  paragraph: { ...inline, group: "block", parseDOM: [{ tag: "p" }], toDOM: () => ["p", 0] },
  crosshead: {
    ...inline,
    group: "block",
    marks: "link em sub sup code", // it is bold by itself
    defining: true,
    parseDOM: [{ tag: "h2" }],
    toDOM: () => ["h2", 0],
  },

  quote: { group: "block", content: "quote_text attribution", defining: true, parseDOM: [{ tag: "blockquote" }], toDOM: () => ["blockquote", 0] },
  quote_text: { ...inline, defining: true, parseDOM: [{ tag: "p.quote-text", priority: 60 }], toDOM: () => ["p", { class: "quote-text" }, 0] },
  attribution: {
    ...inline,
    defining: true,
    parseDOM: [{ tag: "footer" }],
    toDOM: () => ["footer", { "data-empty": say("attribution") }, 0],
  },

  list: {
    group: "block",
    content: "item+",
    attrs: { ordered: { default: false } },
    parseDOM: [{ tag: "ul" }, { tag: "ol", attrs: { ordered: true } }],
    toDOM: (node) => [node.attrs.ordered ? "ol" : "ul", 0],
  },
  item: { ...inline, defining: true, parseDOM: [{ tag: "li" }], toDOM: () => ["li", 0] },

  table_block: {
    group: "block",
    content: "caption table",
    isolating: true,
    parseDOM: [{ tag: "div.table-block" }],
    toDOM: () => ["div", { class: "table-block" }, 0],
  },
  caption: {
    ...inline,
    parseDOM: [{ tag: "p.caption", priority: 60 }],
    toDOM: () => ["p", { class: "caption", "data-empty": say("table.caption") }, 0],
  },
  table: { content: "table_row+", tableRole: "table", isolating: true, parseDOM: [{ tag: "table" }], toDOM: () => ["table", ["tbody", 0]] },
  // had is how many cells the row had where it came from, when it was shorter
  // than others: the rest is only there to type in.
  table_row: {
    content: "(table_cell | table_header)*",
    attrs: { had: { default: null } },
    tableRole: "row",
    parseDOM: [{ tag: "tr" }],
    toDOM: () => ["tr", 0],
  },
  table_cell: cell("cell", "td"),
  table_header: cell("header_cell", "th"),

  figure: {
    ...inline, // the caption
    group: "block",
    attrs: { picture: { default: "" }, credit: { default: "" }, alt: { default: "" }, url: { default: "" }, video: { default: "" } },
    isolating: true,
    draggable: true,
    parseDOM: [{
      tag: "figure[data-picture]",
      getAttrs: (dom) => ({ picture: data(dom, "picture"), credit: data(dom, "credit"), alt: data(dom, "alt"), url: href(data(dom, "url")), video: data(dom, "video") }),
      contentElement: "figcaption",
    }],
    toDOM: (node) => ["figure", {
      "data-picture": node.attrs.picture, "data-credit": node.attrs.credit, "data-alt": node.attrs.alt, "data-url": node.attrs.url, "data-video": node.attrs.video,
    }, ["figcaption", 0]],
  },
  embed: {
    group: "block",
    atom: true,
    draggable: true,
    attrs: { url: {}, title: { default: "" } },
    parseDOM: [{
      tag: "figure[data-embed]",
      getAttrs: (dom) => embeddable(data(dom, "embed")) ? { url: embeddable(data(dom, "embed")), title: data(dom, "title") } : false,
    }],
    toDOM: (node) => ["figure", { "data-embed": node.attrs.url, "data-title": node.attrs.title }, ["a", { href: node.attrs.url }, node.attrs.title || node.attrs.url]],
  },
  preformatted: {
    content: "text*",
    marks: "link strong em sub sup",
    group: "block",
    code: true,
    defining: true,
    parseDOM: [{ tag: "pre", preserveWhitespace: "full" }],
    toDOM: () => ["pre", 0],
  },

  text: { group: "inline" },
  hard_break: {
    inline: true,
    group: "inline",
    selectable: false,
    linebreakReplacement: true,
    parseDOM: [{ tag: "br" }],
    toDOM: () => ["br"],
    leafText: () => "\n",
  },
};

const marks = {
  link: {
    attrs: { href: {} },
    inclusive: false,
    parseDOM: [{ tag: "a[href]", getAttrs: (dom) => href(dom.getAttribute("href")) ? { href: href(dom.getAttribute("href")) } : false }],
    toDOM: (mark) => ["a", { href: mark.attrs.href, rel: "noopener" }, 0],
  },
  strong: { parseDOM: [{ tag: "strong" }], toDOM: () => ["strong", 0] },
  em: { parseDOM: [{ tag: "em" }], toDOM: () => ["em", 0] },
  sub: { parseDOM: [{ tag: "sub" }], toDOM: () => ["sub", 0] },
  sup: { parseDOM: [{ tag: "sup" }], toDOM: () => ["sup", 0] },
  code: { code: true, parseDOM: [{ tag: "code" }], toDOM: () => ["code", { spellcheck: "false" }, 0] },
};

if (document.querySelector("form[data-letter]")) {
  delete nodes.figure;
  delete nodes.embed;
}

export const schema = new Schema({ nodes, marks });
