// What was typed and is not yet known to be on the server stays in this browser,
// one entry for each open page of a person's story: {version, base, mine, at}. It
// is written at once, so that closing the window cannot be faster.

const store = () => globalThis.localStorage;

export class Buffer {
  constructor(person, story, page) {
    this.prefix = `story:${person}:${story}:`;
    this.key = this.prefix + page;
    this.live();
    addEventListener("pagehide", () => this.die?.());
    addEventListener("pageshow", (e) => e.persisted && this.live());
  }

  // live holds a lock by which others know that this page is there. One that the
  // browser only keeps to go back to is not.
  live() {
    navigator.locks?.request(this.key, () => new Promise((die) => (this.die = die))).catch(() => {});
  }

  waited = new Set();

  // await calls freed when another page of the story is gone: it may leave
  // something.
  await(key) {
    if (this.waited.has(key)) return;
    this.waited.add(key);
    navigator.locks.request(key, () => {}).then(() => {
      this.waited.delete(key);
      this.freed?.();
    }).catch(() => {});
  }

  // write reports whether the entry is kept.
  write(entry) {
    try {
      store().setItem(this.key, JSON.stringify(entry));
      return true;
    } catch {
      return false; // no room, or not allowed
    }
  }

  remove(key = this.key) {
    try {
      store().removeItem(key);
    } catch {
      // It was not there either.
    }
  }

  // left are the entries of pages that are gone, the oldest first: [{key, …}].
  async left() {
    const alive = new Set([this.key]);
    try {
      for (const lock of (await navigator.locks.query()).held) alive.add(lock.name);
    } catch {
      // Without locks, an entry that is still being written is left to its page.
    }
    const found = [];
    try {
      for (let i = 0; i < store().length; i++) {
        const key = store().key(i);
        if (!key.startsWith(this.prefix) || key === this.key) continue;
        if (alive.has(key)) {
          this.await(key);
          continue;
        }
        const entry = JSON.parse(store().getItem(key));
        if (entry?.mine && (navigator.locks || Date.now() - entry.at > 10_000)) found.push({ ...entry, key });
      }
    } catch {
      // Nothing can be read here.
    }
    return found.sort((a, b) => a.at - b.at);
  }
}
