// A canvas over the view that can draw a part of itself anew: what a stroke changed, and nothing else.

import { Overlay } from "../overlay.js";
import { ratio } from "../ratio.js";

const AIR = 6;

/** new Sheet(draw, {pane, zIndex}); `draw(ctx, bounds)` works in layer points, as with Overlay. */
export const Sheet = Overlay.extend({
  initialize(draw, { pane, zIndex }) {
    Overlay.prototype.initialize.call(this, draw, { zIndex });
    this._paneName = pane;
    this._dirty = null;
  },

  onAdd(map) {
    this.canvas = L.DomUtil.create("canvas", "wangge-overlay leaflet-zoom-animated", map.getPane(this._paneName));
    this.canvas.style.zIndex = this._zIndex;
    this.refresh();
  },

  /** Draws a box of layer points anew in the next frame; boxes that come in between are joined. */
  patch([x0, y0, x1, y1]) {
    const box = L.bounds([x0 - AIR, y0 - AIR], [x1 + AIR, y1 + AIR]);
    this._dirty = this._dirty ? this._dirty.extend(box.min).extend(box.max) : box;
    if (this._frame || this._patching) return;
    this._patching = requestAnimationFrame(() => {
      this._patching = null;
      if (this._map && this._dirty && !this._frame) this._redrawDirty();
    });
  },

  _redraw() {
    this._dirty = null;
    Overlay.prototype._redraw.call(this);
    this.onDrawn?.();
  },

  _redrawDirty() {
    const { min, max } = this._bounds;
    const dirty = this._dirty;
    this._dirty = null;
    const from = [Math.floor(Math.max(dirty.min.x, min.x)), Math.floor(Math.max(dirty.min.y, min.y))];
    const to = [Math.ceil(Math.min(dirty.max.x, max.x)), Math.ceil(Math.min(dirty.max.y, max.y))];
    if (to[0] > from[0] && to[1] > from[1]) {
      const ctx = this.canvas.getContext("2d");
      const sharp = ratio();
      ctx.save();
      ctx.setTransform(sharp, 0, 0, sharp, -min.x * sharp, -min.y * sharp);
      ctx.beginPath();
      ctx.rect(from[0], from[1], to[0] - from[0], to[1] - from[1]);
      ctx.clip();
      ctx.clearRect(from[0], from[1], to[0] - from[0], to[1] - from[1]);
      this._draw(ctx, L.bounds(from, to));
      ctx.restore();
    }
    this.onDrawn?.();
  },
});
