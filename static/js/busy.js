// Who is still loading: <html data-painted> says "true" when the whole map stands as asked.

const working = new Set();
let generation = 0;

/** Marks something as loading. */
export function begin(thing) {
  working.add(thing);
  generation += 1;
  document.documentElement.dataset.painted = "false";
}

/** Marks it as done; two frames after the last one the page says so. */
export function end(thing) {
  working.delete(thing);
  if (working.size) return;
  const mine = (generation += 1);
  requestAnimationFrame(() => requestAnimationFrame(() => {
    if (mine !== generation || working.size) return;
    document.documentElement.dataset.painted = "true";
    document.dispatchEvent(new Event("wangge:painted"));
  }));
}

/** Resolves when everything is painted, or after `limit` milliseconds. */
export function painted(limit = 8000) {
  if (document.documentElement.dataset.painted === "true") return Promise.resolve();
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, limit);
    document.addEventListener("wangge:painted", () => { clearTimeout(timer); resolve(); }, { once: true });
  });
}
