// The report form: a map that moves under a pin, what is there, and a report that survives a dead network.

import { getFragment } from "../api.js";
import { begin, end } from "../busy.js";
import { fill } from "../dom.js";
import { dismiss, notice } from "../notice.js";
import { CLOSE_ZOOM, dress, started } from "../smallmap.js";
import { t } from "../words.js";

const SETTLED_MS = 250;
const LONGEST_SIDE = 1600;

/** Joins the map, the place under the pin and the form. */
class Report {
  constructor(map, config) {
    Object.assign(this, { map, config, form: document.getElementById("report"), place: document.getElementById("place") });
    this.key = `wangge:report:${config.user}`;
    this.id = crypto.randomUUID?.() ?? String(Math.random()).slice(2);
    this.photos = [];
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

  /** Keeps what was typed on this device until it is sent. */
  keep() {
    const { category, title, description, source, urgent } = this.form.elements;
    const words = { category: category.value, title: title.value, description: description.value, source: source.value, urgent: urgent.checked };
    if (!words.title && !words.description) return;
    const told = { ...words, ...this.spot, zoom: this.map.getZoom(), id: this.id, photos: this.photos };
    try {
      localStorage.setItem(this.key, JSON.stringify(told));
    } catch {
      try { localStorage.setItem(this.key, JSON.stringify({ ...told, photos: [] })); } catch { /* the browser keeps nothing */ }
    }
  }

  /** Puts what was not sent yet back into the form. */
  recover() {
    let kept = null;
    try { kept = JSON.parse(localStorage.getItem(this.key)); } catch { /* nothing that can be read */ }
    if (!kept) return false;
    for (const name of ["category", "title", "description", "source"]) this.form.elements[name].value = kept[name] ?? "";
    this.form.elements.urgent.checked = Boolean(kept.urgent);
    Object.assign(this, { id: kept.id, photos: kept.photos ?? [] });
    this.map.setView([Number(kept.lat), Number(kept.lng)], kept.zoom ?? CLOSE_ZOOM, { animate: false });
    notice("draft", t("found_draft"), { kind: "info" });
    return true;
  }

  async send() {
    const { category, title, description, source, urgent } = this.form.elements;
    const body = new FormData();
    const words = { category: category.value, title: title.value, description: description.value, source: source.value, ...this.spot };
    for (const [name, value] of Object.entries({ ...words, urgency: urgent.checked ? "urgent" : "normal", key: this.id })) body.set(name, value);
    if (this.form.elements.same?.value) body.set("same", this.form.elements.same.value);
    for (const name of ["meeting", "council"]) if (this.form.elements[name]) body.set(name, this.form.elements[name].value);
    for (const [at, photo] of this.photos.entries()) body.append("photo", blobOf(photo), `photo-${at}.jpg`);
    this.keep();
    this.#say(null);
    document.getElementById("send").disabled = true;
    try {
      await this.#post(body);
    } finally {
      document.getElementById("send").disabled = false;
    }
  }

  async #post(body) {
    let answer;
    try {
      const headers = { Accept: "application/json", "X-CSRFToken": this.config.token };
      answer = await fetch(this.config.urls.create, { method: "POST", body, headers, credentials: "same-origin" });
    } catch {
      this.waiting = true;
      return this.#say(t("waiting"));
    }
    this.waiting = false;
    const told = await answer.json().catch(() => ({ error: t("failed") }));
    if (!answer.ok) return this.#say(told.error ?? t("failed"));
    localStorage.removeItem(this.key);
    location.assign(told.to);
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
  if (lat && lng) map.setView([lat, lng], CLOSE_ZOOM, { animate: false });
  else if (!report.recover() && config.bounds) map.fitBounds(config.bounds, { animate: false });
  report.later();
  window.wangge.report = report;
  end(Report);
});
