// A small bar: how many households a grid has, over the band that is aimed at.

const SPACE = "http://www.w3.org/2000/svg";

function shape(name, attributes) {
  const made = document.createElementNS(SPACE, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}

/** Moves a bar to another number. */
export function setBar(svg, households, { low, high }) {
  const most = high * 1.6;
  const at = (value) => Math.min(Math.max(value / most, 0), 1) * 100;
  const [band, fill, tick] = svg.children;
  band.setAttribute("x", at(low));
  band.setAttribute("width", at(high) - at(low));
  fill.setAttribute("width", at(households));
  fill.setAttribute("class", households > high ? "bar-fill bar-over" : households < low ? "bar-fill bar-under" : "bar-fill");
  tick.setAttribute("x", Math.max(at(households) - 1.2, 0));
  return svg;
}

/** An SVG of 100 × 8: the band of the targets, the bar, and its end. */
export function bar(households, limits) {
  const svg = shape("svg", { class: "bar", viewBox: "0 0 100 8", preserveAspectRatio: "none", "aria-hidden": "true" });
  svg.append(
    shape("rect", { class: "bar-band", y: 0, height: 8 }),
    shape("rect", { class: "bar-fill", x: 0, y: 2.5, height: 3 }),
    shape("rect", { class: "bar-tick", y: 0.5, width: 2.4, height: 7 }),
  );
  return setBar(svg, households, limits);
}
