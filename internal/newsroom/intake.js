// A table of subscribers is sent, and its page says how far that is, and then how far it
// has been read. The answer takes the place of the page. Without this script the browser
// sends the form, and the page is there when all is done.

const says = JSON.parse(document.querySelector("#intake-says")?.textContent || "{}");
const say = (key, ...args) => args.reduce((text, arg) => text.replace("%s", () => String(arg)), says[key]);
const language = document.documentElement.lang;
const number = new Intl.NumberFormat(language);
const percent = new Intl.NumberFormat(language, { style: "percent" });
const every = 1000;

function el(name, props, ...children) {
  const e = Object.assign(document.createElement(name), props);
  e.append(...children);
  return e;
}

function bind() {
  for (const form of document.querySelectorAll("form[data-intake]")) {
    form.addEventListener("submit", (e) => {
      e.preventDefault();
      send(form, e.submitter);
    });
  }
}

function send(form, button) {
  const run = crypto.getRandomValues(new Uint32Array(4)).join("-");
  const data = new FormData(form, button);
  data.set("run", run);
  const bar = el("progress", { max: 1 });
  const said = el("span", { className: "said" });
  bar.setAttribute("aria-label", button.textContent);
  said.setAttribute("role", "status");
  const stop = el("button", { type: "button", className: "quiet" }, say("cancel"));
  const box = el("p", { className: "act going" }, bar, " ", said, " ", stop);
  form.querySelector(".going")?.remove();
  button.closest("p").after(box);
  const all = document.querySelectorAll("form[data-intake] :is(input, select, button)");
  const still = (on) => { for (const field of all) field.disabled = on; };
  still(true);
  stop.disabled = false;
  stop.focus();

  // tell changes what is said no more often than a reader of screens can follow.
  const tell = (words) => { if (said.textContent !== words) said.textContent = words; };
  let timer = 0;
  const end = (words) => {
    clearTimeout(timer);
    bar.remove();
    stop.remove();
    tell(words);
    still(false);
    button.focus();
  };
  const look = async () => {
    try {
      const answer = await fetch(`${form.dataset.intake}?run=${encodeURIComponent(run)}`, { headers: { Accept: "application/json" } });
      const { rows, total } = answer.ok ? await answer.json() : {};
      if (total) {
        bar.max = total;
        bar.value = rows;
        tell(say("rows", number.format(rows), number.format(total)));
      }
    } catch {
      // It is asked again in a moment; the answer itself says when the line is lost.
    }
    if (request.readyState < XMLHttpRequest.DONE) timer = setTimeout(look, every);
  };

  const request = new XMLHttpRequest();
  request.open("POST", form.action);
  request.responseType = "document";
  const name = data.get("table")?.name || "";
  const tenths = (e) => Math.floor((10 * e.loaded) / e.total) / 10;
  request.upload.onprogress = (e) => {
    bar.value = e.loaded / e.total;
    tell(say("sending", name, percent.format(tenths(e))));
  };
  request.upload.onload = () => {
    bar.removeAttribute("value");
    tell(say("reading"));
    timer = setTimeout(look, every);
  };
  request.onload = () => {
    clearTimeout(timer);
    const fresh = request.response?.querySelector("main");
    if (!fresh || new URL(request.responseURL).pathname !== new URL(form.action).pathname) {
      location.assign(request.responseURL); // to log in, say
      return;
    }
    document.title = request.response.title;
    const main = document.querySelector("main");
    main.replaceWith(document.adoptNode(fresh));
    bind();
    const heading = ["main [aria-invalid]", "#result", "main h1"].map((s) => document.querySelector(s)).find(Boolean);
    if (!heading.matches("input, select")) heading.tabIndex = -1;
    heading.focus();
    scrollTo(0, 0);
  };
  request.onerror = () => end(say("lost"));
  request.onabort = () => end(say("stopped"));
  stop.addEventListener("click", () => request.abort());
  request.send(data);
}

bind();
