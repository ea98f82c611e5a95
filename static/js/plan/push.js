// Pushing a border: grab it, drag it over the cells it shall take, release; Escape puts it back.

import { NONE } from "./board.js";
import { Stroke } from "./stroke.js";

const REACH = 9;

/** The tool that moves the line between two grids. */
export class Push {
  constructor(app) {
    this.app = app;
  }

  /** The arc between two grids nearest to a place: {arc, left, right}, or null when none is in reach. */
  border(at) {
    const { mesh, board, map } = this.app;
    const reach = REACH / mesh.view(map).k;
    let [best, least] = [null, reach];
    for (const arc of mesh.arcsOf(mesh.near([at.x - reach, at.y - reach, at.x + reach, at.y + reach]))) {
      const [a, b] = [mesh.sides[2 * arc], mesh.sides[2 * arc + 1]];
      if (a < 0 || b < 0 || board.of[a] === board.of[b]) continue;
      const far = distance(mesh, arc, at);
      if (far < least) [best, least] = [{ arc, grids: [board.of[a], board.of[b]] }, far];
    }
    return best;
  }

  down(at) {
    this.grabbed = this.border(at);
    this.stroke = null;
    this.last = at;
    if (!this.grabbed) this.app.tell("no_border");
    return Boolean(this.grabbed);
  }

  move(at) {
    if (!this.grabbed) return this.#hover(at);
    const { mesh, map } = this.app;
    const radius = this.app.brush / mesh.view(map).k / 2;
    const steps = Math.ceil((Math.hypot(at.x - this.last.x, at.y - this.last.y) * mesh.view(map).k) / 4) || 1;
    const found = new Set();
    for (let i = 1; i <= steps; i += 1) {
      const spot = { x: this.last.x + ((at.x - this.last.x) * i) / steps, y: this.last.y + ((at.y - this.last.y) * i) / steps };
      const under = mesh.at(spot.x, spot.y);
      if (!this.stroke) this.#decide(under);
      for (const cell of mesh.touched(spot.x, spot.y, radius)) found.add(cell);
      if (under >= 0) found.add(under);
    }
    this.last = at;
    if (this.stroke) this.stroke.add(this.#attached([...found]));
  }

  /** The first cell that is entered says which way the border goes: its grid gives, the other takes. */
  #decide(cell) {
    const [a, b] = this.grabbed.grids;
    const of = cell < 0 ? null : this.app.board.of[cell];
    if (of !== a && of !== b) return;
    const near = this.#beside(cell, of === a ? b : a);
    if (!near) return;
    const [target, from] = of === a ? [b, a] : [a, b];
    this.stroke = new Stroke(this.app, target, { kind: "push", from });
  }

  #beside(cell, id) {
    const { starts, next, pass } = this.app.mesh.next;
    for (let at = starts[cell]; at < starts[cell + 1]; at += 1) if (pass[at] && this.app.board.of[next[at]] === id) return true;
    return id === NONE;
  }

  /** Those of the cells that hang together with the grid that takes them: a pushed border leaves no islands. */
  #attached(cells) {
    const left = new Set(cells.filter((cell) => this.stroke.takes(cell)));
    const found = [];
    for (let grown = true; grown;) {
      grown = false;
      for (const cell of left) {
        if (!this.#beside(cell, this.stroke.target) && !found.some((other) => this.#touch(other, cell))) continue;
        left.delete(cell);
        found.push(cell);
        grown = true;
      }
    }
    return found;
  }

  #touch(a, b) {
    const { starts, next, pass } = this.app.mesh.next;
    for (let at = starts[a]; at < starts[a + 1]; at += 1) if (next[at] === b) return Boolean(pass[at]);
    return false;
  }

  up() {
    this.stroke?.finish();
    this.stroke = this.grabbed = null;
  }

  cancel() {
    this.stroke?.cancel();
    this.stroke = this.grabbed = null;
  }

  #hover(at) {
    this.near = this.border(at);
    this.app.map.getContainer().classList.toggle("can-push", Boolean(this.near));
  }

  draw(ctx, _at, view) {
    const shown = this.stroke ? null : this.grabbed ?? this.near;
    if (!shown) return;
    const path = new Path2D();
    this.app.mesh.trace(path, shown.arc);
    ctx.save();
    ctx.transform(view.k, 0, 0, view.k, view.dx, view.dy);
    ctx.strokeStyle = "#9b1c1c";
    ctx.lineCap = "round";
    ctx.lineWidth = 5 / view.k;
    ctx.stroke(path);
    ctx.restore();
  }
}

function distance(mesh, arc, { x, y }) {
  let least = Infinity;
  for (let i = mesh.starts[arc] + 2; i < mesh.starts[arc + 1]; i += 2) {
    const [ax, ay, bx, by] = [mesh.xy[i - 2], mesh.xy[i - 1], mesh.xy[i], mesh.xy[i + 1]];
    const [dx, dy] = [bx - ax, by - ay];
    const along = Math.min(Math.max(((x - ax) * dx + (y - ay) * dy) / (dx * dx + dy * dy || 1), 0), 1);
    least = Math.min(least, Math.hypot(ax + along * dx - x, ay + along * dy - y));
  }
  return least;
}
