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
const form = document.querySelector("[data-autosave], [data-warn]");
const saves = form?.matches("[data-autosave]");

addEventListener("beforeunload", (e) => {
  if (dirty !== stored && !leaving) e.preventDefault();
});

if (form) {
  if (form.matches("[data-dirty]")) dirty++;
  form.addEventListener("input", (e) => {
    if (e.target.matches("[data-quiet], select[name=add]")) return;
    dirty++;
    if (saves) later();
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
  if (answer.status === 409 || answer.status === 422) return (await answer.json()).message;
  if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
  form.elements.version.value = (await answer.json()).version;
  return "";
}

function refresh() {
  const frame = document.querySelector(".proofs iframe");
  if (frame) frame.contentWindow.location.reload();
}

if (saves) {
  addEventListener("online", save);
  addEventListener("keydown", (e) => {
    if (e.key.toLowerCase() !== "s" || !(e.ctrlKey || e.metaKey) || e.altKey || e.shiftKey) return;
    e.preventDefault();
    clearTimeout(timer);
    save();
  });
  // Where a button has led, there is the focus: the keyboard goes on from it.
  const part = location.hash.startsWith("#part-") && document.querySelector(location.hash);
  if (part && !document.querySelector("[autofocus]")) part.focus();
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
