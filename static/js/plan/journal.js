// What has been drawn and not been acknowledged yet, in the browser's own store: it outlives a crash and a dead network.

const NAME = "wangge-plans";
const STORE = "strokes";
const ANSWER_MS = 300;

const done = (request) => new Promise((resolve, reject) => {
  request.onsuccess = () => resolve(request.result);
  request.onerror = () => reject(request.error);
});

/** The entries of one plan and one user, in the order they were made. */
export class Journal {
  constructor(plan, user) {
    this.plan = plan;
    this.user = user;
    this.tab = crypto.getRandomValues(new Uint32Array(2)).join("-");
    this.channel = new BroadcastChannel(NAME); // also on plain http, where there are no locks
    this.channel.addEventListener("message", ({ data }) => data.ask && this.channel.postMessage({ here: this.tab }));
    this.database = this.#open().catch(() => null); // a browser without storage works on, it only forgets
  }

  async #open() {
    const request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(STORE, { keyPath: "key" });
    return done(request);
  }

  async #store(mode, durability) {
    const database = await this.database;
    return database?.transaction(STORE, mode, { durability }).objectStore(STORE) ?? null;
  }

  /** Keeps an entry; a finished one is on the disk when this resolves. */
  async keep(entry) {
    const store = await this.#store("readwrite", entry.open ? "relaxed" : "strict");
    if (!store) return;
    store.put({ ...entry, plan: this.plan, user: this.user, tab: this.tab });
    await new Promise((resolve) => {
      store.transaction.oncomplete = store.transaction.onerror = store.transaction.onabort = resolve;
    });
  }

  /** Changes an entry in one go, so that no other tab comes between: `made` is given what is kept and returns what shall be, or null. */
  async change(key, made) {
    const store = await this.#store("readwrite", "strict");
    const found = store ? await done(store.get(key)) : undefined;
    const wanted = found && made(found);
    if (!wanted) return found;
    store.put({ ...wanted, tab: this.tab });
    await new Promise((resolve) => {
      store.transaction.oncomplete = store.transaction.onerror = store.transaction.onabort = resolve;
    });
    return found;
  }

  /** Forgets an entry. */
  async drop(key) {
    const store = await this.#store("readwrite", "relaxed");
    if (store) await done(store.delete(key));
  }

  /** The tabs that are open: what they draw is theirs to send. */
  async #tabs() {
    const found = new Set([this.tab]);
    const hear = ({ data }) => data.here && found.add(data.here);
    this.channel.addEventListener("message", hear);
    this.channel.postMessage({ ask: true });
    await new Promise((resolve) => setTimeout(resolve, ANSWER_MS));
    this.channel.removeEventListener("message", hear);
    return found;
  }

  /** What pages that are gone left of this plan by this user, the oldest first. */
  async left() {
    const store = await this.#store("readonly", "relaxed");
    const all = store ? await done(store.getAll()) : [];
    const own = all.filter((entry) => entry.plan === this.plan && entry.user === this.user);
    if (!own.length) return own;
    const tabs = await this.#tabs();
    return own.filter((entry) => !tabs.has(entry.tab)).sort((a, b) => a.at - b.at);
  }
}
