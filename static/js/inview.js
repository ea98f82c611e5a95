// The ways from the map to cases: the open ones that are in view now, and a report of one in the middle of it, the clusters of the area.

const DIGITS = 5;

/** Keeps the links in step with the view; they are there while cases are shown, today. */
export function startInView(app) {
  const links = [["in-view", listed], ["report-there", reported], ["clusters-of", clusters]].map(([id, target]) => [document.getElementById(id), target]);
  const draw = () => {
    const away = app.day() !== null || !(app.isOn("cases") || app.state.get("theme") === "cases");
    for (const [link, target] of links.filter(([each]) => each)) {
      link.hidden = away;
      if (!away) link.href = target(app.map, app.state);
    }
  };
  app.map.on("moveend", draw);
  app.state.on(["theme", "date", "layers", "area"], draw);
  app.onLayers(draw);
  draw();
}

function listed(map) {
  const bounds = map.getBounds();
  const box = [bounds.getWest(), bounds.getSouth(), bounds.getEast(), bounds.getNorth()];
  return `/cases/?state=open&bbox=${box.map((each) => each.toFixed(DIGITS)).join(",")}`;
}

function clusters(_map, state) {
  const area = state.get("area");
  return area ? `/cases/clusters?area=${area}` : "/cases/clusters";
}

function reported(map) {
  const { lat, lng } = map.getCenter();
  return `/cases/new?lat=${lat.toFixed(6)}&lng=${lng.toFixed(6)}`;
}
