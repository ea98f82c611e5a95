// The number on a page's name in the header: how many cases are overdue, asked for once the page stands.

/** Fills every badge of the page; one that cannot be filled stays away. */
export function badges() {
  for (const badge of document.querySelectorAll("[data-badge]")) fill(badge);
}

async function fill(badge) {
  try {
    const answer = await fetch(badge.dataset.badge, { headers: { Accept: "application/json" }, credentials: "same-origin" });
    if (!answer.ok) return;
    const { overdue } = await answer.json();
    badge.textContent = overdue > 999 ? "999+" : String(overdue);
    badge.setAttribute("aria-label", `${badge.title} ${overdue}`);
    badge.hidden = !overdue;
  } catch { /* no network: the page says so where it matters */ }
}
