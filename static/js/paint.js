// Draws the polygons and lines of one decoded tile on one canvas: a path per class, fills first, then patterns, then lines.

import { pattern } from "./symbols.js";

/** Adds a feature's rings to a path; `view` maps tile units to pixels. */
export function outline(path, feature, { scale, dx, dy }) {
  const closed = feature.type === 3;
  for (const flat of feature.rings) {
    for (let i = 0; i < flat.length; i += 2) {
      const x = flat[i] * scale + dx;
      const y = flat[i + 1] * scale + dy;
      if (i === 0) path.moveTo(x, y);
      else path.lineTo(x, y);
    }
    if (closed) path.closePath();
  }
}

/** Where a source tile lies on the canvas of a map tile, over-zoomed or not. */
export function placed(coords, entry, size, extent) {
  const times = 2 ** (coords.z - entry.z);
  return { scale: (size * times) / extent, dx: (entry.x * times - coords.x) * size, dy: (entry.y * times - coords.y) * size };
}

// what a line's weight says, where the class does not name one: how high the area, how large the road
const LEVELS = { district: { width: 2.6 }, town: { width: 1.8 }, village: { width: 1.1, dash: [4, 3] } };
const RANKS = { arterial: 4.4, major: 3, minor: 1.8, path: 1 };
const KINDS = { rail: { width: 1.6, dash: [7, 4] }, wall: { width: 1, dash: [2, 2] } };

/** A class as it is drawn: where the layer has no fill, or is one of lines, its colour is the line's. */
export function drawnClass(layer, entry, rank = null) {
  const { style } = layer;
  const hollow = style.fill === "none";
  const lines = layer.geometry === "line";
  if (!hollow && !lines) return entry;
  const weight = LEVELS[entry.value] ?? KINDS[entry.value] ?? (RANKS[rank] ? { width: RANKS[rank] } : {});
  return { ...weight, ...entry, line: entry.line ?? (entry.fill === "none" ? style.line : entry.fill), fill: hollow ? "none" : entry.fill };
}

/** The class of a feature by one of its attributes; the last resort is the layer's plain style. */
export function classBy(layer) {
  const { style } = layer;
  const given = new Map((style.classes ?? []).map((entry) => [String(entry.value), entry]));
  const made = new Map();
  return (feature) => {
    const entry = style.by ? given.get(String(feature.props[style.by])) : null;
    if (!entry) return style;
    const rank = layer.geometry === "line" ? feature.props.rank : null;
    const key = `${entry.value}/${rank}`;
    if (!made.has(key)) made.set(key, drawnClass(layer, entry, rank));
    return made.get(key);
  };
}

/** How much wider or thinner lines are drawn at a zoom. */
export function weightAt(layer, zoom) {
  if (layer.geometry === "line") return Math.min(Math.max(2 ** ((zoom - 14.5) * 0.5), 0.35), 3);
  return zoom < 12 ? 0.6 : 1;
}

function grouped(tile, view, classOf, size) {
  const groups = new Map();
  const reach = 8;
  for (const feature of tile.features) {
    if (feature.type === 1) continue;
    const [x0, y0, x1, y1] = feature.box;
    if (x1 * view.scale + view.dx < -reach || x0 * view.scale + view.dx > size + reach) continue;
    if (y1 * view.scale + view.dy < -reach || y0 * view.scale + view.dy > size + reach) continue;
    const entry = classOf(feature);
    let group = groups.get(entry);
    if (!group) groups.set(entry, (group = { path: new Path2D(), filled: feature.type === 3 }));
    outline(group.path, feature, view);
  }
  return groups;
}

/** Paints a tile. `look` is {style, classOf, rest}: `rest` is a plainer style for what lies outside the chosen area. */
export function paint(ctx, view, tile, look, size) {
  const { style } = look;
  const groups = grouped(tile, view, look.classOf, size);
  for (const [entry, { path, filled }] of groups) {
    const fill = entry.fill ?? style.fill;
    if (!filled || !fill || fill === "none") continue;
    ctx.globalAlpha = entry.opacity ?? style.opacity ?? 1;
    ctx.fillStyle = fill;
    ctx.fill(path, "evenodd");
    if (!entry.pattern) continue;
    ctx.fillStyle = pattern(ctx, entry.pattern, fill);
    ctx.fill(path, "evenodd");
  }
  ctx.globalAlpha = 1;
  ctx.lineJoin = "round";
  for (const [entry, { path }] of groups) {
    const line = entry.line ?? style.line;
    const width = (entry.width ?? style.width ?? 1) * (look.thin ?? 1);
    if (!line || line === "none" || !width) continue;
    ctx.strokeStyle = line;
    ctx.lineWidth = width;
    ctx.setLineDash(entry.dash ?? style.dash ?? []);
    ctx.stroke(path);
  }
  ctx.setLineDash([]);
}

/** Whether a point (tile units) is inside a polygon feature, holes left out. */
export function inside(feature, x, y) {
  const [x0, y0, x1, y1] = feature.box;
  if (feature.type !== 3 || x < x0 || x > x1 || y < y0 || y > y1) return false;
  let within = false;
  for (const flat of feature.rings) {
    for (let i = 0, j = flat.length - 2; i < flat.length; j = i, i += 2) {
      const [xi, yi, xj, yj] = [flat[i], flat[i + 1], flat[j], flat[j + 1]];
      if (yi > y !== yj > y && x < ((xj - xi) * (y - yi)) / (yj - yi) + xi) within = !within;
    }
  }
  return within;
}
