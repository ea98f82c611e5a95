"""Codes, names and locks of the grids, and whether the cells are still those that the plan was drawn on."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection

import numpy as np

from gis.checks.findings import Finding, chosen
from gis.plans.draft import Draft
from gis.words import N_

CODE = re.compile(r"\d{15}", re.ASCII)
MOST = 999
"""Grids of a village: three digits."""


def codes(draft: Draft, touched: Collection[int] | None) -> list[Finding]:
    """E7: a grid in force whose code is missing, ill-formed or there twice; a name twice; too many for the digits."""
    looked = chosen(draft, touched)
    live = [grid for grid, kept in zip(draft.grids, draft.live, strict=True) if kept]
    named = Counter((grid.village_code, grid.name) for grid in live)
    coded = Counter(draft.codes.values())
    found = []
    for grid in (grid for grid, kept in zip(draft.grids, looked, strict=True) if kept):
        code, params = draft.codes.get(grid.id), {"name": grid.name, "code": draft.codes.get(grid.id, "")}
        if grid.grid_id is not None and not _well_formed(code, grid.village_code):
            message, mend = N_("“%(name)s” has no code of its village: “%(code)s”."), N_("Have its code put right.")
            found.append(Finding("E7", "error", grid.id, [], message, mend, params))
        elif code is not None and coded[code] > 1:
            message, mend = N_("Several grids have the code %(code)s."), N_("Have its code put right.")
            found.append(Finding("E7", "error", grid.id, [], message, mend, params))
        if named[grid.village_code, grid.name] > 1:
            message = N_("Several grids of the village are called “%(name)s”.")
            found.append(Finding("E7", "error", grid.id, [], message, N_("Rename it."), params))
    for village, count in Counter(grid.village_code for grid in live).items():
        if touched is None and count > MOST:
            message, params = (
                N_("%(count)s grids are more than the codes of a village reach for."),
                {"count": str(count)},
            )
            found.append(
                Finding("E7", "error", None, [], message, N_("Merge some of them."), {**params, "village": village})
            )
    return found


def _well_formed(code: str | None, village: str) -> bool:
    return code is not None and bool(CODE.fullmatch(code)) and code.startswith(village)


def broken_locks(draft: Draft, touched: Collection[int] | None) -> list[Finding]:
    """E9: a locked grid that is retired or empty, or locked cells in no grid: something went past a lock."""
    found = []
    for at, grid in enumerate(draft.grids):
        if grid.locked and (grid.retired or not draft.measures.cells[at]) and (touched is None or grid.id in touched):
            message, mend = (
                N_("“%(name)s” is locked, and its land was taken away."),
                N_("Unlock it, or undo the change."),
            )
            found.append(Finding("E9", "error", grid.id, [], message, mend, {"name": grid.name}))
    loose = np.flatnonzero(draft.locked & ~np.append(draft.live, False)[draft.of])
    if len(loose):
        message, mend = N_("%(count)s locked cells are in no grid."), N_("Unlock them, or undo the change.")
        found.append(Finding("E9", "error", None, draft.cells(loose), message, mend, {"count": len(loose)}))
    return found


def recoded(draft: Draft, touched: Collection[int] | None) -> list[Finding]:
    """W11: a grid in force that keeps half of its households or fewer, and so loses its code."""
    draws, found = draft.draws, []
    for at in np.flatnonzero(chosen(draft, touched) & draws.drawn & (draws.bound >= 0) & ~draws.keeps).tolist():
        grid, former = draft.grids[at], int(draws.bound[at])
        params = {"name": grid.name, "share": int(100 * draws.share(former, at)), "code": draft.codes.get(grid.id, "")}
        message = N_("“%(name)s” keeps %(share)s%% of what it is today: it gets a new code, %(code)s is used no more.")
        mend = N_("Give it back more than half of its households if it is to stay the same grid.")
        found.append(Finding("W11", "warning", grid.id, [], message, mend, params))
    return found


def stale(draft: Draft, touched: Collection[int] | None) -> list[Finding]:
    """E11: the cells of a village were built anew since the plan was drawn, or other lines came into force there."""
    fresh, gone = draft.cells(draft.fresh), len(draft.gone)
    if not (fresh or gone):
        return overtaken(draft)
    message = N_("The cells were built anew: %(fresh)s new ones, %(gone)s are gone.")
    params = {"fresh": len(fresh), "gone": gone}
    carry = Finding("E11", "error", None, fresh, message, N_("Carry over to the new cells."), params)
    return [carry, *overtaken(draft)]


def overtaken(draft: Draft) -> list[Finding]:
    """E11 for each village in which outlines are in force that the plan does not know."""
    known, land = draft.plan.lines or {}, draft.ground
    message = N_(
        "Other lines have come into force here since the plan was begun; what it drew here, if anything, has to go."
    )
    passed = [village for village, newest in draft.register.lines.items() if newest != known.get(village, 0)]
    mend = N_("See its page: it can go on with what is in force there.")
    if len(passed) == len(land.villages):
        mend = N_("Draw the plan anew on what is in force now.")
    return [
        Finding("E11", "error", None, draft.cells(land.village == land.villages.index(village)), message, mend)
        for village in passed
    ]
