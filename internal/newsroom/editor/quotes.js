// Marks that typewriters do not have: quotation marks by the language of the
// text, dashes, the ellipsis. Backspace gives back what was typed.

import { InputRule } from "prosemirror-inputrules";

const narrow = "\u202f";

// What stands around a quotation, and around one inside it.
const marks = {
  en: ["“", "”", "‘", "’"],
  de: ["„", "“", "‚", "‘"],
  fr: [`«${narrow}`, `${narrow}»`, "“", "”"],
  "fr-CH": ["«", "»", "‹", "›"],
  "de-CH": ["«", "»", "‹", "›"],
  it: ["«", "»", "“", "”"],
  es: ["«", "»", "“", "”"],
  pt: ["“", "”", "‘", "’"],
  nl: ["“", "”", "‘", "’"],
  sv: ["”", "”", "’", "’"],
  fi: ["”", "”", "’", "’"],
  da: ["»", "«", "›", "‹"],
  nb: ["«", "»", "‘", "’"],
  pl: ["„", "”", "«", "»"],
  cs: ["„", "“", "‚", "‘"],
  sk: ["„", "“", "‚", "‘"],
  hu: ["„", "”", "»", "«"],
  ro: ["„", "”", "«", "»"],
  ru: ["«", "»", "„", "“"],
  uk: ["«", "»", "„", "“"],
  el: ["«", "»", "“", "”"],
  tr: ["“", "”", "‘", "’"],
  ko: ["“", "”", "‘", "’"],
};
const none = new Set(["ja", "zh", "yue", "th"]); // they have keys of their own for theirs

export function marksOf(language) {
  const base = language.split("-")[0];
  if (none.has(base)) return null;
  return marks[language] || marks[base] || marks.en;
}

const gap = /(^|[\s([{<\u2013\u2014\ufffc/-])$/u;
const wordEnd = /[\p{L}\p{N}\p{M}]$/u;

// count is how often a sign stands in a text.
const count = (text, sign) => text.split(sign).length - 1;

// quoted is the mark to set for a straight one after a text.
export function quoted(straight, before, [open, close, innerOpen, innerClose]) {
  if (straight === '"') {
    if (before.endsWith(open)) return close;
    return gap.test(before) || before.endsWith(innerOpen) ? open : close;
  }
  const inside = innerOpen !== innerClose && count(before, innerOpen) > count(before, innerClose);
  if (wordEnd.test(before)) return inside ? innerClose : "’"; // an apostrophe
  if (before.endsWith(innerOpen)) return innerClose;
  return gap.test(before) || before.endsWith(open) ? innerOpen : innerClose;
}

const before = (state, pos) => {
  const $pos = state.doc.resolve(pos);
  return $pos.parent.textBetween(Math.max(0, $pos.parentOffset - 400), $pos.parentOffset, null, "\ufffc");
};

// smart makes the rules. settings has language and smart, which may change.
export function smart(settings) {
  const on = () => settings.smart && marksOf(settings.language);
  const rule = (match, replace) => new InputRule(match, (state, m, start, end) => {
    const set = on();
    const text = set && replace(before(state, start), set, m);
    return text ? state.tr.insertText(text, start, end) : null;
  }, { inCodeMark: false });
  return [
    rule(/"$/, (text, set) => quoted('"', text, set)),
    rule(/'$/, (text, set) => quoted("'", text, set)),
    rule(/‘\d$/, (text, set, m) => (/(^|\s)$/.test(text) ? `’${m[0].slice(1)}` : null)), // ’90s
    rule(/--$/, () => "–"),
    rule(/–-$/, () => "—"),
    rule(/\.\.\.$/, () => "…"),
  ];
}
