// The square legend of two figures on one map: need upwards, resources to the right, with the number of grids in each field.

import { el } from "./dom.js";
import { number } from "./words.js";

const STEPS = 3;

/** A table of three by three fields; its heads carry the steps with their bounds, its edges the names of the figures. */
export function square(measure, counts, swatch) {
  const [need, resource] = measure.axes;
  const rows = [2, 1, 0].map((level) =>
    el("tr", {}, head("row", need.steps[level]), ...measure.classes.slice(level * STEPS, (level + 1) * STEPS).map((entry, at) => field(entry, counts[level * STEPS + at]?.n, swatch))));
  const feet = el("tr", {}, el("td"), ...resource.steps.map((step) => head("col", step)));
  return el("table", { class: "square" },
    el("caption", {}, `↑ ${need.title}: ${need.about}`, el("br"), `→ ${resource.title}: ${resource.about}`),
    el("tbody", {}, ...rows, feet));
}

function head(scope, { label, range }) {
  return el("th", { scope }, label, el("small", {}, range));
}

function field(entry, n, swatch) {
  return el("td", { title: entry.label }, swatch(entry), el("span", { class: "legend-n" }, n === undefined ? "" : number(n)));
}
