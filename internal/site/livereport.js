// A live report for somebody whose browser runs scripts: what comes while the page is
// open. What stands above moves nothing that is being read; new entries wait behind a
// line until somebody wants them, or come by themselves while the list's top is in sight.

const report = document.querySelector(".report");
const list = report.querySelector(".entries");
const line = report.querySelector(".fresh");
const { article, single, more } = report.dataset;
let { changes } = report.dataset;
let fresh = new Map(); // entries that wait, by their ids

const order = (e) => Number(e.dataset.order);
const newer = (a, b) => order(b) - order(a) || (a.id < b.id ? 1 : -1);

// What is older than all of the page stands on another one, and so does all that comes
// while an older page is open.
const belongs = (e) => "newest" in report.dataset
  && (!list.parentNode.querySelector("[rel=next]") || newer(e, list.lastElementChild) < 0);

// place puts an entry where its time has it.
function place(e) {
  const below = [...list.children].find((other) => newer(e, other) < 0);
  if (below) below.before(e);
  else list.append(e);
}

function insert() {
  const all = [...fresh.values()].sort(newer);
  all.forEach(place);
  fresh = new Map();
  return all[0];
}

const say = (n) => (n === 1 ? single : more.replace("%d", n));

function offer(n, act) {
  const button = document.createElement("button");
  button.textContent = say(n);
  button.addEventListener("click", act);
  line.replaceChildren(button);
}

function show() {
  line.replaceChildren();
  const first = insert();
  first.scrollIntoView({ block: "center" });
  first.focus({ preventScroll: true });
}

function change(e) {
  const old = document.getElementById(e.id);
  if (old) {
    old.style.minBlockSize = `${old.offsetHeight}px`; // what is below stays where it is
    old.className = e.className;
    old.replaceChildren(...e.childNodes);
  } else if ("removed" in e.dataset) fresh.delete(e.id);
  else if (belongs(e)) fresh.set(e.id, e);
}

function take(news) {
  if (!news || Number(news.dataset.changes) <= Number(changes)) return;
  if ("lost" in news.dataset) return offer("40+", () => location.reload()); // more than is told at once
  changes = news.dataset.changes;
  for (const part of news.querySelectorAll("[data-part]")) report.querySelector(`[data-part=${part.dataset.part}]`).replaceWith(part);
  news.querySelectorAll(".entry").forEach(change);
  line.replaceChildren();
  if (!fresh.size) return;
  if (list.getBoundingClientRect().top > 0) {
    line.textContent = say(fresh.size); // to those who hear the page
    insert();
  } else offer(fresh.size, show);
}

// A document is read by the browser itself, as a page is: nothing in it runs.
let busy, again;
function ask() {
  again = busy;
  if (busy) return;
  busy = true;
  const r = new XMLHttpRequest();
  r.open("GET", `/live/${article}/entries?since=${changes}`);
  r.responseType = "document";
  r.onloadend = () => {
    busy = false;
    if (r.status === 200) take(r.response?.querySelector(".report"));
    if (again) ask();
  };
  r.send();
}

// The thread's script has a stream open already, if there is one.
addEventListener("report", ask);
if (!document.querySelector(".thread")) {
  const events = new EventSource(`/live/${article}`);
  for (const kind of ["live", "open"]) events.addEventListener(kind, ask);
}
