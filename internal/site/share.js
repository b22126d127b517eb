// Under an article: what is marked for a report, and sharing.

// What is marked in the text comes along to where an error is reported.
const wrong = document.querySelector("[data-do=error]");
document.addEventListener("selectionchange", () => {
  const marked = getSelection();
  const passage = marked.toString().trim().slice(0, 500);
  if (wrong && passage && marked.anchorNode.parentElement?.closest(".story")) {
    wrong.search = new URLSearchParams({ passage });
  }
});

// A link to copy, and the browser's own sheet where it has one. Without this
// script neither is shown.
const place = document.querySelector(".share");
const status = place?.querySelector("[role=status]");
const url = location.origin + location.pathname;

const acts = {
  async copy(button) {
    await navigator.clipboard.writeText(url);
    status.textContent = button.dataset.done;
  },
  async share() {
    await navigator.share({ title: document.querySelector("h1").textContent, url });
  },
};

for (const button of place?.querySelectorAll("button") ?? []) {
  const name = button.dataset.do;
  button.hidden = name === "copy" ? !navigator.clipboard : !navigator.share;
  button.addEventListener("click", async () => {
    try {
      await acts[name](button);
    } catch {
      // The reader closed the sheet, or the browser does not let us: nothing is lost.
    }
  });
}
if (place?.querySelector("button:not([hidden])")) {
  place.hidden = false;
}

// That an article is read is counted when somebody sees it, and how far when it is left;
// nothing of whom.
const read = document.querySelector("[data-read]");
let far = 0;
let told = -1; // what of far; before the first time nothing
function tell(says) {
  const body = new URLSearchParams(says);
  fetch(read.dataset.read, { method: "POST", credentials: "omit", keepalive: true, body }).catch(() => {});
}
function look() {
  const { top, height } = read.getBoundingClientRect();
  far = Math.max(far, Math.min(4, Math.floor(4 * (innerHeight - top) / height)));
}
function count() {
  if (document.prerendering) return;
  if (!document.hidden && told < 0) {
    told = 0;
    look();
    tell({ from: document.referrer.split("/", 3).join("/"), q: location.search.slice(0, 200) });
  } else if (document.hidden && far > told && told >= 0) {
    tell({ far: told = far });
  }
}
if (read) {
  document.addEventListener("visibilitychange", count);
  document.addEventListener("prerenderingchange", count);
  document.addEventListener("scroll", look, { passive: true });
  count();
}
