// The search box: a combobox whose list follows the typing; Enter or a click goes there.

import { aborted, getJSON } from "./api.js";
import { el, fill } from "./dom.js";
import { fold } from "./panel.js";
import { t } from "./words.js";

const PAUSE = 180;

/** Wires the search box of `app`. */
export class Search {
  constructor(app) {
    this.app = app;
    this.input = document.getElementById("search");
    this.list = document.getElementById("search-list");
    this.hits = [];
    this.active = -1;
    this.input.addEventListener("input", () => this.#soon());
    this.input.addEventListener("keydown", (event) => this.#key(event));
    this.input.addEventListener("focus", () => this.hits.length && this.#open(true));
    this.input.addEventListener("blur", () => setTimeout(() => this.#open(false), 120));
    this.list.addEventListener("mousedown", (event) => event.preventDefault());
    this.input.form.addEventListener("submit", (event) => event.preventDefault());
  }

  focus() {
    this.input.focus();
    this.input.select();
  }

  #soon() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.#ask(), PAUSE);
  }

  async #ask() {
    this.request?.abort();
    const q = this.input.value.trim();
    if (!q) return this.#say(null);
    const request = (this.request = new AbortController());
    const slow = setTimeout(() => this.#say(t("searching")), 250);
    try {
      const { hits, more, said } = await getJSON(this.app.config.urls.search, { q }, request.signal);
      if (said) this.#say(said);
      else this.#list(hits, more);
    } catch (error) {
      if (!aborted(error)) this.#say(error.message);
    } finally {
      clearTimeout(slow);
    }
    return undefined;
  }

  #say(text) {
    this.hits = [];
    this.active = -1;
    fill(this.list, text && el("li", { class: "empty", role: "presentation" }, text));
    this.#open(Boolean(text));
  }

  #list(hits, more) {
    if (!hits.length) return this.#say(t("search_none"));
    this.hits = hits;
    fill(this.list, ...hits.map((hit, i) => this.#option(hit, i)), more ? el("li", { class: "empty", role: "presentation" }, t("search_more")) : null);
    this.#mark(0);
    this.#open(true);
    return undefined;
  }

  #option(hit, i) {
    return el(
      "li",
      { id: `hit-${i}`, role: "option", "aria-selected": "false", onclick: () => this.#go(hit), onmousemove: () => this.#mark(i) },
      el("span", { class: "hit-kind" }, t(`kind_${hit.kind}`)),
      el("span", { class: "hit-label" }, hit.label),
      hit.sub ? el("span", { class: "hit-sub" }, hit.sub) : null,
    );
  }

  #open(open) {
    this.list.hidden = !open;
    this.input.setAttribute("aria-expanded", String(open));
    if (!open) this.input.removeAttribute("aria-activedescendant");
  }

  #mark(index) {
    if (!this.hits.length) return;
    this.active = (index + this.hits.length) % this.hits.length;
    this.list.querySelectorAll("[role=option]").forEach((option, i) => option.setAttribute("aria-selected", String(i === this.active)));
    const option = document.getElementById(`hit-${this.active}`);
    option.scrollIntoView({ block: "nearest" });
    this.input.setAttribute("aria-activedescendant", option.id);
  }

  #key(event) {
    const open = !this.list.hidden;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (open) this.#mark(this.active + (event.key === "ArrowDown" ? 1 : -1));
      else this.#open(this.hits.length > 0);
    } else if (event.key === "Enter") {
      event.preventDefault();
      if (open && this.hits[this.active]) this.#go(this.hits[this.active]);
    } else if (event.key === "Escape") {
      event.stopPropagation();
      if (open) this.#open(false);
      else { this.input.value = ""; this.input.blur(); }
    }
  }

  #go(hit) {
    this.input.value = hit.label;
    this.#open(false);
    this.input.blur();
    fold();
    const { app } = this;
    if (hit.kind === "area" && hit.code) return app.enter(hit.code);
    const grid = hit.kind === "grid" && hit.code ? hit.code : null;
    if (grid) app.state.set({ grid }, { push: true }); // before the map moves: the step back leads to the view of before
    if (hit.lat !== null && hit.lat !== undefined) app.map.setView([hit.lat, hit.lng], hit.zoom ?? 17);
    return grid ? undefined : app.card.lookAt(L.latLng(hit.lat, hit.lng));
  }
}
