// Suggestions: a new plan, the least change, a split, a merge; looked at on the map before one is taken.

import { getJSON } from "../api.js";
import { el, fill } from "../dom.js";
import { number, t } from "../words.js";
import { NONE } from "./board.js";
import { tinted } from "./tints.js";

/** The panel that asks for suggestions, shows them and takes one. */
export class Suggestions {
  constructor(app) {
    this.app = app;
    this.list = document.getElementById("suggestion-list");
    for (const kind of ["new", "rebalance", "split", "merge"]) {
      document.getElementById(`suggest-${kind}`)?.addEventListener("click", () => this.ask(kind));
    }
  }

  async ask(kind) {
    const { app } = this;
    const grid = kind === "split" || kind === "merge" ? app.chosen : null;
    if ((kind === "split" || kind === "merge") && !grid) return app.tell("choose_first");
    this.close();
    fill(this.list, el("li", { class: "empty" }, t("working")));
    await app.outbox.settled();
    try {
      const answer = await getJSON(app.config.urls.suggest, { kind, grid, seed: 1 });
      this.#show(kind, answer);
    } catch (error) {
      fill(this.list, el("li", { class: "empty" }, error.message));
    }
  }

  #show(kind, { suggestions, infeasible = [], naive = null, misfits = [], left = null }) {
    const notes = [...(left?.told ?? []).map((said) => el("li", { class: "suggestion-note" }, said)), ...misfits.map((each) => this.#misfit(each)), ...infeasible.map((each) => this.#unfit(each))];
    const price = naive ? el("li", { class: "suggestion-note" }, t("naive_price", { moved: number(naive.moved), of: number(naive.of) })) : null;
    const lines = suggestions.map((suggestion, i) => this.#line(kind, suggestion, i));
    if (!lines.length) lines.push(el("li", { class: "empty" }, t("no_suggestion")));
    fill(this.list, ...lines, price, ...notes);
    if (suggestions.length) this.#preview(suggestions[0], this.list.firstElementChild);
  }

  #line(kind, suggestion, i) {
    const facts = [
      t("fact_grids", { n: number(suggestion.count ?? suggestion.grids.length) }),
      suggestion.in_range === null ? null : t("fact_range", { n: number(suggestion.in_range), of: number(suggestion.count) }),
      suggestion.along === null ? null : t("fact_along", { n: number(suggestion.along * 100) }),
      suggestion.compactness === null ? null : t("fact_compact", { n: number(suggestion.compactness, 2) }),
      t("fact_moved", { cells: number(suggestion.cells.length), households: number(suggestion.households) }),
    ];
    const line = el(
      "li",
      { class: "suggestion" },
      el("button", { type: "button", class: "suggestion-head", onclick: () => this.#preview(suggestion, line) }, el("strong", {}, suggestion.title ?? t("alternative", { n: i + 1 })), el("small", {}, facts.filter(Boolean).join(" · "))),
      kind === "merge" ? el("p", { class: "suggestion-note" }, this.#together(suggestion)) : null,
      suggestion.note ? el("p", { class: "suggestion-note" }, suggestion.note) : null,
      el("button", { type: "button", class: "button button-primary button-small", onclick: () => this.#take(suggestion) }, t("take")),
    );
    return line;
  }

  /** Says what a merged grid would hold, and that it would be too large or too small. */
  #together({ after, households }) {
    const { board } = this.app;
    const sum = board.sums(after[0]).households + households;
    const state = sum > board.limits.high ? "over" : sum < board.limits.low ? "under" : "good";
    return `${state === "good" ? "" : "▲ "}${t(`together_${state}`, { n: number(sum), low: number(board.limits.low), high: number(board.limits.high) })}`;
  }

  #unfit({ cells, households, reason }) {
    const { app } = this;
    const own = cells.map((id) => app.mesh.index.get(id)).filter((cell) => cell !== undefined);
    const go = () => { app.point(own); app.look(own); };
    return el("li", { class: "suggestion-note finding-warning" }, `▲ ${[...new Set(own.map((cell) => app.board.grids.get(app.board.of[cell])?.name).filter(Boolean))].slice(0, 3).join("、")} ${t("infeasible", { households: number(households) })} ${reason} `, own.length ? el("button", { type: "button", class: "link", onclick: go }, t("show_there")) : null);
  }

  /** Says that the number of grids cannot fit, and how many would do. */
  #misfit({ grids, households, fewest, most }) {
    const { app } = this;
    const names = grids.map((id) => app.board.grids.get(id)?.name).filter(Boolean).join("、");
    const own = [...app.board.of.keys()].filter((cell) => grids.includes(app.board.of[cell]));
    const need = fewest > most ? t("misfit_none") : fewest === most ? t("misfit_one", { n: number(fewest) }) : t("misfit_some", { fewest: number(fewest), most: number(most) });
    const [least, most_] = [grids.length * app.board.limits.low, grids.length * app.board.limits.high];
    const sum = t(households < least ? "misfit_few" : "misfit", { n: number(grids.length), households: number(households), least: number(least), most: number(most_) });
    const said = `▲ ${sum} ${need} ${names} `;
    return el("li", { class: "suggestion-note finding-warning" }, said, own.length ? el("button", { type: "button", class: "link", onclick: () => { app.point(own); app.look(own); } }, t("show_there")) : null);
  }

  /** Shows what would change, hatched, without taking it. */
  #preview(suggestion, line) {
    const { app } = this;
    for (const other of this.list.children) other.classList.toggle("shown", other === line);
    const preview = app.board.of.slice();
    suggestion.cells.forEach((id, i) => {
      const cell = app.mesh.index.get(id);
      if (cell !== undefined) preview[cell] = suggestion.after[i] ?? NONE;
    });
    const begun = suggestion.grids.filter(({ id }) => !app.board.grids.has(id));
    this.tints = tinted(app.mesh, preview, [...app.board.tints, ...begun.map(({ id }) => [id, -1])]);
    const grids = new Map(begun.map((grid) => [grid.id, { kind: "general", name: t("new_tag"), ...grid, tint: this.tints.get(grid.id), sums: { cells: 1, households: 0 } }]));
    this.shown = suggestion;
    app.show(preview, grids);
  }

  /** Takes the suggestion as one step. */
  #take(suggestion) {
    const { app } = this;
    this.close();
    const { board, mesh } = app;
    const numbers = new Map();
    for (const grid of suggestion.grids.filter(({ id }) => id < 0)) {
      const made = { kind: "general", village: app.config.village, ...grid, id: app.grids.fresh = Math.min(app.grids.fresh, ...board.grids.keys(), 0) - 1, name: app.grids.freeName() };
      numbers.set(grid.id, made);
      board.setGrids([made]);
      board.grids.get(made.id).tint = this.tints.get(grid.id); // as it was looked at
    }
    const cells = suggestion.cells.map((id) => mesh.index.get(id));
    const after = suggestion.after.map((id) => numbers.get(id)?.id ?? id ?? NONE);
    const old = suggestion.grids.filter(({ id }) => id > 0);
    app.grids.put(cells, after, { kind: "suggest", grids: [...numbers.values(), ...old] });
    board.setGrids(old);
    app.tell("taken", { n: number(cells.length) });
    fill(this.list, el("li", { class: "empty" }, t("taken", { n: number(cells.length) })));
  }

  /** Puts the preview away. */
  close() {
    if (!this.shown) return;
    this.shown = null;
    for (const line of this.list.children) line.classList.remove("shown");
    this.app.show(null);
  }
}
