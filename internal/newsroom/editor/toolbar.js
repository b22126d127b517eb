// The bar over the text. It is one stop for the Tab key; arrows move in it.

import { redo, undo, undoDepth, redoDepth } from "prosemirror-history";
import { isInTable } from "prosemirror-tables";
import * as c from "./commands.js";
import { el, say } from "./dom.js";
import { bindings, shown } from "./keys.js";
import { tableCommands } from "./table.js";

// toolbar makes the bar; acts are what needs more than a command.
export function toolbar(view, acts, settings) {
  const buttons = [];

  // tool adds a button. Its title says what it does and with which keys; a short
  // sign may stand for it.
  function tool(name, run, { sign, pressed, enabled, inTable = false } = {}) {
    const keys = bindings[name];
    const label = say(name);
    const b = el("button", {
      type: "button",
      "data-tool": name,
      title: keys ? `${label} (${shown(keys)})` : label,
      "aria-label": sign ? label : null,
      "aria-pressed": pressed ? "false" : null,
      "aria-keyshortcuts": keys ? keys.replaceAll("-", "+").replace("Mod", navigator.platform.startsWith("Mac") ? "Meta" : "Control") : null,
      tabindex: "-1",
      mousedown: (e) => e.preventDefault(), // the cursor stays in the text
      click: () => {
        run(view);
      },
    }, sign ? "" : label);
    if (sign) {
      // A sign is drawn and not read.
      b.classList.add("sign", name);
      b.dataset.sign = sign;
    }
    buttons.push({ b, pressed, enabled, inTable });
    return b;
  }
  const command = (name, cmd, more) => tool(name, (v) => {
    cmd(v.state, v.dispatch, v);
    v.focus();
  }, more);
  const mark = (name, sign) => command(name, c.mark(name), { sign, pressed: (s) => c.marked(s, name) });
  const block = (name) => command(name, c[name], { pressed: (s) => c.active(s, name) });

  const group = (...tools) => el("span", { class: "group" }, ...tools);
  const inTable = group(...Object.entries(tableCommands).map(([name, cmd]) => command(name, cmd, { inTable: true })));
  const bar = el("div", { role: "toolbar", "aria-label": say("toolbar"), class: "tools" },
    group(mark("strong", say("strong.sign")), mark("em", say("em.sign")), tool("link", acts.link, { pressed: (s) => c.marked(s, "link") })),
    group(block("crosshead"), block("quote"), block("bullets"), block("numbered")),
    group(acts.picture && tool("picture", acts.picture), tool("table", acts.table), acts.embed && tool("embed", acts.embed), block("preformatted")),
    inTable,
    group(mark("sub", "x₂"), mark("sup", "x²"), mark("code", "<>")),
    group(
      command("undo", undo, { enabled: (s) => undoDepth(s) > 0 }),
      command("redo", redo, { enabled: (s) => redoDepth(s) > 0 }),
      tool("find", acts.find),
      tool("smart", (v) => {
        settings.smart = !settings.smart;
        settings.changed?.();
        update(v.state);
        v.focus();
      }, { sign: "“ ”", pressed: () => settings.smart }),
    ),
  );

  const able = () => buttons.map(({ b }) => b).filter((b) => !b.closest("[hidden]"));
  function rove(to) {
    for (const { b } of buttons) b.tabIndex = b === to ? 0 : -1;
  }
  rove(buttons[0].b);

  bar.addEventListener("focusin", (e) => rove(e.target));
  bar.addEventListener("keydown", (e) => {
    const all = able();
    const at = all.indexOf(document.activeElement);
    const to = { ArrowRight: (at + 1) % all.length, ArrowLeft: (at - 1 + all.length) % all.length, Home: 0, End: all.length - 1 }[e.key];
    if (to !== undefined) all[to].focus();
    else if (e.key === "Escape") view.focus();
    else return;
    e.preventDefault();
  });

  // Set only what has changed: this runs at every key.
  function set(b, name, value) {
    if (b.getAttribute(name) !== value) b.setAttribute(name, value);
  }
  function update(state) {
    const off = !view.editable;
    const table = isInTable(state);
    if (inTable.hidden === table) {
      inTable.hidden = !table;
      if (!table && inTable.contains(document.activeElement)) buttons[0].b.focus();
      if (!able().some((b) => b.tabIndex === 0)) rove(able()[0]);
    }
    for (const { b, pressed, enabled } of buttons) {
      if (pressed) set(b, "aria-pressed", String(pressed(state)));
      set(b, "aria-disabled", String(off && b.dataset.tool !== "find" || Boolean(enabled && !enabled(state))));
    }
  }
  // A button that is off stays in the order of the arrows, and does nothing.
  bar.addEventListener("click", (e) => {
    if (e.target.closest("[aria-disabled=true]")) e.stopImmediatePropagation();
  }, true);

  return { bar, update, focus: () => buttons.find(({ b }) => b.tabIndex === 0).b.focus() };
}
