// A small map in a form: the layers under it with their names, its buttons, and the moment when Folium hands it over.

import { arrange } from "./labels.js";
import { notice } from "./notice.js";
import { Overlay } from "./overlay.js";
import { VectorLayer } from "./tiles.js";
import { speak, t } from "./words.js";

export const CLOSE_ZOOM = 17;

/** Puts the layers of `config` and the buttons on a Leaflet map; `label` is the key of its name. */
export function dress(map, config, label) {
  speak(config);
  map.attributionControl?.setPrefix(false);
  map.zoomControl?.remove();
  map.setMaxZoom(20);
  L.control.zoom({ position: "topright", zoomInTitle: t("zoom_in"), zoomOutTitle: t("zoom_out") }).addTo(map);
  L.control.scale({ position: "bottomleft", imperial: false, maxWidth: 140 }).addTo(map);
  map.getContainer().setAttribute("aria-label", t(label));
  const vectors = [];
  const app = { map, font: getComputedStyle(document.body).fontFamily, shownLayers: () => vectors };
  const names = new Overlay((ctx, bounds) => arrange(ctx, app, bounds, []), { zIndex: 300 }).addTo(map);
  config.layers.forEach((layer, i) => {
    const vector = new VectorLayer(layer, { template: config.urls.tiles, date: null, zIndex: 10 + i });
    vector.on("problem", () => notice("tiles", t("tiles_failed"), { retry: () => vector.retry() }));
    vector.on("drawn", () => names.refresh());
    vectors.push(vector.addTo(map));
  });
}

/** Calls `start` with each Leaflet map that the page makes, whether it was made before this script came or comes later. */
export function started(start) {
  const waiting = window.wangge?.waiting ?? [];
  window.wangge = { start, waiting: [] };
  for (const given of waiting) start(...given);
}
