// One stroke from the first cell to the last: shown at once, kept while it grows, given up or committed as one step.

import { NONE } from "./board.js";

const SKETCH_MS = 120;

/** Collects the cells that go into a grid; `from` limits whose cells are taken (null: anybody's). */
export class Stroke {
  constructor(app, target, { kind = "paint", from = app.from() } = {}) {
    Object.assign(this, { app, target, kind, from });
    this.was = new Map();
    this.heldBack = new Set();
    this.entry = app.outbox.live = app.outbox.entry({ kind });
    this.sketched = false;
  }

  /** Whether a cell may change in this stroke. */
  takes(cell) {
    const { board } = this.app;
    if (this.was.has(cell) || board.of[cell] === this.target) return false;
    if (board.held(cell) || board.grids.get(this.target)?.locked) {
      this.heldBack.add(cell);
      return false;
    }
    return this.from === null || board.of[cell] === this.from;
  }

  /** Adds cells to the stroke and shows them in their new grid. */
  add(cells) {
    const { board, mesh } = this.app;
    const fresh = cells.filter((cell) => this.takes(cell));
    if (!fresh.length) return;
    for (const cell of fresh) this.was.set(cell, board.of[cell]);
    board.put(fresh, this.target);
    const ids = fresh.map((cell) => mesh.ids[cell]);
    this.entry.cells.push(...ids);
    this.entry.before.push(...fresh.map((cell) => this.was.get(cell)));
    this.entry.after.push(...ids.map(() => this.target));
    this.#sketch();
    this.app.strip.show(this);
  }

  /** Keeps the stroke as far as it has come, at once and then a few times a second. */
  #sketch() {
    if (this.waiting) return;
    this.sketched = true;
    this.app.outbox.sketch(this.entry);
    this.waiting = setTimeout(() => {
      this.waiting = null;
      if (this.app.outbox.live === this.entry) this.app.outbox.sketch(this.entry);
    }, SKETCH_MS);
  }

  /** The grids that the stroke concerns: the target first, then those that gave. */
  concerned() {
    return [...new Set([this.target, ...this.was.values()])].filter((id) => id !== NONE);
  }

  /** What a grid summed up to before the stroke. */
  households(id) {
    const { board } = this.app;
    let before = board.sums(id).households;
    for (const [cell, was] of this.was) {
      if (was === id) before += board.weights.households[cell];
      if (this.target === id) before -= board.weights.households[cell];
    }
    return before;
  }

  /** Takes over the server's number of a grid that was made a moment ago. */
  renumber(numbers) {
    this.target = numbers[this.target] ?? this.target;
    for (const [cell, was] of this.was) this.was.set(cell, numbers[was] ?? was);
  }

  /** Puts everything back. */
  cancel() {
    this.app.outbox.live = null;
    this.app.board.put([...this.was.keys()], [...this.was.values()]);
    if (this.sketched) this.app.outbox.forget(this.entry.key);
    this.app.strip.show(null);
  }

  /** Makes it one step of the plan. */
  finish() {
    this.app.strip.show(null);
    const target = this.app.board.grids.get(this.target);
    if (target?.locked) this.app.tell("grid_held", { name: target.name });
    else if (this.heldBack.size) this.app.tell(this.was.size ? "held_back" : "held", { n: this.heldBack.size });
    if (!this.was.size) {
      this.app.outbox.live = null;
      return;
    }
    this.app.outbox.add(this.entry);
    this.app.changed();
  }
}
