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
