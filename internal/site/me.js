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

// follow waits for the end of this session; the page then says so.
function follow() {
  const events = new EventSource("/me/live");
  events.addEventListener("ended", (e) => {
    events.close();
    const said = document.createElement("span");
    said.setAttribute("role", "status");
    said.textContent = e.data + " ";
    place.replaceChildren(said, link(place.dataset.login, place.dataset.words));
  });
  addEventListener("pagehide", () => events.close());
}

if (place && /(^|; )member[-\d]*=1/.test(document.cookie.replace(/__Host-/g, ""))) {
  try {
    const answer = await fetch("/me", { headers: { Accept: "application/json" } });
    if (answer.status === 200) {
      menu(await answer.json());
      follow();
    }
  } catch {
    // Offline: the link stays, and leads to a page that knows.
  }
}
