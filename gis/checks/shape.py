"""Grids that hang together, are compact, follow barriers, and do not enclose one another."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gis.checks.findings import Finding, Ints, Severity, chosen, neighbours
from gis.partition.graph import components
from gis.partition.necks import Neck, necks
from gis.partition.pieces import parts
from gis.plans.draft import Draft
from gis.words import N_

RAGGED = 0.2
"""Polsby-Popper below which a grid is drawn out or frayed."""
OFF_BARRIERS = 0.25
"""The share of its border below which a grid does not follow roads, rivers, rails and walls."""
EDGE = 0.01
"""The part of a perimeter that rounding and borders under a metre may leave."""


def in_pieces(draft: Draft, touched: Collection[int] | None) -> list[Finding]:
    """E3: a grid of several parts; a warning only where each but one is an island too small for a grid of its own."""
    looked = np.append(chosen(draft, touched), False)
    part = parts(draft.ground, draft.of)
    torn = np.unique(draft.of[looked[draft.of] & (part > 0)])
    if not len(torn):
        return []
    cells = np.flatnonzero(np.isin(draft.of, torn))
    _pairs, label = np.unique(draft.of[cells] * len(part) + part[cells].astype(np.int64), return_inverse=True)
    fragment = np.full(len(draft.of), -1, np.int32)
    fragment[cells] = label
    fragment[part == 0] = -1
    best = neighbours(draft, fragment, int(label.max()) + 1)
    to, small = np.where(fragment >= 0, best[fragment], -1), islands(draft)
    cells = cells[np.argsort(draft.of[cells], kind="stable")]
    return [_torn(draft, own, part, to, small) for own in np.split(cells, np.flatnonzero(np.diff(draft.of[cells])) + 1)]


def _torn(draft: Draft, own: NDArray[Any], part: Ints, best: NDArray[np.int32], small: NDArray[np.bool_]) -> Finding:
    grid = draft.grids[draft.of[own[0]]]
    fragments = own[part[own] > 0]
    dry = fragments[draft.ground.kinds[fragments] != "water"]
    allowed = small[dry].all() and set(part[dry]) == set(part[fragments])
    severity: Severity = "warning" if allowed else "error"
    pieces = [draft.cells(own[part[own] == number]) for number in range(int(part[own].max()) + 1)]
    give = fragments[(best[fragments] >= 0) & ~draft.locked[fragments] & (not grid.locked)]
    remedy = dict(zip(draft.cells(give), [draft.grids[to].id for to in best[give]], strict=True))
    params = {
        "name": grid.name, "parts": len(pieces), "households": int(draft.ground.households[fragments].sum()),
        "buildings": int(draft.ground.buildings[fragments].sum()),
    }  # fmt: skip
    message = N_("“%(name)s” is in %(parts)s pieces; all but the largest have %(households)s households in "
                 "%(buildings)s buildings.")  # fmt: skip
    mend = N_("Give the small piece to its neighbour, or join the pieces.")
    return Finding("E3", severity, grid.id, draft.cells(fragments), message, mend, params, pieces, remedy)


def islands(draft: Draft) -> NDArray[np.bool_]:
    """Return the cells that nothing joins to the rest of their village and that are too few for a grid."""
    ground = draft.ground
    joined = np.flatnonzero(ground.joins & (ground.village[ground.a] == ground.village[ground.b]))
    label, count = components(len(draft.of), ground.a[joined], ground.b[joined])
    households = np.bincount(label, ground.households, count)
    most: NDArray[np.float64] = np.zeros(len(ground.villages))
    village = np.zeros(count, np.int32)
    village[label] = ground.village
    np.maximum.at(most, village, households)
    small: NDArray[np.bool_] = ((households < draft.plan.households_min) & (households < most[village]))[label]
    return small


def ragged(draft: Draft, touched: Collection[int] | None) -> list[Finding]:
    """W3: a grid that is drawn out or frayed, or hangs together over a narrow neck."""
    shape = draft.measures.compactness[:-1]
    message = N_("“%(name)s” is not compact: %(value)s of 1.")
    mend = N_("Straighten its border, or give its arms away.")
    found = [
        Finding("W3", "warning", grid, [], message, mend, {"name": name, "value": f"{shape[at]:.2f}"})
        for at, grid, name in _with_land(draft, touched, shape < RAGGED)
    ]
    return found + [_narrow(draft, neck) for neck in necks(draft.ground, draft.of, chosen(draft, touched))]


def _narrow(draft: Draft, neck: Neck) -> Finding:
    grid = draft.grids[neck.grid]
    message = N_("“%(name)s” hangs together over %(metres)s m only, with %(households)s households behind it.")
    mend = N_("Widen it by the cells beside it, or give away what lies behind it.")
    params = {"name": grid.name, "metres": f"{neck.width_m:.1f}", "households": neck.households}
    return Finding("W3", "warning", grid.id, draft.cells(neck.cells), message, mend, params)


def off_barriers(draft: Draft, touched: Collection[int] | None) -> list[Finding]:
    """W4: a grid whose border with others hardly follows a road, river, rail or wall."""
    share = draft.measures.along_barriers[:-1]
    message = N_("%(share)s%% of the border of “%(name)s” follow a road, river, rail or wall.")
    mend = N_("Move the border to the next road or river.")
    return [
        Finding("W4", "warning", grid, [], message, mend, {"name": name, "share": round(100 * float(share[at]))})
        for at, grid, name in _with_land(draft, touched, share < OFF_BARRIERS)
    ]


def enclosed(draft: Draft, touched: Collection[int] | None) -> list[Finding]:
    """W5: a grid that lies wholly within another one."""
    ground, to = draft.ground, np.where(draft.of < 0, len(draft.grids), draft.of)
    one, other = to[ground.a], to[ground.b]
    apart = np.flatnonzero((one != other) & (ground.length_m > 0))
    ends = np.stack([np.concatenate([one[apart], other[apart]]), np.concatenate([other[apart], one[apart]])])
    width = len(draft.grids) + 1
    met = np.stack(np.divmod(np.unique(ends[0] * width + ends[1]), width))
    known = np.bincount(met[0], minlength=len(draft.grids) + 1)[:-1]
    sums = draft.measures
    inside = (known == 1) & (sums.outside_m[:-1] < np.maximum(EDGE * sums.perimeter_m[:-1], 1.0))
    around = {int(own): int(by) for own, by in met.T if inside[own : own + 1].any() and by < len(draft.grids)}
    message, mend = N_("“%(name)s” lies within “%(around)s”."), N_("Merge the two, or open it to another neighbour.")
    return [
        Finding("W5", "warning", grid, [], message, mend, {"name": name, "around": draft.grids[around[at]].name})
        for at, grid, name in _with_land(draft, touched, inside)
        if at in around
    ]


def _with_land(
    draft: Draft, touched: Collection[int] | None, wrong: NDArray[np.bool_]
) -> Iterator[tuple[int, int, str]]:
    """Yield place, number and name of the grids with land that a rule looks at and finds wrong."""
    for at in np.flatnonzero(wrong & chosen(draft, touched) & (draft.measures.cells[:-1] > 0)).tolist():
        yield at, draft.grids[at].id, draft.grids[at].name
