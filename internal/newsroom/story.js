// Beside the text of a story: remarks on passages of it.

const text = () => document.querySelector(".story-text");
const passage = document.querySelector("#passage");

// What is selected in the text is the passage of the next remark.
document.addEventListener("selectionchange", () => {
  const selection = getSelection();
  if (!passage || selection.isCollapsed || !text()?.contains(selection.anchorNode)) return;
  passage.value = selection.toString().replace(/\s+/g, " ").trim().slice(0, passage.maxLength);
});

// A passage leads to its place in the text, as long as it stands there.
function find(words) {
  return [...(text()?.children || [])].find((block) => block.textContent.replace(/\s+/g, " ").includes(words));
}

for (const quote of document.querySelectorAll("[data-passage]")) {
  quote.tabIndex = 0;
  quote.setAttribute("role", "link");
  const go = () => {
    const block = find(quote.textContent.trim());
    quote.classList.toggle("gone", !block);
    block?.scrollIntoView({ block: "center" });
    if (block) getSelection().selectAllChildren(block);
  };
  quote.addEventListener("click", go);
  quote.addEventListener("keydown", (e) => e.key === "Enter" && go());
}

// The poll is saved by itself while nobody but us has it; afterwards by its button,
// because readers are told of other words.
const poll = document.querySelector("[data-poll]");
if (poll) {
  const form = poll.closest("form");
  const status = poll.querySelector("[data-poll-status]");
  const fields = ["poll_options", "poll_closes"].map((name) => form.elements.namedItem(name));
  const typed = () => JSON.stringify(fields.map((f) => f.value));
  let saved = typed();
  let last = Promise.resolve();
  const save = async () => {
    const now = typed();
    if (!poll.dataset.poll || now === saved) return;
    status.textContent = poll.dataset.saving;
    try {
      const version = form.elements.namedItem("poll_version");
      const body = new URLSearchParams([["poll_version", version.value], ...fields.map((f) => [f.name, f.value])]);
      const answer = await fetch(poll.dataset.poll, { method: "POST", headers: { Accept: "application/json" }, body });
      const said = await answer.json();
      if (!answer.ok) throw said;
      version.value = said.version;
      saved = now;
      status.textContent = poll.dataset.saved;
    } catch (e) {
      status.textContent = e.message && !(e instanceof Error) ? e.message : poll.dataset.failed;
    }
  };
  poll.addEventListener("change", () => (last = last.then(save)));
  let leaves = false;
  form.addEventListener("submit", () => (leaves = true));
  addEventListener("beforeunload", (e) => {
    if (!leaves && typed() !== saved) e.preventDefault();
  });
}
