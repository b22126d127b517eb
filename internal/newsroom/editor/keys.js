// What keys do in a text, and what typing at the start of a line does.

import { baseKeymap, chainCommands } from "prosemirror-commands";
import { redo, undo } from "prosemirror-history";
import { InputRule, inputRules, undoInputRule } from "prosemirror-inputrules";
import { keymap } from "prosemirror-keymap";
import * as c from "./commands.js";
import { say } from "./dom.js";
import { linkAt } from "./links.js";
import { smart } from "./quotes.js";
import { schema } from "./schema.js";
import { tableKeys } from "./table.js";

const mac = /Mac|iP(hone|[oa]d)/.test(navigator.platform);

// shown is how a combination is written for people: "Ctrl+Alt+2" or "⌘⌥2".
export function shown(keys) {
  const parts = keys.split("-").map((k) => (k.length === 1 ? k.toUpperCase() : k));
  const signs = mac ? { Mod: "⌘", Alt: "⌥", Shift: "⇧" } : { Mod: say("key.control"), Shift: say("key.shift") };
  return parts.map((k) => signs[k] || k).join(mac ? "" : "+");
}

// bindings are the keys that the toolbar shows too.
export const bindings = {
  strong: "Mod-b",
  em: "Mod-i",
  code: "Mod-Shift-m",
  sub: "Mod-,",
  sup: "Mod-.",
  link: "Mod-k",
  paragraph: "Mod-Alt-0",
  crosshead: "Mod-Alt-2",
  numbered: "Mod-Shift-7",
  bullets: "Mod-Shift-8",
  quote: "Mod-Shift-9",
  preformatted: "Mod-Alt-6",
  table: "Mod-Alt-t",
  embed: "Mod-Alt-e",
  picture: "Mod-Alt-p",
  find: "Mod-f",
  undo: "Mod-z",
  redo: "Mod-y",
  save: "Mod-s",
};

const marks = Object.fromEntries(["strong", "em", "code", "sub", "sup"].map((m) => [bindings[m], c.mark(m)]));
const blocks = Object.fromEntries(["paragraph", "crosshead", "numbered", "bullets", "quote", "preformatted"].map((b) => [bindings[b], c[b]]));
const nothing = () => true;

// keys makes the plugins; acts are what needs more than a command: link, table,
// embed, picture, find, save.
export function keys(acts) {
  const act = (name) => (state, dispatch, view) => acts[name](view);
  return [
    tableKeys,
    keymap({
      ...marks,
      ...blocks,
      ...Object.fromEntries(Object.keys(acts).filter((name) => bindings[name]).map((name) => [bindings[name], act(name)])),
      // Where there is nothing to link, the key is the newsroom's.
      [bindings.link]: (state, dispatch, view) => !(state.selection.empty && !linkAt(state.selection.$from)) && acts.link(view),
      [bindings.undo]: undo,
      [bindings.redo]: redo,
      "Mod-Shift-z": redo,
      "Mod-Enter": nothing,
      "Shift-Enter": c.lineBreak,
      Enter: c.enter,
      Backspace: chainCommands(undoInputRule, c.backspace),
      ArrowDown: c.below,
      "Alt-F10": act("toolbar"),
    }),
    keymap(baseKeymap),
  ];
}

// start makes a rule for what is typed at the start of a paragraph.
function start(match, command) {
  return new InputRule(match, (state, m, from, to) => {
    const $from = state.doc.resolve(from);
    if ($from.parent.type !== schema.nodes.paragraph || $from.depth !== 1) return null;
    const tr = state.tr.delete(from, to);
    let turned = null;
    command(state.apply(tr), (t) => (turned = t));
    if (!turned) return null;
    turned.steps.forEach((step) => tr.step(step));
    return tr.setSelection(turned.selection.constructor.fromJSON(tr.doc, turned.selection.toJSON()));
  });
}

export const typing = (settings) => inputRules({
  rules: [
    start(/^##? $/, c.crosshead),
    start(/^> $/, c.quote),
    start(/^[-*] $/, c.bullets),
    start(/^1[.)] $/, c.numbered),
    start(/^```$/, c.preformatted),
    ...smart(settings),
  ],
});
