// The rail: theme and measure, layer switches with zoom hints, the as-at date, and the sheet it becomes on a phone.

import { el, fill } from "./dom.js";
import { sign } from "./legend.js";
import { t } from "./words.js";

/** Fills and wires the rail of `app`. */
export function startPanel(app) {
  themes(app);
  layers(app);
  day(app);
  sheet();
}

function themes(app) {
  const tabs = document.getElementById("themes");
  const list = document.getElementById("measures");
  const draw = () => {
    const { theme, measure } = app.figures.chosen();
    fill(tabs, ...app.config.themes.map((entry) => tab(app, entry, entry === theme)));
    fill(list, ...(theme?.measures ?? []).map((entry) => choice(app, entry, entry === measure)));
    document.getElementById("peek-measure").textContent = measure?.title ?? "";
  };
  app.state.on(["theme", "measure"], () => {
    const focused = document.activeElement?.id;
    draw();
    if (focused) document.getElementById(focused)?.focus();
  });
  draw();
}

function tab(app, theme, chosen) {
  const choose = () => app.choose(theme, theme.measures[0]);
  return el("button", { type: "button", id: `theme-${theme.name}`, "aria-pressed": String(chosen), onclick: choose }, theme.title);
}

function choice(app, measure, chosen) {
  const id = `measure-${measure.name}`;
  const { theme } = app.figures.chosen();
  const input = el("input", { type: "radio", name: "measure", id, value: measure.name, checked: chosen, onchange: () => app.choose(theme, measure) });
  const text = el("span", {}, measure.title, measure.unit ? el("small", {}, measure.unit) : null);
  return el("li", {}, el("label", { for: id, title: measure.about ?? "" }, input, text));
}

function layers(app) {
  const list = document.getElementById("layers");
  const hints = new Map();
  fill(list, ...app.config.layers.map((layer) => {
    const id = `layer-${layer.name}`;
    const hint = el("small", { class: "hint" });
    const box = el("input", { type: "checkbox", id, checked: app.isOn(layer.name), onchange: (event) => app.show(layer.name, event.target.checked) });
    hints.set(layer, { hint, box });
    return el("li", {}, el("label", { for: id }, box, sign(layer), el("span", {}, layer.title), hint));
  }));
  const draw = () => {
    for (const [layer, { hint, box }] of hints) {
      box.checked = app.isOn(layer.name);
      hint.textContent = box.checked ? zoomHint(layer, app.zoom) : "";
    }
  };
  app.map.on("zoomend", draw);
  app.onLayers(draw);
  draw();
}

function zoomHint(layer, zoom) {
  if (zoom < (layer.minzoom ?? 0)) return t("zoom_to", { z: layer.minzoom });
  if (layer.counts_below && zoom < layer.counts_below) return t("zoom_for_each", { z: layer.counts_below });
  return "";
}

function day(app) {
  const input = document.getElementById("date");
  const today = document.getElementById("date-today");
  const draw = () => {
    input.value = app.state.get("date") ?? app.state.get("today");
    today.hidden = input.value === app.state.get("today");
  };
  input.max = app.state.get("today") ?? "";
  input.addEventListener("change", () => {
    if (input.value && input.checkValidity()) app.state.set({ date: input.value }, { push: true });
    else draw();
  });
  today.addEventListener("click", () => app.state.set({ date: app.state.get("today") }, { push: true }));
  app.state.on(["date"], draw);
  draw();
}

function sheet() {
  const rail = document.getElementById("rail");
  const handle = document.getElementById("rail-handle");
  const set = (open) => {
    rail.classList.toggle("open", open);
    handle.setAttribute("aria-expanded", String(open));
  };
  handle.addEventListener("click", () => set(!rail.classList.contains("open")));
  document.addEventListener("wangge:look", () => set(false));
}

/** Lets the map be seen on a phone: folds the sheet away. */
export const fold = () => document.dispatchEvent(new Event("wangge:look"));
