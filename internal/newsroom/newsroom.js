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

// In a list of rows j and k go from one link to the next.
function step(key) {
  const links = [...document.querySelectorAll("[data-rows] a[href]")];
  if (!links.length || (key !== "j" && key !== "k")) return false;
  const at = links.indexOf(document.activeElement);
  const to = key === "j" ? Math.min(at + 1, links.length - 1) : Math.max(at - 1, 0);
  links[to].focus();
  links[to].scrollIntoView({ block: "nearest" });
  return true;
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
  if (!does && keys === e.key && step(e.key)) return e.preventDefault();
  pressed = !does && named("^", `${keys} `) ? keys : "";
  when = e.timeStamp;
  if (does) {
    e.preventDefault();
    if (does.matches("input:not([type=checkbox]), textarea, select")) does.focus();
    else does.click();
  }
});
