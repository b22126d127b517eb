// The masthead of a page that is the same for everybody: who is logged in finds
// the account there, and is told when that ends somewhere else.

const place = document.querySelector(".account-link");

function link(path, text) {
  const a = document.createElement("a");
  a.href = path;
  a.textContent = text;
  return a;
}

// menu puts the account's menu where the link was: a button of the browser's
// own that opens without us.
function menu(me) {
  const details = document.createElement("details");
  const summary = document.createElement("summary");
  summary.textContent = me.name;
  const list = document.createElement("ul");
  for (const { path, text } of me.links) {
    const item = document.createElement("li");
    item.append(link(path, text));
    list.append(item);
  }
  const out = document.createElement("form");
  out.method = "post";
  out.action = "/logout";
  const button = document.createElement("button");
  button.textContent = me.out;
  out.append(button);
  const last = document.createElement("li");
  last.append(out);
  list.append(last);
  details.append(summary, list);
  details.addEventListener("keydown", (e) => {
    if (e.key === "Escape") {
      details.open = false;
      summary.focus();
    }
  });
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
    const said = document.createElement("span");
    said.setAttribute("role", "status");
    said.textContent = e.data + " ";
    place.replaceChildren(said, link(place.dataset.login, place.dataset.words));
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
