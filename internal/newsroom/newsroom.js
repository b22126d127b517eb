// The keys of the newsroom, and quick open. A link or a button names its keys in data-keys:
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

// Quick open: Ctrl-K anywhere, a few letters, Enter.
const quick = document.querySelector("#quick");

function quickly() {
  const input = quick.querySelector("input");
  const list = quick.querySelector("ul");
  const status = quick.querySelector("[role=status]");
  let asked = 0;
  let chosen = 0;
  let moved = false; // by the arrows, since the last letter

  const options = () => [...list.querySelectorAll("a")];
  function choose(i) {
    const all = options();
    chosen = Math.max(0, Math.min(i, all.length - 1));
    all.forEach((o, n) => o.setAttribute("aria-selected", String(n === chosen)));
    if (all[chosen]) input.setAttribute("aria-activedescendant", all[chosen].id);
    else input.removeAttribute("aria-activedescendant");
    all[chosen]?.scrollIntoView({ block: "nearest" });
  }
  function show(hits) {
    const was = moved && options()[chosen]?.getAttribute("href"); // an answer that is late chooses nothing else
    list.replaceChildren(...hits.map((h, n) => {
      const row = document.createElement("li");
      row.setAttribute("role", "presentation");
      const a = document.createElement("a");
      a.id = `quick-${n}`;
      a.setAttribute("role", "option");
      a.href = h.path;
      a.tabIndex = -1;
      const about = document.createElement("small");
      about.textContent = h.about;
      a.append(h.name, " ", about);
      row.append(a);
      return row;
    }));
    status.textContent = hits.length ? "" : quick.dataset.none;
    choose(was ? hits.findIndex((h) => h.path === was) : 0);
  }
  async function find() {
    const mine = ++asked;
    try {
      const answer = await fetch(`${quick.dataset.find}?q=${encodeURIComponent(input.value)}`, { headers: { Accept: "application/json" } });
      if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
      const hits = await answer.json();
      if (mine === asked) show(hits);
    } catch {
      if (mine === asked) status.textContent = quick.dataset.failed;
    }
  }
  input.addEventListener("input", () => {
    moved = false;
    find();
  });
  const move = (by) => {
    moved = true;
    choose(chosen + by);
  };
  input.addEventListener("keydown", (e) => {
    if (e.isComposing) return;
    if (e.key === "ArrowDown") move(1);
    else if (e.key === "ArrowUp") move(-1);
    else if (e.key === "Enter") options()[chosen]?.click();
    else return;
    e.preventDefault();
  });
  // The event of opening comes late: what is selected then may be what was typed since.
  const open = () => {
    quick.showModal();
    moved = false;
    input.select();
    find();
  };
  addEventListener("keydown", (e) => {
    if (e.key.toLowerCase() !== "k" || !(e.ctrlKey || e.metaKey) || e.altKey || e.shiftKey || e.defaultPrevented) return;
    e.preventDefault();
    if (!quick.open && !document.querySelector("dialog[open]")) open();
  });
  document.querySelector("[data-opens=quick]")?.addEventListener("click", open);
}
if (quick) quickly();

for (const button of document.querySelectorAll("[data-opens]:not([data-opens=quick])")) {
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
  if (document.querySelector("dialog[open]")) { // what is behind it has to wait
    if (sheet.open && e.key === "?") sheet.close();
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
