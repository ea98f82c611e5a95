// The editor of a plan: takes the Folium map, the shapes of a village and the draft, and joins tools, table and outbox.

import { ApiError, getJSON } from "../api.js";
import { begin, end } from "../busy.js";
import { fill } from "../dom.js";
import { dismiss, notice } from "../notice.js";
import { VectorLayer } from "../tiles.js";
import { speak, t } from "../words.js";
import { Board, NONE } from "./board.js";
import { drawLabels, drawLand, drawLines } from "./drawing.js";
import { Finder } from "./finder.js";
import { Grids } from "./grids.js";
import { Hand } from "./hand.js";
import { Journal } from "./journal.js";
import { startKeys } from "./keys.js";
import { Mesh } from "./mesh.js";
import { Outbox } from "./outbox.js";
import { startPanel } from "./panel.js";
import { trust } from "./post.js";
import { Sheet } from "./sheet.js";
import { Status } from "./status.js";
import { Strip } from "./strip.js";
import { Suggestions } from "./suggestions.js";
import { Table } from "./table.js";
import { Toolbar } from "./toolbar.js";

const SAID_MS = 7000;

/** Everything the parts of the editor share. */
export class Editor {
  constructor(map, config, mesh, draft) {
    Object.assign(this, { map, config, mesh });
    this.font = getComputedStyle(document.body).fontFamily;
    this.options = { colour: "grid", cells: true };
    this.chosen = null;
    this.compare = false;
    this.preview = null;
    this.pointed = null;
    this.brush = 14;
    this.source = "any";
    this.action = "assign";
    this.board = new Board(mesh, draft);
    this.#sheets();
    this.status = new Status(this);
    this.outbox = new Outbox({
      urls: config.urls, board: this.board, journal: new Journal(config.plan, config.user), hooks: this.status.hooks(),
    });
    this.hand = new Hand(this);
    this.strip = new Strip(this);
    this.grids = new Grids(this);
    this.table = new Table(this);
    this.finder = new Finder(this);
    this.suggestions = new Suggestions(this);
    this.toolbar = new Toolbar(this);
    this.board.on((change) => this.#follow(change));
  }

  #sheets() {
    const { map } = this;
    map.createPane("plan-land").style.zIndex = 150;
    const sheet = (draw, pane, zIndex) => new Sheet((ctx, bounds) => draw(ctx, bounds, this), { pane, zIndex }).addTo(map);
    this.sheets = {
      land: sheet(drawLand, "plan-land", 1),
      lines: sheet(drawLines, "overlayPane", 20),
      labels: sheet(drawLabels, "overlayPane", 30),
      hand: sheet((ctx) => this.hand?.draw(ctx), "overlayPane", 40),
    };
  }

  #follow({ cells, grids, numbers }) {
    if (numbers) this.#renumber(numbers);
    if (cells && !grids) this.repaint(cells);
    else this.redraw();
    this.strip.refresh();
  }

  #renumber(numbers) {
    this.chosen = numbers[this.chosen] ?? this.chosen;
    this.hand.tool?.stroke?.renumber(numbers);
  }

  /** Draws what some cells changed. */
  repaint(cells) {
    if (cells.length > 600) return this.redraw();
    const { k, dx, dy } = this.mesh.view(this.map);
    const [x0, y0, x1, y1] = this.mesh.boxOf(cells);
    const box = [x0 * k + dx, y0 * k + dy, x1 * k + dx, y1 * k + dy];
    this.sheets.land.patch(box);
    this.sheets.lines.patch(box);
    this.sheets.labels.refresh();
  }

  /** Draws everything anew. */
  redraw() {
    for (const sheet of Object.values(this.sheets)) sheet.refresh();
  }

  /** Whose cells the next stroke may take: null for anybody's. */
  from() {
    return this.source === "unassigned" ? NONE : null;
  }

  /** The grid that a stroke paints into; undefined, with a word about it, when none is chosen. */
  target() {
    if (!this.config.may.draw) return undefined;
    if (this.chosen === null) return this.tell("choose_first"), undefined;
    return this.chosen;
  }

  /** Chooses a grid (0: unassigned, null: nothing) for the next strokes. */
  choose(id, { zoom = false } = {}) {
    this.chosen = id;
    this.table.refresh();
    if (id) this.table.reveal(id);
    this.grids.refresh();
    this.strip.refresh();
    this.sheets.lines.refresh();
    this.sheets.labels.refresh();
    if (zoom && id) this.zoomTo(id);
  }

  /** Goes to a grid. */
  zoomTo(id) {
    this.look(this.board.cellsOf(id));
  }

  /** Goes to some cells. */
  look(cells) {
    if (cells.length) this.map.fitBounds(this.mesh.bounds(this.mesh.boxOf(cells)), { padding: [60, 60], maxZoom: 18 });
  }

  /** Points some cells out on the map, or none. */
  point(cells, { count = false } = {}) {
    this.pointed = cells?.length ? new Set(cells) : null;
    const households = (cells ?? []).reduce((sum, cell) => sum + this.board.weights.households[cell], 0);
    const line = document.getElementById("plan-count");
    line.hidden = !count || !this.pointed;
    if (!line.hidden) fill(line, t("pointed", { cells: cells.length, households }));
    this.sheets.lines.refresh();
  }

  /** Says something in a sentence. */
  tell(key, params = {}, kind = "info") {
    notice("plan-said", t(key, params), { kind });
    clearTimeout(this.said);
    this.said = setTimeout(() => dismiss("plan-said"), SAID_MS);
  }

  /** Takes back what was said: it is not so any more. */
  hush() {
    clearTimeout(this.said);
    dismiss("plan-said");
  }

  /** After a stroke: the checks run again, a suggestion that was being looked at is out of date. */
  changed() {
    dismiss("refused");
    this.suggestions.close();
    this.board.retint();
    this.finder.later();
  }

  /** Shows another assignment without taking it: an array of grids per cell, or null. */
  show(preview, grids = null) {
    this.preview = preview;
    this.previewGrids = grids;
    this.previewSums = preview && this.#sumsOf(preview);
    this.redraw();
  }

  /** What the grids would add up to: number → cells and households. */
  #sumsOf(preview) {
    const found = new Map();
    preview.forEach((id, cell) => {
      const sums = found.get(id) ?? { cells: 0, households: 0 };
      sums.cells += 1;
      sums.households += this.board.weights.households[cell];
      found.set(id, sums);
    });
    return found;
  }

  /** Locks or unlocks cells, as one step. */
  lockCells(cells, locked) {
    if (cells.length) this.grids.lockCells(cells, locked);
  }

  lockGrid(id) {
    this.grids.lock(id);
  }

  split(grid, cells, sums) {
    this.grids.split(grid, cells, sums);
  }

  findUnassigned() {
    this.finder.unassigned();
  }
}

function furnish(map) {
  map.attributionControl?.setPrefix(false);
  map.doubleClickZoom.disable();
  map.boxZoom.disable();
  map.keyboard.disable();
  map.zoomControl?.remove();
  Object.assign(map.options, { zoomSnap: 0.5, zoomDelta: 0.5 }); // a village fits, and its grids can be read
  map.setMaxZoom(20);
  L.control.zoom({ position: "topright", zoomInTitle: t("zoom_in"), zoomOutTitle: t("zoom_out") }).addTo(map);
  L.control.scale({ position: "bottomleft", imperial: false, maxWidth: 140 }).addTo(map);
  map.getContainer().setAttribute("aria-label", t("plan_map_label"));
  map.getContainer().setAttribute("role", "application");
  new ResizeObserver(() => map.invalidateSize({ animate: false })).observe(map.getContainer());
}

function backdrop(map, config) {
  config.layers.forEach((layer, i) => {
    const vector = new VectorLayer(layer, { template: config.urls.tiles, date: null, zIndex: 10 + i });
    vector.on("problem", () => notice("tiles", t("tiles_failed"), { retry: () => vector.retry() }));
    vector.addTo(map);
  });
}

/** Shows what the address points to: #grid=5 or #cells=1,2,3. */
function arrive(editor) {
  const told = new URLSearchParams(location.hash.slice(1));
  const grid = Number(told.get("grid"));
  const cells = (told.get("cells") ?? "").split(",").map((id) => editor.mesh.index.get(Number(id))).filter((cell) => cell !== undefined);
  if (editor.board.grids.has(grid)) editor.choose(grid, { zoom: true });
  if (cells.length) {
    editor.point(cells);
    editor.look(cells);
  }
}

/** Starts the editor on a Leaflet map. */
export async function start(map, config) {
  begin(start);
  speak(config);
  trust(config.token);
  furnish(map);
  const small = matchMedia("(max-width: 760px)").matches; // a phone is to look and to comment
  config.may.draw = config.may.draw && !small;
  if (config.bounds) map.fitBounds(config.bounds, { padding: small ? [4, 4] : [24, 24], animate: false });
  try {
    const [shapes, draft] = await Promise.all([getJSON(config.urls.cells), getJSON(config.urls.draft)]);
    const editor = new Editor(map, config, new Mesh(shapes), draft);
    startPanel(editor);
    startKeys(editor);
    backdrop(map, config);
    editor.toolbar.use(config.may.draw ? "brush" : "pan");
    editor.toolbar.steps(draft);
    arrive(editor);
    editor.finder.later();
    const found = config.may.draw ? await editor.outbox.recover() : [];
    if (found.length) editor.tell(found.every((entry) => entry.moved) ? "brought_along" : "recovered", { n: found.length });
    editor.status.watch();
    document.documentElement.dataset.plan = "ready";
    window.wangge.editor = editor;
  } catch (error) {
    notice("plan", error.message, { retry: () => location.reload() });
    if (!(error instanceof ApiError)) throw error;
  } finally {
    end(start);
  }
}

const waiting = window.wangge?.waiting ?? [];
window.wangge = { start, waiting: [] };
for (const [map, config] of waiting) start(map, config);
