// A veil over what lies outside the territory: roads and rivers run on there, and fade instead of ending bluntly.

import { Overlay } from "./overlay.js";
import { outline } from "./paint.js";

const LAND = "rgb(233 232 226 / 88%)";
const COARSE = 4; // drawn small, because wide lines are slow; enlarged, its edges are soft
const FADE = [[44, 0.16], [32, 0.24], [20, 0.4], [8, 1]]; // widths in pixels, half of it outside, and how much is lifted

/** The veil of `app`: drawn for the tiles of the areas that are here, while that layer is on. */
export class Veil {
  constructor(app) {
    this.app = app;
    this.small = document.createElement("canvas");
    this.overlay = new Overlay((ctx, bounds) => this.#draw(ctx, bounds), { zIndex: 5 });
    this.overlay.addTo(app.map);
  }

  refresh() {
    this.overlay.refresh();
  }

  #draw(ctx, bounds) {
    const areas = this.app.shownLayers().find(({ layer }) => layer.name === "areas")?.placedTiles() ?? [];
    // whose territory is a grid has no area to see; and counts have no outline
    if (!areas.some(({ entry }) => entry.tile.features.length) || areas.some(({ entry }) => entry.tile.counts.length)) return;
    const { x, y } = bounds.getSize();
    if (!x || !y) return; // while a page is laid out for paper, the map has no height
    Object.assign(this.small, { width: Math.ceil(x / COARSE), height: Math.ceil(y / COARSE) });
    const small = this.small.getContext("2d");
    small.setTransform(1 / COARSE, 0, 0, 1 / COARSE, -bounds.min.x / COARSE, -bounds.min.y / COARSE);
    this.#paint(small, areas);
    ctx.drawImage(this.small, bounds.min.x, bounds.min.y, this.small.width * COARSE, this.small.height * COARSE);
  }

  #paint(ctx, areas) {
    ctx.fillStyle = LAND;
    for (const { side, view } of areas) ctx.fillRect(view.dx - 1, view.dy - 1, side + 2, side + 2);
    ctx.globalCompositeOperation = "destination-out";
    ctx.fillStyle = ctx.strokeStyle = "#000";
    const path = outlines(areas);
    ctx.fill(path);
    fade(ctx, path);
  }
}

/** The outlines of the areas of all tiles, as one path, without what lies in an area above; rings turn alike, so that the tiles add up. */
function outlines(tiles) {
  const path = new Path2D();
  const found = tiles.flatMap(({ entry, view }) => entry.tile.features.map((feature) => ({ feature, view })));
  const codes = new Set(found.map(({ feature }) => feature.props.code));
  for (const { feature, view } of found) {
    const code = String(feature.props.code);
    const above = [`${code.slice(0, 6)}000000`, `${code.slice(0, 9)}000`];
    if (!above.some((each) => each !== code && codes.has(each))) outline(path, feature, view);
  }
  return path;
}

/** Lifts the veil along a path, less and less with the distance. */
function fade(ctx, path) {
  ctx.lineJoin = "round";
  for (const [width, share] of FADE) {
    ctx.globalAlpha = share;
    ctx.lineWidth = width;
    ctx.stroke(path);
  }
  ctx.globalAlpha = 1;
}
