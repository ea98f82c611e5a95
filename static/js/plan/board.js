// The plan as the browser has it: which grid each cell is in, what every grid sums up to, and what waits for the server.

import { number } from "../words.js";
import { fresh, parted, tinted } from "./tints.js";

export const NONE = 0;
export const COUNTS = ["households", "residents", "buildings", "cases", "cells"];

/** A grid's name without the village's: on the map of the village that goes without saying. */
export const short = (grid, village) => (village && grid.name.startsWith(village) && grid.name.length > village.length ? grid.name.slice(village.length) : grid.name);

/** Cells and grids of one village of a plan; `of[cell]` is the number of a grid, 0 for none. */
export class Board {
  constructor(mesh, draft) {
    this.mesh = mesh;
    this.listeners = [];
    this.village = draft.village;
    this.limits = draft.limits;
    this.weights = Object.fromEntries(COUNTS.map((name) => [name, name === "cells" ? null : Int32Array.from(draft[name])]));
    this.kinds = draft.kinds;
    this.bare = !draft.kinds.includes("b");
    this.load(draft);
  }

  /** Takes the server's word for everything. */
  load(draft) {
    this.revision = draft.revision;
    this.truth = Int32Array.from(draft.of, (id) => id ?? NONE);
    this.of = this.truth.slice();
    this.before = Int32Array.from(draft.before, (id) => id ?? NONE);
    this.lockedCells = Uint8Array.from(draft.locked);
    const known = this.grids;
    this.grids = new Map(draft.grids.map((grid) => [grid.id, { ...grid, tint: known?.get(grid.id)?.tint ?? -1 }]));
    this.#sum();
    this.#dye(tinted(this.mesh, this.of, this.tints)); // a new grid leaves the others as they are, here and after a reload
    this.#say({ cells: null, grids: true });
  }

  on(listener) {
    this.listeners.push(listener);
  }

  #say(change) {
    for (const listener of this.listeners) listener(change);
  }

  #sum() {
    const nothing = () => Object.fromEntries(COUNTS.map((name) => [name, 0]));
    this.loose = nothing();
    for (const grid of this.grids.values()) grid.sums = nothing();
    for (let cell = 0; cell < this.mesh.n; cell += 1) this.#count(cell, this.of[cell], 1);
  }

  #count(cell, id, sign) {
    const sums = this.grids.get(id)?.sums ?? this.loose;
    sums.cells += sign;
    sums.households += sign * this.weights.households[cell];
    sums.residents += sign * this.weights.residents[cell];
    sums.buildings += sign * this.weights.buildings[cell];
    sums.cases += sign * this.weights.cases[cell];
  }

  /** The sums of a grid, 0 for the unassigned. */
  sums(id) {
    return this.grids.get(id)?.sums ?? this.loose;
  }

  /** Who works in a grid: a new one takes over from the grid that most of its households were in. */
  workers(grid) {
    if (grid.code) return grid.workers;
    const told = `${grid.sums.cells} ${grid.sums.households}`;
    if (grid.heir?.told === told) return grid.heir.workers;
    const shares = new Map();
    for (const cell of this.cellsOf(grid.id)) shares.set(this.before[cell], (shares.get(this.before[cell]) ?? 0) + this.weights.households[cell] + 0.001);
    const [from] = [...shares].sort((a, b) => b[1] - a[1])[0] ?? [NONE];
    grid.heir = { told, workers: this.grids.get(from)?.workers ?? 0 };
    return grid.heir.workers;
  }

  /** Puts cells into grids (one number or one each); says what changed and returns the cells that did. */
  put(cells, after) {
    const changed = [];
    cells.forEach((cell, i) => {
      const id = typeof after === "number" ? after : after[i];
      if (this.of[cell] === id) return;
      this.#count(cell, this.of[cell], -1);
      this.#count(cell, id, 1);
      this.of[cell] = id;
      changed.push(cell);
    });
    if (changed.length) this.#say({ cells: changed, grids: false });
    return changed;
  }

  /** Whether somebody has locked the cell or its grid. */
  held(cell) {
    return Boolean(this.lockedCells[cell] || this.grids.get(this.of[cell])?.locked);
  }

  /** The grids that are drawn with, the fullest code first. */
  current() {
    const all = [...this.grids.values()].filter((grid) => !grid.retired);
    const last = "\uffff"; // a new grid has no code yet
    const order = (a, b) => (a < b ? -1 : a > b ? 1 : 0);
    return all.sort((a, b) => order(a.code ?? last, b.code ?? last) || Math.abs(a.id) - Math.abs(b.id));
  }

  /** over, under or good against the targets; a dedicated grid has none, nor has one where no building is listed. */
  state(grid) {
    if (grid.kind === "dedicated" || this.bare) return "free";
    if (grid.sums.cells === 0) return "empty";
    return grid.sums.households > this.limits.high ? "over" : grid.sums.households < this.limits.low ? "under" : "good";
  }

  /** Adds or changes grids: [{id, …fields}]. */
  setGrids(changes) {
    for (const { id, ...fields } of changes) {
      const known = this.grids.get(id);
      if (known) Object.assign(known, fields);
      else this.grids.set(id, { id, name: "", kind: "general", workers: 0, ...fields, sums: Object.fromEntries(COUNTS.map((name) => [name, 0])), tint: fresh(this.tints.values()) });
    }
    this.#say({ cells: null, grids: true });
  }

  /** Gives a grid that the browser had numbered itself the server's number. */
  renumber(numbers) {
    for (const [text, real] of Object.entries(numbers)) {
      const own = Number(text);
      const grid = this.grids.get(own);
      if (!grid) continue;
      this.grids.delete(own);
      this.grids.set(real, { ...grid, id: real });
      for (const list of [this.of, this.truth]) list.forEach((id, cell) => { if (id === own) list[cell] = real; });
    }
    this.#say({ cells: null, grids: true, numbers });
  }

  /** Locks or unlocks cells. */
  lockCells(cells, locked) {
    for (const cell of cells) this.lockedCells[cell] = locked ? 1 : 0;
    this.#say({ cells, grids: false });
  }

  /**
   * Takes over what the log says happened, and lays the strokes that still wait on top.
   * Events are [{seq, key, cells, before, after, grids, locks}] with cell ids; `waiting` are the outbox's entries.
   */
  follow(events, revision, waiting) {
    const touched = new Set();
    for (const event of events) {
      if (event.seq <= this.revision) continue;
      this.#followGrids(event.grids ?? []);
      (event.cells ?? []).forEach((id, i) => {
        const cell = this.mesh.index.get(id);
        if (cell === undefined) return;
        touched.add(cell);
        this.truth[cell] = event.after[i] ?? NONE;
      });
      for (const [ids, locked] of event.locks ?? []) this.#followLocks(ids, locked, touched);
    }
    this.revision = Math.max(this.revision, revision);
    this.rest([...touched], waiting);
    this.#say({ cells: [...touched], grids: events.some((event) => event.grids?.length), followed: true });
    if (touched.size) this.retint();
  }

  #followLocks(ids, locked, touched) {
    for (const cell of ids.map((id) => this.mesh.index.get(id))) {
      if (cell === undefined) continue;
      this.lockedCells[cell] = locked ? 1 : 0;
      touched.add(cell);
    }
  }

  #followGrids(changes) {
    for (const [id, before, after] of changes) {
      const known = this.grids.get(id);
      if (known) Object.assign(known, after ?? { retired: true, locked: false });
      else if (after && after.village_code === this.village) this.setGrids([{ id, ...before, ...after }]);
    }
  }

  /** Shows cells as the server has them, with the waiting strokes on top. */
  rest(cells, waiting) {
    const wanted = new Map(cells.map((cell) => [cell, this.truth[cell]]));
    for (const entry of waiting) {
      (entry.cells ?? []).forEach((id, i) => {
        const cell = this.mesh.index.get(id);
        if (wanted.has(cell) && entry.after.length) wanted.set(cell, entry.after[i] ?? NONE);
      });
    }
    this.put([...wanted.keys()], [...wanted.values()]);
  }

  /** The connected pieces of a grid, the largest first: water belongs to the first, unless it touches none. */
  pieces(id) {
    const { starts, next, pass } = this.mesh.next;
    const left = new Set();
    for (let cell = 0; cell < this.mesh.n; cell += 1) if (this.of[cell] === id) left.add(cell);
    const found = [];
    const water = [...left].filter((cell) => this.kinds[cell] === "w");
    water.forEach((cell) => left.delete(cell));
    while (left.size) {
      const piece = [left.values().next().value];
      left.delete(piece[0]);
      for (let i = 0; i < piece.length; i += 1) {
        for (let at = starts[piece[i]]; at < starts[piece[i] + 1]; at += 1) {
          if (pass[at] && left.delete(next[at])) piece.push(next[at]);
        }
      }
      found.push(piece);
    }
    found.sort((a, b) => this.#weight(b) - this.#weight(a));
    const wet = new Set(water);
    const ashore = water.filter((cell) => this.#touches(cell, (other) => this.of[other] === id && !wet.has(other)));
    for (const cell of ashore) wet.delete(cell);
    for (let i = 0; i < ashore.length; i += 1) this.#touches(ashore[i], (other) => wet.delete(other) && ashore.push(other) < 0);
    found[0]?.push(...ashore);
    if (wet.size) found.push([...wet]);
    return found;
  }

  /** Whether one of the cells around a cell is as asked. */
  #touches(cell, asked) {
    return this.mesh.next.next.slice(this.mesh.next.starts[cell], this.mesh.next.starts[cell + 1]).some(asked);
  }

  /** What some cells add up to, ready to be said. */
  added(cells) {
    const sum = (name) => cells.reduce((total, cell) => total + this.weights[name][cell], 0);
    return { households: number(sum("households")), buildings: number(sum("buildings")) };
  }

  #weight(piece) {
    return piece.reduce((sum, cell) => sum + 1 + this.weights.households[cell] * 1000, 0);
  }

  /** The neighbouring grids of some cells: [[id, shared length]], the longest border first. */
  neighbours(cells) {
    const { starts, next, pass, shared } = this.mesh.next;
    const own = new Set(cells);
    const lengths = new Map();
    for (const cell of cells) {
      for (let at = starts[cell]; at < starts[cell + 1]; at += 1) {
        const id = this.of[next[at]];
        if (own.has(next[at]) || id === NONE || !pass[at]) continue;
        lengths.set(id, (lengths.get(id) ?? 0) + shared[at] + 0.001);
      }
    }
    return [...lengths].sort((a, b) => b[1] - a[1]);
  }

  /** The cells of a grid, 0 for the unassigned. */
  cellsOf(id) {
    const found = [];
    for (let cell = 0; cell < this.mesh.n; cell += 1) if (this.of[cell] === id) found.push(cell);
    return found;
  }

  /** Number of each grid → its tint. */
  get tints() {
    return new Map([...this.grids.values()].map(({ id, tint }) => [id, tint]));
  }

  #dye(tints) {
    const changed = [...tints].filter(([id, tint]) => this.grids.get(id).tint !== tint);
    for (const [id, tint] of changed) this.grids.get(id).tint = tint;
    return changed.length > 0;
  }

  /** After a stroke: neighbours of one tint part. */
  retint() {
    const sizeOf = (id) => this.grids.get(id).sums.cells;
    if (this.#dye(parted(this.mesh, this.of, this.tints, sizeOf))) this.#say({ cells: null, grids: true });
  }
}
