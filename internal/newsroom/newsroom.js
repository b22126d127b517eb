// The keys of the newsroom. A link or a button names its keys in data-keys:
// one, or several to be pressed one after the other.

const sheet = document.querySelector("#keys");
const box = sheet?.querySelector("[name=on]");
const kept = "newsroom-keys"; // "off" in a browser that wants none
const patience = 1500; // milliseconds from one key to the next

try {
  if (box) box.checked = localStorage.getItem(kept) !== "off";
} catch {
  // A browser that keeps nothing for us begins with keys.
}

box?.addEventListener("change", () => {
  try {
    localStorage.setItem(kept, box.checked ? "on" : "off");
  } catch {
    // The choice is good for this page.
  }
});

for (const button of document.querySelectorAll("[data-opens]")) {
  button.addEventListener("click", () => document.getElementById(button.dataset.opens).showModal());
}

let pressed = "";
let when = 0;

// named finds what the keys do.
function named(how, keys) {
  return document.querySelector(`[data-keys${how}="${CSS.escape(keys)}"]`);
}

addEventListener("keydown", (e) => {
  if (!box?.checked || e.defaultPrevented || e.isComposing || e.ctrlKey || e.altKey || e.metaKey || e.repeat) return;
  if (e.key === "Shift" || e.target.closest("input:not([type=checkbox]), textarea, select, [contenteditable]")) return;
  if (sheet.open) {
    if (e.key === "?") sheet.close();
    return;
  }
  const before = e.timeStamp - when < patience ? pressed : "";
  const keys = before && named("^", `${before} ${e.key}`) ? `${before} ${e.key}` : e.key;
  const does = named("", keys);
  pressed = !does && named("^", `${keys} `) ? keys : "";
  when = e.timeStamp;
  if (does) {
    e.preventDefault();
    does.click();
  }
});
