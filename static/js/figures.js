// The figures of the area in view: header line, value per grid, n per class; and the colours that follow from them.

import { aborted, getJSON } from "./api.js";
import { begin, end } from "./busy.js";
import { el, fill } from "./dom.js";
import { dismiss, notice } from "./notice.js";
import { t } from "./words.js";

const OUTSIDE = { fill: "#f3f1ec", line: "#d8d5cc", width: 0.6, opacity: 1 };
const EDGE = { line: "rgba(52, 46, 42, 0.55)", width: 0.8, opacity: 1 };

/** Fetches, shows and colours by the figures of `app`. */
export class Figures {
  constructor(app) {
    this.app = app;
    this.place = document.getElementById("figures");
    this.values = new Map();
    this.counts = [];
    this.empty = null;
    this.listeners = [];
    this.busy = true;
    app.state.on(["area", "theme", "measure", "date"], (changed) => {
      if (changed.some((key) => key !== "area")) this.#forget();
      this.load();
    });
  }

  /** Calls back after every change of figures: "loading", "ready" or "failed". */
  onChange(listener) {
    this.listeners.push(listener);
  }

  /** The chosen theme and measure, the first where the state names none. */
  chosen() {
    const { config, state } = this.app;
    const theme = config.themes.find(({ name }) => name === state.get("theme")) ?? config.themes[0] ?? null;
    const measure = theme?.measures.find(({ name }) => name === state.get("measure")) ?? theme?.measures[0] ?? null;
    return { theme, measure };
  }

  async load() {
    this.request?.abort();
    const request = (this.request = new AbortController());
    const { theme, measure } = this.chosen();
    const { state, config } = this.app;
    begin(this);
    this.busy = true;
    this.#tell("loading");
    this.place.setAttribute("aria-busy", "true");
    try {
      const params = { area: state.get("area"), theme: theme?.name, measure: measure?.name, date: state.get("date") };
      this.#take(await getJSON(config.urls.figures, params, request.signal));
    } catch (error) {
      if (aborted(error)) return;
      this.#fail(error);
    } finally {
      if (this.request === request) {
        this.place.removeAttribute("aria-busy");
        this.busy = false;
        end(this);
      }
    }
  }

  /** Colours of another figure or day must not stand under a new legend while the answer is on its way. */
  #forget() {
    this.values = new Map();
    this.counts = [];
    this.empty = null;
    this.colour();
  }

  #take(answer) {
    dismiss("figures");
    this.values = new Map(Object.entries(answer.values ?? {}));
    this.counts = answer.legend ?? [];
    this.empty = answer.empty ?? null;
    for (const [name, version] of Object.entries(answer.versions ?? {})) this.app.layers.get(name)?.setVersion(version);
    this.#header(answer.header ?? []);
    this.colour();
    this.#tell("ready");
  }

  #fail(error) {
    this.values = new Map();
    this.counts = [];
    fill(this.place, el("li", { class: "figure-none" }, t("failed")));
    this.colour();
    this.#tell("failed");
    notice("figures", error.message, { retry: () => this.load() });
  }

  #tell(what) {
    for (const listener of this.listeners) listener(what);
  }

  #header(items) {
    if (!items.length) {
      fill(this.place, el("li", { class: "figure-none" }, this.empty ?? t("no_figures")));
      return;
    }
    fill(this.place, ...items.map((item) => figure(item, (event) => this.#follow(event, item.href))));
  }

  /** A figure that leads to another theme of this map does so without loading the page again. */
  #follow(event, href) {
    const target = new URL(href, location.href);
    const theme = this.app.config.themes.find(({ name }) => name === target.searchParams.get("theme"));
    const measure = theme?.measures.find(({ name }) => name === target.searchParams.get("measure"));
    if (!measure || target.pathname !== location.pathname || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    this.app.choose(theme, measure);
  }

  /** Colours the measure's layer by the values; the other layers keep their own style. */
  colour() {
    const { measure } = this.chosen();
    for (const [name, vector] of this.app.layers) {
      if (name === measure?.layer) vector.recolour(this.#look(measure));
      else vector.recolour(this.app.measured.has(name) ? hollow(vector.layer.style) : null);
    }
  }

  #look(measure) {
    const classes = measure.classes.map((entry) => ({ ...EDGE, ...entry }));
    const none = { ...EDGE, ...(measure.none ?? { fill: "#eeeeee", pattern: "dots" }) };
    const classOf = (feature) => {
      const row = this.values.get(String(feature.id));
      if (!row) return OUTSIDE;
      return row[0] === null ? none : (classes[classIndex(measure, row[0])] ?? none);
    };
    return { style: EDGE, classOf };
  }
}

/** Only the lines of a layer: another one carries the colours of the measure. */
function hollow(style) {
  const lines = { ...style, fill: "none" };
  return { style: lines, classOf: () => lines };
}

/** The class a value falls into: the first whose upper limit holds it; the last has no limit. */
export function classIndex(measure, value) {
  const index = measure.classes.findIndex(({ upto }) => upto === null || upto === undefined || value <= upto);
  return index < 0 ? measure.classes.length - 1 : index;
}

function figure({ label, value, unit, n, href, state }, onclick) {
  const none = value === null || value === undefined;
  const body = [
    el("span", { class: "figure-label" }, label),
    el("span", { class: "figure-value" }, none ? "—" : String(value), unit && !none ? el("small", {}, unit) : null),
    n ? el("span", { class: "figure-n" }, String(n)) : null,
  ];
  const kind = `figure${state ? ` figure-${state}` : ""}`;
  return el("li", {}, href ? el("a", { class: kind, href, onclick }, ...body) : el("div", { class: kind }, ...body));
}
