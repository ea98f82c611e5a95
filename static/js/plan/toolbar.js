// The tools on the left and the switches on top.

import { t } from "../words.js";
import { Cut } from "./cut.js";
import { Push } from "./push.js";
import { Brush, Dropper, Lasso, Rectangle } from "./tools.js";

const SIZES = [2, 8, 14, 22, 34, 52, 80];

/** Which tool is in the hand, how large the brush is, whose cells it takes; undo and redo. */
export class Toolbar {
  constructor(app) {
    this.app = app;
    this.tools = { pan: null, brush: new Brush(app), rectangle: new Rectangle(app), lasso: new Lasso(app), push: new Push(app), cut: new Cut(app), dropper: new Dropper(app) };
    for (const button of document.querySelectorAll("[data-tool]")) button.addEventListener("click", () => this.use(button.dataset.tool));
    document.getElementById("plan-source")?.addEventListener("change", (event) => { app.source = event.target.value; });
    document.getElementById("plan-action")?.addEventListener("change", (event) => { app.action = event.target.value; });
    document.getElementById("plan-eraser")?.addEventListener("click", () => app.choose(app.chosen === 0 ? null : 0));
    this.#switch("plan-compare", () => { app.compare = !app.compare; return app.compare; });
    this.#switch("plan-load", () => { app.options.colour = app.options.colour === "load" ? "grid" : "load"; return app.options.colour === "load"; });
    document.getElementById("plan-undo")?.addEventListener("click", () => this.step("undo"));
    document.getElementById("plan-redo")?.addEventListener("click", () => this.step("redo"));
    document.getElementById("plan-village")?.addEventListener("change", (event) => event.target.form.requestSubmit());
    this.size(0);
  }

  #switch(id, turn) {
    const button = document.getElementById(id);
    button?.addEventListener("click", () => {
      const on = turn();
      button.setAttribute("aria-pressed", String(on));
      for (const legend of document.querySelectorAll(`[data-legend="${id}"]`)) legend.hidden = !on;
      this.app.redraw();
    });
  }

  /** Takes a tool into the hand. */
  use(name) {
    if (!(name in this.tools)) return;
    this.name = name;
    for (const button of document.querySelectorAll("[data-tool]")) button.setAttribute("aria-pressed", String(button.dataset.tool === name));
    document.getElementById("plan-tip").textContent = t(`tip_${name}`);
    document.querySelector(".plan-page").dataset.tool = name;
    this.app.hand.use(this.tools[name]);
  }

  /** Makes the brush larger (1) or smaller (-1). */
  size(change) {
    const at = Math.min(Math.max(SIZES.indexOf(this.app.brush) + change, 0), SIZES.length - 1);
    this.app.brush = SIZES[at];
    const shown = document.getElementById("plan-brush");
    if (shown) shown.textContent = String(at + 1);
    this.app.sheets.hand.refresh();
  }

  /** Takes back the newest own step, or does it again; the server knows which that is. */
  step(kind) {
    const { app } = this;
    if (!app.config.may.draw || app.hand.busy) return;
    if (!app.outbox.queue.length && document.getElementById(`plan-${kind}`).disabled) return app.tell(`nothing_to_${kind}`);
    app.hush();
    app.suggestions.close();
    app.outbox.add(app.outbox.entry({ kind }));
  }

  /** Enables undo and redo by what the server says there is. */
  steps({ can = null }) {
    if (!can || !this.app.config.may.draw) return;
    document.getElementById("plan-undo").disabled = !can.undo;
    document.getElementById("plan-redo").disabled = !can.redo;
  }
}
