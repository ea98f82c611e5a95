// Vector tiles in: fetch with cancel and two retries, decode, keep the latest ones; shared by all canvases of a layer.

import { PbfReader } from "pbf";
import { VectorTile } from "@mapbox/vector-tile";
import { aborted, address, login } from "./api.js";

const KEPT = 160;
const PAUSES = [300, 1200];

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

function pack(layer) {
  if (!layer) return [];
  const packed = [];
  for (let i = 0; i < layer.length; i += 1) {
    const feature = layer.feature(i);
    const box = [Infinity, Infinity, -Infinity, -Infinity];
    const rings = feature.loadGeometry().map((points) => ring(points, box));
    packed.push({ id: feature.id ?? feature.properties.id, type: feature.type, props: feature.properties, rings, box });
  }
  return packed;
}

function ring(points, box) {
  const flat = new Int32Array(points.length * 2);
  points.forEach(({ x, y }, i) => {
    flat[2 * i] = x;
    flat[2 * i + 1] = y;
    if (x < box[0]) box[0] = x;
    if (y < box[1]) box[1] = y;
    if (x > box[2]) box[2] = x;
    if (y > box[3]) box[3] = y;
  });
  return flat;
}

/** One decoded tile: features of the layer, or circles that count them. */
function decode(buffer, name) {
  const { layers } = new VectorTile(new PbfReader(new Uint8Array(buffer)));
  const extent = (layers[name] ?? layers[`${name}_counts`])?.extent ?? 4096;
  return { extent, features: pack(layers[name]), counts: pack(layers[`${name}_counts`]) };
}

/** The tiles of one layer at one date. */
export class TileSource {
  constructor(layer, template, date) {
    this.layer = layer;
    this.template = template;
    this.date = date;
    this.entries = new Map();
  }

  /** Forgets everything, for another date. */
  reset(date) {
    this.date = date;
    for (const entry of this.entries.values()) entry.controller.abort();
    this.entries = new Map();
  }

  /**
   * The zoom whose tiles serve a map zoom: never above what the layer has. Light layers, and counts, come from one zoom
   * lower, so that four canvases share one request; heavy ones keep theirs, or a tile would sooner turn into counts.
   */
  zoom(z) {
    const { minzoom = 0, maxzoom = 18, counts_below: counted = 0 } = this.layer;
    const shared = (!counted || z < counted) && z > minzoom ? z - 1 : z;
    return Math.min(shared, maxzoom);
  }

  /** Takes a tile into use; give it back with release(). */
  take(z, x, y) {
    const key = `${z}/${x}/${y}`;
    let entry = this.entries.get(key);
    if (entry) this.entries.delete(key);
    else entry = this.#start(z, x, y, key);
    entry.users += 1;
    this.entries.set(key, entry);
    this.#trim();
    return entry;
  }

  /** Gives a tile back: a request nobody waits for any more is cancelled. */
  release(entry) {
    entry.users -= 1;
    if (entry.users > 0 || entry.tile) return;
    entry.controller.abort();
    if (this.entries.get(entry.key) === entry) this.entries.delete(entry.key);
  }

  #start(z, x, y, key) {
    const entry = { key, z, x, y, users: 0, tile: null, controller: new AbortController() };
    entry.promise = this.#load(entry).then(
      (tile) => (entry.tile = tile),
      (error) => {
        if (this.entries.get(key) === entry) this.entries.delete(key);
        throw error;
      },
    );
    entry.promise.catch(() => {});
    return entry;
  }

  async #load({ z, x, y, controller }) {
    const path = this.template.replace("{layer}", this.layer.name).replace("{z}", z).replace("{x}", x).replace("{y}", y);
    const url = address(path, { v: this.layer.version, date: this.date });
    for (let attempt = 0; ; attempt += 1) {
      try {
        return await this.#fetch(url, controller.signal);
      } catch (error) {
        if (aborted(error) || error.final || attempt >= PAUSES.length) throw error;
        await sleep(PAUSES[attempt]);
        controller.signal.throwIfAborted();
      }
    }
  }

  async #fetch(url, signal) {
    const response = await fetch(url, { signal, credentials: "same-origin" });
    if (response.status === 204) return { extent: 4096, features: [], counts: [] };
    if (response.status === 401) login();
    if (!response.ok) throw Object.assign(new Error(`tile ${response.status}`), { final: response.status < 500 });
    return decode(await response.arrayBuffer(), this.layer.name);
  }

  #trim() {
    for (const [key, entry] of this.entries) {
      if (this.entries.size <= KEPT) return;
      if (entry.users <= 0) this.entries.delete(key);
    }
  }
}
