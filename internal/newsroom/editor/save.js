// Saving: some seconds after a change, at once when asked, again and again until
// the server has it. Until then what was typed is kept in this browser.

import { say } from "./dom.js";
import { choose, settle } from "./merge.js";

const pause = 2000; // after the last change
const patience = 10_000; // without a pause
const near = 300; // until a change is in this browser's store
const slow = 20_000; // until a request is given up

async function post(address, data) {
  const body = JSON.stringify(data);
  const answer = await fetch(address, {
    method: "POST",
    headers: { Accept: "application/json", "Content-Type": "application/json" },
    body,
    signal: AbortSignal.timeout(slow),
    // A page that goes away may still send what is small.
    keepalive: document.visibilityState === "hidden" && new Blob([body]).size < 60_000,
  });
  let said = {};
  try {
    said = await answer.json();
  } catch {
    // An answer without words has its number.
  }
  return { status: answer.redirected ? 401 : answer.status, said: said || {} };
}

// A Saver keeps one story. story has: saveAt, mergeAt, page, version, read() and
// show(copy) for the copy on the screen, status, bars, buffer, loginAt, and
// wrong(fields).
export class Saver {
  constructor(story) {
    Object.assign(this, story);
    this.may = false; // whether the seat is this page's
    this.edits = 0; // changes so far
    this.failures = 0;
    this.rounds = 0; // merges since the last save
    this.base = this.read(); // what the server has
    this.known = JSON.stringify(this.base);
    this.saved = 0; // how many of them the server has
    this.timers = {};
    this.buffer.freed = () => this.restore();
  }

  // acknowledge notes what the server has.
  acknowledge(version, copy, shown = copy) {
    this.version = version;
    this.base = copy;
    this.known = JSON.stringify(shown);
  }

  // touch is called at every change, and is quick.
  touch() {
    this.edits++;
    this.timers.near ||= setTimeout(() => this.keep(), near);
    this.plan(pause);
    this.timers.patience ||= setTimeout(() => this.save(), patience);
  }

  plan(wait) {
    clearTimeout(this.timers.save);
    this.timers.save = setTimeout(() => this.save(), wait);
  }

  rest() {
    for (const name of ["save", "patience"]) {
      clearTimeout(this.timers[name]);
      this.timers[name] = undefined;
    }
  }

  // keep writes what is on the screen to the browser's store.
  keep() {
    clearTimeout(this.timers.near);
    this.timers.near = undefined;
    if (this.edits === this.saved) return;
    this.kept = this.buffer.write({ version: this.version, base: this.base, mine: this.read(), at: Date.now() });
  }

  // save reports whether the server has what is on the screen. Only one request
  // is on its way at a time.
  async save(aloud = false) {
    this.rest();
    this.aloud ||= aloud;
    if (this.flight) {
      await this.flight;
      if (this.edits === this.saved) return true;
      if (this.trouble) return false;
    }
    this.flight ||= this.run().finally(() => (this.flight = null));
    return this.flight;
  }

  async run() {
    if (!this.may) return this.edits === this.saved || this.fail(say("state.seat", this.by || ""));
    const edits = this.edits;
    const mine = this.read();
    const text = JSON.stringify(mine);
    if (text === this.known) return this.done(edits);
    this.keep();
    this.status.set("saving");
    let answer;
    try {
      answer = await post(this.saveAt, { version: this.version, page: this.page, copy: mine });
    } catch {
      return this.again("offline");
    }
    const { status, said } = answer;
    if (status === 200) {
      this.acknowledge(said.version, mine);
      return this.done(edits);
    }
    if (status === 409 && said.reason === "stale") return this.merge(said);
    if (status === 409) {
      this.trouble = "seat";
      this.lost?.(said.by);
      return this.fail(say("state.seat", said.by || ""));
    }
    if (status === 401) return this.login();
    if (status === 413 || status === 422 || status === 400 || status === 403 || status === 404 || status === 410) {
      this.trouble = "refused";
      this.wrong(said.fields || {});
      return this.fail(say("state.refused", said.message || said.detail || String(status)));
    }
    return this.again("unanswered");
  }

  // done notes that the server has everything up to a change.
  done(edits) {
    this.trouble = "";
    this.failures = 0;
    this.rounds = 0;
    this.saved = edits;
    this.bars.hide("login");
    this.wrong({});
    this.status.set("saved", "", this.aloud);
    this.aloud = false;
    if (this.edits === edits) {
      clearTimeout(this.timers.near);
      this.timers.near = undefined;
      this.buffer.remove();
      this.clean?.();
    } else {
      this.keep();
      this.plan(pause);
    }
    if (this.unrestored) {
      this.unrestored = false;
      this.restore();
    }
    return this.edits === edits;
  }

  fail(text) {
    this.keep();
    this.status.set("failed", this.kept === false ? `${text} ${say("state.unkept")}` : text);
    return false;
  }

  // again tries once more, later and later, not at the same time as others.
  again(kind) {
    this.keep();
    this.trouble = kind;
    this.status.set(kind, this.kept === false ? `${say(`state.${kind}`)} ${say("state.unkept")}` : "");
    const wait = Math.min(60_000, 1000 * 2 ** Math.min(this.failures++, 6));
    this.plan(wait * (0.5 + Math.random()));
    return false;
  }

  // login asks for a new log-in in another window; the text stays where it is.
  login() {
    this.keep();
    this.trouble = "login";
    this.bars.show("login", say("login.ended"), [], (() => {
      const a = document.createElement("a");
      a.href = this.loginAt;
      a.target = "_blank";
      a.rel = "noopener";
      a.textContent = say("login.again");
      return a;
    })());
    this.status.set("login");
    return false;
  }

  // back is called when somebody comes back to this window, or the network does.
  back() {
    if (["login", "offline", "unanswered"].includes(this.trouble) && !this.flight) {
      this.failures = 0;
      this.save();
    }
  }

  // three merges mine, made from base, with the server's copy theirs. It tries
  // again when somebody typed meanwhile, and returns null when it has no result.
  async three(base, read, theirs) {
    for (let tries = 0; tries < 5; tries++) {
      const edits = this.edits;
      const mine = read();
      let answer;
      try {
        answer = await post(this.mergeAt, { base, mine, version: theirs.version });
      } catch {
        return this.again("offline") || null;
      }
      const { status, said } = answer;
      if (status === 401) return this.login() || null;
      if (status !== 200) return (status >= 500 ? this.again("unanswered") : this.fail(say("state.refused", said.message || String(status)))) || null;
      if (edits !== this.edits) continue;
      // Somebody may have saved once more in between: that is what was merged.
      if (said.theirs) theirs = { ...theirs, copy: said.theirs, version: said.version };
      else said.theirs = theirs.copy;
      if (!said.clashes?.length) return said;
      const choices = await choose(said.clashes, theirs.by);
      if (!choices) {
        this.trouble = "choice";
        this.fail(say("state.choice"));
        return null;
      }
      return { ...said, copy: settle(said.copy, said.clashes, choices, mine, theirs.copy) };
    }
    this.plan(pause);
    return null;
  }

  // merge puts together what somebody else has saved and what is here, and saves
  // that.
  async merge(theirs) {
    // A server that finds every merge stale would keep us merging for ever.
    if (++this.rounds > 5) return this.again("unanswered");
    const merged = await this.three(this.base, this.read, theirs);
    if (!merged) return false;
    this.show(merged.copy);
    this.acknowledge(merged.version ?? theirs.version, merged.theirs);
    this.edits++;
    this.keep();
    return this.run();
  }

  // refresh shows a newer copy of the server's; only while nothing is unsaved here.
  async refresh() {
    if (this.flight || this.edits !== this.saved) return;
    const edits = this.edits;
    const answer = await fetch(this.saveAt, { headers: { Accept: "application/json" }, signal: AbortSignal.timeout(slow) });
    if (!answer.ok || answer.redirected) return;
    const { version, copy } = await answer.json();
    if (edits !== this.edits || this.flight || version <= this.version) return;
    this.show(copy);
    this.acknowledge(version, copy, this.read());
  }

  // restore puts back what pages that are gone could not save. What it cannot put
  // back now it leaves for the next time that something is saved.
  async restore() {
    this.restoring ||= this.putBack().finally(() => (this.restoring = null));
    return this.restoring;
  }

  async putBack() {
    for (const left of await this.buffer.left()) {
      if (JSON.stringify(left.mine) === this.known) {
        this.buffer.remove(left.key);
        continue;
      }
      if (!this.may) {
        this.bars.show("left", say("left.waits", new Date(left.at).toLocaleTimeString(document.documentElement.lang, { timeStyle: "short" })));
        return;
      }
      const copy = await this.unite(left);
      if (!copy) {
        this.unrestored = true;
        return;
      }
      this.show(copy);
      this.edits++;
      this.keep();
      if (this.kept !== false) this.buffer.remove(left.key);
      this.bars.show("left", say("left.back"), [[say("left.fine"), () => this.bars.hide("left")]]);
      if (await this.save()) this.buffer.remove(left.key);
    }
  }

  // unite returns what was left together with what the server has now, null when
  // that cannot be known. What is typed meanwhile is saved first.
  async unite(left) {
    for (let tries = 0; tries < 5; tries++) {
      if (this.edits !== this.saved && !(await this.save())) return null;
      const edits = this.edits;
      if (left.version === this.version) return left.mine;
      const merged = await this.three(left.base, () => left.mine, { version: this.version, copy: this.base });
      if (!merged) return null;
      if (edits === this.edits) return merged.copy;
    }
    return null;
  }
}
