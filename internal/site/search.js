// Headlines that have what is typed so far, in the browser's own list below the
// field. Without this script there is the field alone.
const input = document.querySelector(".seek [name=q]");
const list = document.createElement("datalist");
list.id = "headlines";
input.after(list);
input.setAttribute("list", list.id);
input.autocomplete = "off";

let waiting, asked;
input.addEventListener("input", () => {
  clearTimeout(waiting);
  waiting = setTimeout(ask, 150);
});

async function ask() {
  asked?.abort();
  asked = new AbortController();
  const typed = input.value;
  if (typed.trim().length < 1 || [...list.options].some((o) => o.value === typed)) return;
  try {
    const answer = await fetch("/search/suggest?" + new URLSearchParams({ q: typed }), { signal: asked.signal });
    if (!answer.ok) return;
    list.replaceChildren(...(await answer.json()).map((headline) => new Option(headline, headline)));
  } catch {
    // Something else was typed meanwhile, or we are offline: nothing is suggested.
  }
}
