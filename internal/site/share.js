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
// nothing of whom. far is in quarters, told is what of it was said.
const read = document.querySelector("[data-read]");
let far = 0;
let told;

function tell(says) {
  fetch(read.dataset.read, { method: "POST", credentials: "omit", keepalive: true, body: new URLSearchParams(says) }).catch(() => {});
}

function look() {
  const at = read.getBoundingClientRect();
  far = Math.max(far, (innerHeight - at.top) * 4 / at.height | 0);
}

function count() {
  if (document.prerendering) return;
  look();
  if (!document.hidden && told == null) {
    told = 0;
    tell({ from: document.referrer.split("/", 3).join("/"), q: location.search });
  } else if (document.hidden && far > told) tell({ far: told = far });
}

if (read) {
  document.onprerenderingchange = document.onvisibilitychange = count;
  addEventListener("scroll", look);
  count();
}
