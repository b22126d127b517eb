// Sending a file in pieces, so that what has arrived stays when the connection is
// lost and the rest follows: shared by the library and the editor.

const least = 64 << 10; // bytes of a piece over a slow link
const most = 1 << 20; // what the server takes
const patience = 12_000; // milliseconds for one piece: the server waits 15 seconds

const pause = (ms, signal) => new Promise((done) => {
  const end = () => {
    clearTimeout(timer);
    removeEventListener("online", end);
    signal.removeEventListener("abort", end);
    done();
  };
  const timer = setTimeout(end, ms);
  addEventListener("online", end);
  signal.addEventListener("abort", end);
});

// A Refusal is an answer after which it is of no use to go on.
class Refusal extends Error {}

// remembered is where a browser keeps which file is on its way under which id, so
// that it goes on after the page was closed.
const remembered = (file) => `upload:${file.name}:${file.size}:${file.lastModified}`;

function keep(file, id) {
  try {
    if (id) localStorage.setItem(remembered(file), id);
    else localStorage.removeItem(remembered(file));
  } catch {
    // It begins again after the page was closed.
  }
}

function kept(file) {
  try {
    return localStorage.getItem(remembered(file)) || "";
  } catch {
    return "";
  }
}

export class Upload {
  // at is where files go. tell(state) hears how it stands: "waiting", "sending",
  // "lost", "reading", "done", "known", "failed", "login" or "stopped".
  constructor(file, at, tell) {
    Object.assign(this, { file, at, tell, got: 0, state: "waiting", said: "", picture: null, id: "" });
  }

  become(state, said = "") {
    this.state = state;
    this.said = said;
    this.tell(this);
  }

  // run sends the file to its end, and answers whether it became a picture.
  async run() {
    const stop = new AbortController();
    this.stop = stop;
    this.become("sending");
    try {
      let answer = await this.begin(stop.signal);
      let piece = 256 << 10;
      let lost = 0;
      while (!answer.picture) {
        if (stop.signal.aborted) return this.ended();
        this.got = answer.got;
        this.become(this.got >= this.file.size ? "reading" : "sending");
        const began = performance.now();
        try {
          const body = this.file.slice(this.got, this.got + piece);
          answer = await this.ask(`${this.at}/${this.id}?from=${this.got}`, stop.signal, body);
          lost = 0;
          const took = performance.now() - began;
          if (took < 2_000) piece = Math.min(most, piece * 2);
          else if (took > 6_000) piece = Math.max(least, piece >> 1);
        } catch (e) {
          if (e instanceof Refusal || stop.signal.aborted) throw e;
          this.become("lost");
          piece = Math.max(least, piece >> 1);
          await pause(Math.min(15_000, 500 * 2 ** lost++), stop.signal);
          if (stop.signal.aborted) return this.ended();
          answer = await this.whole(() => this.ask(`${this.at}/${this.id}`, stop.signal), stop.signal);
        }
      }
      this.got = this.file.size;
      this.picture = answer.picture;
      keep(this.file, "");
      this.become(answer.known ? "known" : "done");
      return true;
    } catch (e) {
      if (stop.signal.aborted) return this.ended();
      if (!(e instanceof Refusal)) console.error(e);
      else if (e.state === "failed") keep(this.file, "");
      this.become(e.state || "failed", e instanceof Refusal ? e.message : "");
      return false;
    }
  }

  ended() {
    this.become("stopped");
    return false;
  }

  // begin goes on with what has arrived before, or says that a file will come.
  begin(signal) {
    return this.whole(async () => {
      this.id ||= kept(this.file);
      if (this.id) {
        try {
          return await this.ask(`${this.at}/${this.id}`, signal);
        } catch (e) {
          if (e.status !== 404) throw e;
          keep(this.file, "");
        }
      }
      const answer = await this.ask(this.at, signal, JSON.stringify({ name: this.file.name, size: this.file.size }));
      this.id = answer.id;
      keep(this.file, this.id);
      return answer;
    }, signal);
  }

  // whole asks until there is an answer.
  async whole(f, signal) {
    for (let lost = 0; ; lost++) {
      try {
        return await f();
      } catch (e) {
        if (e instanceof Refusal || signal.aborted) throw e;
        this.become("lost");
        await pause(Math.min(15_000, 500 * 2 ** lost), signal);
      }
    }
  }

  // ask sends one request. What the server cannot do now is an error to try again
  // after, what it will not do a Refusal.
  async ask(address, signal, body) {
    const type = typeof body === "string" ? "application/json" : "application/octet-stream";
    const answer = await fetch(address, {
      method: body === undefined ? "GET" : "POST",
      body,
      headers: body === undefined ? { Accept: "application/json" } : { Accept: "application/json", "Content-Type": type },
      signal: AbortSignal.any([signal, AbortSignal.timeout(patience)]),
      redirect: "error",
    });
    if (answer.ok) return answer.json();
    if (answer.status >= 500 || answer.status === 408) throw new Error(String(answer.status));
    const told = await answer.json().catch(() => ({}));
    const refusal = new Refusal(told.message || "");
    refusal.status = answer.status;
    refusal.state = answer.status === 401 ? "login" : "failed";
    throw refusal;
  }

  // cancel gives the file up, here and at the server.
  cancel() {
    this.stop?.abort();
    keep(this.file, "");
    if (this.id) fetch(`${this.at}/${this.id}/cancel`, { method: "POST", keepalive: true }).catch(() => {});
    this.id = "";
    this.become("stopped");
  }
}

// patiently shows a picture that is still being drawn as soon as it is.
export function patiently(img, times = 12) {
  const src = img.src;
  let left = times;
  img.addEventListener("error", () => {
    if (left-- > 0 && img.isConnected) setTimeout(() => (img.src = `${src}${src.includes("?") ? "&" : "?"}again=${times - left}`), 1_000 + 500 * (times - left));
  });
}

// pictures are the files of a drop or a choice that may be pictures.
export const pictures = (files) => [...files].filter((f) => f.type.startsWith("image/") || !f.type);
