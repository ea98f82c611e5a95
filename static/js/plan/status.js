// Saved, saving, offline, out of step: what the header says of it, and what is asked when two drew over the same cell.

import { address, getJSON, login } from "../api.js";
import { el, fill } from "../dom.js";
import { notice } from "../notice.js";
import { number, t } from "../words.js";
import { NONE } from "./board.js";
import { postJSON, trust } from "./post.js";

const WATCH_MS = 8000;
const SIGNS = { saved: "✓", saving: "…", offline: "⚠", clash: "⚠", logged_out: "⚠", readonly: "◦" };

/** Shows the state of the outbox and asks the server now and then what others did. */
export class Status {
  constructor(app) {
    this.app = app;
    this.line = document.getElementById("plan-state");
    this.say(app.config.may.draw ? "saved" : "readonly", 0);
  }

  /** What the outbox calls. */
  hooks() {
    return {
      state: (name, count) => this.say(name, count),
      acknowledged: (entry, outcome) => this.acknowledged(entry, outcome),
      refused: (entry, error) => this.refused(entry, error),
      closed: (entry, error) => this.closed(entry, error),
      overdrawn: (cells) => this.sure(t("undo_rest", { n: number(cells.length) })),
      named: (entry, error) => this.named(entry, error),
      renew: () => this.renew(),
      clash: (entry, answer) => this.ask(entry, answer),
    };
  }

  /** Writes the state in sign and word. */
  say(name, count) {
    if (this.name === name && this.count === count) return;
    Object.assign(this, { name, count });
    this.line.dataset.state = name;
    const parts = [el("span", { "aria-hidden": "true" }, SIGNS[name]), ` ${t(`save_${name}`, { n: number(count) })}`];
    if (name === "logged_out") parts.push(" ", el("button", { type: "button", class: "link", onclick: login }, t("log_in_again")));
    fill(this.line, ...parts);
  }

  acknowledged(entry, outcome) {
    trust(outcome.token);
    this.app.toolbar.steps(outcome);
    this.app.finder.later();
    if (entry.kind === "undo" || entry.kind === "redo") this.#turned(entry, outcome);
    const others = new Set(outcome.events.filter((event) => !event.own).map((event) => event.user));
    if (others.size) this.app.tell("merged_in", { names: [...others].join("、") });
  }

  /** Says what an undo or a redo did to locks and names, which the map hardly shows. */
  #turned({ key, kind }, { events, elsewhere }) {
    const { app } = this;
    app.redraw();
    app.table.refresh();
    if (elsewhere?.length) app.tell(`${kind}_elsewhere`, { names: elsewhere.join("、") }, "warn");
    const own = events.find((event) => event.key === key);
    const changed = (own?.grids ?? []).map(([id]) => app.board.grids.get(id)).filter(Boolean);
    if (changed.length && !own.cells?.length) app.tell(`${kind}_grids`, { names: changed.map(({ name }) => name).join("、") });
  }

  /** A stroke that the server does not take: says why, and shows the plan as it is. */
  async refused(_entry, error) {
    this.app.hush();
    notice("refused", error.message, {});
    const { app } = this;
    const draft = await getJSON(app.config.urls.draft).catch(() => null);
    if (!draft) return;
    app.board.load(draft);
    for (const entry of app.outbox.waiting) app.board.setGrids(entry.grids.filter(({ id }) => id < 0));
    app.board.rest([...app.outbox.waiting].flatMap(({ cells }) => cells.map((id) => app.mesh.index.get(id))).filter((cell) => cell !== undefined), app.outbox.waiting);
  }

  /** Asks for another name of a grid, with the refused one and the reason in the dialogue. */
  named({ kind, grids: [grid] }, error) {
    this.app.hush();
    return this.app.grids.ask(t(kind === "create" ? "create_grid" : "rename_grid"), grid, error.message);
  }

  /** The plan is no draft any more: asks whether what waits shall go into a branch. */
  async closed(entry, error, failed = "") {
    const yes = await this.sure(`${failed || error.message} ${t("into_branch", { n: number(this.app.outbox.queue.length) })}`);
    const wrong = yes && (await this.fork(entry));
    return wrong ? this.closed(entry, error, wrong) : yes;
  }

  /** Asks for another token; false when the session is over. */
  async renew() {
    try {
      const response = await fetch(address(this.app.config.urls.events, { since: this.app.board.revision }), { credentials: "same-origin" });
      if (!response.ok) return false;
      trust((await response.json()).token);
      return true;
    } catch {
      return false;
    }
  }

  /** Looks every few seconds what others did, while the page is seen and nothing of ours waits. */
  watch() {
    setInterval(() => this.look(), WATCH_MS);
  }

  async look() {
    const { app } = this;
    if (document.visibilityState !== "visible" || app.outbox.queue.length || app.hand.busy) return;
    try {
      const answer = await getJSON(app.config.urls.events, { since: app.board.revision });
      trust(answer.token);
      if (app.outbox.queue.length || app.hand.busy || !answer.events.length) return;
      app.outbox.follow(answer);
      app.toolbar.steps(answer);
      app.finder.later();
      const names = [...new Set(answer.events.filter((event) => !event.own).map((event) => event.user))];
      if (names.length) app.tell("merged_in", { names: names.join("、") });
    } catch {
      // the next stroke says so
    }
  }

  /** The dialogue of two strokes over the same cells: mine, theirs, or a plan of my own. */
  async ask(entry, answer, failed = "") {
    const dialog = document.getElementById("plan-clash");
    document.getElementById("clash-text").textContent = `${failed || answer.error} ${t("clash_choose")}`;
    const rows = Object.entries(answer.conflict);
    fill(document.getElementById("clash-list"), ...this.#lines(rows));
    this.app.point(rows.map(([id]) => this.app.mesh.index.get(Number(id))).filter((cell) => cell !== undefined));
    dialog.showModal();
    const choice = await new Promise((resolve) => {
      for (const button of dialog.querySelectorAll("[data-choice]")) button.onclick = () => resolve(button.dataset.choice);
      dialog.oncancel = (event) => event.preventDefault();
    });
    dialog.close();
    this.app.point(null);
    const wrong = choice === "fork" && (await this.fork(entry));
    return wrong ? this.ask(entry, answer, wrong) : choice;
  }

  #lines(rows) {
    const { board, mesh } = this.app;
    const name = (id) => (id === null || id === NONE ? t("unassigned") : board.grids.get(id)?.name ?? `#${id}`);
    const groups = new Map();
    for (const [cell, sides] of rows) {
      const key = JSON.stringify(sides);
      const [cells, households] = groups.get(key) ?? [0, 0];
      groups.set(key, [cells + 1, households + (board.weights.households[mesh.index.get(Number(cell))] ?? 0)]);
    }
    return [...groups].map(([key, counts]) => el("tr", {}, ...[...counts.map(number), ...JSON.parse(key).map(name)].map((text) => el("td", {}, text))));
  }

  /** Asks whether something is meant; resolves with the answer. */
  async sure(text) {
    const dialog = document.getElementById("plan-sure");
    document.getElementById("sure-text").textContent = text;
    dialog.returnValue = "";
    dialog.showModal();
    await new Promise((resolve) => dialog.addEventListener("close", resolve, { once: true }));
    return dialog.returnValue === "ok";
  }

  /** Branches the plan off and takes what waits along, with the numbers that the grids have there; returns what went wrong. */
  async fork({ base, key }) {
    const { app } = this;
    // the stroke's own key: tried again after a failure it is the same branch
    const answer = await postJSON(app.config.urls.fork, { base, key: `fork-${key}` }).catch((error) => error);
    if (answer instanceof Error) return answer.message;
    const { plan, grids, revision, address: target } = answer;
    const there = (id) => grids[id] ?? id;
    for (const entry of app.outbox.queue) {
      const moved = { ...entry, base: revision, after: entry.after.map(there), before: entry.before.map(there), grids: entry.grids.map((grid) => ({ ...grid, id: there(grid.id) })) };
      app.outbox.journal.plan = plan;
      await app.outbox.journal.keep({ ...moved, open: false, moved: true });
    }
    app.outbox.queue.length = 0;
    location.assign(target);
    return "";
  }
}
