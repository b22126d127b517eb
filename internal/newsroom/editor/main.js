/*! The editor is made with ProseMirror, which is under the MIT licence:

Copyright (C) 2015-2017 by Marijn Haverbeke <marijn@haverbeke.berlin> and others

Permission is hereby granted, free of charge, to any person obtaining a copy
of this software and associated documentation files (the "Software"), to deal
in the Software without restriction, including without limitation the rights
to use, copy, modify, merge, publish, distribute, sublicense, and/or sell
copies of the Software, and to permit persons to whom the Software is
furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in
all copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR
IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY,
FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE
AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER
LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM,
OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN
THE SOFTWARE. */

// The page of a story: the editor takes the place of the plain source field, and
// the form is saved while somebody writes. The page of an edition has one for each
// of its texts (letter.js).

import { Bars } from "./bars.js";
import { Buffer } from "./buffer.js";
import { el, say } from "./dom.js";
import { editor } from "./editor.js";
import { fields } from "./fields.js";
import { leadPicture } from "./lead.js";
import { letter } from "./letter.js";
import { Saver } from "./save.js";
import { Seat } from "./seat.js";
import { Status } from "./status.js";

function start(form) {
  const data = form.dataset;
  const f = fields(form);
  const bars = new Bars();
  form.prepend(bars.dom);

  const settings = { smart: true, language: form.elements.namedItem("language")?.value || data.language || "" };
  const source = form.elements.namedItem("source");
  source.disabled = true; // it is not sent: the server has the text
  const ed = editor(source, JSON.parse(document.querySelector("#body").textContent || "{}"), settings, bars, {
    find: data.find,
    pictures: data.pictures,
    uploads: data.uploads,
    changed: () => saver.touch(),
    save: () => saver.save(true),
  });

  const lead = data.pictures && leadPicture(form, data.pictures);

  // The log-in comes back to a page of its own: this one stays open, with the text.
  const loginAt = `${data.login}?next=${encodeURIComponent(data.loggedIn || "/newsroom")}`;
  const saver = new Saver({
    saveAt: data.autosave, mergeAt: data.merge, page: data.page, version: Number(data.version), loginAt, bars,
    buffer: new Buffer(data.person || "", data.autosave, data.page),
    status: new Status(form.querySelector("#saved") || document.querySelector("#saved")),
    read: () => ({ ...f.read(), body: ed.read() }),
    show: (copy) => {
      f.write(copy);
      lead?.show();
      ed.show(copy.body);
    },
    wrong: f.wrong,
  });
  new Seat({
    seatAt: data.seatAt, page: data.page, bars, saver,
    edit(on) {
      f.edit(on);
      lead?.edit(on);
      ed.edit(on);
    },
    here(names) {
      const text = names.length ? say("seat.others", new Intl.ListFormat(document.documentElement.lang).format(names)) : "";
      const place = document.querySelector("#here");
      if (place && place.textContent !== text) place.textContent = text;
    },
  }, data.seat);

  form.addEventListener("input", (e) => {
    if (ed.dom.contains(e.target)) return; // the editor speaks for itself
    if (e.target.name) saver.touch();
  });
  form.addEventListener("change", (e) => {
    if (e.target.name === "language") ed.language(e.target.value);
    if (e.target.name) saver.touch();
  });
  // A field that a script of the page has set.
  form.addEventListener("story:changed", () => saver.touch());
  // Enter in a field sends no story.
  form.addEventListener("keydown", (e) => {
    if (e.key === "Enter" && !e.isComposing && e.target.matches("input:not([type=submit], [type=button])") && !e.defaultPrevented) e.preventDefault();
  });
  addEventListener("keydown", (e) => {
    if (e.key.toLowerCase() !== "s" || !(e.ctrlKey || e.metaKey) || e.altKey || e.shiftKey || e.defaultPrevented) return;
    e.preventDefault();
    saver.save(true);
  });

  // Whatever a button does, it does with what is on the screen.
  let clear = false;
  form.addEventListener("submit", async (e) => {
    if (clear || e.defaultPrevented) return;
    e.preventDefault();
    if (!(await saver.save(true))) return form.querySelector("#saved")?.scrollIntoView({ block: "nearest" });
    hidden("version").value = saver.version;
    hidden("page").value = data.page;
    clear = true;
    try {
      form.requestSubmit(e.submitter);
    } finally {
      clear = false;
    }
  });
  const hidden = (name) => form.elements.namedItem(name) || form.appendChild(el("input", { type: "hidden", name }));

  // A page that may not come back.
  const now = () => {
    saver.keep();
    if (saver.edits !== saver.saved) saver.save();
  };
  addEventListener("blur", now);
  document.addEventListener("visibilitychange", () => (document.visibilityState === "hidden" ? now() : saver.back()));
  addEventListener("pagehide", () => saver.keep());
  addEventListener("focus", () => saver.back());
  addEventListener("online", () => saver.back());
  addEventListener("beforeunload", (e) => {
    saver.keep();
    if (saver.edits !== saver.saved && saver.kept === false) e.preventDefault();
  });
}

const form = document.querySelector("#story");
if (form?.elements.namedItem("source")) start(form);
const edition = document.querySelector("form[data-letter]");
if (edition) letter(edition);
