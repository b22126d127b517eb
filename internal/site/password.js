// A password that is being chosen can be looked at, and says in words how good
// it is. Nothing of it is sent before the form is. What counts in the end is the
// paper's own look at it: this knows no lists of words, and so errs to the
// strict side with what is short and to the kind side with what is long.

// worth is how many bits somebody has to guess: less for what repeats or goes on
// as it began, nothing for words that stand in the same form.
function worth(text, known) {
  let s = text.toLowerCase();
  for (const word of known) s = s.replaceAll(word, "");
  let bits = 0, step;
  for (let i = 0; i < s.length; i++) {
    const c = s.charCodeAt(i), next = c - s.charCodeAt(i - 1);
    const again = i > 2 && s.lastIndexOf(s.slice(i - 2, i + 1), i - 3) >= 0;
    const goesOn = Math.abs(next) < 2 && (next === step || i === 1);
    step = next;
    bits += again || goesOn ? 0.3 : c > 0x2fff ? 6 : /[a-z\s]/.test(s[i]) ? 2.2 : 3;
  }
  return bits;
}

function judge(input) {
  const known = [...input.form.elements]
    .filter((e) => ["email", "text"].includes(e.type))
    .flatMap((e) => e.value.toLowerCase().split(/[^\p{L}\p{N}]+/u))
    .filter((w) => w.length > 2);
  const bits = worth(input.value, known);
  if (!input.value) return "";
  if ([...input.value].length < input.dataset.least) return "short";
  return bits < 30 ? "weak" : bits < 42 ? "fair" : "good";
}

for (const input of document.querySelectorAll('input[autocomplete="new-password"]')) {
  const words = input.dataset;
  const said = input.closest(".field").querySelector(".meter");
  const look = () => {
    const verdict = judge(input);
    if (said.dataset.is === verdict) return; // said already
    said.dataset.is = verdict;
    said.textContent = verdict && words[verdict];
  };
  for (const field of input.form.elements) field.addEventListener("input", look);

  const eye = document.createElement("button");
  eye.type = "button";
  eye.className = "eye";
  eye.textContent = words.show;
  eye.setAttribute("aria-label", `${words.show}: ${input.labels[0].textContent}`);
  eye.setAttribute("aria-controls", input.id);
  const show = (seen) => {
    input.type = seen ? "text" : "password";
    eye.setAttribute("aria-pressed", seen);
  };
  eye.addEventListener("click", () => show(input.type === "password"));
  input.form.addEventListener("submit", () => show(false)); // browsers keep what stands in a field of text
  show(false);
  input.after(eye);
}
