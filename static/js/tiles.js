// A Leaflet layer of vector tiles on canvas: crisp at any pixel ratio, recoloured without asking the server again.

import { begin, end } from "./busy.js";
import { aborted } from "./api.js";
import { classBy, inside, paint, placed, weightAt } from "./paint.js";
import { onPaper, ratio } from "./ratio.js";
import { TileSource } from "./source.js";

const SIZE = 256;

/** new VectorLayer(layerConfig, {template, date}); fires "problem" when tiles stay away and "drawn" after painting. */
export const VectorLayer = L.GridLayer.extend({
  options: { tileSize: SIZE, updateWhenZooming: false, keepBuffer: 1 },

  initialize(layer, { template, date, zIndex }) {
    L.setOptions(this, { minZoom: layer.minzoom ?? 0, maxZoom: 22, zIndex, pane: "tilePane" });
    this.layer = layer;
    this.source = new TileSource(layer, template, layer.timed === false ? null : date);
    this.plain = { style: layer.style, classOf: classBy(layer) };
    this.look = this.plain;
    this.failed = new Set();
    this.on("loading", () => begin(this));
    this.on("load remove", () => end(this));
    this.on("tileunload", ({ tile }) => this._letGo(tile));
  },

  createTile(coords, done) {
    const drawn = this.layer.geometry !== "point";
    const tile = L.DomUtil.create(drawn ? "canvas" : "div", "vector-tile");
    tile.coords = coords;
    this._load(tile, done);
    return tile;
  },

  _load(tile, done) {
    const { x, y, z } = tile.coords;
    const shift = z - this.source.zoom(z);
    const entry = this.source.take(z - shift, x >> shift, y >> shift);
    tile.entry = entry;
    entry.promise.then(
      () => {
        if (tile.entry !== entry) return;
        this.failed.delete(tile);
        this._paint(tile);
        tile.classList.add("leaflet-tile-loaded"); // Leaflet does so itself, but not at a second try
        done(null, tile);
        this.fire("drawn");
      },
      (error) => {
        if (aborted(error) || tile.entry !== entry) return;
        this.failed.add(tile);
        done(error, tile);
        this.fire("problem");
      },
    );
  },

  _letGo(tile) {
    if (tile.entry) this.source.release(tile.entry);
    tile.entry = null;
    this.failed.delete(tile);
    if (Object.keys(this._tiles).length) return;
    this._loading = false; // Leaflet does not say so when the last tile is taken away before it came
    end(this);
  },

  _paint(tile) {
    if (!tile.getContext || !tile.entry?.tile) return;
    const { entry, coords } = tile;
    const stretch = (tile.stretch = 2 ** (this._map.getZoom() - coords.z));
    const whole = this._size(tile, stretch);
    const ctx = tile.getContext("2d");
    const scale = tile.width / whole;
    ctx.setTransform(scale, 0, 0, scale, 0, 0);
    ctx.clearRect(0, 0, whole, whole);
    paint(ctx, placed(coords, entry, SIZE, entry.tile.extent), entry.tile, { ...this.look, thin: weightAt(this.layer, coords.z) / stretch }, whole);
  },

  /** Gives a canvas as many pixels as it takes on the screen, and a margin where its edge falls between two; returns its side. */
  _size(tile, stretch) {
    const pixels = SIZE * stretch * ratio();
    const seamless = !onPaper() && Math.abs(pixels - Math.round(pixels)) < 1e-6;
    const whole = seamless ? SIZE : SIZE + 1;
    const side = Math.round((pixels * whole) / SIZE);
    if (tile.width !== side) Object.assign(tile, { width: side, height: side });
    Object.assign(tile.style, { width: `${whole}px`, height: `${whole}px` });
    return whole;
  },

  getEvents() {
    return { ...L.GridLayer.prototype.getEvents.call(this), zoomend: this._sharpen };
  },

  /** Paints anew what the map shows larger or smaller than it was painted. */
  _sharpen() {
    const zoom = this._map.getZoom();
    for (const { el, current } of Object.values(this._tiles)) {
      if (current && el.stretch !== 2 ** (zoom - el.coords.z)) this._paint(el);
    }
  },

  /** As Leaflet does it, but not rounded: where tiles are whole pixels wide, this puts them on whole pixels. */
  _setZoomTransform(level, center, zoom) {
    const scale = this._map.getZoomScale(zoom, level.zoom);
    L.DomUtil.setTransform(level.el, level.origin.multiplyBy(scale).subtract(this._map._getNewPixelOrigin(center, zoom)), scale);
  },

  _clampZoom(zoom) {
    return Math.round(L.GridLayer.prototype._clampZoom.call(this, zoom)); // on paper the map stands between two zooms
  },

  /** Recolours with {style, classOf}, or back to the layer's own style with null. */
  recolour(look) {
    this.look = look ?? this.plain;
    for (const { el } of Object.values(this._tiles ?? {})) this._paint(el);
    this.fire("drawn");
  },

  /** Shows the layer as at another day. */
  setDate(date) {
    if (this.layer.timed === false || this.source.date === date) return;
    this.source.reset(date);
    this._again();
  },

  /** Takes up another version of the layer's rows, when somebody has changed them. */
  setVersion(version) {
    if (!version || this.layer.version === version) return;
    this.layer.version = version;
    this.source.reset(this.source.date);
    this._again();
  },

  /** Draws anew, but not at a zoom where the layer is not drawn at all: Leaflet's redraw() would fetch its tiles. */
  _again() {
    const zoom = Math.round(this._map?.getZoom());
    if (zoom >= this.options.minZoom && zoom <= this.options.maxZoom) this.redraw();
  },

  /** Asks once more for the tiles that did not come. */
  retry() {
    for (const tile of [...this.failed]) {
      this._letGo(tile);
      begin(tile);
      this._load(tile, () => end(tile));
    }
  },

  /** The decoded tiles in view: [{entry, view}], `view` maps tile units to layer points of the map. */
  placedTiles() {
    const map = this._map;
    if (!map) return [];
    const [z, zoom] = [this._tileZoom, map.getZoom()];
    const origin = map.getPixelOrigin();
    const seen = new Map();
    for (const { el, current } of Object.values(this._tiles ?? {})) {
      const { entry, coords } = el;
      if (!current || !entry?.tile || coords.z !== z || seen.has(entry.key)) continue;
      const side = SIZE * 2 ** (zoom - entry.z);
      seen.set(entry.key, { entry, side, view: { scale: side / entry.tile.extent, dx: entry.x * side - origin.x, dy: entry.y * side - origin.y } });
    }
    return [...seen.values()];
  },

  /** The topmost polygon under a layer point of the map, or null. */
  polygonAt(point) {
    for (const { entry, side, view } of this.placedTiles()) {
      const [x, y] = [point.x - view.dx, point.y - view.dy];
      if (x < 0 || y < 0 || x >= side || y >= side) continue;
      const features = entry.tile.features;
      for (let i = features.length - 1; i >= 0; i -= 1) {
        if (inside(features[i], x / view.scale, y / view.scale)) return features[i];
      }
    }
    return null;
  },
});
