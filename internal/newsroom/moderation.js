// The room of the moderators in a browser that runs scripts: a decision is sent
// without leaving the page, and the answer, which is the next item, takes the
// place of this one. Everything works without it.

const main = document.querySelector("#main");
const desk = () => main.querySelector(".moderation[data-queue]");
const kept = new Map(); // what was typed at an item and not sent yet

// load gets a page of ours. The parser belongs to the browser: text that a
// reader wrote never becomes markup here.
function load(address, form) {
  return new Promise((done, failed) => {
    const r = new XMLHttpRequest();
    r.open(form ? "POST" : "GET", address);
    r.responseType = "document";
    r.timeout = 20000;
    r.onload = () => done(r);
    r.onerror = r.ontimeout = failed;
    r.send(form);
  });
}

function complain() {
  const said = main.querySelector(".failed");
  if (!said) return;
  said.textContent = desk().dataset.failed;
  said.hidden = false;
  said.scrollIntoView({ block: "nearest" });
}

// keep notes what was typed at an item, so that looking at another one loses
// nothing.
function keep() {
  const item = main.querySelector("#item");
  if (!item) return;
  const open = item.querySelector("details[open]:has(textarea)");
  if (open && [...open.querySelectorAll("textarea")].some((t) => t.value !== t.defaultValue)) {
    const which = [...item.querySelectorAll("details")].indexOf(open);
    kept.set(item.dataset.id, { which, fields: [...open.querySelectorAll("textarea, select")].map((f) => f.value) });
  } else {
    kept.delete(item.dataset.id);
  }
}

function restore() {
  const item = main.querySelector("#item");
  const was = item && kept.get(item.dataset.id);
  if (!was) return;
  const open = item.querySelectorAll("details")[was.which];
  const fields = open ? [...open.querySelectorAll("textarea, select")] : [];
  if (fields.length !== was.fields.length) return;
  open.open = true;
  fields.forEach((f, i) => (f.value = was.fields[i]));
}

// take puts the page that has come in the place of this one.
function take(r, moved) {
  const next = r.response?.querySelector("#main");
  if (!next?.querySelector(".moderation")) {
    // Logged out, or a page of another sort: the browser shows it.
    if (r.status < 400 && r.responseURL) location.assign(r.responseURL);
    else complain();
    return;
  }
  const scrolled = main.querySelector(".list")?.scrollTop;
  const picked = [...main.querySelectorAll("[name=pick]:checked")].map((p) => p.value);
  const rooms = document.querySelector(".rooms");
  const fresh = r.response.querySelector(".rooms");
  if (rooms && fresh) rooms.replaceWith(fresh);
  main.replaceChildren(...next.childNodes);
  document.title = r.response.title;
  if (moved && r.status < 400) history.pushState(null, "", clean(r.responseURL));
  restore();
  remember();
  for (const p of main.querySelectorAll("[name=pick]")) p.checked ||= picked.includes(p.value);
  unfold();
  const list = main.querySelector(".list");
  if (list && scrolled) list.scrollTop = scrolled;
  list?.querySelector(".here")?.scrollIntoView({ block: "nearest" });
  const wrong = main.querySelector("details[open] .wrong select, details[open] .wrong textarea");
  if (wrong) wrong.focus();
  else main.querySelector("#item")?.focus({ preventScroll: true });
  if (moved && r.status < 400) scrollTo(0, 0);
}

// clean is an address without what was just done, which is no place to come back to.
function clean(address) {
  const u = new URL(address);
  for (const name of ["done", "undone", "answered"]) u.searchParams.delete(name);
  return u;
}

let busy = false;

async function go(address, form, moved = true) {
  if (busy) return;
  busy = true;
  desk()?.setAttribute("aria-busy", "true");
  try {
    take(await load(address, form), moved);
  } catch {
    complain();
  } finally {
    busy = false;
    desk()?.removeAttribute("aria-busy");
  }
}

main.addEventListener("submit", (e) => {
  if (!desk() || e.target.method !== "post") return;
  e.preventDefault();
  const data = new FormData(e.target, e.submitter);
  const id = main.querySelector("#item")?.dataset.id;
  go(e.target.getAttribute("action"), new URLSearchParams(data)).then(() => {
    if (main.querySelector("#item")?.dataset.id !== id) kept.delete(id);
  });
});

main.addEventListener("click", (e) => {
  const a = e.target.closest(".list a, .steps a, .queues a");
  if (!a || !desk() || e.defaultPrevented || e.button || e.ctrlKey || e.metaKey || e.shiftKey || e.altKey) return;
  e.preventDefault();
  keep();
  go(a.href);
});

addEventListener("popstate", () => {
  if (desk()) go(location.href, undefined, false);
  else location.reload();
});

// ---- forms ----

// A form that opens is ready to be filled in.
main.addEventListener("toggle", (e) => {
  if (e.target.matches(".acts details") && e.target.open) e.target.querySelector("textarea#edit-body, input:checked, select")?.focus();
}, true);

// The text of a rule is where a reason may begin; what somebody has typed stays.
main.addEventListener("change", (e) => {
  if (e.target.name !== "rule") return;
  const reason = e.target.form.elements.reason;
  const texts = [...e.target.options].map((o) => o.dataset.text || "");
  if (reason && texts.includes(reason.value.trim())) reason.value = e.target.selectedOptions[0].dataset.text || "";
});

main.addEventListener("keydown", (e) => {
  if (e.key === "Enter" && (e.ctrlKey || e.metaKey) && e.target.form?.method === "post") {
    const button = e.target.form.querySelector("button:not(.quiet)");
    if (button) e.target.form.requestSubmit(button);
  }
  if (e.key === "Escape" && e.target.closest(".acts details")) e.target.closest("details").querySelector("summary").focus();
});

// Which comments are selected can be seen before anything is done with them.
function unfold() {
  const bulk = main.querySelector(".bulk");
  if (bulk) bulk.open = main.querySelector("[name=pick]:checked") !== null;
}

main.addEventListener("change", (e) => {
  if (e.target.name === "pick") unfold();
});

// ---- what is new ----

let shown = 0; // how long the queue was when this list was made

function remember() {
  shown = Number(desk()?.querySelector(`.queues [data-queue="${desk().dataset.queue}"] b`)?.textContent);
}

async function look() {
  if (document.hidden || busy || !desk()) return;
  const answer = await fetch(desk().dataset.sizes, { headers: { Accept: "application/json" } });
  if (!answer.ok || !answer.headers.get("Content-Type")?.includes("json")) return;
  const said = await answer.json();
  for (const a of main.querySelectorAll(".queues [data-queue]")) a.querySelector("b").textContent = said.queues[a.dataset.queue].text;
  const now = said.queues[desk().dataset.queue]?.n;
  const news = main.querySelector(".news");
  if (!news || !(now > shown)) return news?.replaceChildren();
  const a = document.createElement("a");
  a.href = main.querySelector(`.queues [data-queue="${desk().dataset.queue}"]`).href;
  a.textContent = desk().dataset.fresh.replace("%d", now - shown);
  if (news.textContent !== a.textContent) news.replaceChildren(a);
}

if (desk()) {
  remember();
  setInterval(() => look().catch(() => {}), 20000);
  document.addEventListener("visibilitychange", () => look().catch(() => {}));
}
