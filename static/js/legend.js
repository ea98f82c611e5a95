// The legend: classes of the measure with unit and n, then the symbols of the layers that are on.

import { el, fill } from "./dom.js";
import { drawnClass } from "./paint.js";
import { onPaper } from "./ratio.js";
import { square } from "./square.js";
import { pattern, shapeOf, trace } from "./symbols.js";
import { number, t } from "./words.js";

// what everybody can read without a key
const BACKDROP = new Set(["areas", "barriers"]);
// a layer of more classes keeps its key folded, so that the measure's stays in view
const FEW = 4;

function canvas(width, height) {
  const ratio = Math.max(2, window.devicePixelRatio || 1);
  const element = el("canvas", { class: "swatch", "aria-hidden": "true", width: width * ratio, height: height * ratio });
  element.style.width = `${width}px`;
  element.style.height = `${height}px`;
  const ctx = element.getContext("2d");
  ctx.scale(ratio, ratio);
  return [element, ctx];
}

/** A filled swatch with its pattern, drawn as on the map. */
export function areaSwatch(entry, style = {}) {
  const [element, ctx] = canvas(26, 16);
  const fillColour = entry.fill ?? style.fill;
  const line = entry.line ?? style.line;
  ctx.beginPath();
  ctx.roundRect(0.5, 0.5, 25, 15, 2);
  if (fillColour && fillColour !== "none") {
    ctx.globalAlpha = entry.opacity ?? style.opacity ?? 1;
    ctx.fillStyle = fillColour;
    ctx.fill();
    if (entry.pattern) {
      ctx.fillStyle = pattern(ctx, entry.pattern, fillColour);
      ctx.fill();
    }
  }
  ctx.globalAlpha = 1;
  ctx.strokeStyle = line && line.toLowerCase() !== "#ffffff" ? line : "rgba(30,34,40,.35)";
  ctx.setLineDash(entry.dash ?? style.dash ?? []);
  ctx.stroke();
  return element;
}

function lineSwatch(entry, style) {
  const [element, ctx] = canvas(26, 16);
  ctx.fillStyle = "#e3e1d9"; // the land behind it, or a white road could not be seen
  ctx.beginPath();
  ctx.roundRect(0.5, 0.5, 25, 15, 2);
  ctx.fill();
  ctx.strokeStyle = entry.line ?? style.line ?? "#555";
  ctx.lineWidth = Math.min(entry.width ?? style.width ?? 1.5, 4);
  ctx.setLineDash(entry.dash ?? style.dash ?? []);
  ctx.beginPath();
  ctx.moveTo(1, 8);
  ctx.lineTo(25, 8);
  ctx.stroke();
  return element;
}

function pointSwatch(entry, style, index) {
  const [element, ctx] = canvas(26, 16);
  const path = new Path2D();
  trace(path, shapeOf(entry, index), 13, 8, 5.4);
  ctx.fillStyle = entry.fill ?? style.fill ?? "#33475b";
  ctx.fill(path);
  ctx.strokeStyle = "rgba(20,24,30,.55)";
  ctx.lineWidth = 0.8;
  ctx.stroke(path);
  return element;
}

/** The sign of a layer (or of one of its classes) as it stands on the map. */
export function sign(layer, given = null, index = -1) {
  const entry = drawnClass(layer, given ?? layer.style.classes?.[0] ?? layer.style);
  if (layer.geometry === "point") return pointSwatch(entry, layer.style, index);
  return layer.geometry === "line" ? lineSwatch(entry, layer.style) : areaSwatch(entry, layer.style);
}

/** The classes of a layer that stand in the legend: by an attribute, or the single one it has. */
export function classesOf({ style }) {
  const classes = style.classes ?? [];
  return style.by || classes.length === 1 ? classes : [];
}

function row(swatch, label, n) {
  return el("li", {}, swatch, el("span", {}, label), n === undefined || n === null ? null : el("span", { class: "legend-n" }, number(n)));
}

/** Writes the legend of `app` and keeps it in step with the figures and the layers; returns what writes it anew. */
export function startLegend(app) {
  const place = document.getElementById("legend");
  const draw = () => fill(place, ...measureLegend(app), ...layerLegend(app));
  app.figures.onChange(draw);
  app.onLayers(draw);
  draw();
  return draw;
}

function measureLegend(app) {
  const { measure } = app.figures.chosen();
  const vector = measure && app.layers.get(measure.layer);
  if (!measure || !vector || !app.isOn(measure.layer)) return [];
  const counts = app.figures.counts;
  const formula = measure.numerator && measure.denominator ? `${measure.numerator} / ${measure.denominator}` : measure.about;
  const rows = measure.classes.map((entry, i) => row(areaSwatch(entry), entry.label, counts[i]?.n));
  const none = measure.none ?? { fill: "#eeeeee", pattern: "dots", label: t("no_data") };
  rows.push(row(areaSwatch(none), none.label ?? t("no_data"), counts[measure.classes.length]?.n));
  return [
    el("header", {}, el("h2", {}, measure.title, measure.unit ? el("small", {}, measure.unit) : null), el("span", { class: "legend-head" }, t("grids_n"))),
    formula && !measure.axes ? el("p", { class: "legend-formula" }, formula) : null,
    app.figures.empty ? el("p", { class: "legend-empty" }, app.figures.empty) : measure.axes ? square(measure, counts, areaSwatch) : el("ul", {}, ...rows),
    measure.axes && !app.figures.empty ? el("ul", {}, rows.at(-1)) : null,
  ];
}

function layerLegend(app) {
  const groups = [];
  for (const { layer } of app.shownLayers()) {
    const classes = layer.style.by ? classesOf(layer) : [];
    const counted = app.zoom < (layer.counts_below ?? 0); // circles only: the signs are not on the map yet
    if (counted && layer.name === "cases") groups.push(el("h3", {}, layer.title), el("p", { class: "legend-formula" }, t("circle_hint")));
    if (counted || !classes.length || BACKDROP.has(layer.name) || layer.name === app.figures.chosen().measure?.layer || app.zoom < layer.minzoom) continue;
    const symbols = el("ul", { class: "legend-symbols" }, ...classes.map((entry, i) => row(sign(layer, entry, i), entry.label)));
    groups.push(el("details", { open: onPaper() || classes.length <= FEW }, el("summary", {}, layer.title), symbols));
  }
  return groups;
}
