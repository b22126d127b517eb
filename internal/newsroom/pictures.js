
// The library: files that are dropped or chosen are sent, and the point of a picture
// that stays in sight is set by hand or by key. What stands above sends them.

const words = JSON.parse(document.querySelector("#words").textContent);
const say = (key, ...args) => args.reduce((text, arg) => text.replace("%s", () => String(arg)), words[key] ?? key);

function el(name, props = {}, ...children) {
  const e = Object.assign(document.createElement(name), props);
  e.append(...children);
  return e;
}

for (const img of document.querySelectorAll(".prints img, .crops img")) {
  patiently(img);
  if (img.complete && !img.naturalWidth && img.loading !== "lazy") img.src = img.src; // it failed before anybody listened
}

// sender shows files on their way in a form: two at a time, the others wait.
function sender(form, arrived) {
  const list = form.querySelector(".sending");
  const status = form.querySelector("[role=status]");
  const waiting = [];
  let running = 0;

  function next() {
    while (running < 2 && waiting.length) {
      running++;
      const one = waiting.shift();
      one.upload.run().then((done) => {
        running--;
        if (done) arrived(one.upload.picture, one.row);
        next();
      });
    }
  }

  function add(file) {
    const name = el("b", {}, file.name);
    const progress = el("progress", { max: Math.max(file.size, 1), value: 0 });
    progress.setAttribute("aria-label", file.name);
    const said = el("span", { className: "said" });
    const buttons = el("span", { className: "buttons" });
    const row = el("li", {}, name, progress, said, buttons);
    const cancel = el("button", { type: "button", className: "quiet", onclick: () => {
      const at = waiting.indexOf(one);
      if (at >= 0) waiting.splice(at, 1);
      upload.cancel();
    } }, say("cancel"));
    const again = el("button", { type: "button", className: "quiet", onclick: () => {
      upload.become("waiting");
      waiting.push(one);
      next();
    } }, say("again"));
    cancel.setAttribute("aria-label", `${say("cancel")}: ${file.name}`);
    again.setAttribute("aria-label", `${say("again")}: ${file.name}`);
    const upload = new Upload(file, form.dataset.uploads, (u) => {
      progress.value = u.got;
      const percent = Math.floor((100 * u.got) / Math.max(u.file.size, 1));
      said.textContent = u.state === "failed" && u.said ? u.said : say(u.state, percent);
      row.className = u.state === "failed" || u.state === "login" ? "failed" : u.state;
      const over = ["done", "known"].includes(u.state);
      const stopped = ["failed", "login", "stopped"].includes(u.state);
      const had = buttons.contains(document.activeElement);
      if (over) {
        const open = el("a", { href: u.picture.video ? `/newsroom/videos/${u.picture.video}` : `/newsroom/pictures/${u.picture.id}` }, say("open"));
        open.setAttribute("aria-label", `${say("open")}: ${file.name}`);
        buttons.replaceChildren(open);
        progress.remove();
      } else if (buttons.firstChild !== (stopped ? again : cancel)) buttons.replaceChildren(stopped ? again : cancel);
      if (had && !buttons.contains(document.activeElement)) buttons.firstChild.focus();
      if (over || stopped) status.textContent = `${file.name}: ${said.textContent}`;
    });
    const one = { upload, row };
    list.append(row);
    upload.become("waiting");
    waiting.push(one);
  }
  return (files) => {
    for (const file of files) add(file);
    next();
  };
}

// takes lets a form take files by choice and by drop.
function takes(form, target, arrived) {
  const send = sender(form, arrived);
  const input = form.querySelector("input[type=file]");
  form.classList.add("scripting");
  input.addEventListener("change", () => {
    send([...input.files]);
    input.value = "";
  });
  const files = (e) => e.dataTransfer?.types.includes("Files");
  target.addEventListener("dragover", (e) => {
    if (!files(e)) return;
    e.preventDefault();
    form.classList.add("over");
  });
  target.addEventListener("dragleave", (e) => {
    if (!e.relatedTarget) form.classList.remove("over");
  });
  target.addEventListener("drop", (e) => {
    if (!files(e)) return;
    e.preventDefault();
    form.classList.remove("over");
    send([...e.dataTransfer.files]);
  });
}

const drop = document.querySelector("#drop");
if (drop) takes(drop, document.documentElement, () => {});

// What takes the place of a picture: one that is found, or one that is sent.
const replace = document.querySelector("#replace");
if (replace) {
  for (const e of replace.querySelectorAll(".scripted")) e.hidden = false;
  const by = replace.querySelector("#by");
  const list = replace.querySelector(".choices");
  const status = replace.querySelector("[role=status]");
  const show = (found) => {
    list.replaceChildren(...found.map((p) => {
      const img = el("img", { src: `/newsroom/pictures/${p.id}/small`, alt: "" });
      patiently(img);
      const button = el("button", { type: "button", onclick: () => choose(p.id) }, img, p.caption || p.alt || p.credit || p.id);
      button.setAttribute("aria-pressed", "false");
      button.dataset.id = p.id;
      return el("li", {}, button);
    }));
  };
  const choose = (id) => {
    by.value = id;
    for (const b of list.querySelectorAll("button")) b.setAttribute("aria-pressed", String(b.dataset.id === id));
  };
  let turn = 0;
  replace.querySelector("#find").addEventListener("input", async (e) => {
    const mine = ++turn;
    try {
      const answer = await fetch(`${replace.dataset.find}?q=${encodeURIComponent(e.target.value)}`, { headers: { Accept: "application/json" } });
      const found = answer.ok ? await answer.json() : [];
      if (mine !== turn) return;
      show(found);
      status.textContent = found.length ? "" : say("none");
    } catch {
      if (mine === turn) show([]);
    }
  });
  // Enter in the search is no order to replace.
  replace.querySelector("#find").addEventListener("keydown", (e) => e.key === "Enter" && e.preventDefault());
  takes(replace, replace, (picture) => {
    show([picture]);
    choose(picture.id);
  });
}

// The focal point: a click, or the arrow keys on the ring; the crops follow.
const whole = document.querySelector(".whole");
const [x, y] = ["#x", "#y"].map((name) => document.querySelector(name));
if (whole && x && !x.disabled) {
  const ring = el("button", { type: "button", className: "point" });
  whole.append(ring);
  whole.classList.add("aims");
  const crops = document.querySelectorAll("[data-crop]");
  const fifth = (share) => Math.min(4, Math.max(0, Math.floor(share / 20)));
  const at = () => (x.value === "" || y.value === "" ? null : [Number(x.value), Number(y.value)]);
  const show = () => {
    const [left, top] = at() || [50, 50];
    ring.style.left = `${left}%`;
    ring.style.top = `${top}%`;
    ring.setAttribute("aria-label", say("point", left, top));
    for (const c of crops) {
      c.className = at() ? `crop fx${fifth(left)} fy${fifth(top)}` : "crop";
    }
  };
  const set = (left, top) => {
    const within = (n) => String(Math.round(Math.min(100, Math.max(0, n))));
    x.value = within(left);
    y.value = within(top);
    show();
  };
  whole.addEventListener("click", (e) => {
    if (e.target === ring && e.detail === 0) return; // by key
    const box = whole.getBoundingClientRect();
    set((100 * (e.clientX - box.left)) / box.width, (100 * (e.clientY - box.top)) / box.height);
    ring.focus();
  });
  ring.addEventListener("keydown", (e) => {
    const step = e.shiftKey ? 1 : 5;
    const move = { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, -step], ArrowDown: [0, step] }[e.key];
    if (!move) return;
    e.preventDefault();
    const [left, top] = at() || [50, 50];
    set(left + move[0], top + move[1]);
  });
  for (const input of [x, y]) input.addEventListener("input", show);
  show();
}
