// The wire is followed. What has the focus keeps it; what has come is shown for a moment; a
// flash may ring.

const sound = document.querySelector("#sound");
const kept = "newsroom-wire-sound";

// A browser plays nothing before somebody has touched the page, so sound is asked for here.
let audio;
function ring() {
  audio ??= new AudioContext();
  audio.resume();
  for (const [at, pitch] of [[0, 880], [0.2, 660], [0.4, 880]]) {
    const tone = audio.createOscillator();
    const volume = audio.createGain();
    tone.frequency.value = pitch;
    volume.gain.setValueAtTime(0.15, audio.currentTime + at);
    volume.gain.exponentialRampToValueAtTime(0.001, audio.currentTime + at + 0.18);
    tone.connect(volume).connect(audio.destination);
    tone.start(audio.currentTime + at);
    tone.stop(audio.currentTime + at + 0.2);
  }
}

let rings = false;
function set(on) {
  rings = on;
  sound.setAttribute("aria-pressed", String(on));
}
try {
  set(localStorage.getItem(kept) === "on");
} catch {
  // A browser that keeps nothing for us is silent until it is told otherwise.
}
sound.hidden = false;
sound.addEventListener("click", () => {
  set(!rings);
  try {
    localStorage.setItem(kept, rings ? "on" : "off");
  } catch {
    // The choice is good for this page.
  }
  if (rings) {
    ring();
    status.textContent = sound.dataset.test;
  }
});

const here = () => document.activeElement?.closest(".wires > li");

// renewRows puts the new list in place of the old one, and the focus back where it was.
function renewRows(part, next) {
  const row = here();
  const at = row && [...row.querySelectorAll("a, button")].indexOf(document.activeElement);
  for (const li of next.querySelectorAll(".wires > li")) {
    const old = document.getElementById(li.id);
    if (old?.outerHTML !== li.outerHTML) li.classList.add("came");
  }
  const before = row?.getBoundingClientRect().top;
  part.replaceWith(next);
  const again = row && document.getElementById(row.id);
  if (!again) return;
  const targets = again.querySelectorAll("a, button");
  (targets[at] ?? targets[0]).focus({ preventScroll: true });
  scrollBy(0, again.getBoundingClientRect().top - before); // what is read stays where it is
}

// plain is a part without the marks that this script has put there.
const plain = (part) => part.innerHTML.replaceAll(/ class="came"| came(?=")/g, "");

follow(4000, (part, next) => {
  if (part.dataset.fresh === "rows") return renewRows(part, next);
  if (part.contains(document.activeElement)) return;
  const was = part.querySelector(".flash")?.dataset.n;
  part.replaceWith(next);
  const now = next.querySelector(".flash")?.dataset.n;
  if (now && now !== was && rings) ring();
}, plain);

// u, e and x act on the row that has the focus.
const acts = { u: "use", e: "edit", x: "ignore" };
addEventListener("keydown", (e) => {
  if (e.defaultPrevented || e.isComposing || e.ctrlKey || e.altKey || e.metaKey || e.repeat || !acts[e.key]) return;
  if (!document.querySelector("#keys [name=on]")?.checked || document.querySelector("dialog[open]")) return;
  if (e.target.closest("input, textarea, select")) return;
  const button = here()?.querySelector(`button[value="${acts[e.key]}"]`);
  if (!button) return;
  e.preventDefault();
  button.click();
});
