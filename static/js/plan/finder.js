// What is still wrong with the plan: the server's findings, grids in pieces, cells without a grid; and the way there.

import { getJSON } from "../api.js";
import { el, fill, icon } from "../dom.js";
import { dismiss, notice } from "../notice.js";
import { number, t } from "../words.js";
import { NONE } from "./board.js";

const PAUSE_MS = 500;
const MOST = 60;
const OVERTAKEN = "E11"; // the ground below is another one now

/** The panel of findings; it asks the server after each stroke. */
export class Finder {
  constructor(app) {
    this.app = app;
    this.list = document.getElementById("plan-findings");
    this.badge = document.getElementById("findings-count");
    this.turn = { loose: 0, pieces: 0 };
    document.getElementById("find-loose")?.addEventListener("click", () => this.unassigned());
    document.getElementById("find-pieces")?.addEventListener("click", () => this.pieces());
  }

  /** Asks for the findings when the hand has rested. */
  later() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.load(), PAUSE_MS);
  }

  async load() {
    const { app } = this;
    if (app.outbox?.queue.length) return this.later();
    this.controller?.abort();
    this.controller = new AbortController();
    try {
      const { findings } = await getJSON(app.config.urls.findings, {}, this.controller.signal);
      this.show(findings);
    } catch (error) {
      if (error.name !== "AbortError") fill(this.list, el("li", { class: "empty" }, error.message));
    }
  }

  /** Lists the findings, errors first. */
  show(findings) {
    const errors = findings.filter((finding) => finding.severity === "error").length;
    this.badge.textContent = findings.length ? String(findings.length) : "";
    this.badge.className = errors ? "badge badge-error" : "badge";
    const lines = findings.slice(0, MOST).map((finding) => this.#line(finding));
    if (!lines.length) lines.push(el("li", { class: "empty" }, t("no_findings")));
    if (findings.length > MOST) lines.push(el("li", { class: "quiet" }, t("more_findings", { n: findings.length - MOST })));
    fill(this.list, ...lines);
    const gone = this.app.config.may.draw && findings.find(({ code }) => code === OVERTAKEN);
    if (gone) notice("overtaken", [gone.message, gone.mend].join(document.documentElement.lang.startsWith("zh") ? "" : " "));
    else dismiss("overtaken");
  }

  #line(finding) {
    const { app } = this;
    const cells = (finding.cells ?? []).map((id) => app.mesh.index.get(id)).filter((cell) => cell !== undefined);
    const go = () => {
      if (finding.grid && app.board.grids.has(finding.grid)) app.choose(finding.grid);
      const shown = cells.length ? cells : app.board.cellsOf(finding.grid);
      app.point(shown);
      app.look(shown);
    };
    const mend = finding.remedy?.length && app.config.may.draw
      ? el("button", { type: "button", class: "link", onclick: () => this.mend(finding.remedy) }, t("mend"))
      : null;
    return el(
      "li",
      { class: `finding finding-${finding.severity}` },
      icon(finding.severity === "error" ? "alert" : "info"),
      el("div", {}, el("p", {}, el("span", { class: "tag" }, finding.code), ` ${finding.message}`), finding.mend && el("small", {}, finding.mend)),
      el("span", { class: "finding-acts" }, cells.length || finding.grid ? el("button", { type: "button", class: "link", onclick: go }, t("show_there")) : null, mend),
    );
  }

  /** Goes to the next lot of cells that are in no grid. */
  unassigned() {
    const loose = this.app.board.pieces(NONE);
    if (!loose.length) return this.app.tell("none_unassigned", {}, "info");
    this.#go(loose[this.turn.loose++ % loose.length], "unassigned_at", loose.length);
  }

  /** Goes to the next piece that is cut off from the rest of its grid. */
  pieces() {
    const { board } = this.app;
    const found = board.current().flatMap((grid) => board.pieces(grid.id).slice(1));
    if (!found.length) return this.app.tell("none_in_pieces", {}, "info");
    const piece = found[this.turn.pieces++ % found.length];
    this.app.choose(board.of[piece[0]]);
    this.#go(piece, "piece_at", found.length);
  }

  #go(cells, key, n) {
    const { app } = this;
    for (const topic of ["plan-said", "refused"]) dismiss(topic);
    app.point(cells);
    app.look(cells);
    const [neighbour] = app.board.neighbours(cells);
    const name = neighbour ? app.board.grids.get(neighbour[0]).name : null;
    const box = document.getElementById("plan-piece");
    fill(
      box,
      el("span", {}, t(key, { n: number(n), cells: number(cells.length), ...app.board.added(cells) })),
      name && app.config.may.draw ? el("button", { type: "button", class: "button button-small", onclick: () => { box.hidden = true; this.give(cells); } }, t("give_to", { name })) : null,
      el("button", { type: "button", class: "quiet-icon", "aria-label": t("close"), onclick: () => { box.hidden = true; app.point(null); } }, icon("close")),
    );
    box.hidden = false;
  }

  /** Takes the way of mending that comes with a finding, as one step. */
  mend(remedy) {
    const { app } = this;
    const known = remedy.map(([id, grid]) => [app.mesh.index.get(id), grid]).filter(([cell]) => cell !== undefined);
    app.point(null);
    app.grids.put(known.map(([cell]) => cell), known.map(([, grid]) => grid), { kind: "paint" });
    app.tell("mended", app.board.added(known.map(([cell]) => cell)));
  }

  /** Gives cells to the neighbour that they share the longest border with. */
  give(cells) {
    const { app } = this;
    const own = app.board.of[cells[0]];
    const [to] = app.board.neighbours(cells).filter(([id]) => id !== own && !app.board.grids.get(id)?.locked);
    app.point(null);
    if (!to) return app.tell("no_neighbour");
    if (cells.some((cell) => app.board.held(cell))) return app.tell("held", { n: cells.length });
    app.grids.put(cells, to[0], { kind: "paint" });
    app.tell("given", { ...app.board.added(cells), name: app.board.grids.get(to[0]).name });
  }
}
