// Points, counting circles and labels of all layers on one canvas over the map, with what lies under the pointer.

import { Overlay } from "./overlay.js";
import { arrange } from "./labels.js";
import { shapeOf, trace } from "./symbols.js";
import { short } from "./words.js";

const LATE = "#d55e00";

/** The marks over the tiles of `app`; `at(point)` says which one is under a layer point. */
export class Marks {
  constructor(app) {
    this.app = app;
    this.hits = [];
    this.overlay = new Overlay((ctx, bounds) => this.#draw(ctx, bounds), { zIndex: 20 });
    this.overlay.addTo(app.map);
  }

  refresh() {
    this.overlay.refresh();
  }

  /** The topmost mark at a layer point: {layer, feature, n?} or null; circles over areas let the click through. */
  at(point) {
    for (let i = this.hits.length - 1; i >= 0; i -= 1) {
      const hit = this.hits[i];
      if (hit.solid !== false && Math.hypot(hit.x - point.x, hit.y - point.y) <= hit.r + 3) return hit;
    }
    return null;
  }

  #draw(ctx, bounds) {
    this.hits = [];
    const circles = [];
    for (const layer of this.app.shownLayers()) {
      const tiles = layer.placedTiles();
      if (layer.layer.geometry === "point") this.#points(ctx, layer, tiles, bounds);
      for (const tile of tiles) circles.push(...this.#counts(layer, tile, bounds));
    }
    circles.sort((a, b) => a.solid - b.solid || a.n - b.n).forEach((circle) => this.#circle(ctx, circle));
    this.hits.push(...circles);
    arrange(ctx, this.app, bounds, this.hits);
  }

  #points(ctx, vector, tiles, bounds) {
    const { style } = vector.layer;
    const classes = style.classes ?? [];
    const plain = classes.length === 1 ? 0 : -1;
    const zoom = this.app.map.getZoom();
    const r = (style.radius ?? 6) * (zoom < 13 ? 0.7 : zoom < 15 ? 0.85 : 1);
    const groups = new Map();
    const seen = new Set();
    for (const { entry, view } of tiles) {
      for (const feature of entry.tile.features) {
        const at = owned(feature, entry.tile.extent, view, seen);
        if (!at || !bounds.contains(at)) continue;
        const index = style.by ? classes.findIndex((c) => String(c.value) === String(feature.props[style.by])) : plain;
        if (!groups.has(index)) groups.set(index, new Path2D());
        trace(groups.get(index), shapeOf(classes[index] ?? style, index), at.x, at.y, r);
        this.hits.push({ x: at.x, y: at.y, r, layer: vector.layer, feature, entry: classes[index] ?? null });
      }
    }
    // the later classes are the more pressing ones and lie on top
    for (const [index, path] of [...groups].sort(([a], [b]) => a - b)) stamp(ctx, path, classes[index] ?? {}, style);
  }

  /** The counting cells of a tile, put together until a circle has room on the screen; no count is lost. */
  #counts(vector, { entry, side, view }, bounds) {
    const { extent, counts } = entry.tile;
    const solid = vector.layer.geometry === "point";
    const cells = Math.max(1, Math.round(side / (solid ? 64 : 128)));
    const groups = new Map();
    for (const feature of counts) {
      const [flat] = feature.rings; // a counting point belongs to one tile alone, even on its very edge
      const at = L.point(flat[0] * view.scale + view.dx, flat[1] * view.scale + view.dy);
      const n = Number(feature.props.n);
      if (!n) continue;
      const [cx, cy] = [at.x - view.dx, at.y - view.dy].map((v) => Math.floor((v / side) * cells));
      const group = groups.get(cx * cells + cy) ?? { x: 0, y: 0, n: 0, late: 0, solid, layer: vector.layer, feature };
      groups.set(cx * cells + cy, group);
      group.x += at.x * n;
      group.y += at.y * n;
      group.n += n;
      group.late += Number(feature.props.overdue ?? 0);
    }
    const circles = [...groups.values()].map((g) => ({ ...g, x: g.x / g.n, y: g.y / g.n, r: (solid ? 9 : 7) + (solid ? 3.4 : 2.2) * Math.log10(g.n) }));
    return circles.filter(({ x, y }) => bounds.contains([x, y]));
  }

  #circle(ctx, { x, y, r, n, late, solid, layer }) {
    ctx.beginPath();
    ctx.arc(x, y, r, 0, 2 * Math.PI);
    ctx.fillStyle = solid ? colourOf(layer) : "rgba(255,255,255,.66)";
    ctx.fill();
    ctx.strokeStyle = solid ? "#fff" : "rgba(60,66,74,.18)";
    ctx.lineWidth = solid ? 2 : 0.8;
    ctx.stroke();
    if (late > 0) {
      ctx.beginPath();
      ctx.arc(x, y, r + 2.5, -Math.PI / 2, -Math.PI / 2 + (2 * Math.PI * late) / n);
      ctx.strokeStyle = LATE;
      ctx.lineWidth = 3.5;
      ctx.stroke();
    }
    ctx.fillStyle = solid ? "#fff" : "#3a4048";
    ctx.font = `${solid ? 600 : 500} ${!solid ? 10 : n > 999 ? 10.5 : 11.5}px ${this.app.font}`;
    ctx.textAlign = "center";
    ctx.textBaseline = "middle";
    ctx.fillText(short(n), x, y + 0.5);
  }
}

/** The colour of a layer's circles: its first class, the everyday one. */
function colourOf({ style }) {
  return style.classes?.[0]?.fill ?? style.fill ?? "#33475b";
}

/** A point's place when this tile owns it: tiles overlap by their buffer and a mark must be drawn once. */
function owned(feature, extent, view, seen) {
  const [flat] = feature.rings;
  const [x, y] = [flat[0], flat[1]];
  if (x < 0 || y < 0 || x > extent || y > extent) return null;
  if (feature.id !== undefined) {
    if (seen.has(feature.id)) return null;
    seen.add(feature.id);
  }
  return L.point(x * view.scale + view.dx, y * view.scale + view.dy);
}

function stamp(ctx, path, entry, style) {
  ctx.lineJoin = "round";
  ctx.strokeStyle = "#fff";
  ctx.lineWidth = 3;
  ctx.stroke(path);
  ctx.fillStyle = entry.fill ?? style.fill ?? "#33475b";
  ctx.fill(path);
  ctx.strokeStyle = "rgba(20,24,30,.55)";
  ctx.lineWidth = 0.8;
  ctx.stroke(path);
}
