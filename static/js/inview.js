// The way from the map to the list: the open cases that are in view now.

const DIGITS = 5;

/** Keeps the link in step with the view; it is there while cases are shown, today. */
export function startInView(app) {
  const link = document.getElementById("in-view");
  if (!link) return;
  const draw = () => {
    link.hidden = app.day() !== null || !(app.isOn("cases") || app.state.get("theme") === "cases");
    if (link.hidden) return;
    const bounds = app.map.getBounds();
    const box = [bounds.getWest(), bounds.getSouth(), bounds.getEast(), bounds.getNorth()];
    link.href = `/cases/?state=open&bbox=${box.map((each) => each.toFixed(DIGITS)).join(",")}`;
  };
  app.map.on("moveend", draw);
  app.state.on(["theme", "date", "layers"], draw);
  app.onLayers(draw);
  draw();
}
