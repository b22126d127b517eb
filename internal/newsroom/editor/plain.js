// Plain text read into blocks: lines that were broken to a width are joined, words
// that were divided at the end of a line are mended, blank lines separate.

const bullet = /^\s*[-*•·–]\s+(?=\S)/;
const figure = /^\s*\d{1,3}[.)]\s+(?=\S)/;
const sentenceEnd = /[.!?:;…"”’»)\]。！？」』]$/;

const eastern = /[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\u3000-\u303f\uff00-\uffef]/gu;
const width = (text) => text.length + (text.match(eastern)?.length || 0);

// wrapped reports whether lines were broken by a program at some width, and not
// by somebody who meant it: the first word of each would not have fitted into the
// line before.
function wrapped(lines) {
  if (lines.length < 2) return false;
  const wide = Math.max(...lines.map(width));
  if (wide < 30 || wide > 160) return false;
  return lines.slice(0, -1).every((l, i) => {
    const next = lines[i + 1].trimStart();
    const word = next.search(eastern) === 0 ? next[0] : ` ${next.split(/\s/)[0]}`;
    return width(l) + width(word) >= wide - 2;
  });
}

// join puts broken lines together. A hyphen at the end of a line is the line's
// when a small letter goes on after it, and the word's otherwise.
function join(lines) {
  return lines.reduce((all, line) => {
    const next = line.trim();
    if (!all) return next;
    if (/\p{L}[-\u00ad\u2010]$/u.test(all) && /^\p{Ll}/u.test(next)) return all.slice(0, -1) + next;
    if (/[-\u2010/]$/.test(all) && /\p{L}.$/u.test(all)) return all + next;
    if (/[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}、。]$/u.test(all) && /^[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}「『]/u.test(next)) return all + next;
    return `${all} ${next}`;
  }, "");
}

const spans = (text) => [{ text: text.replace(/[ \t\u00a0]+/g, " ").trim() }];
const paragraph = (text) => ({ kind: "paragraph", text: spans(text) });

// list is a group of lines that all begin with a sign, or go on after one that did.
function list(lines, sign) {
  if (!sign.test(lines[0])) return null;
  const items = [];
  for (const l of lines) {
    if (sign.test(l)) items.push([l.replace(sign, "")]);
    else if (/^\s+/.test(l)) items.at(-1).push(l);
    else return null;
  }
  const out = { kind: "list", items: items.map((item) => spans(join(item))) };
  return sign === figure ? { kind: "list", ordered: true, items: out.items } : out;
}

// table is a group of lines with tabs in them: what spreadsheets copy.
function table(lines) {
  const rows = lines.map((l) => l.split("\t"));
  if (rows.some((r) => r.length < 2 || r.length !== rows[0].length) || lines.length < 2) return null;
  return { kind: "table", rows: rows.map((r) => ({ cells: r.map((c) => (c.trim() ? spans(c) : [])) })) };
}

// readText returns the blocks of a text. Where no program has broken the lines,
// each is a paragraph.
export function readText(text) {
  const all = text.replace(/\r\n?/g, "\n").replace(/[\u2028\u000b]/g, "\n").replace(/[\u2029\u000c]/g, "\n\n");
  const groups = all.split(/\n[ \t\u00a0]*(?:\n[ \t\u00a0]*)+/).map((g) => g.split("\n").filter((l) => l.trim())).filter((g) => g.length);
  const blocks = [];
  for (const lines of groups) {
    const found = list(lines, bullet) && (lines.length > 1 || !/^\s*[–-]/.test(lines[0])) ? list(lines, bullet) : list(lines, figure) && lines.length > 1 ? list(lines, figure) : table(lines);
    if (found) blocks.push(found);
    else if (wrapped(lines)) blocks.push(...paragraphs(lines));
    else for (const l of lines) blocks.push(paragraph(l));
  }
  return blocks.filter((b) => b.kind !== "paragraph" || b.text[0].text);
}

// paragraphs joins broken lines; a line that is indented begins a new paragraph.
function paragraphs(lines) {
  const out = [[lines[0]]];
  for (const l of lines.slice(1)) {
    const before = out.at(-1).at(-1);
    if (/^[ \t\u3000]/.test(l) && !/^[ \t\u3000]/.test(before) && sentenceEnd.test(before.trim())) out.push([l]);
    else out.at(-1).push(l);
  }
  return out.map((p) => paragraph(join(p)));
}
