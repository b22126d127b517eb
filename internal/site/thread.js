// The thread for a browser that runs scripts: votes without a new page, the form
// where it is wanted, a draft that is not lost, a line when something has come.

const thread = document.querySelector(".thread");
const id = thread.dataset.article;
const part = thread.dataset.part ? "?" + thread.dataset.part : "";
const member = /(^|; )(__Host-)?member[-\d]*=1/.test(document.cookie);
const personal = document.body.querySelector(".talk") !== null;
const remarks = new Map([...thread.querySelectorAll(".remark")].map((r) => [r.id.slice("comment-".length), r]));

async function send(address, fields) {
  const answer = await fetch(address, { method: "POST", headers: { Accept: "application/json" }, body: new URLSearchParams(fields) });
  const kind = answer.headers.get("Content-Type") || "";
  if (!kind.includes("json")) {
    if (answer.redirected) location.assign(answer.url); // logged out meanwhile
    throw new Error(thread.dataset.failed);
  }
  const said = await answer.json();
  if (!answer.ok) throw new Error(said.error || thread.dataset.failed);
  return said;
}

// Offline and the like have no words of their own.
const words = (e) => (e instanceof TypeError ? thread.dataset.failed : e.message);

// ---- votes ----

const buttons = (form) => [...form.querySelectorAll("button")];

function press(form, way) {
  for (const b of buttons(form)) {
    const mine = b === buttons(form)[way === 1 ? 0 : 1] && way !== 0;
    b.setAttribute("aria-pressed", String(mine));
    b.value = mine ? "none" : b === buttons(form)[0] ? "up" : "down";
  }
}

const pressed = (form) => buttons(form).reduce((w, b, i) => (b.getAttribute("aria-pressed") === "true" ? 1 - 2 * i : w), 0);

// The score as it will be when the vote has arrived.
function reckon(text, from, to) {
  const [, up, down] = text.match(/\+(\d+) \/ -(\d+)/).map(Number);
  const u = up + (to === 1) - (from === 1);
  const d = down + (to === -1) - (from === -1);
  return `${u - d} ( +${u} / -${d} )`;
}

function complain(form, text) {
  const said = form.parentNode.querySelector(".failed") || document.createElement("span");
  said.className = "failed";
  said.setAttribute("role", "alert");
  said.textContent = text;
  form.after(said);
}

async function vote(form, button) {
  const output = form.querySelector("output");
  const [before, from] = [output.textContent, pressed(form)];
  const to = { up: 1, down: -1, none: 0 }[button.value];
  const way = button.value;
  form.parentNode.querySelector(".failed")?.remove();
  press(form, to);
  output.textContent = reckon(before, from, to);
  form.dataset.busy = "1";
  try {
    output.textContent = (await send(form.action, { way, from: cameFrom })).score;
  } catch (e) {
    press(form, from);
    output.textContent = before;
    complain(form, words(e));
    after.delete(form);
  }
  delete form.dataset.busy;
  const next = after.get(form);
  if (after.delete(form)) vote(form, next);
}

// What was pressed while a vote was on its way.
const after = new Map();

// The site that led here, and not the page: a crowd that comes to vote is known
// by it.
const cameFrom = document.referrer && new URL(document.referrer).host !== location.host ? new URL(document.referrer).host : "";

thread.addEventListener("submit", (e) => {
  const form = e.target.closest("footer form");
  if (!form || !member) return; // the log-in comes first, as a page
  e.preventDefault();
  if (form.dataset.busy) after.set(form, e.submitter);
  else vote(form, e.submitter);
});

// ---- the form ----

const draftKey = (to) => `draft:${id}${to ? ":" + to : ""}`;
const store = {
  get: (k) => { try { return localStorage.getItem(k) || ""; } catch { return ""; } },
  set: (k, v) => { try { v ? localStorage.setItem(k, v) : localStorage.removeItem(k); } catch { /* no room, or not allowed */ } },
};

function prepare(form, to) {
  const text = form.elements.body;
  const state = form.querySelector(".state");
  const wrong = form.querySelector("[role=alert]");
  form.elements.key.value ||= crypto.randomUUID?.() || String(Math.random()).slice(2) + Date.now();
  if (!text.value) text.value = store.get(draftKey(to));
  let saving;
  text.addEventListener("input", () => {
    clearTimeout(saving);
    saving = setTimeout(() => {
      store.set(draftKey(to), text.value);
      state.textContent = text.value ? thread.dataset.kept : "";
    }, 400);
  });
  text.addEventListener("keydown", (e) => {
    if (e.key === "Enter" && (e.ctrlKey || e.metaKey)) form.requestSubmit(form.querySelector("[value=post]"));
  });
  form.addEventListener("submit", async (e) => {
    if (e.submitter?.value === "preview") {
      store.set(draftKey(to), text.value);
      return;
    }
    e.preventDefault();
    clearTimeout(saving);
    store.set(draftKey(to), text.value);
    const button = form.querySelector("[value=post]");
    button.disabled = true;
    try {
      const said = await send(form.action, { body: text.value, to: form.elements.to?.value || "", key: form.elements.key.value, do: "post" });
      if (said.place) store.set(draftKey(to), "");
      go(said.place || said.login);
    } catch (e) {
      button.disabled = false;
      const place = wrong || state;
      place.textContent = words(e);
      place.hidden = false;
      text.setAttribute("aria-invalid", "true");
      text.focus();
    }
  });
}

// The same page has to be fetched again to show what has come.
function go(place) {
  const to = new URL(place, location.href);
  const same = to.pathname + to.search === location.pathname + location.search;
  location.assign(to);
  if (same) location.reload();
}

function openForm(to) {
  const template = thread.querySelector("template");
  const form = template.content.firstElementChild.cloneNode(true);
  form.querySelector(".field label").firstChild.textContent = form.querySelector(".field label").firstChild.textContent.trim() + " ";
  if (to) {
    form.elements.to.value = to;
    form.removeAttribute("id");
  }
  prepare(form, to);
  return form;
}

function reply(link) {
  const remark = link.closest(".remark");
  const open = remark.querySelector("form.write");
  if (open) {
    open.elements.body.focus();
    return;
  }
  const form = openForm(remark.id.slice("comment-".length));
  const label = form.querySelector(".field label").firstChild;
  label.textContent = `@${remark.querySelector(".author").textContent}`;
  remark.append(form);
  form.elements.body.focus();
}

// ---- what is one's own ----

function hide(remark) {
  const said = document.createElement("p");
  said.className = "gone";
  said.textContent = thread.dataset.muted;
  remark.replaceChildren(said);
}

function own(remark, seconds) {
  for (const b of remark.querySelectorAll("footer form button")) b.disabled = true;
  remark.querySelector(".report")?.remove();
  const footer = remark.querySelector("footer");
  const name = remark.id.slice("comment-".length);
  for (const [on, what, text] of [[seconds > 0, "edit", thread.dataset.change], [true, "delete", thread.dataset.delete]]) {
    if (!on || footer.querySelector(`[href$="/${what}"]`)) continue;
    const a = document.createElement("a");
    a.href = `/comment/${name}/${what}`;
    a.textContent = text;
    if (what === "edit") setTimeout(() => a.remove(), seconds * 1000);
    footer.append(a);
  }
}

async function mine() {
  const answer = await fetch(`/me/thread/${id}${part}`, { headers: { Accept: "application/json" } });
  if (answer.status !== 200) return;
  const { ways, own: owned, muted } = await answer.json();
  for (const name of muted) remarks.has(name) && hide(remarks.get(name));
  for (const [name, way] of Object.entries(ways)) {
    const form = remarks.get(name)?.querySelector("footer form");
    if (form) press(form, way);
  }
  // The page is a few seconds old, and so are its scores: not beside one's own vote.
  if (Object.keys(ways).length) look().catch(() => {});
  for (const [name, seconds] of Object.entries(owned)) remarks.has(name) && own(remarks.get(name), seconds);
  const enter = document.querySelector(".enter");
  if (enter) enter.replaceWith(openForm(""));
  thread.addEventListener("click", (e) => {
    const link = e.target.closest("a.reply");
    if (!link || e.ctrlKey || e.metaKey || e.shiftKey || !thread.querySelector("template")) return;
    e.preventDefault();
    reply(link);
  });
}

// ---- what comes while somebody reads ----

const fresh = thread.querySelector(".fresh");
let known = Number(thread.dataset.count);

async function look() {
  const answer = await fetch(`/scores/${id}${part}`);
  if (!answer.ok) return;
  const { comments, scores } = await answer.json();
  for (const [name, score] of Object.entries(scores)) {
    const form = remarks.get(name)?.querySelector("footer form");
    const output = remarks.get(name)?.querySelector("output");
    if (output && !form?.dataset.busy) output.textContent = score;
  }
  const more = comments - known;
  if (more > 0) {
    const a = document.createElement("a");
    a.href = location.pathname + (personal ? "" : "#comments");
    a.textContent = more === 1 ? thread.dataset.single : thread.dataset.more.replace("%d", more);
    a.addEventListener("click", (e) => {
      e.preventDefault();
      go(a.href);
    });
    fresh.replaceChildren(a);
  }
}

let events;
function follow() {
  if (document.hidden || events) return;
  events = new EventSource(`/live/${id}`);
  events.addEventListener("thread", () => look().catch(() => {}));
  for (const kind of ["live", "open"]) events.addEventListener(kind, () => dispatchEvent(new Event("report")));
}
function rest() {
  events?.close();
  events = undefined;
}
document.addEventListener("visibilitychange", () => (document.hidden ? rest() : (follow(), look().catch(() => {}))));
addEventListener("pagehide", rest);
follow();

if (personal) {
  const form = document.querySelector(".talk > form.write");
  if (form && form.action.endsWith("/thread/" + id)) prepare(form, form.elements.to?.value || "");
} else if (member) mine().catch(() => {});
