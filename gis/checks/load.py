"""How much a grid has to carry, how evenly, and how much of it changes hands."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
from numpy.typing import NDArray

from gis.checks.findings import Finding, chosen
from gis.plans.draft import Draft
from gis.words import N_

UNEVEN = 0.25
"""The deviation of households between grids, in parts of their mean, above which the work is not shared fairly."""
CHURN = 0.2
"""The part of the households that may change grid before the plan is called a new division."""


def general(draft: Draft) -> NDArray[np.bool_]:
    """Return which grids are general ones in use: a dedicated one has no range of households."""
    kept: NDArray[np.bool_] = draft.live & np.array([grid.kind == "general" for grid in draft.grids], bool)
    return kept


def counted(draft: Draft) -> NDArray[np.bool_]:
    """Return which grids are general ones of villages with a list of buildings: without one nothing is counted."""
    land = draft.ground
    listed = {land.villages[at] for at in np.unique(land.village[land.building_ids >= 0]).tolist()}
    found: NDArray[np.bool_] = general(draft) & np.array([grid.village_code in listed for grid in draft.grids], bool)
    return found


def out_of_range(draft: Draft, touched: Collection[int] | None) -> list[Finding]:
    """W1: a general grid with fewer or more households than the plan wants."""
    plan, households = draft.plan, draft.measures.households[:-1]
    low, high = plan.households_min, plan.households_max
    wrong = chosen(draft, touched) & counted(draft) & ((households < low) | (households > high))
    found = []
    for at in np.flatnonzero(wrong & (draft.measures.cells[:-1] > 0)).tolist():
        grid, count = draft.grids[at], int(households[at])
        params = {"name": grid.name, "count": count, "low": low, "high": high}
        few, many = N_("Merge it with a neighbour, or push its border out."), N_("Split it, or push its border in.")
        towers = np.flatnonzero((draft.of == at) & (draft.ground.households > high))
        message = N_("“%(name)s” has %(count)s households; it should have %(low)s to %(high)s.")
        mend = many if count > high else few
        if len(towers):
            message = N_("“%(name)s” has %(count)s households, more than %(high)s in one building alone.")
            mend = N_("Let the building have its own grid, or part it by its units.")
        found.append(
            Finding("W1", "warning", grid.id, draft.cells(towers) if len(towers) else [], message, mend, params)
        )
    return found


def unequal(draft: Draft, touched: Collection[int] | None) -> list[Finding]:
    """W2: households spread unevenly over the general grids; looked at for the whole plan only."""
    at = np.flatnonzero(counted(draft) & (draft.measures.cells[:-1] > 0))
    if touched is not None or len(at) < 2:
        return []
    households = draft.measures.households[at]
    spread = float(households.std() / max(households.mean(), 1e-9))
    if spread <= UNEVEN:
        return []
    least, most = int(at[households.argmin()]), int(at[households.argmax()])
    params = {
        "spread": round(100 * spread), "most": draft.grids[most].name, "high": int(households.max()),
        "least": draft.grids[least].name, "low": int(households.min()),
    }  # fmt: skip
    message = N_("Households differ by %(spread)s%% between grids: %(high)s in “%(most)s”, %(low)s in “%(least)s”.")
    return [Finding("W2", "warning", None, [], message, N_("Rebalance with the least change."), params)]


def churn(draft: Draft, touched: Collection[int] | None) -> list[Finding]:
    """W7: more households change grid than a redrawing should cost; looked at for the whole plan only."""
    moved = draft.moved & (draft.register.force >= 0)
    everyone = int(draft.ground.households[draft.register.force >= 0].sum())
    households = int(draft.ground.households[moved].sum())
    if touched is not None or households <= CHURN * everyone:
        return []
    params = {"households": households, "share": round(100 * households / everyone)}
    message = N_("%(households)s households (%(share)s%%) change their grid.")
    mend = N_("See whether a rebalance with the least change would do.")
    return [Finding("W7", "warning", None, draft.cells(np.flatnonzero(moved)), message, mend, params)]


def mixed(draft: Draft, touched: Collection[int] | None) -> list[Finding]:
    """W8: a dedicated grid (a park, a school, a hospital) with households in it."""
    dedicated = chosen(draft, touched) & ~general(draft)
    found = []
    for at in np.flatnonzero(dedicated & (draft.measures.households[:-1] > 0)).tolist():
        grid = draft.grids[at]
        lived_in = draft.cells(np.flatnonzero((draft.of == at) & (draft.ground.households > 0)))
        params = {"name": grid.name, "count": int(draft.measures.households[at])}
        message = N_("“%(name)s” is a dedicated grid and has %(count)s households.")
        mend = N_("Give the homes to a general grid, or make this one general.")
        found.append(Finding("W8", "warning", grid.id, lived_in, message, mend, params))
    return found


def rerouted(draft: Draft, touched: Collection[int] | None) -> list[Finding]:
    """W9: open cases that another grid would get."""
    looked = np.append(chosen(draft, touched), False)
    carried = draft.moved & (draft.register.cases > 0) & looked[draft.of]
    found = []
    for at in np.unique(draft.of[carried]).tolist():
        cells = np.flatnonzero(carried & (draft.of == at))
        params = {"name": draft.grids[at].name, "count": int(draft.register.cases[cells].sum())}
        message = N_("%(count)s open cases would come to “%(name)s”.")
        mend = N_("Tell those who handle them, or close them first.")
        found.append(Finding("W9", "warning", draft.grids[at].id, draft.cells(cells), message, mend, params))
    return found
