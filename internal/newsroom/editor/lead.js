// The picture above an article: chosen in a dialog, in the place of the field for its
// number.

import { el, say } from "./dom.js";
import { choosePicture } from "./links.js";
import { patiently } from "./upload.js";

export function leadPicture(form, address) {
  const at = (name) => form.elements.namedItem(`lead_${name}`);
  const group = form.querySelector(".lead");
  const id = at("picture");
  const video = at("video");
  if (!group || !id || !video) return null;
  const thumb = group.querySelector(".thumb");
  const [choose, remove] = ["choose", "remove"].map((name) => group.querySelector(`[data-lead=${name}]`));
  let before = null; // the picture that was chosen here, with its own words

  for (const e of group.querySelectorAll(".number")) e.hidden = true;
  id.type = video.type = "hidden";
  choose.parentElement.hidden = false;

  function show() {
    thumb.hidden = remove.hidden = id.value === "";
    const src = `/newsroom/pictures/${encodeURIComponent(id.value)}/small`;
    if (id.value === "") thumb.replaceChildren();
    else if (thumb.dataset.id !== id.value + video.value) {
      const img = Object.assign(document.createElement("img"), { src, alt: "", width: 320, height: 213 });
      patiently(img);
      thumb.replaceChildren(img);
      if (video.value) thumb.append(el("span", { class: "film" }, `▶ ${say("video")}`));
    }
    thumb.dataset.id = id.value + video.value;
  }
  function set(p) {
    id.value = p.id;
    video.value = p.video || "";
    at("credit").value = p.credit || "";
    // What was written for this article stays; what was the other picture's goes with it.
    for (const name of ["caption", "alt"]) if (at(name).value === "" || at(name).value === before?.[name]) at(name).value = p[name] || "";
    before = p;
    show();
    form.dispatchEvent(new CustomEvent("story:changed"));
  }
  choose.addEventListener("click", () => choosePicture(address, say("lead"), set, () => choose.focus()));
  remove.addEventListener("click", () => {
    set({ id: "" });
    choose.focus();
  });
  show();
  return {
    show,
    edit(on) {
      choose.disabled = remove.disabled = !on;
    },
  };
}
