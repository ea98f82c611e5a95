// The map page: takes the Folium map and the server's config and joins tiles, figures, rail, card and address.

import { begin, end } from "./busy.js";
import { Card } from "./card.js";
import { Figures } from "./figures.js";
import { Focus } from "./focus.js";
import { startInView } from "./inview.js";
import { startKeys } from "./keys.js";
import { startLegend } from "./legend.js";
import { Marks } from "./marks.js";
import { startDayChip } from "./daychip.js";
import { dismiss, notice } from "./notice.js";
import { fold, startPanel } from "./panel.js";
import { startPrint } from "./print.js";
import { Search } from "./search.js";
import { State } from "./state.js";
import { Territory } from "./territory.js";
import { VectorLayer } from "./tiles.js";
import { Veil } from "./veil.js";
import { View } from "./view.js";
import { speak, t } from "./words.js";

/** Everything the parts of the page share. */
class App {
  constructor(map, config) {
    this.map = map;
    this.config = config;
    this.font = getComputedStyle(document.body).fontFamily;
    this.state = new State(config.state);
    this.layers = new Map();
    this.layerListeners = [];
    // the layers that measures colour lie at the bottom, so that roads and boundaries stay readable over the colours
    this.measured = new Set(config.themes.flatMap(({ measures }) => measures.map(({ layer }) => layer)));
    const order = [...config.layers].sort((a, b) => this.measured.has(b.name) - this.measured.has(a.name));
    order.forEach((layer, i) => this.layers.set(layer.name, this.#vector(layer, i)));
  }

  #vector(layer, i) {
    const vector = new VectorLayer(layer, { template: this.config.urls.tiles, date: this.day(), zIndex: 10 + i });
    vector.on("drawn tileunload", () => this.#refresh());
    vector.on("problem", () => this.#problem());
    return vector;
  }

  /** The as-at day, or null for today: today's tiles have one address. */
  day() {
    const date = this.state.get("date");
    return date === this.state.get("today") ? null : date;
  }

  #problem() {
    const again = () => this.layers.forEach((vector) => vector.retry());
    notice("tiles", t("tiles_failed"), { retry: again });
  }

  isOn(name) {
    return (this.state.get("layers") ?? []).includes(name);
  }

  /** The whole zoom whose tiles are shown: the map itself may stand between two. */
  get zoom() {
    return Math.round(this.map.getZoom());
  }

  /** The vector layers that are on, the lowest first. */
  shownLayers() {
    return [...this.layers.values()].filter((vector) => this.map.hasLayer(vector));
  }

  onLayers(listener) {
    this.layerListeners.push(listener);
  }

  /** Puts on the map what the state names, and tells the listeners. */
  syncLayers() {
    for (const [name, vector] of this.layers) {
      if (this.isOn(name)) vector.addTo(this.map);
      else vector.remove();
    }
    this.#refresh();
    for (const listener of this.layerListeners) listener();
  }

  /** Draws all that is shown anew, from the tiles already here: the pixel ratio is another one. */
  redraw() {
    this.shownLayers().forEach((vector) => vector.redraw());
    this.#refresh();
  }

  /** Draws what lies over the tiles. */
  #refresh() {
    for (const over of [this.veil, this.marks, this.focus]) over?.refresh();
  }

  /** Switches a layer on or off. */
  show(name, on) {
    const layers = (this.state.get("layers") ?? []).filter((other) => other !== name);
    this.state.set({ layers: on ? [...layers, name] : layers });
  }

  /** Chooses a theme and measure; the layers that go with the old one make room for those of the new. */
  choose(theme, measure) {
    const old = this.figures.chosen().measure;
    const gone = [...(old?.with ?? []), ...(old && old.layer !== "grids" ? [old.layer] : [])];
    const kept = (this.state.get("layers") ?? []).filter((name) => !gone.includes(name));
    const layers = [...new Set([...kept, measure.layer, ...(measure.with ?? [])])];
    this.state.set({ theme: theme.name, measure: measure.name, layers }, { push: true });
  }

  /** Goes to an area; a grid also opens its card. */
  enter(code, level = null) {
    fold();
    const grid = level === "grid" || code.length === 15 ? code : null;
    if (code === this.state.get("area")) this.territory.load(true);
    this.state.set({ area: code, grid, at: null }, { push: true }); // the area says where to look until the map stands
  }
}

function furnish(map) {
  map.attributionControl?.setPrefix(false);
  map.doubleClickZoom.disable();
  map.zoomControl?.remove();
  map.setMaxZoom(19);
  L.control.zoom({ position: "topright", zoomInTitle: t("zoom_in"), zoomOutTitle: t("zoom_out") }).addTo(map);
  L.control.scale({ position: "bottomleft", imperial: false, maxWidth: 140 }).addTo(map);
  map.getContainer().setAttribute("aria-label", t("map_label"));
  map.getContainer().setAttribute("role", "application");
  new ResizeObserver(() => map.invalidateSize({ animate: false })).observe(map.getContainer());
}

/** Starts the page on a Leaflet map. */
export function start(map, config) {
  begin(start);
  const named = new URLSearchParams(location.search).has("layers");
  speak(config);
  furnish(map);
  const app = new App(map, config);
  app.figures = new Figures(app);
  app.marks = new Marks(app);
  app.focus = new Focus(app);
  app.veil = new Veil(app);
  app.territory = new Territory(app);
  app.view = new View(app);
  app.legend = startLegend(app);
  startPanel(app);
  app.search = new Search(app);
  app.card = new Card(app);
  startKeys(app);
  startPrint(app);
  startDayChip(app);
  startInView(app);
  app.focus.select(app.state.get("grid"));
  app.state.on(["layers"], () => app.syncLayers());
  app.state.on(["date"], () => app.layers.forEach((vector) => vector.setDate(app.day())));
  map.on("zoomend", () => app.layerListeners.forEach((listener) => listener()));
  const { measure } = app.figures.chosen();
  if (measure && !app.isOn(measure.layer) && !named) app.show(measure.layer, true);
  app.figures.load(); // before the tiles: it is the slowest answer
  app.territory.load(false);
  app.syncLayers();
  end(start);
  return app;
}

// Folium's own script runs before this module: what it asked for meanwhile waits in a queue.
const waiting = window.wangge?.waiting ?? [];
window.wangge = { start, waiting: [] };
for (const [map, config] of waiting) start(map, config);
