// Who edits: a story has one seat. Who has it writes, the others look on, and may
// ask for it.

import { say } from "./dom.js";

const beat = 5000;

// A Seat asks every five seconds how it stands. story has: seatAt, page, bars,
// saver and edit(on), which lets the story be edited or only be read.
export class Seat {
  constructor(story, state) {
    Object.assign(this, story);
    this.had = false;
    this.fresh = true; // the server has not answered yet
    this.saver.lost = (by) => this.take({ seat: "other", by, mine: false, asked: "", version: 0 });
    this.saver.clean = () => this.bars.hide("unsaved");
    this.take({ seat: state, by: "", mine: false, asked: "", version: 0 });
    if (state === "free") this.act("take");
    else this.act("stay");
    setInterval(() => this.act("stay"), beat);
    addEventListener("pagehide", () => this.leave());
    addEventListener("pageshow", (e) => e.persisted && this.act(this.had ? "take" : "stay"));
    document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && this.act("stay"));
  }

  async act(act) {
    if (this.gone) return;
    let answer;
    try {
      answer = await fetch(this.seatAt, {
        method: "POST",
        headers: { Accept: "application/json", "Content-Type": "application/json" },
        body: JSON.stringify({ page: this.page, act }),
        signal: AbortSignal.timeout(beat * 2),
      });
    } catch {
      return; // the saver says when the network is gone
    }
    if (answer.status === 401 || answer.redirected) return void this.saver.login();
    if (!answer.ok) return;
    const said = await answer.json();
    // A page that has just been opened wants the seat; so does one whose own other
    // window has closed, and one on a computer that slept and lost it.
    const wants = this.fresh || this.had || this.mine;
    [this.fresh, this.mine] = [false, said.mine && said.seat === "other"];
    if (said.seat === "free" && wants && act === "stay") return this.act("take");
    this.take(said);
    if (this.saver.trouble === "login") this.saver.back();
  }

  // take shows how it stands.
  take(said) {
    const mine = said.seat === "mine";
    this.saver.by = said.by;
    if (mine !== this.saver.may || this.shown === undefined) {
      this.saver.may = mine;
      this.edit(mine);
      if (mine) this.won();
    }
    this.had = mine || (said.seat === "free" && this.had);
    this.shown = said.seat;
    if (mine) {
      this.bars.hide("seat");
      if (said.asked) this.bars.show("asked", say("seat.asks", said.asked), [[say("seat.give"), () => this.give()], [say("seat.keep"), () => this.act("refuse")]]);
      else this.bars.hide("asked");
    } else {
      this.bars.hide("asked");
      this.onlooker(said);
    }
    this.here?.(said.here || []);
    if (said.version > this.saver.version) this.saver.refresh().catch(() => {});
  }

  onlooker(said) {
    if ((said.by || said.mine) && !this.told) {
      this.told = true;
      this.saver.restore(); // which cannot be yet, and says so
    }
    const here = [say("seat.here"), () => this.act("take")];
    if (said.seat === "free") this.bars.show("seat", say("seat.free"), [here]);
    else if (said.mine) this.bars.show("seat", say("seat.mine"), [here]);
    else if (said.by) {
      const asks = said.asked && this.asking;
      this.bars.show("seat", say(asks ? "seat.waits" : "seat.other", said.by), asks ? [] : [[say("seat.ask"), () => this.ask()]]);
    }
    if (this.saver.edits !== this.saver.saved) this.bars.show("unsaved", say("seat.unsaved"));
  }

  ask() {
    this.asking = true;
    return this.act("ask");
  }

  async give() {
    await this.saver.save();
    return this.act("give");
  }

  // won begins to edit: first what an earlier page could not save.
  async won() {
    this.asking = false;
    this.bars.hide("left");
    this.bars.hide("unsaved");
    if (this.saver.edits !== this.saver.saved) await this.saver.save();
    await this.saver.restore();
  }

  leave() {
    const data = new Blob([JSON.stringify({ page: this.page, act: "leave" })], { type: "application/json" });
    navigator.sendBeacon(this.seatAt, data);
  }
}
