// Keyboard: / search, Esc close, arrows move, + and - zoom, Enter opens the grid in the middle, ? lists it all.

import { fold } from "./panel.js";

const STEP = 120;
const MOVES = { ArrowLeft: [-STEP, 0], ArrowRight: [STEP, 0], ArrowUp: [0, -STEP], ArrowDown: [0, STEP] };

const typing = (target) => target.closest("input, select, textarea, [contenteditable], dialog[open]");

/** Wires the keys of `app`. */
export function startKeys(app) {
  const sheet = document.getElementById("shortcuts");
  document.getElementById("show-shortcuts").addEventListener("click", () => sheet.showModal());
  sheet.addEventListener("click", (event) => event.target === sheet && sheet.close());
  app.map.getContainer().addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.target === app.map.getContainer()) app.card.lookAt(app.map.getCenter());
  });
  // the cross in the middle is for the keyboard: the browser shows a focus after a click, too, when a key was pressed before
  const handled = (by) => document.documentElement.classList.toggle("by-hand", by);
  document.addEventListener("pointerdown", () => handled(true), true);
  document.addEventListener("keydown", () => handled(false), true);
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (event.key === "Escape") return void escape(app, sheet);
    if (typing(event.target)) return;
    act(app, sheet, event);
  });
}

function escape(app, sheet) {
  if (sheet.open) sheet.close();
  else if (app.card.open) app.card.close();
  else fold();
}

function act(app, sheet, event) {
  const onMap = app.map.getContainer().contains(event.target);
  if (event.key === "/") app.search.focus();
  else if (event.key === "?") sheet.showModal();
  else if (onMap) return; // Leaflet moves and zooms by itself while the map has the focus
  else if (event.target !== document.body && MOVES[event.key]) return;
  else if (MOVES[event.key]) app.map.panBy(MOVES[event.key]);
  else if (event.key === "+" || event.key === "=") app.map.zoomIn();
  else if (event.key === "-") app.map.zoomOut();
  else return;
  event.preventDefault();
}
