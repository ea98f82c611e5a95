// The card on the right: what lies where the user clicked, and the grid's own card made by the server.

import { aborted, getFragment, getJSON } from "./api.js";
import { el, fill, icon } from "./dom.js";
import { fold } from "./panel.js";
import { t } from "./words.js";

// what lies everywhere and says nothing new about a spot; the grid itself is asked for in any case
const BACKDROP = new Set(["areas", "barriers", "grids", "coverage"]);

/** The card of `app`, opened by a click on the map or by the address. */
export class Card {
  constructor(app) {
    this.app = app;
    this.box = document.getElementById("card");
    this.body = document.getElementById("card-body");
    this.hits = [];
    document.getElementById("card-close").addEventListener("click", () => this.close());
    app.state.on(["grid", "date"], () => this.show());
    app.map.on("click", ({ latlng }) => this.lookAt(latlng));
    app.map.on("dblclick", ({ latlng }) => this.#drill(latlng));
    if (app.state.get("grid")) this.show();
  }

  get open() {
    return !this.box.hidden;
  }

  close() {
    this.request?.abort();
    this.hits = [];
    this.app.state.set({ grid: null }, { push: true });
    this.#hide();
  }

  /** Asks the server what lies at a place and shows it. */
  async lookAt(latlng) {
    const { app } = this;
    const mark = app.marks.at(app.map.latLngToLayerPoint(latlng));
    if (mark?.n !== undefined) return void app.map.setView(latlng, Math.min(app.map.getZoom() + 2, app.map.getMaxZoom()));
    const answer = await this.#identify(latlng);
    if (!answer) return undefined;
    this.hits = answer.hits;
    if (!answer.grid && !answer.hits.length) return this.#nothing();
    fold();
    if (answer.grid && answer.grid.code !== app.state.get("grid")) app.state.set({ grid: answer.grid.code }, { push: true });
    else this.show();
    this.#uncover(latlng);
    return undefined;
  }

  /** Moves the map so that the card does not lie over what was clicked. */
  #uncover(latlng) {
    const { map } = this.app;
    const { x, y } = map.latLngToContainerPoint(latlng);
    const size = map.getSize();
    if (size.x > 760) {
      if (x > size.x - 430) map.panBy([x - size.x + 560, 0]);
    } else {
      const free = window.innerHeight * 0.36 - map.getContainer().getBoundingClientRect().top;
      if (y > free - 30) map.panBy([0, y - free / 2]);
    }
  }

  async #identify(latlng) {
    this.request?.abort();
    const request = (this.request = new AbortController());
    const { config, state, zoom } = this.app;
    const asked = this.app.shownLayers().filter(({ layer }) => !BACKDROP.has(layer.name) && zoom >= (layer.minzoom ?? 0));
    const layers = asked.map(({ layer }) => layer.name).join(",");
    const params = { lat: latlng.lat.toFixed(7), lng: latlng.lng.toFixed(7), layers, date: state.get("date"), z: zoom };
    const slow = setTimeout(() => this.#loading(), 200);
    try {
      return await getJSON(config.urls.identify, params, request.signal);
    } catch (error) {
      if (!aborted(error)) this.#failed(error, () => this.lookAt(latlng));
      return null;
    } finally {
      clearTimeout(slow);
    }
  }

  async #drill(latlng) {
    const answer = await this.#identify(latlng);
    const code = answer?.grid && this.app.territory.below(answer.grid.code);
    if (code) this.app.enter(code, code.length === 15 ? "grid" : null);
  }

  /** Shows the hits and the card of the grid in the state. */
  async show() {
    const code = this.app.state.get("grid");
    this.app.focus?.select(code);
    if (!code) return this.hits.length ? this.#fill(...this.#hitList()) : this.#hide();
    const request = (this.request = new AbortController());
    const { config, state } = this.app;
    const slow = setTimeout(() => this.#loading(), 150);
    try {
      const fragment = await getFragment(config.urls.card.replace("{code}", code), { date: state.get("date") }, request.signal);
      if (code === state.get("grid")) this.#fill(...this.#hitList(), fragment);
    } catch (error) {
      if (!aborted(error)) this.#failed(error, () => this.show());
    } finally {
      clearTimeout(slow);
    }
    return undefined;
  }

  #hitList() {
    if (!this.hits.length) return [];
    return [el("section", { class: "card-hits" }, el("h2", {}, t("here")), ...this.hits.map((hit) => this.#hit(hit)))];
  }

  #hit({ layer, title, name, rows = [], act }) {
    const known = this.app.config.layers.find((entry) => entry.name === layer);
    return el(
      "article",
      {},
      el("h3", {}, name ?? title, el("small", {}, known?.title ?? title)),
      el("dl", {}, ...rows.flatMap(([label, value]) => [el("dt", {}, label), el("dd", {}, value === null || value === "" ? "—" : String(value))])),
      act ? el("div", { class: "card-exports" }, el("a", { class: "button button-small", href: act.href }, act.label)) : null,
    );
  }

  #nothing() {
    this.app.state.set({ grid: null });
    this.#fill(el("div", { class: "card-state" }, icon("info"), el("p", {}, t("nothing_here")), el("p", { class: "quiet" }, t("nothing_here_hint"))));
  }

  #loading() {
    this.#fill(el("div", { class: "skeleton", "aria-label": t("loading"), role: "status" }, ...Array.from({ length: 7 }, () => el("i"))));
  }

  #failed(error, again) {
    const retry = el("button", { type: "button", class: "button", onclick: again }, t("retry"));
    this.#fill(el("div", { class: "card-state", role: "alert" }, icon("alert"), el("p", {}, error.message), error.status === 404 ? null : retry));
  }

  #fill(...parts) {
    fill(this.body, ...parts);
    this.body.scrollTop = 0;
    if (this.box.hidden) {
      this.box.hidden = false;
      document.getElementById("stage").classList.add("has-card");
    }
  }

  #hide() {
    this.hits = [];
    this.box.hidden = true;
    document.getElementById("stage").classList.remove("has-card");
  }
}
