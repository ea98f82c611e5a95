"""Who stands behind a grid: someone who leads it, a Party branch, and a worker of its own."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np

from gis.checks.findings import Finding, chosen
from gis.checks.load import general
from gis.plans.draft import Draft
from gis.words import N_


def unattended(draft: Draft, touched: Collection[int] | None) -> list[Finding]:
    """E10: a general grid without cadre or branch; a warning, for a new grid can only get them when it is in force."""
    found = []
    for at in np.flatnonzero(chosen(draft, touched) & general(draft)).tolist():
        grid, register = draft.grids[at], draft.register
        led, branched = grid.grid_id in register.led, grid.grid_id in register.branched
        if led and branched:
            continue
        message = N_("“%(name)s” has neither cadre nor Party branch.")
        if led or branched:
            message = N_("“%(name)s” has no Party branch.") if led else N_("“%(name)s” has no cadre.")
        mend = N_("Assign them before the day from which it is in force.")
        found.append(Finding("E10", "warning", grid.id, [], message, mend, {"name": grid.name}))
    return found


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
