// What the hand does on the map: brush, rectangle, lasso and the dropper; the others have files of their own.

import { NONE } from "./board.js";
import { Stroke } from "./stroke.js";

/** Walks from one place to another in steps, so that a quick stroke leaves nothing out. */
function* between(from, to, step) {
  const far = Math.hypot(to.x - from.x, to.y - from.y);
  for (let done = step; done < far; done += step) {
    yield { x: from.x + ((to.x - from.x) * done) / far, y: from.y + ((to.y - from.y) * done) / far };
  }
  yield to;
}

/** A circle that puts what it touches into the chosen grid. */
export class Brush {
  constructor(app) {
    this.app = app;
  }

  get radius() {
    return this.app.brush / this.app.mesh.view(this.app.map).k;
  }

  down(at) {
    const target = this.app.target();
    if (target === undefined) return false;
    this.stroke = new Stroke(this.app, target);
    this.last = at;
    this.move(at);
    return true;
  }

  move(at) {
    if (!this.stroke) return;
    const found = new Set();
    for (const spot of between(this.last, at, Math.max(this.radius, 2 / this.app.mesh.view(this.app.map).k))) {
      for (const cell of this.app.mesh.touched(spot.x, spot.y, this.radius)) found.add(cell);
    }
    this.last = at;
    this.stroke.add([...found]);
  }

  up() {
    this.stroke?.finish();
    this.stroke = null;
  }

  cancel() {
    this.stroke?.cancel();
    this.stroke = null;
  }

  draw(ctx, at, view) {
    if (at) ring(ctx, at.x * view.k + view.dx, at.y * view.k + view.dy, this.app.brush);
  }
}

function ring(ctx, x, y, radius) {
  for (const [colour, width] of [["rgba(255,255,255,.9)", 3], ["#1e2329", 1.4]]) {
    ctx.beginPath();
    ctx.arc(x, y, radius, 0, 2 * Math.PI);
    ctx.strokeStyle = colour;
    ctx.lineWidth = width;
    ctx.stroke();
  }
}

/** A shape that is drawn first and then takes, locks or unlocks the cells whose middles lie inside. */
class Area {
  constructor(app) {
    this.app = app;
  }

  down(at) {
    if (this.app.action === "assign" && this.app.target() === undefined) return false;
    this.points = [at];
    return true;
  }

  up() {
    if (!this.points) return;
    const flat = this.outline();
    this.points = null;
    this.app.point(null);
    if (flat) this.take(this.app.mesh.inside(flat));
  }

  take(cells) {
    const { app } = this;
    if (app.action !== "assign") return app.lockCells(cells, app.action === "lock");
    const stroke = new Stroke(app, app.target());
    stroke.add(cells);
    stroke.finish();
  }

  cancel() {
    this.points = null;
    this.app.point(null);
  }

  draw(ctx, _at, view) {
    const flat = this.points && this.outline();
    if (!flat) return;
    ctx.beginPath();
    for (let i = 0; i < flat.length; i += 2) ctx.lineTo(flat[i] * view.k + view.dx, flat[i + 1] * view.k + view.dy);
    ctx.closePath();
    ctx.fillStyle = "rgba(155,28,28,.08)";
    ctx.fill();
    ctx.strokeStyle = "#9b1c1c";
    ctx.lineWidth = 1.6;
    ctx.setLineDash([5, 4]);
    ctx.stroke();
  }

  /** Points out what would be taken. */
  mark() {
    const flat = this.outline();
    this.app.point(flat ? this.app.mesh.inside(flat) : null, { count: true });
  }
}

/** From corner to corner. */
export class Rectangle extends Area {
  move(at) {
    if (!this.points) return;
    this.points[1] = at;
    this.mark();
  }

  outline() {
    if (this.points.length < 2) return null;
    const [a, b] = this.points;
    return [a.x, a.y, b.x, a.y, b.x, b.y, a.x, b.y];
  }
}

/** Whatever is drawn around. */
export class Lasso extends Area {
  move(at) {
    if (!this.points) return;
    const last = this.points.at(-1);
    if (Math.hypot(at.x - last.x, at.y - last.y) * this.app.mesh.view(this.app.map).k < 3) return;
    this.points.push(at);
    this.mark();
  }

  outline() {
    return this.points.length < 3 ? null : this.points.flatMap(({ x, y }) => [x, y]);
  }
}

/** Chooses the grid that is clicked. */
export class Dropper {
  constructor(app) {
    this.app = app;
  }

  down(at) {
    const cell = this.app.mesh.at(at.x, at.y);
    if (cell >= 0) this.app.choose(this.app.board.of[cell] || NONE, { zoom: false });
    return false;
  }

  move() {}
  up() {}
  cancel() {}
  draw() {}
}
