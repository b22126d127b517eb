// Beside the text of a story: remarks on passages of it, and its topics.

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

// Topics are looked for while one types; the one that is chosen is put on a line
// of its own among those of the article.
function finder(field) {
  const input = field.querySelector("input");
  const list = document.getElementById(input.getAttribute("aria-controls"));
  const said = document.querySelector("#topic-said");
  const into = document.getElementById(field.dataset.into);
  let asked = 0;
  let chosen = 0;
  let found = [];

  function choose(i) {
    chosen = Math.max(0, Math.min(i, found.length - 1));
    [...list.children].forEach((row, n) => row.setAttribute("aria-selected", String(n === chosen)));
    const row = list.children[chosen];
    if (row) input.setAttribute("aria-activedescendant", row.id);
    else input.removeAttribute("aria-activedescendant");
    row?.scrollIntoView({ block: "nearest" });
  }
  function show(lines) {
    found = lines;
    list.replaceChildren(...lines.map((l, n) => {
      const row = document.createElement("li");
      row.id = `topic-${n}`;
      row.setAttribute("role", "option");
      const above = document.createElement("small");
      above.textContent = l.above;
      row.append(l.name, " ", above);
      row.addEventListener("pointerdown", (e) => e.preventDefault()); // the field keeps the focus
      row.addEventListener("click", () => take(n));
      return row;
    }));
    list.hidden = !lines.length;
    input.setAttribute("aria-expanded", String(lines.length > 0));
    choose(0);
  }
  function take(n) {
    if (into.readOnly) return; // a colleague has the seat
    const lines = into.value.split("\n").map((l) => l.trim()).filter(Boolean);
    if (!lines.includes(found[n].entry)) lines.push(found[n].entry);
    into.value = lines.join("\n");
    into.dispatchEvent(new Event("story:changed", { bubbles: true }));
    said.textContent = found[n].name;
    input.value = "";
    show([]);
  }
  async function find() {
    const mine = ++asked;
    said.textContent = "";
    if (!input.value.trim()) return show([]);
    try {
      const answer = await fetch(`${field.dataset.finder}?q=${encodeURIComponent(input.value)}`, { headers: { Accept: "application/json" } });
      if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
      const lines = await answer.json();
      if (mine !== asked) return;
      show(lines);
      said.textContent = lines.length ? "" : field.dataset.none;
    } catch {
      if (mine === asked) said.textContent = field.dataset.failed;
    }
  }
  input.addEventListener("input", (e) => {
    e.stopPropagation(); // the article is as it was
    find();
  });
  input.addEventListener("blur", () => show([]));
  input.addEventListener("keydown", (e) => {
    if (e.isComposing) return;
    if (e.key === "ArrowDown") choose(chosen + 1);
    else if (e.key === "ArrowUp") choose(chosen - 1);
    else if (e.key === "Escape" && found.length) show([]);
    else if (e.key === "Enter") found.length && take(chosen); // and never sends the form
    else return;
    e.preventDefault();
  });
  field.hidden = false;
}
for (const field of document.querySelectorAll("[data-finder]")) finder(field);
