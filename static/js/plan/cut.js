// Splitting a grid by a line that is drawn across it: what lies on the smaller side becomes a grid of its own.

import { NONE } from "./board.js";

/** On which side of a line (its ends going on) a place lies. */
function sideOf(points, x, y) {
  let [least, side] = [Infinity, 0];
  for (let i = 1; i < points.length; i += 1) {
    const [a, b] = [points[i - 1], points[i]];
    const [dx, dy] = [b.x - a.x, b.y - a.y];
    let along = ((x - a.x) * dx + (y - a.y) * dy) / (dx * dx + dy * dy || 1);
    if (i > 1) along = Math.max(along, 0);
    if (i < points.length - 1) along = Math.min(along, 1);
    const far = (a.x + along * dx - x) ** 2 + (a.y + along * dy - y) ** 2;
    if (far < least) [least, side] = [far, dx * (y - a.y) - dy * (x - a.x)];
  }
  return side;
}

/** The points of a line without those that lie on the way: less than `slack` from the straight one. */
function straightened(points, slack) {
  if (points.length < 3) return points;
  const [first, last] = [points[0], points.at(-1)];
  const length = Math.hypot(last.x - first.x, last.y - first.y) || 1;
  let [most, at] = [0, 0];
  for (let i = 1; i < points.length - 1; i += 1) {
    const off = Math.abs((last.x - first.x) * (first.y - points[i].y) - (first.x - points[i].x) * (last.y - first.y)) / length;
    if (off > most) [most, at] = [off, i];
  }
  if (most <= slack) return [first, last];
  return [...straightened(points.slice(0, at + 1), slack).slice(0, -1), ...straightened(points.slice(at), slack)];
}

/** The tool that cuts the chosen grid, or the one under the middle of the line. */
export class Cut {
  constructor(app) {
    this.app = app;
  }

  down(at) {
    this.points = [at];
    return true;
  }

  move(at) {
    if (this.points) this.points.push(at);
  }

  up() {
    const line = this.points && straightened(this.points, 4 / this.app.mesh.view(this.app.map).k);
    this.points = null;
    if (!line || line.length < 2 || Math.hypot(line.at(-1).x - line[0].x, line.at(-1).y - line[0].y) === 0) return;
    const grid = this.#grid(line);
    if (grid) this.#cut(grid, line);
    else this.app.tell("cut_nothing");
  }

  /** The grid that has most of what lies under the line. */
  #grid(line) {
    const { mesh, board } = this.app;
    const met = new Map();
    for (let i = 1; i < line.length; i += 1) {
      for (let part = 0; part <= 20; part += 1) {
        const cell = mesh.at(line[i - 1].x + ((line[i].x - line[i - 1].x) * part) / 20, line[i - 1].y + ((line[i].y - line[i - 1].y) * part) / 20);
        const id = cell < 0 ? NONE : board.of[cell];
        if (id !== NONE) met.set(id, (met.get(id) ?? 0) + 1);
      }
    }
    const [best] = [...met].sort((a, b) => b[1] - a[1]);
    return best ? board.grids.get(best[0]) : null;
  }

  #cut(grid, line) {
    const { mesh, board } = this.app;
    const cells = board.cellsOf(grid.id);
    const held = cells.some((cell) => board.held(cell));
    if (held) return this.app.tell("held", { n: cells.length });
    const sides = [[], []];
    for (const cell of cells) sides[sideOf(line, mesh.middles[2 * cell], mesh.middles[2 * cell + 1]) > 0 ? 1 : 0].push(cell);
    if (!sides[0].length || !sides[1].length) return this.app.tell("cut_nothing");
    const sum = (part) => part.reduce((total, cell) => total + board.weights.households[cell], 0);
    const [kept, fresh] = sum(sides[0]) >= sum(sides[1]) ? sides : [sides[1], sides[0]];
    this.app.split(grid, fresh, { kept: sum(kept), fresh: sum(fresh) });
  }

  cancel() {
    this.points = null;
  }

  draw(ctx, _at, view) {
    if (!this.points || this.points.length < 2) return;
    ctx.beginPath();
    for (const { x, y } of this.points) ctx.lineTo(x * view.k + view.dx, y * view.k + view.dy);
    for (const [colour, width] of [["rgba(255,255,255,.9)", 5], ["#9b1c1c", 2.2]]) {
      ctx.strokeStyle = colour;
      ctx.lineWidth = width;
      ctx.stroke();
    }
  }
}
