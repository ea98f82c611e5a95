// The sums on the map: the chosen grid at rest, and what a stroke gives and takes while it is drawn.

import { el, fill } from "../dom.js";
import { number, t } from "../words.js";
import { bar } from "./bar.js";
import { short } from "./board.js";
import { MARKS } from "./drawing.js";

const MOST = 4;

/** The box with live sums. */
export class Strip {
  constructor(app) {
    this.app = app;
    this.box = document.getElementById("plan-strip");
    this.stroke = null;
  }

  /** Follows a stroke, or goes back to the chosen grid with null. */
  show(stroke) {
    this.stroke = stroke;
    this.refresh();
  }

  /** Writes the sums anew. */
  refresh() {
    const { board, chosen } = this.app;
    const ids = this.stroke ? this.stroke.concerned() : chosen === null || !board.grids.has(chosen) ? [] : [chosen];
    this.box.hidden = ids.length === 0;
    const lines = ids.slice(0, MOST).map((id) => this.#line(board.grids.get(id)));
    if (ids.length > MOST) lines.push(el("li", { class: "quiet" }, t("more_grids", { n: ids.length - MOST })));
    fill(this.box, ...lines);
  }

  #line(grid) {
    const { board } = this.app;
    const { households, residents, buildings, cases } = grid.sums;
    const state = board.state(grid);
    const was = this.stroke ? this.stroke.households(grid.id) : households;
    const now = el("strong", { class: `sum sum-${state}` }, `${MARKS[state] ? `${MARKS[state]} ` : ""}${number(households)}`);
    const sums = was === households ? [now] : [el("span", { class: "was" }, number(was)), " → ", now];
    return el(
      "li",
      { title: t(`state_${state}`) },
      el("span", { class: "strip-name" }, short(grid, this.app.config.village_name)),
      el("span", { class: "strip-sum" }, ...sums, el("small", {}, ` ${t("unit_households")}`)),
      bar(households, board.limits),
      el("small", { class: "strip-rest" }, t("sums", { residents: number(residents), buildings: number(buildings), cases: number(cases), workers: number(board.workers(grid)) })),
    );
  }
}
