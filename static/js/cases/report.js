// The report form: a map that moves under a pin, what is there, and a report that survives a dead network.

import { getFragment } from "../api.js";
import { begin, end } from "../busy.js";
import { el, fill } from "../dom.js";
import { dismiss, notice } from "../notice.js";
import { CLOSE_ZOOM, dress, started } from "../smallmap.js";
import { t } from "../words.js";
import { fresh, Kept } from "./kept.js";

const SETTLED_MS = 250;
const LONGEST_SIDE = 1600;
const WORDS = ["category", "title", "description", "source"];
const LINKS = ["meeting", "council"]; // what a report comes from, where it comes from one

/** Joins the map, the place under the pin and the form. */
class Report {
  constructor(map, config) {
    Object.assign(this, { map, config, form: document.getElementById("report"), place: document.getElementById("place") });
    this.offers = document.getElementById("kept");
    this.kept = new Kept(config.user, (taken) => this.#elsewhere(taken));
    this.#begin();
    map.on("moveend", () => this.later());
    this.form.addEventListener("change", (event) => this.#changed(event));
    this.form.addEventListener("input", () => this.keep());
    this.form.addEventListener("submit", (event) => { event.preventDefault(); this.send(); });
    document.getElementById("report-here").addEventListener("click", () => this.locate());
    window.addEventListener("online", () => this.waiting && this.send());
  }

  get spot() {
    const { lng, lat } = this.map.getCenter();
    return { lng: lng.toFixed(7), lat: lat.toFixed(7) };
  }

  #changed({ target }) {
    if (target.id === "photo") this.#take(target.files);
    if (target.name === "category" || target.name === "urgent") this.later();
  }

  /** Asks what is under the pin once the map stands still. */
  later() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.look(), SETTLED_MS);
    this.keep();
  }

  async look() {
    begin(this);
    this.asking?.abort();
    this.asking = new AbortController();
    const category = this.form.elements.category.value;
    const urgency = this.form.elements.urgent.checked ? "urgent" : "normal";
    try {
      const found = await getFragment(this.config.urls.place, { ...this.spot, category, urgency }, this.asking.signal);
      document.getElementById("send").disabled = Boolean(found.querySelector('[data-outside="yes"]'));
      const same = this.form.elements.same?.value;
      fill(this.place, found);
      for (const each of this.place.querySelectorAll("[name=same]")) each.checked ||= each.value === same;
    } catch (error) {
      if (error.name !== "AbortError") fill(this.place, error.message);
    } finally {
      end(this);
    }
  }

  locate() {
    notice("here", t("locating"), { kind: "info" });
    const fail = () => notice("here", t("not_located"));
    if (!navigator.geolocation) return fail();
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => { dismiss("here"); this.map.setView([coords.latitude, coords.longitude], CLOSE_ZOOM); },
      fail, { enableHighAccuracy: true, timeout: 10000 },
    );
  }

  /** Makes pictures small on the device already: a street has little network. */
  async #take(files) {
    this.photos = await Promise.all([...files].map(smaller));
    this.keep();
  }

  /** The report as it stands in the form. */
  get told() {
    const told = Object.fromEntries(WORDS.map((name) => [name, this.form.elements[name].value]));
    const same = this.form.elements.same?.value || undefined;
    return { ...told, urgent: this.form.elements.urgent.checked, same, ...this.links, ...this.spot, zoom: this.map.getZoom(), id: this.id, photos: this.photos };
  }

  /** Keeps what was typed on this device until it is sent; what is emptied again is no report. */
  keep() {
    if (this.sent) return;
    const { told } = this;
    if (told.title || told.description) {
      const whole = this.kept.write(told);
      if (!whole && !this.full) notice("room", t("no_room"));
      this.full = !whole;
    } else if (this.kept.forget()) this.#begin();
  }

  /** Begins a report: what was sent under another key is never taken for this one. */
  #begin() {
    const links = LINKS.filter((name) => this.form.elements[name]).map((name) => [name, this.form.elements[name].value]);
    Object.assign(this, { id: fresh(), photos: [], links: Object.fromEntries(links), waiting: false });
  }

  /** Lets what is in the form be a report of its own: the server has something else under its key. */
  #anew() {
    this.id = fresh();
    this.keep();
  }

  /** Puts what was not sent yet back into the form. */
  #put(report) {
    for (const name of WORDS) this.form.elements[name].value = report[name] ?? "";
    this.form.elements.urgent.checked = Boolean(report.urgent);
    this.links = Object.fromEntries(LINKS.filter((name) => report[name]).map((name) => [name, report[name]]));
    document.getElementById("photo").value = "";
    Object.assign(this, { id: report.id, photos: report.photos ?? [] });
    this.map.setView([Number(report.lat), Number(report.lng)], report.zoom ?? CLOSE_ZOOM, { animate: false });
  }

  /** Goes on with what this tab was writing here. */
  recover() {
    const own = this.kept.own();
    if (!own) return false;
    this.#put(own);
    notice("draft", t("found_draft"), { kind: "info", label: "throw_away", retry: () => this.#throwAway() });
    return true;
  }

  #throwAway() {
    if (!confirm(t("throw_sure"))) return;
    this.kept.forget();
    this.#blank();
  }

  #blank() {
    this.form.reset();
    this.#begin();
    this.#say(null);
  }

  /** Another page did something: this page's report may be there now, and the others may not be what they were. */
  #elsewhere(taken) {
    if (taken) {
      this.#blank();
      notice("draft", t("elsewhere"), { kind: "info" });
    }
    this.offer();
  }

  /** Lists what was not sent yet: it is sent, gone on with, or thrown away. */
  offer() {
    const button = (name, act) => el("button", { type: "button", class: "button", onclick: act }, t(name));
    fill(this.offers, ...this.kept.others().map(([slot, report]) => {
      const line = el("li", {}, el("p", {}, t("not_sent", { title: report.title || report.description })),
        button("send", (event) => this.#sendOther(slot, report, line, event.target)),
        button("go_on", () => this.#goOn(slot)),
        button("throw_away", () => { if (confirm(t("throw_sure"))) { this.kept.forget(slot); this.offer(); } }));
      return line;
    }));
  }

  #goOn(slot) {
    this.keep();
    const report = this.kept.take(slot);
    if (report) { this.#say(null); this.waiting = false; this.#put(report); }
    this.offer();
    this.look();
  }

  async #sendOther(slot, report, line, button) {
    button.disabled = true;
    const answer = await this.#post(report);
    if (!answer.to) {
      button.disabled = false;
      return notice("draft", answer.error ?? t("no_connection"));
    }
    this.kept.forget(slot);
    fill(line, el("a", { href: answer.to }, t("now_sent", { title: report.title })));
  }

  async send() {
    const { told } = this;
    const { slot } = this.kept;
    this.keep();
    this.#say(null);
    const button = document.getElementById("send");
    button.disabled = true;
    const answer = await this.#post(told);
    button.disabled = false;
    if (answer.to) this.kept.forget(slot);
    if (told.id !== this.id) return this.offer(); // another report is in the form by now
    if (answer.conflict) this.#anew();
    this.waiting = Boolean(answer.offline);
    if (!answer.to) return this.#say(answer.error ?? t("waiting"));
    this.sent = true;
    location.assign(answer.to);
  }

  /** Sends a report; answers where its page is, what is wrong with it, or that there is no network. */
  async #post(report) {
    const body = new FormData();
    for (const name of [...WORDS, ...LINKS, "lng", "lat", "same"]) if (report[name] !== undefined) body.set(name, report[name]);
    body.set("urgency", report.urgent ? "urgent" : "normal");
    body.set("key", report.id);
    for (const [at, photo] of (report.photos ?? []).entries()) body.append("photo", blobOf(photo), `photo-${at}.jpg`);
    let answer;
    try {
      const headers = { Accept: "application/json", "X-CSRFToken": this.config.token };
      answer = await fetch(this.config.urls.create, { method: "POST", body, headers, credentials: "same-origin" });
    } catch {
      return { offline: true };
    }
    const told = await answer.json().catch(() => ({ error: t("failed") }));
    return answer.ok ? told : { error: told.error ?? t("failed"), conflict: answer.status === 409 };
  }

  #say(text) {
    const message = this.form.querySelector(".message-error") ?? document.createElement("p");
    if (!text) return message.remove();
    message.className = "message message-error";
    message.setAttribute("role", "alert");
    message.textContent = text;
    this.form.querySelector(".form-actions").before(message);
    message.scrollIntoView({ block: "nearest" });
  }
}

/** The bytes of a data: address; the policy of the page lets nothing be fetched from one. */
function blobOf(address) {
  const [head, body] = address.split(",");
  return new Blob([Uint8Array.from(atob(body), (sign) => sign.charCodeAt(0))], { type: head.slice(5).split(";")[0] });
}

async function smaller(file) {
  try {
    const picture = await createImageBitmap(file);
    const scale = Math.min(1, LONGEST_SIDE / Math.max(picture.width, picture.height));
    const canvas = Object.assign(document.createElement("canvas"), { width: Math.round(picture.width * scale), height: Math.round(picture.height * scale) });
    canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
    return canvas.toDataURL("image/jpeg", 0.8);
  } catch {
    return new Promise((resolve) => {
      const reader = Object.assign(new FileReader(), { onload: () => resolve(reader.result) });
      reader.readAsDataURL(file); // what the browser cannot open, the server judges
    });
  }
}

/** Starts the form on a Leaflet map. */
started((map, config) => {
  begin(Report);
  dress(map, config, "pin_map");
  const report = new Report(map, config);
  const asked = new URLSearchParams(location.search);
  const [lat, lng] = [Number(asked.get("lat")), Number(asked.get("lng"))];
  if (report.recover()) { /* the map stands where it stood */ }
  else if (lat && lng) map.setView([lat, lng], CLOSE_ZOOM, { animate: false });
  else if (config.bounds) map.fitBounds(config.bounds, { animate: false });
  report.offer();
  report.later();
  window.wangge.report = report;
  end(Report);
});
