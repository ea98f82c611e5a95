// The chip that says that another day than today is shown, with the way back.

import { t } from "./words.js";

/** Keeps the chip in step with the day of `app`. */
export function startDayChip(app) {
  const chip = document.getElementById("day-chip");
  const show = () => {
    const [date, today] = [app.state.get("date"), app.state.get("today")];
    chip.hidden = date === today;
    chip.firstElementChild.textContent = t("as_at", { date });
  };
  chip.querySelector("button").addEventListener("click", () => app.state.set({ date: app.state.get("today") }, { push: true }));
  app.state.on(["date"], show);
  show();
}
