// Territory in the rail: breadcrumbs, the area's name and the list of what lies under it, to drill down.

import { aborted, getJSON } from "./api.js";
import { begin, end } from "./busy.js";
import { el, fill, icon } from "./dom.js";
import { dismiss, notice } from "./notice.js";
import { t } from "./words.js";

// from this height of the window on the list of the parts has room besides the rest of the rail
const ROOMY = 860;

/** Keeps the territory block and the map's extent in step with the chosen area. */
export class Territory {
  constructor(app) {
    this.app = app;
    this.crumbs = document.getElementById("crumbs");
    this.name = document.getElementById("area-name");
    this.peek = document.getElementById("peek-area");
    this.children = document.getElementById("children");
    this.toggle = document.getElementById("children-toggle");
    this.toggle.addEventListener("click", () => this.#open(this.toggle.getAttribute("aria-expanded") !== "true"));
    this.#open(window.innerHeight >= ROOMY);
    this.parts = null;
    // back and forward bring their own view along, when they have one
    app.state.on(["area", "date"], (changed) => this.load(changed.includes("area") && !(app.state.travelling && app.view.told)));
  }

  /** Shows the whole of the area on the map. */
  show() {
    if (this.parts?.bounds) this.app.view.fit(this.parts.bounds);
  }

  /** Fetches the area; `fit` moves the map to it. */
  async load(fit) {
    this.request?.abort();
    const request = (this.request = new AbortController());
    const { state, config } = this.app;
    begin(this);
    try {
      const answer = await getJSON(config.urls.territory, { area: state.get("area"), date: state.get("date") }, request.signal);
      dismiss("territory");
      this.#write(answer);
      if (fit) this.show();
    } catch (error) {
      if (aborted(error)) return;
      fill(this.children, el("li", { class: "empty" }, error.message));
      notice("territory", error.message, { retry: () => this.load(fit) });
    } finally {
      if (this.request === request) end(this);
    }
  }

  /** The code of the next level down that contains a grid code, seen from the chosen area; null at the bottom. */
  below(gridCode) {
    const levels = [["district", (c) => `${c.slice(0, 9)}000`], ["town", (c) => c.slice(0, 12)], ["village", (c) => c]];
    return levels.find(([level]) => level === this.parts?.area.level)?.[1](gridCode) ?? null;
  }

  #open(open) {
    this.toggle.setAttribute("aria-expanded", String(open));
    this.children.hidden = !open;
  }

  #write(answer) {
    this.parts = answer;
    const { area, crumbs, children } = answer;
    const above = crumbs.filter(({ code }) => code !== area.code);
    fill(this.crumbs, ...above.map((crumb) => el("li", {}, this.#link(crumb))));
    this.crumbs.hidden = !above.length;
    fill(this.name, area.name);
    fill(this.peek, area.name);
    this.app.view.name(area.name);
    document.title = `${area.name} · ${t("map")} · ${t("product")}`;
    this.toggle.hidden = !children.length;
    fill(this.toggle, el("span", {}, t(`under_${area.level}`, { n: children.length })), icon("chevron"));
    fill(this.children, ...children.map((child) => el("li", {}, this.#link(child))));
    if (!children.length && area.level !== "grid") fill(this.children, el("li", { class: "empty" }, t("no_children")));
  }

  #link({ code, name, level }) {
    const open = (event) => {
      event.preventDefault();
      if (window.innerHeight < ROOMY) this.#open(false); // the list gives its place back to the rail
      this.app.enter(code, level);
    };
    return el("a", { href: `?area=${code}`, title: `${name} ${code}`, onclick: open }, name);
  }
}
