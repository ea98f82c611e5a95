// Printing to A4 or A3: lays the sheet out on screen first, waits until the map is painted, then prints.

import { painted } from "./busy.js";
import { between, fill } from "./view.js";
import { number, t } from "./words.js";

const SHEETS = { A4: [1047, 710], A3: [1512, 1047] };
const page = new CSSStyleSheet();

/** Wires the print buttons of `app`. */
export function startPrint(app) {
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, page];
  for (const button of document.querySelectorAll("[data-print]")) {
    button.addEventListener("click", () => print(app, button.dataset.print));
  }
  window.addEventListener("beforeprint", () => {
    // the browser's own print command: there is no time to wait for tiles, so what is on the map goes on the sheet
    if (!document.documentElement.classList.contains("printing")) lay(app, "A4", { asItIs: true });
    title(app);
  });
}

function title(app) {
  const { theme, measure } = app.figures.chosen();
  const date = app.state.get("date") ?? app.state.get("today");
  document.getElementById("print-title").textContent = [document.getElementById("area-name").textContent, theme?.title, measure?.title].filter(Boolean).join(" · ");
  document.getElementById("print-date").textContent = t("as_at", { date });
  document.getElementById("print-scale").textContent = t("print_scale", { n: number(scale(app.map)) });
  document.getElementById("print-source").textContent = t("source", { date });
}

/** The map's scale number in its middle, at 96 px to the inch, rounded to what can be read. */
function scale(map) {
  const size = map.getSize();
  const [a, b] = [[0, size.y / 2], [size.x, size.y / 2]].map((p) => map.containerPointToLatLng(p));
  const plain = (map.distance(a, b) / size.x) * (96 / 0.0254);
  const step = 10 ** Math.max(Math.floor(Math.log10(plain)) - 1, 0);
  return Math.round(plain / step) * step;
}

/** Lays the page out as a sheet, and puts it back after printing. */
function lay(app, sheet, { asItIs = false } = {}) {
  const root = document.documentElement;
  const [width, height] = SHEETS[sheet];
  const bounds = app.map.getBounds();
  const center = app.map.getCenter();
  const zoom = app.map.getZoom();
  page.replaceSync(`@page { size: ${sheet} landscape; margin: 10mm; }`);
  root.style.setProperty("--sheet-width", `${width}px`);
  root.style.setProperty("--sheet-height", `${height}px`);
  root.classList.add("printing");
  app.map.invalidateSize({ animate: false });
  if (!asItIs) {
    fill(app.map, bounds, undefined, { animate: false });
    app.redraw();
  }
  app.legend();
  const restore = () => {
    root.classList.remove("printing");
    app.map.invalidateSize({ animate: false });
    between(app.map, () => app.map.setView(center, zoom, { animate: false }));
    app.legend();
    if (!asItIs) app.redraw();
  };
  window.addEventListener("afterprint", restore, { once: true });
}

async function print(app, sheet) {
  lay(app, sheet);
  title(app);
  await painted();
  window.print();
}
