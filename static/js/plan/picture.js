// The editor's own line icons.

/** An icon of static/img/plan-icons.svg. */
export function picture(name) {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(space, "use");
  use.setAttribute("href", `${document.documentElement.dataset.icons.replace("icons.svg", "plan-icons.svg")}#${name}`);
  svg.append(use);
  return svg;
}
