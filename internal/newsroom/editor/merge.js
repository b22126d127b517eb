// Two people changed the same place: both versions side by side, and somebody
// chooses.

import { dialog, el, freshID, say } from "./dom.js";

// choose opens the dialog and returns for each clash "mine" or "theirs"; null
// when it was closed without a choice.
export function choose(clashes, by) {
  return new Promise((done) => {
    let chosen = null;
    const version = (clash, name, i) => {
      const id = freshID("choice");
      return el("div", { class: "version" },
        el("p", {}, el("input", { type: "radio", name: `clash-${i}`, value: name, id, required: true }), " ",
          el("label", { for: id }, name === "mine" ? say("merge.mine") : by ? say("merge.theirs", by) : say("merge.newer"))),
        el("div", { class: "text" }, clash[name] || el("i", {}, say("merge.nothing"))));
    };
    const form = el("form", {
      method: "dialog",
      submit: (e) => {
        e.preventDefault();
        const data = new FormData(form);
        chosen = clashes.map((_, i) => data.get(`clash-${i}`));
        d.box.close();
      },
    },
    ...clashes.map((clash, i) => el("fieldset", {},
      el("legend", {}, say(`part.${clash.part}`)),
      el("div", { class: "versions" }, version(clash, "mine", i), version(clash, "theirs", i)),
      clash.base ? el("details", {}, el("summary", {}, say("merge.base")), el("div", { class: "text" }, clash.base)) : null)),
    el("p", { class: "buttons" }, el("button", { type: "submit" }, say("merge.use"))));
    const d = dialog(say("merge.title"), { class: "editor-dialog wide" }, el("p", {}, say("merge.lead")), form);
    d.open(() => done(chosen));
    form.querySelector("input").focus();
  });
}

// settle returns the merged copy with the choices made. A clash in the body may
// say where it stands: from at, count blocks of the merged body are mine, and
// theirBlocks would take their place. One that does not is about the whole part.
export function settle(merged, clashes, choices, mine, theirs) {
  const copy = structuredClone(merged);
  const inBody = [];
  clashes.forEach((clash, i) => {
    const from = choices[i] === "mine" ? mine : theirs;
    if (clash.part === "body" && Number.isInteger(clash.at)) {
      inBody.push({ at: clash.at, count: clash.count, blocks: choices[i] === "mine" ? clash.mineBlocks : clash.theirBlocks });
    } else if (clash.part.startsWith("lead.")) {
      copy.lead[clash.part.slice(5)] = from.lead?.[clash.part.slice(5)] ?? "";
    } else copy[clash.part] = structuredClone(from[clash.part]);
  });
  // From the end, so that places stay what they are.
  for (const c of inBody.sort((a, b) => b.at - a.at)) if (c.blocks) copy.body.blocks.splice(c.at, c.count, ...c.blocks);
  return copy;
}
