// How long a text is: in words, or in characters where words are not set apart.

import { el, number, say } from "./dom.js";

const cjk = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]/gu;
const wide = /^(ja|zh|yue)/;

let counted = new WeakMap(); // nodes never change

function wordsOf(text, segmenter) {
  const signs = text.match(cjk)?.length || 0;
  let words = 0;
  if (!segmenter) words = text.replace(cjk, " ").match(/[\p{L}\p{N}]+([’'.,-][\p{L}\p{N}]+)*/gu)?.length || 0;
  else for (const s of segmenter.segment(text)) if (s.isWordLike && s.segment.search(cjk) < 0) words++;
  return { signs, words };
}

// measure adds up the words and the East Asian characters of a document. It
// stops when there is no time left, and goes on from there the next time.
export function measure(doc, segmenter, left = () => true) {
  const sum = { signs: 0, words: 0, done: true };
  doc.descendants((node) => {
    if (!node.isTextblock) return true;
    let c = counted.get(node);
    if (!c) {
      if (!left()) {
        sum.done = false;
        return false;
      }
      counted.set(node, (c = wordsOf(node.textBetween(0, node.content.size, " ", " "), segmenter)));
    }
    sum.signs += c.signs;
    sum.words += c.words;
    return false;
  });
  return sum;
}

// minutes is how long it takes to read: 230 words or 500 characters in one.
export const minutes = ({ words, signs }) => Math.max(1, Math.round(words / 230 + signs / 500));

const idle = globalThis.requestIdleCallback || ((f) => setTimeout(() => f({ timeRemaining: () => 5 }), 200));

// counter is the line under the text. update asks for a new count, some time
// when nothing else is to do; settings has the language, which may change.
export function counter(settings) {
  const said = el("span", { class: "count" });
  let language;
  let segmenter = null;
  let wanted = null;
  let waiting = false;
  function work(deadline) {
    waiting = false;
    if (language !== settings.language) {
      language = settings.language;
      counted = new WeakMap();
      try {
        segmenter = new Intl.Segmenter(language || undefined, { granularity: "word" });
      } catch {
        // Without it words are what stands between spaces.
      }
    }
    const sum = measure(wanted, segmenter, () => deadline.timeRemaining() > 1);
    if (!sum.done) return ask();
    const n = sum.words + sum.signs;
    const text = say(wide.test(language) ? "count.characters" : "count.words", number(n), number(minutes(sum)));
    if (said.textContent !== text) said.textContent = text;
  }
  function ask() {
    if (waiting) return;
    waiting = true;
    idle(work, { timeout: 2000 });
  }
  return { dom: said, update: (doc) => ((wanted = doc), ask()) };
}
