// The place of a team or a service point: the map moves under a pin, and longitude and latitude follow, and back.

import { CLOSE_ZOOM, dress, started } from "../smallmap.js";

started((map, config) => {
  dress(map, config, "pin_map");
  // about its middle, where the pin stands
  Object.assign(map.options, { scrollWheelZoom: "center", touchZoom: "center", doubleClickZoom: "center" });
  const [lon, lat] = ["lon", "lat"].map((name) => document.querySelector(`[name=${name}]`));
  let moved = false;

  const show = () => {
    moved = false;
    if (lon.value && lat.value) map.setView([Number(lat.value), Number(lon.value)], Math.max(map.getZoom() || 0, CLOSE_ZOOM), { animate: false });
  };
  const take = () => {
    if (!moved) return;
    const at = map.getCenter();
    [lon.value, lat.value] = [at.lng.toFixed(6), at.lat.toFixed(6)];
  };

  if (config.bounds) map.fitBounds(config.bounds, { animate: false });
  show();
  for (const field of [lon, lat]) field.addEventListener("change", show);
  map.on("dragstart keydown", () => { moved = true; });
  map.on("click", ({ latlng }) => { moved = true; map.panTo(latlng, { animate: false }); });
  map.on("moveend", take);
  window.wangge.pin = map;
});
