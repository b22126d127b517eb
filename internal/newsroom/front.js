// A page that is curated. Every step is sent to the desk with the places so far, which
// answers with the next places and with what would stand on the page: the rules are there
// alone. Nothing of it is published before somebody says so.

const root = document.querySelector("#front");
const { path, base, held } = root.dataset;
const says = JSON.parse(document.querySelector("#front-says").textContent);
const publish = document.querySelector("#publish");
const state = document.querySelector("#front-state");
const live = document.querySelector("#front-say");

const say = (key, ...args) => { live.textContent = args.reduce((s, a) => s.replace("%s", () => a), says[key] || key); };
const slots = () => [...root.querySelectorAll(".slot")];
const headline = (li) => li.querySelector("[data-put=headline]").textContent;

let places = JSON.parse(publish.elements.layout.value);
let leaving = false;
const before = []; // drafts, for undo

// The page shows what the desk answers.
function put(li, of) {
  for (const el of li.querySelectorAll("[data-put]")) {
    el.textContent = of[el.dataset.put];
    if (!el.dataset.when) el.hidden = !of[el.dataset.put];
  }
  li.querySelector(".state").classList.add(of.shape || "none");
  li.querySelector(".what a").href = of.path || "";
  li.dataset.story = of.story;
  return li;
}

const copy = (id) => document.querySelector(id).content.firstElementChild.cloneNode(true);

function slot(of) {
  const li = put(copy("#slot"), of);
  const when = {
    story: of.story, empty: !of.story, placed: of.placed, itself: !of.placed,
    up: of.placed && !of.first, down: of.placed && !of.last,
  };
  for (const el of li.querySelectorAll("[data-when]")) el.hidden = !when[el.dataset.when];
  for (const field of li.querySelectorAll("input")) if (field.name !== "base") field.value = of[field.name];
  li.classList.toggle("placed", of.placed);
  li.classList.toggle("empty", !of.story);
  Object.assign(li.dataset, { area: of.area, slot: of.slot, name: of.name });
  return li;
}

function pick(of) {
  const li = put(copy("#pick"), of);
  li.querySelector("[name=story]").value = of.story;
  return li;
}

function show(areas) {
  for (const area of areas) {
    root.querySelector(`ol[data-area="${CSS.escape(area.area)}"]`)?.replaceChildren(...area.slots.map(slot));
  }
  const text = JSON.stringify(places);
  for (const field of root.querySelectorAll("[name=layout]")) field.value = text;
  const changed = text !== held;
  root.classList.toggle("changed", changed);
  state.textContent = changed ? says.changed : says.same;
}

// One step after the other, in the order in which they were made.
let last = Promise.resolve();
function step(fields, keep = true) {
  last = last.then(async () => {
    const form = new URLSearchParams(fields);
    form.set("base", base);
    form.set("layout", JSON.stringify(places));
    try {
      const answer = await fetch(path, { method: "POST", body: form, headers: { Accept: "application/json" } });
      if (answer.redirected) throw new Error("log in");
      const said = await answer.json();
      if (!answer.ok) {
        state.textContent = said.message;
        return false;
      }
      if (keep) before.push(places);
      places = said.places;
      show(said.areas);
      return true;
    } catch {
      state.textContent = says.failed;
      return false;
    }
  });
  return last;
}

function focus(story) {
  const li = slots().find((s) => s.dataset.story === story) || root.querySelector(`.pick[data-story="${CSS.escape(story)}"]`);
  li?.querySelector(".grip").focus();
  li?.scrollIntoView({ block: "nearest" });
}

async function place(story, name, to) {
  if (!await step({ act: "place", area: to.dataset.area, slot: to.dataset.slot, story })) return;
  say("dropped", name, to.dataset.name);
  focus(story);
}

// In the hand: by the keyboard, or by a click on what is to be moved.
let carried = null;

function mark(to) {
  root.querySelector(".target")?.classList.remove("target");
  to?.classList.add("target");
}

function aim(i) {
  const all = slots();
  carried.at = Math.max(0, Math.min(i, all.length - 1));
  const to = all[carried.at];
  mark(to);
  to.scrollIntoView({ block: "nearest" });
  say("over", to.dataset.name, to.dataset.story ? headline(to) : to.querySelector(".nothing").textContent);
}

function pickUp(li) {
  carried = { story: li.dataset.story, name: headline(li), li, at: Math.max(0, slots().indexOf(li)) };
  li.classList.add("held");
  root.classList.add("carrying");
  mark(slots()[carried.at]);
  say("picked", carried.name, slots()[carried.at].dataset.name);
}

function letGo() {
  carried?.li.classList.remove("held");
  carried = null;
  root.classList.remove("carrying");
  mark(null);
}

function carry(e) {
  const all = slots();
  const area = all[carried.at].dataset.area;
  const begins = (i) => i === 0 || all[i - 1].dataset.area !== all[i].dataset.area;
  switch (e.key) {
    case "ArrowDown": aim(carried.at + 1); break;
    case "ArrowUp": aim(carried.at - 1); break;
    case "ArrowRight": {
      const next = all.findIndex((s, i) => i > carried.at && s.dataset.area !== area);
      if (next >= 0) aim(next);
      break;
    }
    case "ArrowLeft": {
      let i = carried.at;
      if (begins(i)) i--;
      while (i > 0 && !begins(i)) i--;
      aim(i);
      break;
    }
    case "Enter":
    case " ": {
      const { story, name, at } = carried;
      letGo();
      place(story, name, all[at]);
      break;
    }
    case "Escape":
      say("cancelled", carried.name);
      letGo();
      break;
    case "Tab":
      letGo();
      return;
    default:
      return;
  }
  e.preventDefault();
}

let went = -Infinity; // when g was pressed: it begins the keys that lead elsewhere
let swallow = false; // the click that a key makes which has put something down

document.addEventListener("keydown", (e) => {
  if (e.key === "Enter" && (e.ctrlKey || e.metaKey)) {
    e.preventDefault();
    publish.requestSubmit(publish.querySelector("[value=publish]"));
    return;
  }
  if (e.isComposing || e.ctrlKey || e.altKey || e.metaKey) return;
  if (carried) {
    swallow = e.key === " " || e.key === "Enter";
    carry(e);
    return;
  }
  if (e.key === "g") went = e.timeStamp;
  const li = e.target.closest?.("#front [data-story]");
  if (!li?.dataset.story || e.target.closest("input, select") || e.timeStamp - went < 1500) return;
  const { story } = li.dataset;
  const filled = li.matches(".slot:not(.placed)");
  if (e.key === "m") pickUp(li);
  else if (e.key === "p" && filled) place(story, headline(li), li);
  else if (e.key === "Delete" && li.matches(".placed")) step({ act: "remove", story });
  else return;
  e.preventDefault();
});

document.addEventListener("keyup", (e) => {
  if (e.key === " " && swallow) e.preventDefault();
  swallow = false;
});

// By the mouse, or a finger on the grip.
let drag = null;
let dropped = false;

root.addEventListener("pointerdown", (e) => {
  dropped = false;
  const li = e.target.closest("[data-story]");
  if (!li?.dataset.story || e.button !== 0 || carried || e.target.closest("button:not(.grip), input, select, summary")) return;
  if (e.pointerType !== "mouse" && !e.target.closest(".grip")) return;
  drag = { story: li.dataset.story, name: headline(li), li, x: e.clientX, y: e.clientY };
});

addEventListener("pointermove", (e) => {
  if (!drag) return;
  if (!drag.ghost) {
    if (Math.hypot(e.clientX - drag.x, e.clientY - drag.y) < 6) return;
    drag.ghost = document.createElement("p");
    drag.ghost.className = "ghost";
    drag.ghost.textContent = drag.name;
    root.append(drag.ghost);
    root.classList.add("dragging");
    drag.li.classList.add("held");
  }
  drag.ghost.style.transform = `translate(${e.clientX + 12}px, ${e.clientY + 12}px)`;
  if (e.clientY < 60) scrollBy(0, -16);
  if (e.clientY > innerHeight - 60) scrollBy(0, 16);
  mark(document.elementFromPoint(e.clientX, e.clientY)?.closest(".slot"));
});

function endDrag() {
  drag?.ghost?.remove();
  drag?.li.classList.remove("held");
  root.classList.remove("dragging");
  mark(null);
  drag = null;
}

addEventListener("pointerup", (e) => {
  if (!drag?.ghost) return endDrag();
  const { story, name, li } = drag;
  const under = document.elementFromPoint(e.clientX, e.clientY);
  const to = under?.closest(".slot");
  endDrag();
  dropped = true;
  if (to && to !== li) place(story, name, to);
  else if (li.matches(".placed") && under?.closest(".picks")) step({ act: "remove", story });
});
addEventListener("pointercancel", endDrag);
root.addEventListener("dragstart", (e) => e.preventDefault());

root.addEventListener("click", (e) => {
  if (dropped || swallow) { // the end of a drag is no click
    dropped = false;
    e.preventDefault();
    e.stopPropagation();
    return;
  }
  const grip = e.target.closest(".grip");
  const to = e.target.closest(".slot");
  if (carried && to && to !== carried.li) {
    e.preventDefault();
    const { story, name } = carried;
    letGo();
    place(story, name, to);
  } else if (carried) {
    letGo();
  } else if (grip) {
    pickUp(grip.closest("[data-story]"));
  }
}, true);

// The forms that work without a script make steps of the draft.
root.addEventListener("submit", (e) => {
  const form = e.target;
  const act = e.submitter?.value;
  if (form.matches("[data-undo]") && before.length) {
    e.preventDefault();
    places = before.pop();
    step({ act: "draft" }, false);
    return;
  }
  if (form.matches(".slot form, [data-picking]")) {
    e.preventDefault();
    const fields = new FormData(form, e.submitter);
    const story = fields.get("story");
    step(fields).then((done) => done && focus(story));
    return;
  }
  if (e.submitter?.formTarget === "proof") {
    const frame = root.querySelector("iframe");
    frame.className = act;
    frame.parentElement.classList.add("open");
    frame.scrollIntoView({ block: "nearest" });
    return;
  }
  if (!form.matches("[role=search]")) leaving = true;
});

addEventListener("beforeunload", (e) => {
  if (!leaving && root.classList.contains("changed")) e.preventDefault();
});

// Stories are looked for while somebody types.
const search = root.querySelector("[role=search]");
const list = root.querySelector("[data-picks]");
let asked = 0;

async function find() {
  const mine = ++asked;
  try {
    const answer = await fetch(`${path}?${new URLSearchParams(new FormData(search))}`, { headers: { Accept: "application/json" } });
    if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
    const picks = await answer.json();
    if (mine !== asked) return;
    list.replaceChildren(...picks.map(pick));
    root.querySelector("[data-none]").hidden = picks.length > 0;
  } catch {
    state.textContent = says.failed;
  }
}
search.addEventListener("input", find);
search.addEventListener("submit", (e) => {
  e.preventDefault();
  find();
});

root.classList.add("live");
root.querySelector(".chosen .grip")?.focus();
