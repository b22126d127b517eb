// The slot of the sponsored video: who comes near it is served what is due, and how
// much of that is seen is counted, by a ticket that names nobody.

const slot = document.querySelector("[data-slot]");

function near(e, options, act) {
  const seen = new IntersectionObserver((list) => act(list.at(-1).isIntersecting), options);
  seen.observe(e);
  return seen;
}

function count(film) {
  const { ticket } = film.dataset;
  const tell = (what) => navigator.sendBeacon("/promo/count", new URLSearchParams({ ticket, what }));
  const video = film.querySelector("video");
  let waiting;
  near(film.firstElementChild, { threshold: .5 }, (is) => {
    clearTimeout(waiting);
    waiting = is && setTimeout(() => document.hidden || tell("viewed"), 2000);
  });
  if (!video) return;
  const parts = ["quarter", "half", "third"];
  let done = 0;
  video.addEventListener("playing", () => tell("started"), { once: true });
  video.addEventListener("ended", () => tell("completed"), { once: true });
  video.ontimeupdate = () => {
    while (done < 3 && video.currentTime * 4 > video.duration * (done + 1)) tell(parts[done++]);
  };
}

const before = near(slot, { rootMargin: "50%" }, (is) => {
  if (!is) return;
  before.disconnect();
  const r = new XMLHttpRequest();
  r.open("POST", slot.dataset.slot);
  r.responseType = "document";
  r.onload = () => {
    const film = r.response?.querySelector("figure");
    if (r.status === 204) slot.remove();
    if (!film) return;
    const old = slot.querySelector("figure");
    const [here, there] = [old.firstElementChild, film.firstElementChild];
    if (here.isEqualNode(there)) there.replaceWith(here); // its picture is there already
    old.replaceWith(film);
    if (film.dataset.ticket) count(film);
  };
  r.send();
});
