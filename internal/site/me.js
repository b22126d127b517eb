// The masthead of a page that is the same for everybody: who is logged in finds
// the account there, and is told when that ends somewhere else.

const place = document.querySelector(".account-link");

function make(name, properties, ...inside) {
  const e = Object.assign(document.createElement(name), properties);
  e.append(...inside);
  return e;
}

const link = (href, textContent) => make("a", { href, textContent });

// menu puts the account's menu where the link was: a button of the browser's
// own that opens without us.
function menu(me) {
  const summary = make("summary", { textContent: me.name });
  const out = make("form", { method: "post", action: "/logout" }, make("button", { textContent: me.out }));
  const items = [...me.links.map(({ path, text }) => link(path, text)), out].map((e) => make("li", {}, e));
  const details = make("details", {}, summary, make("ul", {}, ...items));
  details.onkeydown = (e) => {
    if (e.key === "Escape") {
      details.open = false;
      summary.focus();
    }
  };
  place.replaceChildren(details);
}

// ask finds out who reads, and shows it.
async function ask() {
  const answer = await fetch("/me", { headers: { Accept: "application/json" } });
  if (answer.status === 200) {
    menu(await answer.json());
    follow();
  } else {
    place.replaceChildren(link(place.dataset.login, place.dataset.words));
  }
}

let events;

// follow waits for the end of this session; the page then says so. It listens
// only while somebody looks: browsers have few connections for one host.
function follow() {
  if (document.hidden) return;
  events = new EventSource("/me/live");
  events.addEventListener("ended", (e) => {
    events.close();
    place.replaceChildren(make("span", { role: "status", textContent: e.data + " " }), link(place.dataset.login, place.dataset.words));
  });
}

if (place && /(^|; )(__Host-)?member[-\d]*=1/.test(document.cookie)) {
  // Offline the link stays, and leads to a page that knows.
  ask().catch(() => {});
  document.addEventListener("visibilitychange", () => {
    events?.close();
    if (!document.hidden) ask().catch(() => {});
  });
  addEventListener("pagehide", () => events?.close());
}
