// Parts of the editor for tests that ask them directly.

import { href, typed, video } from "../address.js";
import { fromDoc, toDoc } from "../convert.js";
import { measure, minutes } from "../count.js";
import { settle } from "../merge.js";
import { marksOf, quoted } from "../quotes.js";

globalThis.parts = {
  href, typed, video, settle,
  // there and back through the editor's form of a text
  converted: (bodies) => bodies.map((body) => {
    const doc = toDoc(body);
    doc.check();
    return fromDoc(doc);
  }),
  count: (body, language) => {
    const sum = measure(toDoc(body), new Intl.Segmenter(language, { granularity: "word" }));
    return [sum.words, sum.signs, minutes(sum)];
  },
  quote: (language, text) => [...text].reduce((all, c) => all + (c === '"' || c === "'" ? quoted(c, all, marksOf(language)) : c), ""),
};
