// Names on the map: the important first, none over another, none where its area is too small for it.

const HANDS = {
  town: { size: 14, weight: 700, ink: "#1e2329", room: 0.7, moves: [0, -22, 22, -38, 38] },
  village: { size: 12.5, weight: 600, ink: "#2b3037", room: 0.85, moves: [0, -18, 18] },
};
const PLAIN = { size: 11.5, weight: 500, ink: "#3a4048", room: 0.95, moves: [0] };

/** The middle of a polygon's largest ring and its area, in tile units; kept on the feature. */
function anchor(feature) {
  if (feature.anchor) return feature.anchor;
  let best = { x: 0, y: 0, area: 0 };
  for (const flat of feature.rings) {
    const [x0, y0] = [flat[0], flat[1]];
    let [area, cx, cy] = [0, 0, 0];
    for (let i = 0; i < flat.length - 2; i += 2) {
      const [ax, ay, bx, by] = [flat[i] - x0, flat[i + 1] - y0, flat[i + 2] - x0, flat[i + 3] - y0];
      const cross = ax * by - bx * ay;
      area += cross / 2;
      cx += (ax + bx) * cross;
      cy += (ay + by) * cross;
    }
    if (Math.abs(area) > best.area) best = { x: x0 + cx / (6 * area), y: y0 + cy / (6 * area), area: Math.abs(area) };
  }
  return (feature.anchor = best);
}

/** One candidate per feature: its largest piece among the tiles, and how large it is on the screen in all. */
function candidates(vector, bounds) {
  const found = new Map();
  for (const { entry, view } of vector.placedTiles()) {
    for (const feature of entry.tile.features) {
      const text = feature.props[vector.layer.label];
      if (!text) continue;
      const at = feature.type === 1 ? { x: feature.rings[0][0], y: feature.rings[0][1], area: 0 } : anchor(feature);
      const size = at.area * view.scale ** 2;
      const key = feature.id ?? text;
      const known = found.get(key) ?? { text: String(text), props: feature.props, point: feature.type === 1, total: 0, best: -1 };
      known.total += size;
      if (size > known.best) Object.assign(known, { best: size, x: at.x * view.scale + view.dx, y: at.y * view.scale + view.dy });
      found.set(key, known);
    }
  }
  return [...found.values()].filter((c) => bounds.contains([c.x, c.y])).sort((a, b) => b.total - a.total);
}

function wanted(level, zoom) {
  if (level === "district") return false;
  return !(level === "town" && zoom >= 14.5);
}

function free(box, taken) {
  return taken.every((other) => box[2] < other[0] || box[0] > other[2] || box[3] < other[1] || box[1] > other[3]);
}

/** Places and writes the labels of all shown layers that have them; marks already drawn are left readable. */
export function arrange(ctx, app, bounds, hits) {
  const taken = hits.map(({ x, y, r }) => [x - r, y - r, x + r, y + r]);
  const zoom = app.map.getZoom();
  const layers = app.shownLayers().filter(({ layer }) => layer.label);
  layers.sort((a, b) => (b.layer.name === "areas") - (a.layer.name === "areas"));
  for (const vector of layers) {
    for (const label of candidates(vector, bounds)) {
      if (!wanted(label.props.level, zoom)) continue;
      write(ctx, app, label, HANDS[label.props.level] ?? PLAIN, taken);
    }
  }
}

function write(ctx, app, label, { size, weight, ink, room, moves }, taken) {
  ctx.font = `${weight} ${size}px ${app.font}`;
  const width = ctx.measureText(label.text).width;
  if (!label.point && Math.sqrt(label.total) < width * room) return;
  const boxAt = (y) => [label.x - width / 2 - 4, y - size / 2 - 3, label.x + width / 2 + 4, y + size / 2 + 3];
  const y = (label.point ? [14] : moves).map((dy) => label.y + dy).find((each) => free(boxAt(each), taken));
  if (y === undefined) return;
  taken.push(boxAt(y));
  ctx.textAlign = "center";
  ctx.textBaseline = "middle";
  ctx.lineJoin = "round";
  ctx.strokeStyle = "rgba(255,255,255,.88)";
  ctx.lineWidth = 3.2;
  ctx.strokeText(label.text, label.x, y);
  ctx.fillStyle = ink;
  ctx.fillText(label.text, label.x, y);
}
