// The entries of a live report while they are written. What is typed stays in this
// browser until the paper has it, a form is sent without a new page, and what
// colleagues post appears by itself. Everything works without it.

const room = document.querySelector(".reporting");
const form = document.querySelector("#post");
const entries = room.querySelector(".entries");
const done = document.querySelector("#done");
const here = new URL(form.action).pathname; // also on the page that answers a form
const kept = `live:${room.dataset.article}:${room.dataset.person}`;
let { changes } = room.dataset;

// ---- what is typed is kept ----

const fields = ["headline", "source", "at", "signed", "attempt"];

function keep() {
  const typed = Object.fromEntries(fields.map((f) => [f, form.elements[f].value]));
  typed.event = form.elements.event.checked;
  try {
    if (typed.headline || typed.source) localStorage.setItem(kept, JSON.stringify(typed));
    else localStorage.removeItem(kept);
  } catch {
    // No room, or not allowed: the text stands in the form.
  }
}

function putBack() {
  let typed;
  try {
    typed = JSON.parse(localStorage.getItem(kept));
  } catch {
    return;
  }
  if (!typed) return;
  for (const f of fields) form.elements[f].value = typed[f] ?? "";
  form.elements.event.checked = typed.event;
  say(form, room.dataset.kept, true);
}

const attempt = () => crypto.randomUUID?.() || String(Math.random()).slice(2) + Date.now();

// ---- a form is sent ----

function say(f, text, quietly = false) {
  const said = f.querySelector(".said");
  if (!said) return;
  said.textContent = text;
  said.classList.toggle("quietly", quietly);
}

async function send(f, submitter) {
  const body = new URLSearchParams(new FormData(f, submitter));
  const answer = await fetch(f.action, { method: "POST", headers: { Accept: "application/json" }, body });
  const said = await answer.json();
  if (answer.ok) return said;
  const e = new Error(Object.values(said.fields ?? {})[0] || said.message);
  e.status = answer.status;
  throw e;
}

// A log-in that has ended is begun again beside this page, which stays as it is.
function login(f) {
  const a = document.createElement("a");
  a.href = "/login?next=/newsroom/back";
  a.target = "_blank";
  a.rel = "opener";
  a.textContent = room.dataset.login;
  f.querySelector(".said")?.append(" ", a);
}

room.addEventListener("submit", async (e) => {
  const f = e.target;
  if (f.dataset.plain) return;
  e.preventDefault();
  if (f.dataset.busy) return;
  f.dataset.busy = "1";
  say(f, room.dataset.sending, true);
  try {
    const said = await send(f, e.submitter);
    say(f, "");
    done.textContent = said.done;
    done.hidden = false;
    if (f === form) {
      for (const name of ["headline", "source", "at"]) form.elements[name].value = "";
      form.elements.event.checked = false;
      form.elements.attempt.value = attempt();
      keep();
      form.elements.source.focus();
    } else f.closest("details")?.removeAttribute("open");
    if (f.matches(".end") || f.closest(".sum")) return location.assign(here);
    await look();
  } catch (problem) {
    if (problem.status === 409 && f !== form) { // both texts stand on the page that answers
      f.dataset.plain = "1";
      return f.requestSubmit(e.submitter);
    }
    say(f, problem.status ? problem.message : room.dataset.offline);
    if (problem.status === 401) login(f);
  } finally {
    delete f.dataset.busy;
  }
});

form.addEventListener("input", keep);
room.addEventListener("keydown", (e) => {
  if (e.key !== "Enter" || !(e.ctrlKey || e.metaKey) || !e.target.form) return;
  e.preventDefault();
  e.target.form.requestSubmit();
});

// ---- what colleagues do ----

function take(page) {
  const news = page?.querySelector(".reporting");
  if (!news) return;
  changes = news.dataset.changes;
  entries.querySelector(".none")?.remove();
  let last = null;
  for (const e of [...news.querySelectorAll(".entries > .entry")]) {
    const old = document.getElementById(e.id);
    if (!old) last ? last.after(e) : entries.prepend(e);
    // One that is being changed stays until that is done.
    else if (old.dataset.version !== e.dataset.version && !old.querySelector("details.change[open]")) old.replaceWith(e);
    last = document.getElementById(e.id);
  }
}

// A document is read by the browser itself, as a page is: nothing in it runs.
function fetchPage() {
  return new Promise((resolve) => {
    const r = new XMLHttpRequest();
    r.open("GET", here + (location.pathname === here ? location.search : ""));
    r.responseType = "document";
    r.onloadend = () => resolve(r.status === 200 ? r.response : null);
    r.send();
  });
}

async function look() {
  const answer = await fetch(here, { headers: { Accept: "application/json" } });
  if (!answer.ok) return;
  if (String((await answer.json()).changes) !== changes) take(await fetchPage());
}

const every = 3000; // milliseconds
setInterval(() => document.hidden || look().catch(() => {}), every);

if ("fresh" in form.dataset) putBack();
else keep();
