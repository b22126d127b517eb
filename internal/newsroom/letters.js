// The room of newsletters: an edition saves itself while one types, forms warn before
// what was typed is lost, fields count their characters, and what goes out is kept fresh.

// Counters beside a field: how long it is, and how much of it most programs show.
for (const field of document.querySelectorAll("[data-count]")) {
  const counted = field.closest(".field").querySelector("[data-counted]");
  const count = () => { counted.textContent = `${[...field.value].length} / ${field.dataset.count}`; };
  field.addEventListener("input", count);
  count();
}

// A form with something in it that is not stored warns before one leaves. Fields that
// are only tools of the form do not count.
let dirty = 0; // grows with what is typed
let stored = 0;
let leaving = false;
let kept = false; // what is not stored is in this browser at least
const form = document.querySelector("[data-autosave], [data-warn]");
const saves = form?.matches("[data-autosave]");

addEventListener("beforeunload", (e) => {
  if (dirty !== stored && !leaving && !kept) e.preventDefault();
});

if (form) {
  if (form.matches("[data-dirty]")) dirty++;
  form.addEventListener("input", (e) => {
    if (e.target.matches("[data-quiet], select[name=add], .editor *")) return; // an editor speaks for itself
    dirty++;
    if (!saves) return;
    keep();
    later();
  });
  form.addEventListener("submit", (e) => {
    if (e.submitter?.matches("[data-aside]")) return;
    if (saving) { // what is on its way has to arrive first: its answer has the version
      e.preventDefault();
      saving.finally(() => form.requestSubmit(e.submitter));
      return;
    }
    leaving = true;
    clearTimeout(timer);
  });
  addEventListener("pageshow", () => { leaving = false; });
}

// An edition is saved a moment after the last key, one request at a time.
const wait = 900;
const again = 5000;
let timer = 0;
let saving = null;
const status = document.querySelector("#saved");
const says = JSON.parse(document.querySelector("#edition-says")?.textContent || "{}");

function tell(words, bad) {
  status.textContent = words;
  status.classList.toggle("bad", Boolean(bad));
}

function later(in_ = wait) {
  tell(says.unsaved);
  clearTimeout(timer);
  timer = setTimeout(save, in_);
}

function save() {
  if (saving || leaving || dirty === stored) return;
  const mine = dirty;
  tell(says.saving);
  saving = send().then((said) => {
    if (said) return tell(said, true); // whoever types decides what to do
    stored = mine;
    tell(says.saved);
    keep();
    if (dirty !== stored) later();
    refresh();
  }, () => {
    tell(says.failed, true);
    clearTimeout(timer);
    timer = setTimeout(save, again);
  }).finally(() => { saving = null; });
}

// send stores the form; it returns what is wrong with it, "" for nothing.
async function send() {
  const body = new URLSearchParams(new FormData(form));
  body.set("act", "save");
  const answer = await fetch(form.action, { method: "POST", body, headers: { Accept: "application/json" } });
  if (answer.status === 409 || answer.status === 422) {
    const { message, fields } = await answer.json();
    wrong(fields || {});
    return message;
  }
  if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
  form.elements.version.value = (await answer.json()).version;
  wrong({});
  return "";
}

// wrong says at fields, by their ids, what is wrong with them, and not any more what it
// has said before.
function wrong(fields) {
  for (const said of form.querySelectorAll("[data-said]")) {
    const field = document.getElementById(said.dataset.said);
    said.remove();
    field.removeAttribute("aria-invalid");
    describe(field, (ids) => ids.filter((id) => id !== said.id));
  }
  for (const [id, words] of Object.entries(fields)) {
    const field = document.getElementById(id);
    if (!field) continue;
    document.getElementById(`${id}-e`)?.remove();
    const said = Object.assign(document.createElement("strong"), { id: `${id}-e`, textContent: words });
    said.dataset.said = id;
    (field.closest(".field") || field.parentElement).append(said);
    field.setAttribute("aria-invalid", "true");
    describe(field, (ids) => [...new Set([...ids, said.id])]);
  }
  form.dispatchEvent(new CustomEvent("letter:said"));
}

function describe(field, change) {
  const ids = change((field.getAttribute("aria-describedby") || "").split(" ").filter(Boolean));
  if (ids.length) field.setAttribute("aria-describedby", ids.join(" "));
  else field.removeAttribute("aria-describedby");
}

// What is not stored yet stays in this browser, so that closing the window cannot be
// faster than the paper.
const place = `edition:${form?.dataset.person || ""}:${location.pathname}`;
const typed = (name) => /^(subject|preview|part_(title|by|link|text|blocks))$/.test(name);
const now = () => [...new FormData(form)].filter(([name]) => typed(name));

function keep() {
  try {
    if (dirty === stored) localStorage.removeItem(place);
    else localStorage.setItem(place, JSON.stringify({ version: form.elements.version.value, data: now() }));
    kept = true;
  } catch {
    kept = false; // no room, or not allowed
  }
}

// restore puts back what another visit has left, when the edition is as it was then.
// When it is not, it stands above the form, to be copied.
function restore() {
  let left = null;
  try {
    left = JSON.parse(localStorage.getItem(place));
  } catch {
    // Nothing is kept here.
  }
  if (!left || form.querySelector("[aria-invalid]")) return;
  if (left.version !== form.elements.version.value) return addEventListener("load", () => offer(left));
  for (const name of new Set(left.data.map(([name]) => name))) {
    const values = left.data.filter((entry) => entry[0] === name).map((entry) => entry[1]);
    form.querySelectorAll(`[name="${name}"]`).forEach((field, i) => {
      // The source of a text that was in an editor is the one that the page brings.
      const blocks = name === "part_text" && left.data.filter((entry) => entry[0] === "part_blocks")[i]?.[1];
      if (!blocks && values[i] !== undefined) field.value = values[i];
    });
  }
  dirty++;
  later();
}

function offer(left) {
  const words = (data) => data.map(([name, value]) => (name === "part_blocks" && value ? texts(JSON.parse(value)) : value)).filter(Boolean).join("\n\n");
  const mine = words(left.data);
  const forget = () => {
    try {
      localStorage.removeItem(place);
    } catch {
      // It was not there either.
    }
  };
  if (mine === words(now())) return forget();
  const box = document.createElement("div");
  const area = Object.assign(document.createElement("textarea"), { id: "left", readOnly: true, rows: 6, value: mine });
  const label = Object.assign(document.createElement("label"), { htmlFor: "left", textContent: says.left });
  const away = Object.assign(document.createElement("button"), { type: "button", className: "quiet", textContent: says.forget });
  away.addEventListener("click", () => {
    forget();
    box.remove();
    form.elements.subject.focus();
  });
  box.className = "notice bad field";
  box.append(label, area, away);
  form.before(box);
}

// texts are the lines of a body, wherever they stand in it.
function texts(value) {
  if (Array.isArray(value)) return value.every((v) => typeof v?.text === "string") ? value.map((v) => v.text).join("") : value.map(texts).filter(Boolean).join("\n");
  if (!value || typeof value !== "object") return "";
  return ["text", "attribution", "items", "rows", "cells", "blocks"].map((name) => texts(value[name])).filter(Boolean).join("\n");
}

function refresh() {
  const frame = document.querySelector(".proofs iframe");
  if (frame) frame.contentWindow.location.reload();
}

if (saves) {
  restore();
  addEventListener("online", save);
  const soon = () => { if (dirty !== stored) save(); };
  addEventListener("blur", soon);
  document.addEventListener("visibilitychange", soon);
  form.addEventListener("letter:save", () => { clearTimeout(timer); save(); });
  form.addEventListener("input", (e) => {
    // A source that is typed is newer than what an editor has left.
    if (e.target.name === "part_text") e.target.closest("fieldset").querySelector("[name=part_blocks]").value = "";
  });
  addEventListener("keydown", (e) => {
    if (e.key.toLowerCase() !== "s" || !(e.ctrlKey || e.metaKey) || e.altKey || e.shiftKey) return;
    if (e.defaultPrevented) return;
    e.preventDefault();
    clearTimeout(timer);
    save();
  });
  // Where a button has led, there is the focus: the keyboard goes on from it.
  const part = location.hash.startsWith("#part-") && document.querySelector(location.hash);
  if (part && !form.querySelector("[autofocus]")) part.focus();
}

// What goes out is looked at every two seconds. Only numbers are changed in place;
// when an edition stands elsewhere the page is asked for anew, unless one writes.
const every = 2000;
const live = document.querySelector("[data-live]");
const known = (root) => [...root.querySelectorAll("[data-edition]")].map((e) => e.dataset.edition + e.dataset.state).join(" ");

function look() {
  const request = new XMLHttpRequest();
  request.open("GET", location.href);
  request.responseType = "document";
  request.onload = () => {
    const fresh = request.status === 200 && request.response?.querySelector("#now");
    if (request.status === 200 && (!fresh || known(fresh) !== known(live))) return location.reload();
    for (const row of fresh ? live.querySelectorAll("[data-edition]") : []) {
      const from = fresh.querySelector(`[data-edition="${CSS.escape(row.dataset.edition)}"]`);
      for (const name of ["[data-says]", "[data-about]"]) row.querySelector(name).textContent = from.querySelector(name).textContent;
      const bar = row.querySelector("progress");
      bar.max = from.querySelector("progress").max;
      bar.value = from.querySelector("progress").value;
    }
    setTimeout(look, every);
  };
  request.onerror = () => setTimeout(look, every);
  request.send();
}
if (live) setTimeout(look, every);
