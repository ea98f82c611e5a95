// Draws the figures of the dashboard when they come into sight; the table beside each tells the same without a script.

import * as echarts from "../../node_modules/echarts/dist/echarts.esm.min.js";
import { speak } from "../words.js";
import { options } from "./options.js";

const config = JSON.parse(document.getElementById("config").textContent);
speak(config);

const SHEET = (255 * 96) / 25.4; // an A4 sheet between its margins, with some room to spare
const drawn = new Map();
const paper = document.body.classList.contains("report-paper");
const still = paper || matchMedia("(prefers-reduced-motion: reduce)").matches;

/** Draws one figure in its place; SVG prints sharply and needs no style attribute. */
function draw(place) {
  const figure = config.figures.find((each) => each.name === place.dataset.chart);
  if (!figure || drawn.has(place)) return;
  place.replaceChildren();
  place.dataset.drawn = "yes";
  if (empty(figure)) {
    place.append(Object.assign(document.createElement("p"), { className: "chart-wait", textContent: config.words.nothing }));
    drawn.set(place, null);
    return;
  }
  place.style.height = `${heightOf(figure)}px`;
  const chart = echarts.init(place, null, { renderer: "svg", locale: config.language === "en" ? "EN" : "ZH" });
  chart.setOption({ ...options(figure, { paper, width: place.clientWidth, none: config.words.none }), animation: !still });
  drawn.set(place, { chart, figure });
}

/** Tells whether every number is 0 or missing. */
function empty(figure) {
  const numbers = (figure.items ?? figure.series.flatMap((each) => each.data)).flat();
  return numbers.every((each) => !(each?.value ?? each));
}

/** A lying chart has a line for each name, the others keep their shape. */
function heightOf(figure) {
  const names = figure.names?.length ?? 0;
  const bars = figure.series?.some((each) => each.stack) ? 1 : figure.series?.length ?? 1;
  const [first, second, between] = paper ? [10, 5, 4] : [17, 17, 6]; // on paper no taller than the table beside it
  if (figure.lying) return Math.max(paper ? 120 : 150, 56 + names * (between + first + (bars > 1 ? second : 0)));
  return paper ? 190 : 280;
}

/** Fills the sheets: what does not fit on the rest of one lets the next figure that does go before. */
function pack() {
  const board = document.querySelector(".report-figures");
  const gap = parseFloat(getComputedStyle(board).rowGap);
  const waiting = [...board.children].map((each) => ({ each, height: each.offsetHeight + gap }));
  const head = board.getBoundingClientRect().top - document.querySelector(".report-title").getBoundingClientRect().top;
  let room = SHEET - (head % SHEET);
  while (waiting.length) {
    let at = waiting.findIndex(({ height }) => height <= room);
    if (at < 0) [at, room] = [0, SHEET];
    const [{ each, height }] = waiting.splice(at, 1);
    board.append(each);
    room -= height % SHEET;
  }
}

const places = [...document.querySelectorAll("[data-chart]")];
if (paper) {
  places.forEach(draw);
  pack();
  document.documentElement.dataset.charts = "drawn";
} else {
  const seen = new IntersectionObserver((entries) => {
    for (const entry of entries) {
      if (!entry.isIntersecting) continue;
      seen.unobserve(entry.target);
      draw(entry.target);
    }
  }, { rootMargin: "400px" });
  places.forEach((place) => seen.observe(place));
}

function fit() {
  for (const [place, made] of drawn) {
    if (made === null) continue;
    const { chart, figure } = made;
    chart.resize();
    chart.setOption(options(figure, { paper, width: place.clientWidth, none: config.words.none }));
  }
}

let waiting = 0;
addEventListener("resize", () => {
  clearTimeout(waiting);
  waiting = setTimeout(fit, 120);
});
addEventListener("beforeprint", () => {
  places.forEach(draw);
  fit();
});
addEventListener("afterprint", fit);
