// The cells of a village as shapes: arcs that neighbours share, rings, and what lies where; no grid is known here.

const ZOOM = 20;
const WORLD = 256 * 2 ** ZOOM;

/** Web Mercator at zoom 20, in pixels. */
function projected(lon, lat) {
  const sin = Math.sin((lat * Math.PI) / 180);
  return [((lon + 180) / 360) * WORLD, (0.5 - Math.log((1 + sin) / (1 - sin)) / (4 * Math.PI)) * WORLD];
}

/** Unpacks what the server sent; everything is in pixels of zoom 20 from the village's corner on. */
export class Mesh {
  constructor({ origin, step, lengths, points, sides, rings, cells, borders }) {
    this.ids = cells;
    this.index = new Map(cells.map((id, i) => [id, i]));
    this.n = cells.length;
    this.sides = Int32Array.from(sides);
    this.#project(origin, step, lengths, points);
    this.#rings(rings);
    this.#buckets();
    this.#borders(borders);
    this.paths = new Array(this.n);
    this.seen = new Int32Array(Math.max(this.n, lengths.length));
    this.turn = 0;
  }

  #project(origin, step, lengths, points) {
    this.corner = projected(origin[0], origin[1]);
    this.starts = new Uint32Array(lengths.length + 1);
    this.xy = new Float32Array(points.length);
    let [at, x, y] = [0, 0, 0];
    lengths.forEach((length, arc) => {
      for (let i = 0; i < length; i += 1, at += 2) {
        [x, y] = i ? [x + points[at], y + points[at + 1]] : [points[at], points[at + 1]];
        const [px, py] = projected(origin[0] + x * step[0], origin[1] + y * step[1]);
        this.xy[at] = px - this.corner[0];
        this.xy[at + 1] = py - this.corner[1];
      }
      this.starts[arc + 1] = at;
    });
  }

  #rings(rings) {
    this.rings = rings.map((each) => each.map((arcs) => this.#ring(arcs)));
    this.arcs = rings.map((each) => each.flat().map((ref) => (ref < 0 ? ~ref : ref)));
    this.boxes = new Float32Array(this.n * 4);
    this.middles = new Float32Array(this.n * 2);
    this.areas = new Float32Array(this.n);
    this.rings.forEach((each, cell) => this.#measure(each, cell));
  }

  #ring(arcs) {
    const flat = [];
    for (const ref of arcs) {
      const arc = ref < 0 ? ~ref : ref;
      const [first, last] = [this.starts[arc], this.starts[arc + 1]];
      if (ref < 0) for (let i = last - 2; i > first; i -= 2) flat.push(this.xy[i], this.xy[i + 1]);
      else for (let i = first; i < last - 2; i += 2) flat.push(this.xy[i], this.xy[i + 1]);
    }
    return Float32Array.from(flat);
  }

  #measure(rings, cell) {
    let [x0, y0, x1, y1] = [Infinity, Infinity, -Infinity, -Infinity];
    let [area, cx, cy] = [0, 0, 0];
    for (const flat of rings) {
      const [ox, oy] = [flat[0], flat[1]];
      for (let i = 0, j = flat.length - 2; i < flat.length; j = i, i += 2) {
        const [x, y] = [flat[i], flat[i + 1]];
        if (x < x0) x0 = x;
        if (x > x1) x1 = x;
        if (y < y0) y0 = y;
        if (y > y1) y1 = y;
        const cross = (flat[j] - ox) * (y - oy) - (x - ox) * (flat[j + 1] - oy);
        area += cross;
        cx += cross * (flat[j] + x + ox);
        cy += cross * (flat[j + 1] + y + oy);
      }
    }
    this.boxes.set([x0, y0, x1, y1], cell * 4);
    this.middles.set(area ? [cx / (3 * area), cy / (3 * area)] : [(x0 + x1) / 2, (y0 + y1) / 2], cell * 2);
    this.areas[cell] = Math.abs(area) / 2;
  }

  #buckets() {
    this.box = [0, 0, 0, 0];
    for (let i = 0; i < this.n * 4; i += 4) {
      const [x0, y0, x1, y1] = this.boxes.subarray(i, i + 4);
      this.box = i ? [Math.min(this.box[0], x0), Math.min(this.box[1], y0), Math.max(this.box[2], x1), Math.max(this.box[3], y1)] : [x0, y0, x1, y1];
    }
    this.side = Math.max((this.box[2] - this.box[0]) / Math.max(Math.sqrt(this.n), 1), (this.box[3] - this.box[1]) / 200, 1);
    this.across = Math.ceil((this.box[2] - this.box[0]) / this.side) + 1;
    this.buckets = new Map();
    for (let cell = 0; cell < this.n; cell += 1) {
      this.#cover(this.boxes.subarray(cell * 4, cell * 4 + 4), (key) => {
        const bucket = this.buckets.get(key);
        if (bucket) bucket.push(cell);
        else this.buckets.set(key, [cell]);
      });
    }
  }

  #cover([x0, y0, x1, y1], visit) {
    const [left, top] = [Math.max(x0, this.box[0]) - this.box[0], Math.max(y0, this.box[1]) - this.box[1]];
    const [right, below] = [Math.min(x1, this.box[2]) - this.box[0], Math.min(y1, this.box[3]) - this.box[1]];
    for (let row = Math.floor(top / this.side); row * this.side <= below; row += 1) {
      for (let column = Math.floor(left / this.side); column * this.side <= right; column += 1) visit(row * this.across + column);
    }
  }

  /** Neighbours: for cell i, `next[starts[i]..starts[i+1]]`, with the shared length (px) and whether one can pass. */
  #borders({ a, b, joins }) {
    const lengths = this.#sharedLengths();
    const starts = new Int32Array(this.n + 1);
    for (let i = 0; i < a.length; i += 1) {
      starts[a[i] + 1] += 1;
      starts[b[i] + 1] += 1;
    }
    for (let i = 0; i < this.n; i += 1) starts[i + 1] += starts[i];
    const fill = starts.slice();
    const [next, pass, shared] = [new Int32Array(a.length * 2), new Uint8Array(a.length * 2), new Float32Array(a.length * 2)];
    for (let i = 0; i < a.length; i += 1) {
      for (const [from, to] of [[a[i], b[i]], [b[i], a[i]]]) {
        const at = fill[from]++;
        next[at] = to;
        pass[at] = joins[i] === "1" || joins[i] === 1 ? 1 : 0;
        shared[at] = lengths.get(Math.min(from, to) * this.n + Math.max(from, to)) ?? 0;
      }
    }
    this.next = { starts, next, pass, shared };
  }

  #sharedLengths() {
    const lengths = new Map();
    for (let arc = 0; arc < this.sides.length / 2; arc += 1) {
      const [left, right] = [this.sides[2 * arc], this.sides[2 * arc + 1]];
      if (left < 0 || right < 0) continue;
      let length = 0;
      for (let i = this.starts[arc] + 2; i < this.starts[arc + 1]; i += 2) length += Math.hypot(this.xy[i] - this.xy[i - 2], this.xy[i + 1] - this.xy[i - 1]);
      const key = Math.min(left, right) * this.n + Math.max(left, right);
      lengths.set(key, (lengths.get(key) ?? 0) + length);
    }
    return lengths;
  }

  /** The cells whose boxes meet a box [x0, y0, x1, y1]. */
  near(box) {
    const found = [];
    const turn = (this.turn += 1);
    this.#cover(box, (key) => {
      for (const cell of this.buckets.get(key) ?? []) {
        if (this.seen[cell] === turn) continue;
        this.seen[cell] = turn;
        const at = cell * 4;
        if (this.boxes[at] <= box[2] && this.boxes[at + 2] >= box[0] && this.boxes[at + 1] <= box[3] && this.boxes[at + 3] >= box[1]) found.push(cell);
      }
    });
    return found;
  }

  /** The arcs of some cells, each once. */
  arcsOf(cells) {
    const found = [];
    const turn = (this.turn += 1);
    for (const cell of cells) {
      for (const arc of this.arcs[cell]) {
        if (this.seen[arc] === turn) continue;
        this.seen[arc] = turn;
        found.push(arc);
      }
    }
    return found;
  }

  /** The cell at a point, -1 for none. */
  at(x, y) {
    return this.near([x, y, x, y]).find((cell) => this.holds(cell, x, y)) ?? -1;
  }

  /** Whether a point is inside a cell, holes left out. */
  holds(cell, x, y) {
    let within = false;
    for (const flat of this.rings[cell]) if (crosses(flat, x, y)) within = !within;
    return within;
  }

  /** The cells that a circle touches. */
  touched(x, y, radius) {
    const near = this.near([x - radius, y - radius, x + radius, y + radius]);
    return near.filter((cell) => this.holds(cell, x, y) || this.rings[cell].some((flat) => closerThan(flat, x, y, radius)));
  }

  /** The cells whose middles lie inside a ring of points [x, y, x, y, …]. */
  inside(flat) {
    let [x0, y0, x1, y1] = [Infinity, Infinity, -Infinity, -Infinity];
    for (let i = 0; i < flat.length; i += 2) [x0, y0, x1, y1] = [Math.min(x0, flat[i]), Math.min(y0, flat[i + 1]), Math.max(x1, flat[i]), Math.max(y1, flat[i + 1])];
    return this.near([x0, y0, x1, y1]).filter((cell) => crosses(flat, this.middles[2 * cell], this.middles[2 * cell + 1]));
  }

  /** The path of a cell, made when first asked for. */
  path(cell) {
    if (this.paths[cell]) return this.paths[cell];
    const path = new Path2D();
    for (const flat of this.rings[cell]) {
      path.moveTo(flat[0], flat[1]);
      for (let i = 2; i < flat.length; i += 2) path.lineTo(flat[i], flat[i + 1]);
      path.closePath();
    }
    return (this.paths[cell] = path);
  }

  /** Adds an arc to a path. */
  trace(path, arc) {
    path.moveTo(this.xy[this.starts[arc]], this.xy[this.starts[arc] + 1]);
    for (let i = this.starts[arc] + 2; i < this.starts[arc + 1]; i += 2) path.lineTo(this.xy[i], this.xy[i + 1]);
  }

  /** The box of some cells. */
  boxOf(cells) {
    let [x0, y0, x1, y1] = [Infinity, Infinity, -Infinity, -Infinity];
    for (const cell of cells) {
      const at = cell * 4;
      [x0, y0] = [Math.min(x0, this.boxes[at]), Math.min(y0, this.boxes[at + 1])];
      [x1, y1] = [Math.max(x1, this.boxes[at + 2]), Math.max(y1, this.boxes[at + 3])];
    }
    return [x0, y0, x1, y1];
  }

  /** How mesh units become layer points of the map: {k, dx, dy}. */
  view(map) {
    const k = 2 ** (map.getZoom() - ZOOM);
    const { x, y } = map.getPixelOrigin();
    return { k, dx: this.corner[0] * k - x, dy: this.corner[1] * k - y };
  }

  /** Mesh units of a place on the map's container. */
  place(map, containerPoint) {
    const { k, dx, dy } = this.view(map);
    const point = map.containerPointToLayerPoint(containerPoint);
    return { x: (point.x - dx) / k, y: (point.y - dy) / k };
  }

  /** The bounds of a box for Leaflet. */
  bounds([x0, y0, x1, y1]) {
    const at = (x, y) => L.CRS.EPSG3857.pointToLatLng(L.point(x + this.corner[0], y + this.corner[1]), ZOOM);
    return L.latLngBounds(at(x0, y0), at(x1, y1));
  }
}

function crosses(flat, x, y) {
  let within = false;
  for (let i = 0, j = flat.length - 2; i < flat.length; j = i, i += 2) {
    if (flat[i + 1] > y !== flat[j + 1] > y && x < ((flat[j] - flat[i]) * (y - flat[i + 1])) / (flat[j + 1] - flat[i + 1]) + flat[i]) within = !within;
  }
  return within;
}

function closerThan(flat, x, y, radius) {
  const most = radius * radius;
  for (let i = 0, j = flat.length - 2; i < flat.length; j = i, i += 2) {
    const [dx, dy] = [flat[i] - flat[j], flat[i + 1] - flat[j + 1]];
    const along = Math.min(Math.max(((x - flat[j]) * dx + (y - flat[j + 1]) * dy) / (dx * dx + dy * dy || 1), 0), 1);
    const [ex, ey] = [flat[j] + along * dx - x, flat[j + 1] + along * dy - y];
    if (ex * ex + ey * ey <= most) return true;
  }
  return false;
}
