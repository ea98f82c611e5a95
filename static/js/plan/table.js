// The grids as a table beside the map: what each sums up to against the targets; a row chooses, a second click goes there.

import { el, fill } from "../dom.js";
import { number, t } from "../words.js";
import { bar, setBar } from "./bar.js";
import { NONE, short } from "./board.js";
import { MARKS, TINTS } from "./drawing.js";
import { picture } from "./picture.js";

function swatch(colour) {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  svg.setAttribute("class", "swatch");
  svg.setAttribute("viewBox", "0 0 12 12");
  svg.setAttribute("aria-hidden", "true");
  const square = document.createElementNS(space, "rect");
  for (const [key, value] of Object.entries({ x: 0.5, y: 0.5, width: 11, height: 11, rx: 2, fill: colour, stroke: "#8a8f96" })) square.setAttribute(key, value);
  svg.append(square);
  return svg;
}

/** The table of grids; it follows the board in the next frame. */
export class Table {
  constructor(app) {
    this.app = app;
    this.body = document.getElementById("plan-grids");
    this.foot = document.getElementById("plan-sum");
    this.rows = new Map();
    app.board.on((change) => this.#later(change.grids || change.numbers));
    this.build();
  }

  #later(whole) {
    this.whole ||= Boolean(whole);
    if (this.frame) return;
    this.frame = requestAnimationFrame(() => {
      this.frame = null;
      if (this.whole) this.build();
      else this.refresh();
      this.whole = false;
    });
  }

  /** Makes all rows anew: a grid has come, gone or changed its name. */
  build() {
    const grids = this.app.board.current();
    this.rows.clear();
    fill(this.body, ...grids.map((grid) => this.#row(grid)));
    document.getElementById("plan-empty").hidden = grids.length > 0;
    document.getElementById("plan-bare").hidden = !this.app.board.bare;
    this.refresh();
  }

  #row(grid) {
    const said = this.app.config.said[grid.id];
    const cells = Object.fromEntries(["residents", "buildings", "cases", "workers"].map((name) => [name, el("td", { class: "number" })]));
    const sum = el("strong", { class: "sum" });
    const chart = bar(0, this.app.board.limits);
    const lock = el("button", { type: "button", class: "quiet-icon row-lock", onclick: (event) => { event.stopPropagation(); this.app.lockGrid(grid.id); } });
    const name = el("button", { type: "button", class: "row-name" }, el("span", { title: grid.name }, short(grid, this.app.config.village_name)), el("small", { class: "code" }, grid.code ? grid.code.slice(-3) : t("new_tag"), said ? el("span", { title: t("said_of", { n: number(said) }) }, ` ✎ ${number(said)}`) : null));
    const row = el(
      "tr",
      { onclick: () => this.app.choose(grid.id, { zoom: false }), ondblclick: () => this.app.zoomTo(grid.id), "data-grid": grid.id },
      el("td", {}, el("div", { class: "row-head" }, swatch(TINTS[grid.tint % TINTS.length]), name)),
      el("td", { class: "row-bar" }, sum, chart),
      ...Object.values(cells),
      el("td", {}, lock),
    );
    this.rows.set(grid.id, { row, sum, chart, lock, cells });
    return row;
  }

  /** Writes the numbers of all rows. */
  refresh() {
    const { board, chosen } = this.app;
    const total = { households: 0, residents: 0, cases: 0, off: 0, grids: 0 };
    for (const [id, line] of this.rows) {
      const grid = board.grids.get(id);
      if (!grid) continue;
      const state = board.state(grid);
      this.#write(line, grid, state, id === chosen);
      total.grids += 1;
      total.off += state === "over" || state === "under" || state === "empty" ? 1 : 0;
      for (const name of ["households", "residents", "cases"]) total[name] += grid.sums[name];
    }
    this.#sum(total);
  }

  /** Writes one row, unless it says so already: a stroke changes two of two hundred. */
  #write(line, grid, state, chosen) {
    const { row, sum, chart, lock, cells } = line;
    const { households, residents, buildings, cases } = grid.sums;
    const workers = this.app.board.workers(grid);
    const told = [households, residents, buildings, cases, workers, state, chosen, grid.locked].join();
    if (line.told === told) return;
    line.told = told;
    text(sum, `${MARKS[state] ? `${MARKS[state]} ` : ""}${number(households)}`);
    sum.className = `sum sum-${state}`;
    sum.title = t(`state_${state}`);
    setBar(chart, households, this.app.board.limits);
    for (const name of ["residents", "buildings", "cases"]) text(cells[name], number(grid.sums[name]));
    text(cells.workers, number(workers));
    row.setAttribute("aria-selected", String(chosen));
    this.#lock(lock, grid);
  }

  #lock(button, grid) {
    const state = grid.locked ? "on" : "off";
    if (button.dataset.state === state) return;
    button.dataset.state = state;
    button.setAttribute("aria-pressed", String(Boolean(grid.locked)));
    button.setAttribute("aria-label", t(grid.locked ? "unlock_grid" : "lock_grid", { name: grid.name }));
    button.title = t(grid.locked ? "unlock" : "lock");
    button.disabled = !this.app.config.may.draw;
    fill(button, picture(grid.locked ? "locked" : "unlocked"));
  }

  #sum({ grids, households, off }) {
    const { board } = this.app;
    const loose = board.sums(NONE);
    const line = t("sum_line", { grids: number(grids), households: number(households), off: number(off) });
    const rest = loose.cells ? el("button", { type: "button", class: "link", onclick: () => this.app.findUnassigned() }, `△ ${t("loose_line", { cells: number(loose.cells), households: number(loose.households) })}`) : null;
    fill(this.foot, el("span", {}, line), rest);
  }

  /** Brings the row of a grid into view. */
  reveal(id) {
    this.rows.get(id)?.row.scrollIntoView({ block: "nearest" });
  }
}

function text(element, value) {
  if (element.textContent !== value) element.textContent = value;
}
