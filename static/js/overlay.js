// One canvas over the whole view, for what tiles would cut: outlines in focus, points, counts, labels.

import { ratio } from "./ratio.js";

const MARGIN = 0.15;

/** new Overlay(draw, {zIndex}); `draw(ctx, bounds)` works in layer points of the map, bounds are what is worth drawing. */
export const Overlay = L.Layer.extend({
  initialize(draw, { zIndex }) {
    this._draw = draw;
    this._zIndex = zIndex;
  },

  onAdd(map) {
    this.canvas = L.DomUtil.create("canvas", "wangge-overlay leaflet-zoom-animated", map.getPanes().overlayPane);
    this.canvas.style.zIndex = this._zIndex;
    this.refresh();
  },

  onRemove() {
    this.canvas.remove();
    cancelAnimationFrame(this._frame);
  },

  getEvents() {
    return { moveend: this.refresh, move: this._follow, zoomend: this.refresh, resize: this.refresh, zoomanim: this._animate };
  },

  /** Draws anew in the next frame. */
  refresh() {
    if (this._frame) return;
    this._frame = requestAnimationFrame(() => {
      this._frame = null;
      if (this._map) this._redraw();
    });
  },

  _redraw() {
    const map = this._map;
    const size = map.getSize();
    const sharp = ratio();
    const pad = size.multiplyBy(MARGIN).round();
    const whole = size.add(pad.multiplyBy(2));
    const corner = map.containerPointToLayerPoint(pad.multiplyBy(-1)).round();
    this._bounds = L.bounds(corner, corner.add(whole));
    this._nw = map.layerPointToLatLng(corner);
    const [width, height] = [Math.round(whole.x * sharp), Math.round(whole.y * sharp)];
    if (this.canvas.width !== width || this.canvas.height !== height) {
      Object.assign(this.canvas, { width, height });
      this.canvas.style.width = `${whole.x}px`;
      this.canvas.style.height = `${whole.y}px`;
    }
    L.DomUtil.setPosition(this.canvas, corner);
    const ctx = this.canvas.getContext("2d");
    ctx.setTransform(1, 0, 0, 1, 0, 0);
    ctx.clearRect(0, 0, width, height);
    ctx.setTransform(sharp, 0, 0, sharp, -corner.x * sharp, -corner.y * sharp);
    this._draw(ctx, this._bounds);
  },

  _follow() {
    const map = this._map;
    if (map._animatingZoom || !this._bounds) return;
    const view = L.bounds(map.containerPointToLayerPoint([0, 0]), map.containerPointToLayerPoint(map.getSize()));
    if (!this._bounds.contains(view)) this.refresh();
  },

  _animate({ zoom, center }) {
    if (!this._nw) return;
    const scale = this._map.getZoomScale(zoom);
    L.DomUtil.setTransform(this.canvas, this._map._latLngToNewLayerPoint(this._nw, zoom, center), scale);
  },
});
