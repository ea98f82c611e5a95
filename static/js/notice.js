// Small messages that do not block: one per topic, with an optional way to try again, or whatever `label` names.

import { el, fill, icon } from "./dom.js";
import { t } from "./words.js";

const shown = new Map();

/** Shows a message; a second one on the same topic takes the place of the first. */
export function notice(topic, text, { retry = null, label = "retry", kind = "warn" } = {}) {
  const place = document.getElementById("notices");
  const box = shown.get(topic) ?? el("div", { class: "toast" });
  box.className = `toast toast-${kind}`;
  fill(
    box,
    icon(kind === "warn" ? "alert" : "info"),
    el("p", {}, text),
    retry && el("button", { type: "button", class: "link", onclick: () => { dismiss(topic); retry(); } }, t(label)),
    el("button", { type: "button", class: "quiet-icon", "aria-label": t("close"), onclick: () => dismiss(topic) }, icon("close")),
  );
  if (!shown.has(topic)) place.append(box);
  shown.set(topic, box);
}

/** Takes a message away. */
export function dismiss(topic) {
  shown.get(topic)?.remove();
  shown.delete(topic);
}
