// What is done to whole grids: made, named, locked, split, merged, retired; each is one step of the plan.

import { el, fill } from "../dom.js";
import { number, t } from "../words.js";
import { NONE, short } from "./board.js";
import { nextName } from "./names.js";

/** The actions of grids and their dialogues. */
export class Grids {
  constructor(app) {
    this.app = app;
    this.fresh = 0;
    this.asked = Promise.resolve(); // one dialogue serves all questions
    this.dialog = document.getElementById("plan-grid");
    const act = { "grid-new": () => this.create(), "grid-rename": () => this.rename(), "grid-merge": () => this.merge(), "grid-retire": () => this.retire() };
    for (const [id, action] of Object.entries(act)) document.getElementById(id)?.addEventListener("click", action);
    this.refresh();
  }

  /** Enables what can be done with what is chosen. */
  refresh() {
    const grid = this.#chosen();
    for (const id of ["grid-rename", "grid-merge", "grid-retire"]) {
      const button = document.getElementById(id);
      if (button) button.disabled = !grid || grid.locked;
    }
  }

  #chosen() {
    return this.app.chosen ? this.app.board.grids.get(this.app.chosen) : null;
  }

  #step(fields) {
    const { outbox } = this.app;
    outbox.add(outbox.entry(fields));
    this.app.changed();
  }

  #number() {
    this.fresh = Math.min(this.fresh, ...this.app.board.grids.keys(), 0) - 1;
    return this.fresh;
  }

  /** A name that no grid has yet, counting on from the highest number. */
  freeName() {
    return nextName([...this.app.board.grids.values()].map(({ name }) => name)) ?? t("new_name", { n: 1 });
  }

  /** Asks for name and kind, one question after the other. `reason`: why it is asked again. */
  ask(title, grid, reason = "") {
    const answer = this.asked.then(() => this.#ask(title, grid, reason));
    this.asked = answer.catch(() => null);
    return answer;
  }

  /** Opens the dialogue; a name that another grid has is not taken. */
  async #ask(title, { id = null, name, kind }, reason) {
    const form = this.dialog.querySelector("form");
    const { board, config } = this.app;
    const named = board.current().filter((grid) => grid.id !== id);
    const others = new Set(named.flatMap((grid) => [grid.name, short(grid, config.village_name)]));
    const field = form.elements.name;
    field.oninput = () => field.setCustomValidity(others.has(field.value.trim()) ? t("name_taken", { name: field.value.trim() }) : "");
    document.getElementById("plan-grid-title").textContent = title;
    field.value = name;
    field.oninput();
    form.elements.kind.value = kind;
    const told = document.getElementById("plan-grid-reason");
    told.textContent = reason;
    told.hidden = !reason;
    this.dialog.returnValue = "";
    this.dialog.showModal();
    field.select();
    await new Promise((resolve) => this.dialog.addEventListener("close", resolve, { once: true }));
    const given = field.value.trim();
    return this.dialog.returnValue === "ok" && given ? { name: given, kind: form.elements.kind.value } : null;
  }

  async create() {
    const { board, config } = this.app;
    const given = await this.ask(t("create_grid"), { name: this.freeName(), kind: "general" });
    if (!given) return;
    const grid = { id: this.#number(), ...given, village: config.village };
    board.setGrids([grid]);
    this.#step({ kind: "create", grids: [grid] });
    this.app.choose(grid.id);
    this.app.tell("created", { name: given.name });
  }

  async rename() {
    const grid = this.#chosen();
    const given = grid && (await this.ask(t("rename_grid"), grid));
    if (!given || (given.name === grid.name && given.kind === grid.kind)) return;
    this.app.board.setGrids([{ id: grid.id, ...given }]);
    this.#step({ kind: "change", grids: [{ id: grid.id, ...given }] });
  }

  lock(id) {
    const grid = this.app.board.grids.get(id);
    this.app.board.setGrids([{ id, locked: !grid.locked }]);
    this.#step({ kind: grid.locked ? "lock" : "unlock", grids: [{ id, locked: grid.locked }] });
    this.refresh();
  }

  lockCells(cells, locked) {
    const { board, mesh } = this.app;
    board.lockCells(cells, locked);
    this.#step({ kind: locked ? "lock" : "unlock", cells: cells.map((cell) => mesh.ids[cell]) });
    this.app.tell(locked ? "cells_locked" : "cells_unlocked", { n: cells.length });
  }

  /** Makes some cells of a grid a grid of their own. */
  split(grid, cells, { kept, fresh }) {
    const { board, config } = this.app;
    const made = { id: this.#number(), name: this.freeName(), kind: grid.kind, village: config.village };
    board.setGrids([made]);
    this.put(cells, made.id, { kind: "split", grids: [made] });
    this.app.choose(made.id);
    this.app.tell("split_done", { name: grid.name, kept: number(kept), fresh: number(fresh), made: made.name });
  }

  /** Puts cells into grids as one step. */
  put(cells, after, fields) {
    const { board, mesh } = this.app;
    const before = cells.map((cell) => board.of[cell]);
    const list = typeof after === "number" ? cells.map(() => after) : after;
    board.put(cells, list);
    this.#step({ ...fields, cells: cells.map((cell) => mesh.ids[cell]), before, after: list });
  }

  /** Asks which neighbour the chosen grid goes together with, and which of the two stays. */
  async merge() {
    const { board } = this.app;
    const grid = this.#chosen();
    if (!grid) return;
    const near = board.neighbours(board.cellsOf(grid.id)).map(([id]) => board.grids.get(id)).filter((other) => !other.locked);
    if (!near.length) return this.app.tell("no_neighbour");
    const dialog = document.getElementById("plan-merge");
    const off = (sum) => Math.max(sum - board.limits.high, board.limits.low - sum, 0);
    const unlike = (other) => Number(other.kind !== grid.kind);
    near.sort((a, b) => unlike(a) - unlike(b) || off(a.sums.households + grid.sums.households) - off(b.sums.households + grid.sums.households));
    fill(document.getElementById("merge-with"), ...near.map((other) => el("option", { value: other.id }, t("merge_option", { name: other.name, a: number(grid.sums.households), b: number(other.sums.households), sum: number(grid.sums.households + other.sums.households) }))));
    this.#survivors(grid);
    document.getElementById("merge-with").onchange = () => this.#survivors(grid);
    dialog.returnValue = "";
    dialog.showModal();
    await new Promise((resolve) => dialog.addEventListener("close", resolve, { once: true }));
    if (dialog.returnValue !== "ok") return;
    const other = board.grids.get(Number(document.getElementById("merge-with").value));
    const stays = Number(document.getElementById("merge-stays").value);
    this.join(stays === grid.id ? other : grid, board.grids.get(stays));
  }

  #survivors(grid) {
    const other = this.app.board.grids.get(Number(document.getElementById("merge-with").value));
    const pair = [grid, other].sort((a, b) => b.sums.households - a.sums.households);
    fill(document.getElementById("merge-stays"), ...pair.map((each) => el("option", { value: each.id }, `${each.name}${each.code ? ` · ${each.code}` : ""}`)));
  }

  /** Moves all cells of a grid into another one and retires it. */
  join(gone, stays) {
    const { board } = this.app;
    this.put(board.cellsOf(gone.id), stays.id, { kind: "merge", grids: [{ id: gone.id, retired: true }] });
    board.setGrids([{ id: gone.id, retired: true }]);
    this.app.choose(stays.id);
    this.app.tell("merged", { gone: gone.name, stays: stays.name, n: number(stays.sums.households) });
  }

  /** Retires the chosen grid: what it holds is unassigned from then on. */
  async retire() {
    const grid = this.#chosen();
    if (!grid) return;
    if (!(await this.app.status.sure(t("retire_sure", { name: grid.name, cells: number(grid.sums.cells) })))) return;
    this.put(this.app.board.cellsOf(grid.id), NONE, { kind: "retire", grids: [{ id: grid.id, retired: true }] });
    this.app.board.setGrids([{ id: grid.id, retired: true }]);
    this.app.choose(null);
  }
}
