// The texts of an edition: an editor in the place of each source field. The form stays
// the form, whoever sends it: what stands in the editors goes with it.

import { Bars } from "./bars.js";
import { editor } from "./editor.js";

export function letter(form) {
  const bars = new Bars();
  form.prepend(bars.dom);
  const settings = { smart: true, language: form.dataset.language || "" };
  const changed = () => form.dispatchEvent(new Event("input"));
  const save = () => form.dispatchEvent(new CustomEvent("letter:save"));
  const fields = [...form.querySelectorAll("[name=part_text]")];
  const blocks = [...form.querySelectorAll("[name=part_blocks]")]; // one for each of them
  const editors = fields.map((source, i) => {
    const body = form.querySelector(`script[data-body="${source.id}"]`);
    if (!body) return null;
    // What another visit to this page has left is newer than what the page brings.
    const text = JSON.parse(blocks[i].value || body.textContent);
    blocks[i].value = "";
    const hint = document.getElementById(source.dataset.hint);
    hint.hidden = true; // it tells how a source is typed
    const described = () => (source.getAttribute("aria-describedby") || "").split(" ").filter((id) => id && id !== hint.id).join(" ");
    return editor(source, text, settings, bars, { find: form.dataset.find, changed, save, described });
  });
  const edit = (on) => editors.forEach((ed) => ed?.edit(on));
  edit(true);

  form.addEventListener("formdata", ({ formData }) => {
    for (const name of ["part_text", "part_blocks"]) formData.delete(name);
    editors.forEach((ed, i) => {
      formData.append("part_text", ed ? "" : fields[i].value);
      formData.append("part_blocks", ed ? JSON.stringify(ed.read()) : "");
    });
  });
  // Enter in a field of an editor sends no form.
  form.addEventListener("keydown", (e) => {
    if (e.key === "Enter" && !e.isComposing && e.target.matches(".editor input")) e.preventDefault();
  });
  form.addEventListener("letter:said", () => editors.forEach((ed) => ed?.describe()));

  // The answer to a button is another page: what were typed now would be on none.
  addEventListener("submit", (e) => {
    if (e.target === form && !e.defaultPrevented) setTimeout(edit, 0, false);
  });
  addEventListener("pageshow", () => edit(true));

  // The focus is where something is wrong, or in a text that was just added.
  const first = form.querySelector("[aria-invalid]") || form.querySelector(`${location.hash.startsWith("#part-") ? location.hash : "#none"} [name=part_text]`);
  const ed = editors[fields.indexOf(first)];
  if (ed && (first.hasAttribute("aria-invalid") || ed.read().blocks.length === 0)) {
    // Until the page is there the browser takes the focus to what its address names.
    if (document.readyState === "complete") ed.view.focus();
    else addEventListener("load", () => ed.view.focus());
  }
}
