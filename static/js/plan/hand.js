// The pointer on the map: hands places to the tool, lets the map move with the space bar, the wheel or the middle button.

const [TWICE_MS, TWICE_PX] = [500, 6];

/** Joins the map's pointer with the tool in use. */
export class Hand {
  constructor(app) {
    this.app = app;
    this.tool = null;
    this.at = null;
    this.busy = false;
    this.panning = false;
    this.clicked = null;
    document.addEventListener("click", (event) => { this.clicked = event.target.closest?.("dialog") ? event : null; }, true);
    const box = app.map.getContainer();
    box.addEventListener("pointerdown", (event) => this.#down(event));
    box.addEventListener("pointermove", (event) => this.#move(event));
    box.addEventListener("pointerup", (event) => this.#up(event));
    box.addEventListener("pointercancel", () => this.cancel());
    box.addEventListener("pointerleave", () => this.#leave());
    box.addEventListener("contextmenu", (event) => this.tool && event.preventDefault());
    addEventListener("keydown", (event) => this.#space(event, true));
    addEventListener("keyup", (event) => this.#space(event, false));
    app.map.on("move zoom", () => app.sheets.hand.refresh());
  }

  /** Takes a tool, or none: then the map is moved. */
  use(tool) {
    this.cancel();
    this.tool = tool;
    this.#rest();
  }

  #rest() {
    const { map } = this.app;
    if (this.tool && !this.panning) map.dragging.disable();
    else map.dragging.enable();
    map.getContainer().classList.toggle("drawing", Boolean(this.tool) && !this.panning);
    this.app.sheets.hand.refresh();
  }

  #space(event, down) {
    if (event.code !== "Space" || event.target.closest("input, textarea, select, button, summary, dialog[open]")) return;
    if (down) event.preventDefault();
    if (this.panning === down || this.busy) return;
    this.panning = down;
    this.#rest();
  }

  #place(event) {
    return this.app.mesh.place(this.app.map, this.app.map.mouseEventToContainerPoint(event));
  }

  /** Whether it is the second click of two on a dialogue's button, which is not there any more. */
  #again({ timeStamp, clientX, clientY }) {
    const first = this.clicked;
    return first !== null && timeStamp - first.timeStamp < TWICE_MS && Math.hypot(clientX - first.clientX, clientY - first.clientY) < TWICE_PX;
  }

  #down(event) {
    if (this.#again(event)) return;
    if (!this.tool || this.panning || event.button !== 0 || event.target.closest(".leaflet-control, .plan-strip, .notices")) return;
    this.at = this.#place(event);
    this.busy = this.tool.down(this.at) !== false;
    if (!this.busy) return;
    this.app.map.getContainer().setPointerCapture(event.pointerId);
    this.app.sheets.hand.refresh();
  }

  #move(event) {
    if (!this.tool || this.panning) return;
    this.at = this.#place(event);
    this.tool.move(this.at);
    this.app.sheets.hand.refresh();
  }

  #up() {
    if (!this.busy) return;
    this.busy = false;
    this.tool.up();
    this.app.sheets.hand.refresh();
  }

  #leave() {
    if (this.busy) return;
    this.at = null;
    this.app.sheets.hand.refresh();
  }

  /** Gives up what is being drawn; true when there was something. */
  cancel() {
    const was = this.busy;
    this.busy = false;
    if (was) this.tool.cancel();
    this.app.sheets.hand.refresh();
    return was;
  }

  /** Draws with the tool at the middle of the map: the way of the keyboard. */
  press() {
    const { map, mesh } = this.app;
    const middle = mesh.place(map, map.getSize().divideBy(2));
    if (!this.tool || this.busy) return;
    if (this.tool.down(middle) !== false) this.tool.up();
  }

  /** What the tool shows under the pointer. */
  draw(ctx) {
    this.tool?.draw(ctx, this.panning ? null : this.at, this.app.mesh.view(this.app.map));
  }
}
