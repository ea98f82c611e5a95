"""Who stands behind a grid: someone who leads it, a Party branch, and a worker of its own."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np

from gis.checks.findings import Finding, Severity, chosen
from gis.checks.load import general
from gis.plans.draft import Draft
from gis.words import N_


def unattended(draft: Draft, touched: Collection[int] | None) -> list[Finding]:
    """E10: a general grid without cadre or branch, also none to take over from the grid that it comes from.

    It is an error where the plan makes it so: somebody is there for the ground today. Else it is a warning, for it was
    so before, and nobody can be assigned to a grid before it is in force.
    """
    found = []
    for at in np.flatnonzero(chosen(draft, touched) & general(draft)).tolist():
        grid, register = draft.grids[at], draft.register
        led, branched = draft.origins[at] in register.led, draft.origins[at] in register.branched
        if led and branched:
            continue
        message = N_("“%(name)s” has neither cadre nor Party branch.")
        if led or branched:
            message = N_("“%(name)s” has no Party branch.") if led else N_("“%(name)s” has no cadre.")
        lost = _lost(draft, at, set() if led else register.led, set() if branched else register.branched)
        severity: Severity = "error" if lost else "warning"
        mend = N_("Assign them once it is in force; nobody can be assigned to a grid before.")
        if lost:
            mend = N_("Assign them now to the grid that most of its homes come from: it takes over from there.")
        found.append(Finding("E10", severity, grid.id, [], message, mend, {"name": grid.name}))
    return found


def _lost(draft: Draft, at: int, *attended: set[int]) -> bool:
    """Tell whether a new grid takes ground from grids that somebody attends to."""
    draws = draft.draws
    if draws.keeps[at]:
        return False
    from_ = draws.former[draws.area[:-1, at] > 0]
    return any(not grids.isdisjoint(from_.tolist()) for grids in attended)


def shared_workers(draft: Draft, touched: Collection[int] | None) -> list[Finding]:
    """W10: a full-time worker with more than one grid."""
    looked = chosen(draft, touched)
    grids = {grid.grid_id: grid for at, grid in enumerate(draft.grids) if looked[at] and grid.grid_id is not None}
    found = []
    for worker, numbers in draft.register.shared:
        own = [grids[number] for number in numbers if number in grids]
        if own:
            params = {"worker": worker, "count": len(numbers), "names": "、".join(grid.name for grid in own)}
            message = N_("%(worker)s is the full-time worker of %(count)s grids: %(names)s.")
            mend = N_("Give each grid a full-time worker of its own.")
            found.append(Finding("W10", "warning", own[0].id, [], message, mend, params))
    return found
