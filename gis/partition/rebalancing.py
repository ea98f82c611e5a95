"""Grids brought back into range with the least change."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from gis.partition.capacity import Misfit, misfits
from gis.partition.flips import Flips
from gis.partition.graph import graph
from gis.partition.limits import Flags, Ints, Limits
from gis.partition.pieces import flow, parts
from gis.partition.search import Search
from gis.partition.suggestion import HEAVY
from gis.words import N_

if TYPE_CHECKING:
    from gis.fabric.ground import Ground

LOCKED = N_("the grid is locked")
NO_ROOM = N_("the grids that it can reach have no room: split it, or make a new grid")
NONE_TO_GIVE = N_("the grids that it can reach have no households to give: merge it with a neighbour")
TOO_FEW = N_("there are too few grids for the households here: split one, or make a new grid")
TOO_MANY = N_("there are too many grids for the households here: merge two")
NOT_FOUND = N_("no small change was found: move cells by hand, or suggest a new plan")

TOGETHER = 4
"""Up to so many grids out of range near each other are mended together."""
LOOKS, STEPS, ATTEMPTS = 150_000, 600, 3
"""How many looks at a cell, then attempts at passing so many cells on, it may take: counts, so that a seed decides."""


@dataclass(frozen=True)
class Unmended:
    """A grid that stays out of range, and why (a message id)."""

    grid: int
    households: int
    reason: str


@dataclass(frozen=True)
class Rebalanced:
    """The new grid of each cell, the cells that moved, what is not mended, and where the number of grids cannot fit."""

    of: Ints
    moved: Ints
    unmended: list[Unmended]
    misfits: list[Misfit]


def rebalance(
    ground: Ground,
    of: NDArray[Any],
    limits: Limits,
    *,
    locked: Flags | None = None,
    apart: NDArray[Any] | None = None,
    seed: int = 1,
) -> Rebalanced:
    """Bring the grids of a division (-1: none) into range by moving as few cells as can be found.

    Locked cells stay where they are; a grid of locked cells only neither gives nor takes, nor do the grids numbered in
    `apart` (special ones). The number of grids stays, none gets into more pieces than it was in, and none further out
    of range: where not all can be mended, some are, and what is left is no worse than it was.
    """
    of = np.asarray(of, np.int32)
    locked = np.zeros(len(of), bool) if locked is None else np.asarray(locked, bool)
    special = set() if apart is None else {int(grid) for grid in apart}
    land = np.where(ground.kinds == "water", -1, of).astype(np.int32)
    open_grids = set(np.unique(land[(land >= 0) & ~locked]).tolist())
    frozen = (set(np.unique(land[land >= 0]).tolist()) - open_grids) | special
    search = Search(graph(ground), land, limits, locked, frozen)
    bad = [grid for grid in _outside(search) if grid not in special]
    hopeless = {grid: reason for grid in bad if (reason := _hopeless(search, grid))}
    wrong = misfits(search, special | {grid for grid in hopeless if hopeless[grid] in (LOCKED, HEAVY)})
    _mend(search, [grid for grid in bad if grid not in hopeless])
    if set(_outside(search)) - special - set(hopeless):
        _pass_on(search, seed, frozen | special | set(hopeless))
    _take_back(search, land.tolist())
    left = [grid for grid in _outside(search) if grid not in special]
    hopeless = {**_reasons(wrong, search), **hopeless}
    unmended = [Unmended(grid, search.loads[grid], hopeless.get(grid, NOT_FOUND)) for grid in left]
    found = np.where(land >= 0, np.array(search.of, np.int32), of)
    found = _water(ground, of, found, locked)
    return Rebalanced(found, np.flatnonzero(found != of).astype(np.int32), unmended, wrong)


def _outside(search: Search) -> list[int]:
    """Return the grids out of range, the worst first."""
    out = [(-abs(search.limits.excess(load)), grid) for grid, load in search.loads.items()]
    return [grid for excess, grid in sorted(out) if excess]


def _mend(search: Search, bad: list[int]) -> None:
    """Mend grids in place with the least change: near ones together, then what is left one by one."""
    groups = [group for group in _clusters(search, bad) if 1 < len(group) <= TOGETHER]
    for group in [*groups, *([grid] for grid in bad)]:
        todo = [grid for grid in group if search.limits.excess(search.loads[grid])]
        change = search.solve(todo, LOOKS) if todo else None
        if change:
            search.make(change)


def _pass_on(search: Search, seed: int, closed: set[int]) -> None:
    """Mend in place what no small change mends: of some attempts take the one that leaves and moves least."""
    found = []
    for attempt in range(ATTEMPTS):
        flips = Flips(search.graph, np.array(search.of, np.int32), search.limits, seed + attempt, search.fixed, closed)
        before = flips.badness()
        after = flips.run(STEPS).tolist()
        change = {cell: grid for cell, grid in enumerate(after) if grid != search.of[cell]}
        if flips.best[0] < before[0]:
            found.append((flips.best, len(change), attempt, change))
    if found:
        search.make(min(found)[3])


def _hopeless(search: Search, grid: int) -> str | None:
    """Return why a grid cannot be mended, if that can be told at once."""
    excess = search.limits.excess(search.loads[grid])
    if grid in search.frozen:
        return LOCKED
    if excess > 0 and max(search.weight[cell] for cell in search.cells[grid]) > search.limits.high:
        return HEAVY
    if search.room(grid)[0] < abs(excess):
        return NO_ROOM if excess > 0 else NONE_TO_GIVE
    return None


def _reasons(wrong: list[Misfit], search: Search) -> dict[int, str]:
    """Return why grids out of range stay there whose number does not fit."""
    return {
        grid: TOO_FEW if each.too_few else TOO_MANY
        for each in wrong
        for grid in each.grids
        if (search.limits.excess(search.loads[grid]) > 0) == each.too_few
    }


def _clusters(search: Search, bad: list[int]) -> list[list[int]]:
    """Return the grids in groups that are neighbours, or have a neighbour in common."""
    reach = {grid: {grid} | search.neighbours(grid) for grid in bad}
    groups: list[list[int]] = []
    for grid in bad:
        close = [group for group in groups if any(reach[grid] & reach[other] for other in group)]
        groups = [group for group in groups if group not in close]
        groups.append([grid, *(other for group in close for other in group)])
    return groups


def _take_back(search: Search, origin: list[int]) -> None:
    """Take back every single move that turns out not to be needed."""
    for cell, before in enumerate(origin):
        if search.of[cell] == before or search.falling(cell) != [cell]:
            continue
        if not any(search.of[other] == before for other in search.near[cell]):
            continue
        worst = {grid: abs(search.limits.excess(search.loads[grid])) for grid in (before, search.of[cell])}
        undo = search.make({cell: before})
        if any(abs(search.limits.excess(search.loads[grid])) > bad for grid, bad in worst.items()):
            search.make(undo)


def _water(ground: Ground, before: Ints, after: Ints, locked: Flags) -> Ints:
    """Return the division with water that lost touch with its grid given to what it touches longest."""
    loose = (ground.kinds == "water") & ~locked & (before >= 0)
    loose &= (parts(ground, after) > 0) & (parts(ground, before) == 0)
    if not loose.any():
        return after
    owner = flow(ground, np.where(loose, -1, after))
    return np.where(loose & (owner >= 0), owner, after).astype(np.int32)
