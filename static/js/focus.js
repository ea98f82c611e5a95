// What the pointer is on and what is selected: outlines on a light canvas over the tiles, and the hover text.

import { el, fill } from "./dom.js";
import { classIndex } from "./figures.js";
import { Overlay } from "./overlay.js";
import { outline } from "./paint.js";
import { measured, number, t } from "./words.js";

const ACCENT = "#9b1c1c";

/** Hover and selection over the map of `app`. */
export class Focus {
  constructor(app) {
    this.app = app;
    this.hover = null;
    this.code = null;
    this.tip = el("div", { class: "tip", "aria-hidden": "true", hidden: true });
    app.map.getContainer().append(this.tip);
    this.overlay = new Overlay((ctx) => this.#draw(ctx), { zIndex: 10 });
    this.overlay.addTo(app.map);
    if (!matchMedia("(hover: hover)").matches) return;
    app.map.on("mousemove", (event) => this.#soon(event));
    app.map.on("mouseout movestart click", () => this.#leave());
  }

  refresh() {
    this.overlay.refresh();
  }

  /** Selects the grid with a code; null selects none. */
  select(code) {
    this.code = code;
    this.refresh();
  }

  #soon(event) {
    this.event = event;
    if (this.frame) return;
    this.frame = requestAnimationFrame(() => {
      this.frame = null;
      this.#move(this.event);
    });
  }

  #leave() {
    this.tip.hidden = true;
    this.app.map.getContainer().classList.remove("over-mark");
    if (this.hover) {
      this.hover = null;
      this.refresh();
    }
  }

  #move({ layerPoint, containerPoint }) {
    const mark = this.app.marks.at(layerPoint);
    const found = mark ? null : this.#polygon(layerPoint);
    this.app.map.getContainer().classList.toggle("over-mark", Boolean(mark || found));
    const lines = mark ? aboutMark(mark) : found ? this.#about(found) : null;
    this.tip.hidden = !lines;
    if (lines) this.#place(lines, containerPoint);
    if (found?.feature.id === this.hover?.feature.id && found?.vector === this.hover?.vector) return;
    this.hover = found;
    this.refresh();
  }

  #polygon(point) {
    const layers = this.app.shownLayers().filter(({ layer }) => layer.geometry === "polygon" && layer.name !== "areas");
    for (const vector of layers.reverse()) {
      const feature = vector.polygonAt(point);
      if (feature) return { vector, feature };
    }
    return null;
  }

  #about({ vector, feature }) {
    const { layer } = vector;
    const { theme, measure } = this.app.figures.chosen();
    const title = feature.props.name ?? feature.props.label ?? feature.props.code ?? layer.title;
    if (layer.name !== measure?.layer) return [title, className(layer, feature)];
    const row = this.app.figures.values.get(String(feature.id));
    if (!row) return [title, t(this.app.figures.busy ? "loading" : "outside_area")];
    const [value, numerator, denominator, code, ...both] = row;
    if (measure.axes) return [feature.props.name ?? code, said(measure, value), ...crossed(measure, both)];
    const parts = denominator === null || denominator === undefined ? null : `${number(numerator)} / ${number(denominator)}`;
    return [feature.props.name ?? code, `${measure.title ?? theme.title} ${said(measure, value)}`, parts];
  }

  #place(lines, { x, y }) {
    fill(this.tip, ...lines.filter(Boolean).map((line, i) => el(i ? "span" : "strong", {}, String(line))));
    const size = this.app.map.getSize();
    const left = x + 18 + this.tip.offsetWidth > size.x ? x - this.tip.offsetWidth - 14 : x + 16;
    const top = Math.min(y + 14, size.y - this.tip.offsetHeight - 8);
    this.tip.style.transform = `translate(${Math.round(left)}px, ${Math.round(top)}px)`;
  }

  #draw(ctx) {
    if (this.hover) this.#outline(ctx, this.hover.vector, (f) => f.id === this.hover.feature.id, [["#fff", 4], ["#22262c", 1.8]]);
    const grids = this.app.shownLayers().find(({ layer }) => this.app.measured.has(layer.name));
    if (this.code && grids) this.#outline(ctx, grids, (f) => this.#isSelected(f), [["#fff", 6], [ACCENT, 3.2]]);
  }

  #isSelected(feature) {
    return String(feature.props.code ?? this.app.figures.values.get(String(feature.id))?.[3]) === this.code;
  }

  #outline(ctx, vector, wanted, strokes) {
    for (const { entry, side, view } of vector.placedTiles()) {
      const path = new Path2D();
      let any = false;
      for (const feature of entry.tile.features) {
        if (!wanted(feature)) continue;
        outline(path, feature, view);
        any = true;
      }
      if (!any) continue;
      ctx.save();
      ctx.beginPath();
      ctx.rect(view.dx, view.dy, side, side);
      ctx.clip();
      ctx.lineJoin = "round";
      for (const [colour, width] of strokes) {
        ctx.strokeStyle = colour;
        ctx.lineWidth = width;
        ctx.stroke(path);
      }
      ctx.restore();
    }
  }
}

/** Both figures of a measure that is two in one, each with what it is made from. */
function crossed({ axes }, [need, resource, ...parts]) {
  return [need, resource].map((value, i) => `${axes[i].about} ${measured(value, "")} (${number(parts[2 * i] ?? 0)} / ${number(parts[2 * i + 1] ?? 0)})`);
}

/** A value in words: the class's own name where it is a name and not a range of numbers. */
function said(measure, value) {
  const label = value === null ? null : measure.classes[classIndex(measure, value)]?.label;
  return label && !/\d/.test(label) ? label : measured(value, measure.unit);
}

function className(layer, feature) {
  const { by, classes = [] } = layer.style;
  return by ? (classes.find((c) => String(c.value) === String(feature.props[by]))?.label ?? null) : layer.title;
}

function aboutMark({ layer, feature, entry, n, late }) {
  if (n === undefined) return [feature.props.name ?? feature.props.label ?? layer.title, entry?.label ?? null];
  return [layer.title, t("count_of", { n: number(n) }), late ? t("overdue_of", { n: number(late) }) : null];
}
