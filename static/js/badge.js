// The numbers on a page's name in the header: cases that are overdue, and due soon; asked for once the page stands.

/** Fills every badge of the page; one that cannot be filled stays away. */
export function badges() {
  const all = [...document.querySelectorAll("[data-badge]")];
  for (const address of new Set(all.map((badge) => badge.dataset.badge))) {
    fill(address, all.filter((badge) => badge.dataset.badge === address));
  }
}

async function fill(address, some) {
  try {
    const answer = await fetch(address, { headers: { Accept: "application/json" }, credentials: "same-origin" });
    if (!answer.ok) return;
    const counts = await answer.json();
    for (const badge of some) {
      const count = counts[badge.dataset.count];
      badge.textContent = count > 999 ? "999+" : String(count);
      badge.setAttribute("aria-label", `${badge.title} ${count}`);
      badge.hidden = !count;
    }
  } catch { /* no network: the page says so where it matters */ }
}
