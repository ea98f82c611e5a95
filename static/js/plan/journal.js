// What has been drawn and not been acknowledged yet, in the browser's own store: it outlives a crash and a dead network.

const NAME = "wangge-plans";
const STORE = "strokes";

const done = (request) => new Promise((resolve, reject) => {
  request.onsuccess = () => resolve(request.result);
  request.onerror = () => reject(request.error);
});

/** The entries of one plan and one user, in the order they were made. */
export class Journal {
  constructor(plan, user) {
    this.plan = plan;
    this.user = user;
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
    store.put({ ...entry, plan: this.plan, user: this.user });
    await new Promise((resolve) => {
      store.transaction.oncomplete = store.transaction.onerror = store.transaction.onabort = resolve;
    });
  }

  /** Forgets an entry. */
  async drop(key) {
    const store = await this.#store("readwrite", "relaxed");
    if (store) await done(store.delete(key));
  }

  /** What was left of this plan by this user, the oldest first. */
  async left() {
    const store = await this.#store("readonly", "relaxed");
    const all = store ? await done(store.getAll()) : [];
    return all.filter((entry) => entry.plan === this.plan && entry.user === this.user).sort((a, b) => a.at - b.at);
  }
}
