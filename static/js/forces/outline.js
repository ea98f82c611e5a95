// Drawing the outline of a project: each click sets a corner; several parts are closed one after the other.

import { dress, started } from "../smallmap.js";

started((map, config) => {
  dress(map, config, "outline_map");
  map.doubleClickZoom.disable();
  const field = document.querySelector("[name=drawn]");
  const [back, next, clear] = ["draw-back", "draw-next", "draw-clear"].map((id) => document.getElementById(id));
  const style = { color: "#7f1d1d", weight: 3, fillOpacity: 0.2 };
  const shown = L.polygon([], style).addTo(map);
  const line = L.polyline([], { ...style, dashArray: "6 6" }).addTo(map);
  let parts = [];
  let corners = [];

  const tell = () => {
    const whole = [...parts, ...(corners.length > 2 ? [corners] : [])];
    shown.setLatLngs(whole.map((part) => [part]));
    line.setLatLngs(corners);
    const ring = (part) => [...part, part[0]].map(({ lng, lat }) => [Number(lng.toFixed(7)), Number(lat.toFixed(7))]);
    field.value = whole.length ? JSON.stringify({ type: "MultiPolygon", coordinates: whole.map((part) => [ring(part)]) }) : "";
    back.disabled = !corners.length;
    next.disabled = corners.length < 3;
    clear.disabled = !whole.length && !corners.length;
  };

  map.on("click", ({ latlng }) => { corners.push(latlng); tell(); });
  back.addEventListener("click", () => { corners.pop(); tell(); });
  next.addEventListener("click", () => { parts.push(corners); corners = []; tell(); });
  clear.addEventListener("click", () => { parts = []; corners = []; tell(); });
  if (config.bounds) map.fitBounds(config.bounds, { animate: false });
  document.getElementById("draw").addEventListener("toggle", () => {
    map.invalidateSize();
    if (config.bounds) map.fitBounds(config.bounds, { animate: false });
  });
  tell();
});
