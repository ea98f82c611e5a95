// Which of seven tints each grid has: neighbours differ, and what has one keeps it as long as it can.

const HOW_MANY = 7;

/** Which grids touch which, for an assignment of the cells: Map of number → Set of numbers. */
function neighbours(mesh, of, ids) {
  const near = new Map([...ids].map((id) => [id, new Set()]));
  const { starts, next } = mesh.next;
  for (let cell = 0; cell < mesh.n; cell += 1) {
    for (let at = starts[cell]; at < starts[cell + 1]; at += 1) {
      if (of[next[at]] !== of[cell]) near.get(of[cell])?.add(of[next[at]]);
    }
  }
  return near;
}

/** The tint that fewest have, of those that are not taken. */
export function fresh(tints, taken = new Set()) {
  const used = new Array(HOW_MANY).fill(0);
  for (const tint of tints) if (tint >= 0) used[tint] += 1;
  const free = [...used.keys()].filter((tint) => !taken.has(tint));
  return (free.length ? free : [...used.keys()]).reduce((a, b) => (used[b] < used[a] ? b : a));
}

/** Tints for the grids of a Map of number → tint that have none (-1), apart from their neighbours: the oldest first. */
export function tinted(mesh, of, known) {
  const tints = new Map(known);
  for (const [id, others] of neighbours(mesh, of, tints.keys())) {
    if (tints.get(id) < 0) tints.set(id, fresh(tints.values(), new Set([...others].map((other) => tints.get(other)))));
  }
  return tints;
}

/** The same after a stroke: of two neighbours of one tint the smaller gets another; the rest keep theirs. */
export function parted(mesh, of, known, sizeOf) {
  const tints = new Map(known);
  const small = [...neighbours(mesh, of, tints.keys())].sort((a, b) => sizeOf(a[0]) - sizeOf(b[0]));
  const alike = (id, others) => [...others].some((other) => tints.get(other) === tints.get(id));
  for (const [id, others] of small.filter((each) => alike(...each))) {
    if (alike(id, others)) tints.set(id, fresh(tints.values(), new Set([...others].map((other) => tints.get(other)))));
  }
  return tints;
}
