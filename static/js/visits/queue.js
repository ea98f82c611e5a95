// What was recorded and is not acknowledged yet: kept in the browser for one user, sent in order, each entry once.

import { Journal } from "../plan/journal.js";
import { postJSON, trust } from "../plan/post.js";

const PAUSES = [2000, 5000, 10000, 30000];
const LOCK = "wangge:visits";
const WITHDRAWN = "withdrawn"; // the kind of an entry that was taken back before it was sent: no other tab sends it
const LATEST = 8 * 24 * 3600 * 1000; // the server takes no visit that is older

/** A key that no other entry bears; a device without a secure address has fewer ways to make one. */
export const freshKey = () => crypto.randomUUID?.() ?? `${Date.now().toString(36)}-${Math.random().toString(36).slice(2, 12)}`;

/**
 * The queue of a round. `hooks`: state(name, waiting), acknowledged(entry, answer), elsewhere(entry) for one that another
 * tab took back or was refused with, refused(entry). An entry has a kind ("record" or "undo"), a key and a body; one that the server refused
 * bears what it said, and stays on the device until it is sent again or discarded.
 */
export class Queue {
  constructor({ config, hooks }) {
    Object.assign(this, { config, hooks });
    this.journal = new Journal(config.round, config.user);
    this.entries = [];
    this.refused = [];
    this.kept = new Set();
    this.tries = 0;
    trust(config.token);
    addEventListener("online", () => this.run());
    document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && this.run());
  }

  get waiting() {
    return this.entries.length;
  }

  /** How many of them are on the device: what is told to wait is not lost when the page closes. */
  get safe() {
    return this.entries.filter(({ key }) => this.kept.has(key)).length;
  }

  /** Takes up what an earlier page left. */
  async recover() {
    const left = await this.journal.left();
    for (const { key, kind, at } of left) {
      if (kind === WITHDRAWN && Date.now() - at > LATEST) this.journal.drop(key);
      this.kept.add(key);
    }
    this.refused.push(...left.filter(({ refused }) => refused));
    this.entries.push(...left.filter(({ refused, kind }) => !refused && kind !== WITHDRAWN));
    this.run();
    return this.entries;
  }

  /** Puts an entry on the device, then on its way. */
  async add(entry) {
    this.entries.push(entry);
    await this.journal.keep(entry);
    this.kept.add(entry.key);
    this.hooks.state("sending", this.safe);
    this.run();
  }

  /** Takes an entry back that was never on its way; false when it may have arrived. */
  async withdraw(key) {
    const entry = this.entries.find((each) => each.key === key);
    if (!entry || entry.tried) return false;
    this.#leave(entry);
    const kept = this.kept.has(key);
    const found = await this.journal.change(key, (each) => (each.tried ? null : { ...each, kind: WITHDRAWN, body: null }));
    this.hooks.state(this.waiting ? "sending" : "saved", this.safe);
    return found ? !found.tried : !kept; // gone from the device: another tab sent it
  }

  /** Sends an entry again that was refused; one that was recorded already is then meant as a second one. */
  async again(entry) {
    this.refused = this.refused.filter((each) => each !== entry);
    const body = entry.double ? { ...entry.body, again: true } : entry.body;
    await this.add({ ...entry, body, refused: null, double: false, renewed: false, tried: false });
  }

  /** Forgets an entry that was refused. */
  discard(entry) {
    this.refused = this.refused.filter((each) => each !== entry);
    this.journal.drop(entry.key);
  }

  /** Sends what waits, one tab at a time. */
  async run() {
    if (this.sending || !this.waiting) return;
    this.sending = true;
    clearTimeout(this.timer);
    let onwards = true;
    const work = async () => { while (this.waiting && onwards) onwards = await this.#send(this.entries[0]); };
    await (navigator.locks ? navigator.locks.request(LOCK, work) : work());
    this.sending = false;
    if (!this.waiting) this.hooks.state("saved", 0);
    else if (onwards) this.run(); // recorded after the last was sent and before the lock was given back
  }

  async #send(entry) {
    // Another tab may have taken it back meanwhile, or have been refused with it; one that it sent is sent again, for
    // the server stores it once and knows what became of it.
    const settled = (each) => each.kind === WITHDRAWN || each.refused;
    const found = await this.journal.change(entry.key, (each) => (settled(each) || each.tried ? null : { ...each, tried: true }));
    if (found && settled(found)) {
      this.#leave(entry);
      this.hooks.elsewhere(entry);
      return true;
    }
    entry.tried = true;
    if (!this.entries.includes(entry)) { // taken back while the device was asked: the server is told so
      this.journal.drop(entry.key);
      return true;
    }
    try {
      const answer = await postJSON(this.config.urls[entry.kind], { ...entry.body, user: this.config.user });
      this.tries = 0;
      this.#forget(entry);
      this.hooks.acknowledged(entry, answer);
      this.hooks.state("sending", this.safe);
      return true;
    } catch (error) {
      return this.#failed(entry, error);
    }
  }

  async #failed(entry, error) {
    if (error.status === 0 || error.status === 429 || error.status >= 500) return this.#later("offline");
    if (error.status === 401) return this.#later("logged_out");
    // Another session's token looks like a forged form, and its rights may be others: nothing is given up before it is
    // known who is logged in.
    if (error.status === 400 || error.status === 403) {
      const told = await this.#who();
      if (told === "offline" || told === "logged_out") return this.#later(told);
      if (told === "renewed" && !entry.renewed) return (entry.renewed = true);
    }
    this.#leave(entry);
    this.refused.push(Object.assign(entry, { refused: error.message, double: error.status === 409 && entry.kind === "record" }));
    await this.journal.keep(entry);
    this.hooks.refused(entry);
    return true;
  }

  /** Asks for a token of the present session: "renewed" when it is this user's. */
  async #who() {
    try {
      const answer = await fetch(this.config.urls.token, { credentials: "same-origin", headers: { "X-Requested-With": "fetch" } });
      if (!answer.ok) return answer.status === 401 ? "logged_out" : "offline";
      const told = await answer.json();
      if (told.user !== this.config.user) return "logged_out";
      trust(told.token);
      return "renewed";
    } catch {
      return "offline";
    }
  }

  #later(state) {
    this.hooks.state(state, this.safe);
    this.timer = setTimeout(() => this.run(), PAUSES[Math.min(this.tries, PAUSES.length - 1)]);
    this.tries += 1;
    return false;
  }

  #leave(entry) {
    this.entries = this.entries.filter((each) => each !== entry);
  }

  #forget(entry) {
    this.#leave(entry);
    this.journal.drop(entry.key);
  }
}
