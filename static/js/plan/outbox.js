// Sends each stroke at once, one after the other, again after a failure, and never twice: the server knows its key.

import { aborted } from "../api.js";
import { postJSON } from "./post.js";
import { NONE } from "./board.js";

/** What the server answers to words that no grid can have; anything else is not mended by another name. */
const UNFIT = new Set([400, 422]);
const PAUSES = [1000, 2000, 4000, 8000, 15000];

/** A key that no other stroke has; randomUUID is not there on plain http, so it is made by hand. */
export function freshKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/**
 * The queue of a plan. `hooks`: state(name, count), acknowledged(entry, outcome), refused(entry, error), renew() → whether
 * the session lives, closed(entry, error) → whether it goes into a branch, overdrawn(cells) → whether to take back the
 * rest, named(entry, error) → another name and kind or null (promises), clash(entry, answer) → "mine" | "theirs" |
 * "fork" (a promise).
 */
export class Outbox {
  constructor({ urls, board, journal, hooks }) {
    Object.assign(this, { urls, board, journal, hooks });
    this.queue = [];
    this.live = null; // the stroke that is being drawn: shown on top of what waits, but not sent
    this.clock = 0;
    this.sending = false;
    this.tries = 0;
    addEventListener("online", () => this.#run());
    document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && this.#run());
    addEventListener("beforeunload", (event) => this.queue.length && event.preventDefault());
  }

  /** What lies on top of the server's word. */
  get waiting() {
    return this.live ? [...this.queue, this.live] : this.queue;
  }

  /** A stroke that is not finished: kept, not sent. */
  sketch(entry) {
    return this.journal.keep({ ...entry, open: true });
  }

  /** Forgets a sketch that was given up. */
  forget(key) {
    return this.journal.drop(key);
  }

  /** Makes the entry of a stroke: numbers of cells and grids as the server knows them. */
  entry(fields) {
    this.clock = Math.max(this.clock + 1, Date.now());
    return { key: freshKey(), at: this.clock, base: this.board.revision, kind: "paint", cells: [], before: [], after: [], grids: [], ...fields };
  }

  /** Puts a finished stroke into the queue. */
  add(entry) {
    if (this.live === entry) this.live = null;
    this.queue.push(entry);
    this.journal.keep({ ...entry, open: false });
    this.#run();
  }

  /** Takes up what an earlier page left: shows it, sends it and returns it. */
  async recover() {
    const left = await this.journal.left();
    const known = left.filter((entry) => entry.kind === "undo" || entry.kind === "redo" || entry.cells.length || entry.grids.length);
    this.queue.push(...known);
    for (const entry of known) {
      this.board.setGrids(entry.grids.filter((grid) => grid.id < 0));
      this.board.rest(entry.cells.map((id) => this.board.mesh.index.get(id)).filter((cell) => cell !== undefined), this.waiting);
    }
    this.#run();
    return known;
  }

  /** Resolves when nothing waits. */
  async settled() {
    while (this.queue.length) await new Promise((resolve) => setTimeout(resolve, 40));
  }

  async #run() {
    if (this.sending) return;
    this.sending = true;
    clearTimeout(this.timer);
    while (this.queue.length) {
      this.hooks.state("saving", this.queue.length);
      if (!(await this.#send(this.queue[0]))) break;
    }
    this.sending = false;
    if (!this.queue.length) this.hooks.state("saved", 0);
  }

  /** Sends one entry; false when it has to wait. */
  async #send(entry) {
    try {
      const { key, kind, base, cells, after, grids, keep, known } = entry;
      const url = kind === "undo" || kind === "redo" ? this.urls[kind] : this.urls.edits;
      const body = { kind, base, key, cells, after: after.map((id) => (id === NONE ? null : id)), grids, keep, known };
      this.#done(entry, await postJSON(url, body));
      return true;
    } catch (error) {
      if (aborted(error)) return false;
      return this.#failed(entry, error);
    }
  }

  #done(entry, outcome) {
    this.tries = 0;
    this.queue.shift();
    this.journal.drop(entry.key);
    this.#renumber(outcome.numbers ?? {});
    const others = outcome.events.filter((event) => event.key !== entry.key && event.seq > entry.base);
    this.#rebase(others, outcome.revision, entry.key);
    this.board.follow(outcome.events, outcome.revision, this.waiting);
    this.hooks.acknowledged(entry, outcome);
  }

  /** Tells the waiting strokes the numbers that the server gave to new grids. */
  #renumber(numbers) {
    if (!Object.keys(numbers).length) return;
    this.board.renumber(numbers);
    for (const entry of this.waiting) {
      entry.after = entry.after.map((id) => numbers[id] ?? id);
      entry.before = entry.before.map((id) => numbers[id] ?? id);
      entry.grids = entry.grids.map((grid) => ({ ...grid, id: numbers[grid.id] ?? grid.id }));
      this.journal.keep({ ...entry, open: entry === this.live });
    }
  }

  /** A waiting stroke was made knowing all but what others drew over its own cells: those it has yet to meet. */
  #rebase(others, revision, sent) {
    for (const entry of this.waiting) {
      const mine = new Set(entry.cells);
      entry.met ||= others.some((event) => (event.cells ?? []).some((id) => mine.has(id)));
      if (!entry.met) entry.base = Math.max(entry.base, revision);
      else if (sent) entry.known = [...(entry.known ?? []), sent]; // drawn on top of it by the same hand
    }
  }

  /** Takes over what others did meanwhile. */
  follow({ events, revision }) {
    this.#rebase(events, revision);
    this.board.follow(events, revision, this.waiting);
  }

  async #failed(entry, error) {
    if (error.status === 409 && error.body?.status && error.body.status !== "draft") return this.#closed(entry, error);
    if (error.status === 409 && Object.keys(error.body?.conflict ?? {}).length) return this.#clash(entry, error.body);
    if (error.status === 0 || error.status === 401 || error.status === 429 || error.status >= 500) {
      this.hooks.state(error.status === 401 ? "logged_out" : "offline", this.queue.length);
      this.timer = setTimeout(() => this.#run(), PAUSES[Math.min(this.tries, PAUSES.length - 1)]);
      this.tries += 1;
      return false;
    }
    // an expired session looks like a forged form: ask for another token once before the stroke is given up
    if (error.status === 400 && !entry.renewed) {
      entry.renewed = true;
      if (await this.hooks.renew()) return true;
      this.hooks.state("logged_out", this.queue.length);
      return false;
    }
    if (await this.#renamed(entry, error)) return true;
    this.#giveUp(entry);
    this.hooks.refused(entry, error);
    return true;
  }

  /** A grid cannot be called so: it is asked again, and what was painted into it meanwhile waits. */
  async #renamed(entry, error) {
    if ((entry.kind !== "create" && entry.kind !== "change") || !UNFIT.has(error.status)) return false;
    const given = await this.hooks.named(entry, error);
    if (!given) return false;
    entry.grids = entry.grids.map((grid) => ({ ...grid, ...given }));
    this.board.setGrids(entry.grids);
    await this.journal.keep({ ...entry, open: false });
    return true;
  }

  #giveUp(entry) {
    this.queue = this.queue.filter((other) => other !== entry);
    this.journal.drop(entry.key);
    this.board.rest(entry.cells.map((id) => this.board.mesh.index.get(id)).filter((cell) => cell !== undefined), this.waiting);
  }

  /** The plan was handed in meanwhile: what waits goes into a branch, or is dropped. */
  async #closed(entry, error) {
    this.hooks.state("clash", this.queue.length);
    if (await this.hooks.closed(entry, error)) return false;
    for (const each of [...this.queue]) this.#giveUp(each);
    return true;
  }

  /** Others have drawn over what shall be taken back: the rest of it, or nothing. */
  async #overdrawn(entry, answer) {
    const cells = Object.keys(answer.conflict).map(Number);
    this.board.follow(answer.events, answer.revision, this.waiting);
    if (!(await this.hooks.overdrawn(cells))) return this.#giveUp(entry), true;
    Object.assign(entry, { keep: [...(entry.keep ?? []), ...cells], base: answer.revision });
    return true;
  }

  async #clash(entry, answer) {
    this.hooks.state("clash", this.queue.length);
    if (entry.kind === "undo" || entry.kind === "redo") return this.#overdrawn(entry, answer);
    const choice = await this.hooks.clash(entry, answer);
    if (choice === "fork") return false;
    this.board.follow(answer.events, answer.revision, this.waiting);
    if (choice === "theirs") {
      const theirs = new Set(Object.keys(answer.conflict).map(Number));
      const kept = entry.cells.map((id, i) => i).filter((i) => !theirs.has(entry.cells[i]));
      const gone = entry.cells.filter((id) => theirs.has(id));
      for (const list of ["cells", "before", "after"]) entry[list] = kept.map((i) => entry[list][i]);
      this.board.rest(gone.map((id) => this.board.mesh.index.get(id)).filter((cell) => cell !== undefined), this.waiting);
      if (!kept.length && !entry.grids.length) return this.#giveUp(entry), true;
    }
    Object.assign(entry, { base: answer.revision, met: false, known: [] });
    await this.journal.keep({ ...entry, open: false });
    return true;
  }
}
