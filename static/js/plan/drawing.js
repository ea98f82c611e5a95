// How the plan looks: land of the grids, their borders, their names and sums; colour never says anything alone.

import { pattern } from "../symbols.js";
import { number } from "../words.js";
import { NONE, short } from "./board.js";

export const TINTS = ["#cfe0ee", "#f5dabb", "#cfe6c8", "#dcd3ea", "#f1eab5", "#f2d0d2", "#c6e4e0"];
const LOADS = { under: "#9cc7de", good: "#eef0ea", over: "#f0a987", free: "#dcdce4", empty: "#ffffff" };
const LOAD_PATTERNS = { under: "dots", over: "diagonal" };
export const MARKS = { under: "▼", good: "", over: "▲", free: "◇", empty: "○" };
const WATER = "#bcd7e6";
const UNASSIGNED = "#ffffff";
const BORDER = "#333a43";
const BEFORE = "#1f4e8c";
const ACCENT = "#9b1c1c";

function toMesh(bounds, { k, dx, dy }) {
  return [(bounds.min.x - dx) / k, (bounds.min.y - dy) / k, (bounds.max.x - dx) / k, (bounds.max.y - dy) / k];
}

function within(ctx, view, draw) {
  ctx.save();
  ctx.transform(view.k, 0, 0, view.k, view.dx, view.dy);
  draw();
  ctx.restore();
}

/** Patterns keep their size on the screen: they are filled outside the scaled space. */
function scaled(path, { k, dx, dy }) {
  const made = new Path2D();
  made.addPath(path, new DOMMatrix([k, 0, 0, k, dx, dy]));
  return made;
}

function fillOf(app, id) {
  if (id === NONE) return { fill: UNASSIGNED, pattern: "cross" };
  const grid = app.board.grids.get(id) ?? app.previewGrids?.get(id);
  if (!grid) return { fill: UNASSIGNED, pattern: "cross" };
  if (app.options.colour !== "load") return { fill: TINTS[grid.tint % TINTS.length] };
  const state = app.board.state({ ...grid, sums: app.previewSums?.get(id) ?? grid.sums });
  return { fill: LOADS[state], pattern: LOAD_PATTERNS[state] };
}

/** Fills the cells by their grid; water and unassigned land look different in every light. */
export function drawLand(ctx, bounds, app) {
  const { board, mesh, map } = app;
  const view = mesh.view(map);
  const cells = mesh.near(toMesh(bounds, view));
  const shown = app.preview ?? board.of;
  const groups = new Map();
  const water = new Path2D();
  for (const cell of cells) {
    if (board.kinds[cell] === "w") water.addPath(mesh.path(cell));
    const id = shown[cell];
    if (!groups.has(id)) groups.set(id, new Path2D());
    groups.get(id).addPath(mesh.path(cell));
  }
  const patterned = [];
  within(ctx, view, () => {
    for (const [id, path] of groups) {
      const look = fillOf(app, id);
      ctx.fillStyle = look.fill;
      ctx.fill(path);
      if (look.pattern) patterned.push([look, path]);
    }
    ctx.globalAlpha = 0.75;
    ctx.fillStyle = WATER;
    ctx.fill(water);
    ctx.globalAlpha = 1;
    if (app.options.cells && mesh.side * view.k > 9) thinLines(ctx, mesh, cells, view);
  });
  for (const [look, path] of patterned) {
    ctx.fillStyle = pattern(ctx, look.pattern, look.fill);
    ctx.fill(scaled(path, view));
  }
}

function thinLines(ctx, mesh, cells, view) {
  const path = new Path2D();
  for (const arc of mesh.arcsOf(cells)) mesh.trace(path, arc);
  ctx.strokeStyle = "rgba(70,76,84,.4)";
  ctx.lineWidth = 0.7 / view.k;
  ctx.stroke(path);
}

/** Draws the borders of the grids, and what is chosen, changed, locked or pointed out. */
export function drawLines(ctx, bounds, app) {
  const { board, mesh, map } = app;
  const view = mesh.view(map);
  const cells = mesh.near(toMesh(bounds, view));
  const shown = app.preview ?? board.of;
  const paths = { border: new Path2D(), chosen: new Path2D(), before: new Path2D(), pointed: new Path2D() };
  for (const arc of mesh.arcsOf(cells)) {
    const [left, right] = [mesh.sides[2 * arc], mesh.sides[2 * arc + 1]];
    const of = (list, cell) => (cell < 0 ? undefined : list[cell]); // outside the village: no number, not even of a new grid
    const divides = of(shown, left) !== of(shown, right);
    if (divides) mesh.trace(paths.border, arc);
    else if (app.compare && of(board.before, left) !== of(board.before, right)) mesh.trace(paths.before, arc);
    const chosen = app.chosen !== null && app.chosen !== NONE;
    if (chosen && (of(shown, left) === app.chosen) !== (of(shown, right) === app.chosen)) mesh.trace(paths.chosen, arc);
    if (app.pointed && app.pointed.has(left) !== app.pointed.has(right)) mesh.trace(paths.pointed, arc);
  }
  hatch(ctx, app, cells, shown, view);
  within(ctx, view, () => strokes(ctx, app, paths, view));
}

function hatch(ctx, app, cells, shown, view) {
  const { board, mesh } = app;
  const changed = new Path2D();
  const locked = new Path2D();
  for (const cell of cells) {
    const differs = app.preview ? app.preview[cell] !== board.of[cell] : app.compare && board.before[cell] !== shown[cell];
    if (differs) changed.addPath(mesh.path(cell));
    if (board.held(cell)) locked.addPath(mesh.path(cell));
  }
  ctx.fillStyle = pattern(ctx, "diagonal", "#ffffff");
  ctx.fill(scaled(changed, view));
  ctx.fillStyle = "rgba(255,255,255,.42)";
  ctx.fill(scaled(locked, view));
  ctx.fillStyle = pattern(ctx, "dots", "#ffffff");
  ctx.fill(scaled(locked, view));
}

function strokes(ctx, app, paths, { k }) {
  const line = (path, colour, width, dash = []) => {
    ctx.strokeStyle = colour;
    ctx.lineWidth = width / k;
    ctx.setLineDash(dash.map((each) => each / k));
    ctx.stroke(path);
  };
  ctx.lineJoin = "round";
  line(paths.border, "rgba(255,255,255,.85)", 4.2);
  line(paths.border, BORDER, 1.9);
  if (app.compare) {
    line(paths.before, "#ffffff", 5.6);
    line(paths.before, BEFORE, 2.8, [8, 5]);
  }
  line(paths.chosen, "rgba(255,255,255,.95)", 5.4);
  line(paths.chosen, ACCENT, 3);
  if (app.pointed) line(paths.pointed, "#b35900", 3.4, [4, 3]);
}

/** The cell nearest to the middle of a grid's cells, by area. */
function anchorOf(mesh, cells) {
  let [x, y, area] = [0, 0, 0];
  for (const cell of cells) {
    x += mesh.middles[2 * cell] * mesh.areas[cell];
    y += mesh.middles[2 * cell + 1] * mesh.areas[cell];
    area += mesh.areas[cell];
  }
  [x, y] = [x / area, y / area];
  let [best, least] = [cells[0], Infinity];
  for (const cell of cells) {
    const far = (mesh.middles[2 * cell] - x) ** 2 + (mesh.middles[2 * cell + 1] - y) ** 2;
    if (far < least) [best, least] = [cell, far];
  }
  return [mesh.middles[2 * best], mesh.middles[2 * best + 1], area];
}

/** Writes name and households on every grid that has room for them. */
export function drawLabels(ctx, bounds, app) {
  const { board, mesh, map } = app;
  const view = mesh.view(map);
  const shown = app.preview ?? board.of;
  const members = new Map();
  for (let cell = 0; cell < mesh.n; cell += 1) {
    if (shown[cell] === NONE) continue;
    if (!members.has(shown[cell])) members.set(shown[cell], []);
    members.get(shown[cell]).push(cell);
  }
  ctx.textAlign = "center";
  ctx.textBaseline = "middle";
  ctx.lineJoin = "round";
  const found = [];
  for (const [id, cells] of members) {
    const grid = board.grids.get(id) ?? app.previewGrids?.get(id);
    if (!grid) continue;
    const [x, y, area] = anchorOf(mesh, cells);
    const room = Math.sqrt(area) * view.k;
    const at = [x * view.k + view.dx, y * view.k + view.dy];
    if (room > 26 && bounds.contains(at)) found.push({ grid, id, at, room });
  }
  const taken = [];
  found.sort((a, b) => (b.id === app.chosen) - (a.id === app.chosen) || b.room - a.room);
  for (const each of found) label(ctx, app, each, taken);
}

function label(ctx, app, { grid, id, at: [x, y], room }, taken) {
  const { board } = app;
  const sums = app.previewSums?.get(id) ?? grid.sums;
  const { households } = sums;
  const state = board.state({ ...grid, sums });
  const large = room > 74 || id === app.chosen;
  const size = large ? 12.5 : 11;
  const name = short(grid, app.config.village_name);
  const sum = `${MARKS[state] ? `${MARKS[state]} ` : ""}${number(households)}`;
  ctx.font = `600 ${size}px ${app.font}`;
  const half = ctx.measureText(large && name.length > sum.length ? name : sum).width / 2 + 2;
  const high = large ? 16 : 8;
  const box = (y) => [x - half, y - high, x + half, y + high];
  const meets = ([west, north, east, south]) => taken.some((other) => west < other[2] && east > other[0] && north < other[3] && south > other[1]);
  const shift = [0, -2 * high, 2 * high].find((each) => Math.abs(each) < room / 2 && !meets(box(y + each)));
  if (shift === undefined) return;
  y += shift;
  taken.push(box(y));
  if (large) write(ctx, app, name, x, y - 8, size, 600);
  if (grid.locked) padlock(ctx, x - half - 10, large ? y - 8 : y);
  write(ctx, app, sum, x, large ? y + 8 : y, large ? 12 : size, state === "good" || state === "free" ? 400 : 700);
}

function write(ctx, app, text, x, y, size, weight) {
  ctx.font = `${weight} ${size}px ${app.font}`;
  ctx.strokeStyle = "rgba(255,255,255,.9)";
  ctx.lineWidth = 3.4;
  ctx.strokeText(text, x, y);
  ctx.fillStyle = "#1e2329";
  ctx.fillText(text, x, y);
}

/** A small lock, for who prints in grey. */
function padlock(ctx, x, y) {
  const path = new Path2D();
  path.rect(x - 5, y - 1.5, 10, 7);
  path.moveTo(x - 3, y - 1.5);
  path.arc(x, y - 2.5, 3, Math.PI, 0);
  path.lineTo(x + 3, y - 1.5);
  ctx.lineWidth = 4;
  ctx.strokeStyle = "rgba(255,255,255,.9)";
  ctx.stroke(path);
  ctx.lineWidth = 1.5;
  ctx.strokeStyle = "#1e2329";
  ctx.stroke(path);
}
