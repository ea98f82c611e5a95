// The keys of the editor; the sheet behind ? lists them.

const STEP = 120;
const MOVES = { ArrowLeft: [-STEP, 0], ArrowRight: [STEP, 0], ArrowUp: [0, -STEP], ArrowDown: [0, STEP] };
const TOOLS = { h: "pan", b: "brush", r: "rectangle", l: "lasso", p: "push", x: "cut", i: "dropper" };
const BUTTONS = { n: "grid-new", e: "grid-rename", m: "grid-merge", d: "plan-compare", c: "plan-load", u: "find-loose", f: "find-pieces" };

const typing = (target) => target.closest("input, select, textarea, [contenteditable], dialog[open]");

/** Wires the keys of the editor. */
export function startKeys(app) {
  const sheet = document.getElementById("shortcuts");
  document.getElementById("show-shortcuts").addEventListener("click", () => sheet.showModal());
  sheet.addEventListener("click", (event) => event.target === sheet && sheet.close());
  document.addEventListener("keydown", (event) => {
    if (typing(event.target)) return;
    if (step(app, event) || (!event.ctrlKey && !event.metaKey && !event.altKey && act(app, sheet, event))) event.preventDefault();
  });
}

function step(app, event) {
  if (!(event.ctrlKey || event.metaKey)) return false;
  const key = event.key.toLowerCase();
  if (key === "z") app.toolbar.step(event.shiftKey ? "redo" : "undo");
  else if (key === "y") app.toolbar.step("redo");
  else return false;
  return true;
}

function act(app, sheet, event) {
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  const onMap = event.target === app.map.getContainer();
  if (key === "Escape") escape(app);
  else if (key === "?") sheet.showModal();
  else if (key === "[" || key === "]") app.toolbar.size(key === "]" ? 1 : -1);
  else if (TOOLS[key]) return use(app, TOOLS[key]);
  else if (BUTTONS[key]) document.getElementById(BUTTONS[key])?.click();
  else if (key === "k" && app.chosen && app.config.may.draw) app.lockGrid(app.chosen);
  else if (key === "z" && app.chosen) app.zoomTo(app.chosen);
  else if (key === "0") app.map.fitBounds(app.mesh.bounds(app.mesh.box));
  else if (key === "Enter" && onMap) app.hand.press();
  else if (MOVES[key] && (onMap || event.target === document.body)) app.map.panBy(MOVES[key]);
  else if (key === "+" || key === "=") app.map.zoomIn();
  else if (key === "-") app.map.zoomOut();
  else if (key === "Tab" || key === "Enter") return false;
  else return neighbour(app, key);
  return true;
}

function use(app, tool) {
  if (tool !== "pan" && tool !== "dropper" && !app.config.may.draw) return false;
  app.toolbar.use(tool);
  return true;
}

/** , and . choose the grid before and after in the table. */
function neighbour(app, key) {
  const move = { ",": -1, ".": 1 }[key];
  const grids = app.board.current();
  if (!move || !grids.length) return false;
  const at = grids.findIndex(({ id }) => id === app.chosen);
  app.choose(grids[(at + move + grids.length) % grids.length].id);
  return true;
}

function escape(app) {
  if (app.hand.cancel()) return;
  document.getElementById("plan-piece").hidden = true;
  if (app.pointed) app.point(null);
  else if (app.preview) app.suggestions.close();
  else app.choose(null);
}
