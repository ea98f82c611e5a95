// The panel on the right: grids, findings, suggestions, one at a time; it folds away and is a sheet on a phone.

/** Wires the tabs and the fold. */
export function startPanel(app) {
  const panel = document.getElementById("plan-panel");
  const tabs = [...panel.querySelectorAll("[role=tab]")];
  const open = (tab) => {
    for (const each of tabs) {
      const on = each === tab;
      each.setAttribute("aria-selected", String(on));
      each.tabIndex = on ? 0 : -1;
      document.getElementById(each.getAttribute("aria-controls")).hidden = !on;
    }
    panel.classList.remove("folded");
  };
  tabs.forEach((tab, i) => {
    tab.addEventListener("click", () => open(tab));
    tab.addEventListener("keydown", (event) => {
      const move = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (!move) return;
      const next = tabs[(i + move + tabs.length) % tabs.length];
      open(next);
      next.focus();
    });
  });
  document.getElementById("pane-talk")?.addEventListener("click", ({ target }) => target.dataset.grid && app.choose(Number(target.dataset.grid), { zoom: true }));
  document.getElementById("plan-fold").addEventListener("click", () => {
    panel.classList.toggle("folded");
    app.map.invalidateSize({ animate: false });
  });
}
