// The map's state and its mirror in the address: area, theme, measure, layers, date, view and the open grid.

const KEYS = ["area", "theme", "measure", "layers", "date", "at", "grid"];
// what an address that leaves it out does not take over from the page's own
const OWN = new Set(["at", "grid"]);

/** Holds the state, tells listeners what changed, keeps the address in step. */
export class State {
  constructor(initial) {
    this.first = { ...initial, grid: new URLSearchParams(location.search).get("grid") };
    this.values = { ...this.first };
    this.listeners = [];
    this.travelling = false;
    window.addEventListener("popstate", () => {
      this.travelling = true; // back and forward bring their own view along
      this.#apply(this.#read());
      this.travelling = false;
    });
  }

  get(key) {
    return this.values[key];
  }

  /** Calls `listener(changedKeys)` whenever one of the keys changes. */
  on(keys, listener) {
    this.listeners.push({ keys, listener });
  }

  /** Changes some values; `push` makes a step that the back button returns from. */
  set(patch, { push = false } = {}) {
    const changed = this.#apply(patch);
    if (!changed.length) return;
    const target = this.address();
    if (push) history.pushState(null, "", target);
    else history.replaceState(null, "", target);
  }

  /** The address of this page in the present state. */
  address() {
    const query = [];
    for (const key of KEYS) {
      const value = this.values[key];
      if (value === null || value === undefined || value === "") continue;
      if (key === "date" && value === this.values.today) continue;
      const text = Array.isArray(value) ? value.join(",") : String(value);
      query.push(`${key}=${encodeURIComponent(text).replaceAll("%2C", ",").replaceAll("%2F", "/")}`);
    }
    return `${location.pathname}?${query.join("&")}`;
  }

  #apply(patch) {
    const changed = Object.keys(patch).filter((key) => String(patch[key] ?? "") !== String(this.values[key] ?? ""));
    if (!changed.length) return changed;
    Object.assign(this.values, patch);
    for (const { keys, listener } of this.listeners) {
      const mine = changed.filter((key) => keys.includes(key));
      if (mine.length) listener(mine);
    }
    return changed;
  }

  #read() {
    const query = new URLSearchParams(location.search);
    const values = {};
    for (const key of KEYS) values[key] = query.get(key) ?? (OWN.has(key) ? null : this.first[key]);
    if (query.has("layers")) values.layers = query.get("layers").split(",").filter(Boolean);
    return values;
  }
}
