// Foreign HTML, as it comes with a paste, read into blocks. Only what a block can
// say survives. What is read is a document of the parser, which loads nothing and
// runs nothing.

import { embeddable, href } from "./address.js";
import { mend } from "./word.js";

const set = (names) => new Set(names.split(" "));
const dropped = set("script style noscript template head title meta link object applet param audio video canvas svg math map button select option textarea input datalist output progress meter dialog nav aside form footer");
const heads = set("h1 h2 h3 h4 h5 h6");
const flow = set("address article body center dd details div dl dt fieldset figcaption figure header hgroup html legend li main p section summary tbody td tfoot th thead tr caption");
const signs = { strong: "strong", b: "strong", em: "em", i: "em", cite: "em", dfn: "em", var: "em", sub: "sub", sup: "sup", code: "code", kbd: "code", samp: "code", tt: "code" };

// styled is what an element's style says about its text: true, false, or undefined.
function styled(e) {
  const style = e.getAttribute("data-style");
  if (!style) return {};
  const of = (name) => new RegExp(`(?:^|;)\\s*${name}\\s*:\\s*([^;]+)`, "i").exec(style)?.[1].trim().toLowerCase();
  const weight = of("font-weight");
  const slant = of("font-style");
  const height = of("vertical-align");
  return {
    hidden: of("display") === "none" || of("visibility") === "hidden" || of("mso-hide") === "all",
    strong: weight && (/^(bold|bolder|[6-9]00)$/.test(weight) ? true : /^(normal|lighter|[1-5]00)$/.test(weight) ? false : undefined),
    em: slant && (/^(italic|oblique)/.test(slant) ? true : slant === "normal" ? false : undefined),
    sub: height && (height === "sub" ? true : height === "baseline" ? false : undefined),
    sup: height && (height === "super" ? true : height === "baseline" ? false : undefined),
  };
}

class Reader {
  constructor() {
    this.blocks = [];
    this.line = [];
    this.left = new Set(); // what was left out: "pictures"
  }

  // text adds to the line; white space is single, and "\n" a line break.
  text(text, marks) {
    if (!text) return;
    const last = this.line.at(-1);
    if (last && same(last, marks)) last.text += text;
    else this.line.push({ text, ...marks });
  }

  take() {
    const spans = tidy(this.line);
    this.line = [];
    return spans;
  }

  flush(kind = "paragraph") {
    const text = this.take();
    if (text.length) this.blocks.push({ kind, text: kind === "crosshead" ? text.map(({ strong, ...span }) => span) : text });
  }

  children(e, marks) {
    for (const child of e.childNodes) this.node(child, marks);
  }

  // apart reads an element on its own and returns its blocks.
  apart(e, marks) {
    const { blocks, line } = this;
    [this.blocks, this.line] = [[], []];
    this.children(e, marks);
    this.flush();
    const inside = this.blocks;
    [this.blocks, this.line] = [blocks, line];
    return inside;
  }

  node(node, marks) {
    if (node.nodeType === Node.TEXT_NODE) return this.text(node.data.replace(/[ \t\r\n\f]+/g, " "), marks);
    if (node.nodeType !== Node.ELEMENT_NODE) return;
    const name = node.localName;
    const style = styled(node);
    if (style.hidden || node.hidden || node.getAttribute("aria-hidden") === "true") return;
    if (name.includes(":")) return this.children(node, marks); // o:p
    if (dropped.has(name)) {
      if (name === "video" || name === "audio") this.left.add("pictures");
      return;
    }
    const own = { ...marks };
    if (signs[name]) own[signs[name]] = true;
    for (const sign of ["strong", "em", "sub", "sup"]) if (style[sign] !== undefined) style[sign] ? (own[sign] = true) : delete own[sign];
    if (heads.has(name)) return this.head(node, own);
    switch (name) {
      case "br": return this.text("\n", marks);
      case "hr": return this.flush();
      case "a": return this.link(node, own);
      case "img": case "picture": return this.picture(node, own);
      case "ul": case "ol": case "menu": case "dir": return this.list(node, marks);
      case "table": return this.table(node);
      case "blockquote": return this.quote(node, marks);
      case "pre": case "listing": case "xmp": return this.pre(node);
      case "iframe": case "embed": return this.embed(node);
      case "q": this.text("“", own); this.children(node, own); return this.text("”", own);
    }
    if (!flow.has(name)) return this.children(node, own);
    this.flush();
    this.children(node, own);
    this.flush();
  }

  head(node, marks) {
    this.flush();
    const inside = this.apart(node, marks);
    for (const b of inside) this.blocks.push(b.kind === "paragraph" ? { kind: "crosshead", text: b.text.map(({ strong, ...span }) => span) } : b);
  }

  link(node, marks) {
    const to = href(node.getAttribute("href") || "");
    this.children(node, to ? { ...marks, href: to } : marks);
  }

  // A picture from elsewhere is not ours to show: what it shows becomes a link to
  // it, or nothing when nobody said what it shows.
  picture(node, marks) {
    const img = node.localName === "img" ? node : node.querySelector("img");
    this.left.add("pictures");
    const alt = img?.getAttribute("alt")?.trim();
    const src = href(img?.getAttribute("src") || "");
    if (alt && src.startsWith("http") && !marks.href) this.text(alt, { ...marks, href: src });
  }

  list(node, marks) {
    this.flush();
    const out = { kind: "list", ordered: node.localName === "ol", items: [] };
    if (!out.ordered) delete out.ordered;
    const emit = () => {
      if (out.items.length) this.blocks.push({ ...out, items: out.items.splice(0) });
    };
    for (const li of node.childNodes) {
      if (li.nodeType !== Node.ELEMENT_NODE) {
        if (li.nodeType === Node.TEXT_NODE && li.data.trim()) out.items.push(tidy([{ text: li.data }]));
        continue;
      }
      for (const b of li.localName === "li" ? this.apart(li, marks) : this.apart({ childNodes: [li] }, marks)) {
        if (b.kind === "paragraph" || b.kind === "crosshead") out.items.push(b.text);
        else if (b.kind === "list") out.items.push(...b.items); // lists do not nest
        else {
          emit();
          this.blocks.push(b);
        }
      }
    }
    emit();
  }

  table(node) {
    this.flush();
    const rows = [...node.rows].filter((r) => r.cells.length);
    // A table of one cell lays out a page.
    if (rows.every((r) => r.cells.length === 1) && !node.querySelector("th")) {
      for (const r of rows) this.blocks.push(...this.apart(r.cells[0], {}));
      return;
    }
    const flat = (e) => this.apart(e, {}).flatMap(lines).reduce((all, l) => (all.length ? [...all, { text: "\n" }, ...l] : l), []);
    const out = [];
    const held = []; // cells that reach down from rows above
    for (const r of rows) {
      const cells = [];
      let column = 0;
      const skip = () => {
        while (held[column] > 0) {
          held[column++]--;
          cells.push([]);
        }
      };
      for (const c of r.cells) {
        skip();
        const wide = Math.min(c.colSpan || 1, 50);
        for (let i = 0; i < wide; i++) {
          cells.push(i === 0 ? tidy(flat(c)).map((s) => bold(c, s)) : []);
          held[column++] = Math.min(c.rowSpan || 1, 500) - 1;
        }
      }
      skip();
      const head = r.parentNode.localName === "thead" || [...r.cells].every((c) => c.localName === "th");
      if (cells.some((c) => c.length)) out.push(head ? { head, cells } : { cells });
    }
    if (out.length === 0) return;
    const caption = node.caption ? tidy(flat(node.caption)) : [];
    this.blocks.push(caption.length ? { kind: "table", text: caption, rows: out } : { kind: "table", rows: out });
  }

  quote(node, marks) {
    this.flush();
    const footer = node.querySelector("footer, cite");
    const who = footer && !footer.closest("p:not(:last-child)") && footer.textContent.trim() !== node.textContent.trim() ? footer : null;
    who?.remove();
    const inside = this.apart(node, marks);
    const text = inside.filter((b) => b.kind === "paragraph").map((b) => b.text);
    const spans = tidy(text.reduce((all, l) => (all.length ? [...all, { text: "\n" }, ...l] : l), []));
    if (spans.length) {
      const out = { kind: "quote", text: spans };
      const attribution = who ? tidy([{ text: who.textContent.replace(/^[\s\-–—―~]+/, "") }]) : [];
      if (attribution.length) out.attribution = attribution;
      this.blocks.push(out);
    }
    this.blocks.push(...inside.filter((b) => b.kind !== "paragraph"));
  }

  pre(node) {
    this.flush();
    for (const br of node.querySelectorAll("br")) br.replaceWith("\n");
    const text = node.textContent.replace(/\r\n?/g, "\n").replace(/^\n+|\s+$/g, "");
    if (text) this.blocks.push({ kind: "preformatted", text: [{ text }] });
  }

  embed(node) {
    const url = embeddable(node.getAttribute("src") || "");
    if (!url) return;
    this.flush();
    const title = node.getAttribute("title")?.trim().slice(0, 1000);
    this.blocks.push(title ? { kind: "embed", url, title } : { kind: "embed", url });
  }
}

const bold = (cell, span) => {
  if (cell.localName !== "th") return span;
  const { strong, ...plain } = span; // a heading is bold by itself
  return plain;
};

const keys = ["strong", "em", "sub", "sup", "code", "href"];
const same = (span, marks) => keys.every((k) => (span[k] || "") === (marks[k] || ""));

// lines are the lines of a block, wherever it came from.
function lines(b) {
  if (b.kind === "list") return b.items;
  if (b.kind === "table") return b.rows.map((r) => r.cells.reduce((all, c) => (all.length && c.length ? [...all, { text: " " }, ...c] : [...all, ...c]), []));
  return b.text ? [b.text] : [];
}

// tidy makes spans of single spaces, none at an edge, no empty ones, and no two
// with the same marks side by side.
export function tidy(spans) {
  const out = [];
  let open = true; // nothing visible since the start of the line
  for (const span of spans) {
    let text = span.text.replace(/[\u200b\ufeff\u00ad]/g, "").replace(/[ \t\r\f]*\n[ \t\r\f\n]*/g, "\n").replace(/[ \t\r\f]+/g, " ");
    const last = out.at(-1);
    if (open) text = text.replace(/^[ \n\u00a0]+/, "");
    else if (last && /[ \n]$/.test(last.text)) {
      if (text.startsWith("\n") && last.text.endsWith(" ")) last.text = last.text.slice(0, -1);
      else text = text.replace(/^[ \n]+/, "");
      if (!last.text) out.pop();
    }
    if (!text) continue;
    open = false;
    if (out.length && same(out.at(-1), span)) out.at(-1).text += text;
    else out.push({ text, ...Object.fromEntries(keys.filter((k) => span[k]).map((k) => [k, span[k]])) });
  }
  while (out.length) {
    const last = out.at(-1);
    last.text = last.text.replace(/[ \n\u00a0]+$/, "");
    if (last.text) break;
    out.pop();
  }
  return apart(out);
}

// apart moves white space at the edge of a link or of bold words out of it.
function apart(spans) {
  const out = [];
  const add = (span) => {
    const last = out.at(-1);
    if (last && same(last, span)) last.text += span.text;
    else if (span.text) out.push(span);
  };
  spans.forEach((span, i) => {
    const [, before, text, after] = /^([ \n]*)([^]*?)([ \n]*)$/.exec(span.text);
    const shared = (other) => ({ ...Object.fromEntries(keys.filter((k) => other && span[k] === other[k] && span[k]).map((k) => [k, span[k]])) });
    if (before) add({ text: before, ...shared(spans[i - 1]) });
    if (text) add({ ...span, text });
    if (after) add({ text: after, ...shared(spans[i + 1]) });
  });
  return out;
}

// read returns the blocks of a parsed document's body, and what had to be left out.
export function read(body) {
  mend(body);
  const r = new Reader();
  r.children(body, {});
  r.flush();
  return { blocks: r.blocks, left: r.left };
}

