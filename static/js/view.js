// The view: what of the map is in the window, read from the address and written there, and fitted to an area.

import { begin, end } from "./busy.js";
import { el, icon } from "./dom.js";
import { onPaper } from "./ratio.js";
import { t } from "./words.js";

const TILE = 256;
const [LOWEST, HIGHEST] = [6, 19];
const FAR = 1; // degrees from the area: farther away nobody looks at a district
const AIR = 16;

/** The zoom nearest to one (with Math.floor the next below) whose tiles are whole pixels wide: such tiles meet without a seam. */
export function whole(zoom, round = Math.round) {
  const level = Math.round(zoom);
  return level + Math.log2(round(TILE * 2 ** (zoom - level)) / TILE);
}

/** Does something to the map that may leave it between two zooms; hands and wheels stop at whole ones. */
export function between(map, act) {
  const { zoomSnap } = map.options;
  map.options.zoomSnap = 0;
  act();
  map.options.zoomSnap = zoomSnap;
}

/** Fills the map with bounds; `padding` is [left, top, right, bottom] in pixels. */
export function fill(map, bounds, [left, top, right, bottom] = [0, 0, 0, 0], options = {}) {
  const box = L.latLngBounds(bounds);
  between(map, () => {
    const zoom = whole(Math.min(map.getBoundsZoom(box, false, L.point(left + right, top + bottom)), 18), Math.floor);
    const middle = map.project(box.getSouthWest(), zoom).add(map.project(box.getNorthEast(), zoom)).divideBy(2);
    const shift = L.point(right - left, bottom - top).divideBy(2);
    map.setView(map.unproject(middle.add(shift), zoom), zoom, options);
  });
}

/** Reads zoom/latitude/longitude; null when that is not what was given, or when it lies far from the bounds. */
function read(at, bounds) {
  const parts = /^(\d+(?:\.\d+)?)\/(-?\d+\.?\d*)\/(-?\d+\.?\d*)$/.exec(at ?? "");
  if (!parts) return null;
  const [zoom, lat, lng] = parts.slice(1).map(Number);
  if (zoom < LOWEST || zoom > HIGHEST) return null;
  if (bounds) {
    const [[south, west], [north, east]] = bounds;
    if (lat < south - FAR || lat > north + FAR || lng < west - FAR || lng > east + FAR) return null;
  }
  return { zoom: whole(zoom), center: [lat, lng] };
}

/** Keeps the map of `app` and the address in step. */
export class View {
  constructor(app) {
    this.app = app;
    const { map, config, state } = app;
    if (!this.#look() && config.bounds) this.fit(config.bounds, { animate: false });
    this.#write();
    state.on(["at"], () => state.travelling && this.#look());
    map.on("moveend", () => this.#write());
    this.#home();
  }

  /** Whether the address says where to look; where it does not, the area does. */
  get told() {
    return read(this.app.state.get("at"), this.app.config.bounds) !== null;
  }

  #look() {
    const { map, state, config } = this.app;
    const view = read(state.get("at"), config.bounds);
    if (!view) return false;
    if (map._animatingZoom) map._onZoomTransitionEnd(); // or its end would come later and win
    between(map, () => map.setView(view.center, view.zoom, { animate: false }));
    return true;
  }

  #write() {
    if (onPaper()) return;
    const { map, state } = this.app;
    const { lat, lng } = map.getCenter();
    state.set({ at: `${Number(map.getZoom().toFixed(3))}/${lat.toFixed(5)}/${lng.toFixed(5)}` });
  }

  /** Shows bounds with some air; the card, when open, is not counted as map. */
  fit(bounds, options = {}) {
    const { map, state } = this.app;
    const size = map.getSize();
    const [right, below] = !state.get("grid") ? [0, 0] : size.x > 760 ? [380, 0] : [0, Math.round(size.y * 0.7)];
    begin(this);
    map.once("moveend", () => end(this));
    fill(map, bounds, [AIR, AIR, AIR + right, AIR + below], options);
  }

  #home() {
    const button = el("a", { href: "#", role: "button", class: "home" }, icon("home"));
    button.addEventListener("click", (event) => {
      event.preventDefault();
      this.app.territory.show();
    });
    this.button = button;
    const bar = el("div", { class: "leaflet-bar" }, button);
    L.DomEvent.disableClickPropagation(bar);
    const control = new L.Control({ position: "topright" });
    control.onAdd = () => bar;
    control.addTo(this.app.map);
  }

  /** Says on the button where it leads. */
  name(area) {
    this.button.title = t("back_to", { area });
    this.button.setAttribute("aria-label", this.button.title);
  }
}
