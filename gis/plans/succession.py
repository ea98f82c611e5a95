"""Which grids stay themselves when a plan is in force, which end, and who follows them; plain arrays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
MAJORITY = 0.5


@dataclass(frozen=True, eq=False)
class Succession:
    """What becomes of the grids in force (`former`, by id, ascending) and of the grids of a plan (by position).

    `bound` is the position in `former` of the grid that a plan's grid draws on, -1 for none, and `keeps` tells whether
    it stays that grid. `source` is the grid in force that most of its households come from, `heir` the plan's grid
    that most households of a grid in force go to; -1 where there is no ground in common. `households`, `residents`,
    `buildings`, `area` are shared out: one row per grid in force (a last one for none), one column per plan's grid.
    """

    former: NDArray[np.int64]
    bound: NDArray[np.int64]
    keeps: NDArray[np.bool_]
    drawn: NDArray[np.bool_]
    source: NDArray[np.int64]
    heir: NDArray[np.int64]
    households: Numbers
    residents: Numbers
    buildings: Numbers
    area: Numbers

    @property
    def retired(self) -> NDArray[np.int64]:
        """Positions of the grids in force that no grid of the plan stays."""
        stay = np.isin(np.arange(len(self.former)), self.bound[self.keeps])
        return np.flatnonzero(~stay)

    @property
    def opened(self) -> NDArray[np.int64]:
        """Positions of the plan's grids that are drawn and stay none that is in force."""
        return np.flatnonzero(self.drawn & ~self.keeps)

    def majority(self, grid: int, own: int) -> bool:
        """Tell whether more than half of a grid in force goes to a plan's grid: its households, else its area."""
        return self.share(grid, own) > MAJORITY

    def share(self, grid: int, own: int) -> float:
        """Return what part of a grid in force goes to a plan's grid: of its households, else of its area."""
        shares = self.households if self.households[grid].sum() > 0 else self.area
        return float(shares[grid, own] / max(shares[grid].sum(), 1e-9))


def succession(
    plan: Sequence[int | None], of: NDArray[Any], sums: Sequence[NDArray[Any]],
    former: Sequence[int], before: NDArray[np.int64],
) -> Succession:  # fmt: skip
    """Work out who follows whom.

    `plan` are the grids in force that the plan's grids draw on, `of` the position in it of each cell, `sums` what
    cells have of households, residents, buildings and area; `former` are the grids in force, and `before` that of each
    cell (its id, -1 for none).
    """
    ids = np.array(sorted(former), np.int64)
    rows, columns = len(ids) + 1, len(plan)
    at = np.where(np.isin(before, ids), np.searchsorted(ids, before), len(ids))
    inside = of >= 0
    cell = at[inside] * columns + of[inside]

    def shared(values: NDArray[Any]) -> Numbers:
        sums = np.bincount(cell, weights=values[inside].astype(np.float64), minlength=rows * columns)
        return sums.astype(np.float64).reshape(rows, columns)

    tables = [shared(each) for each in sums]
    position = {int(grid): number for number, grid in enumerate(ids)}
    bound = np.array([position.get(grid or -1, -1) for grid in plan], np.int64).reshape(-1)
    drawn = np.bincount(of[inside], minlength=columns) > 0
    households, area = tables[0][:-1], tables[3][:-1]
    draws = Succession(
        ids, bound, np.zeros(columns, bool), drawn, largest(households, area, 0), largest(households, area, 1), *tables
    )
    for own in np.flatnonzero((bound >= 0) & drawn):
        draws.keeps[own] = draws.majority(int(bound[own]), int(own))
    return draws


def largest(households: Numbers, area: Numbers, axis: int) -> NDArray[np.int64]:
    """Return where most households are along an axis, or most of the area where there are none; -1 without any."""
    if not households.size:
        return np.full(households.shape[1 - axis], -1, np.int64)
    weights = np.where(households.sum(axis, keepdims=True) > 0, households, area)
    return np.where(weights.sum(axis) > 0, weights.argmax(axis), -1).astype(np.int64)


def carried(draws: Succession, registered: Mapping[int, Sequence[int]]) -> NDArray[np.int64]:
    """Return households, residents and buildings per grid of the plan, one row each.

    `registered` are the counts of the outlines in force, by grid: what they have beyond the list of buildings goes
    where the grid stays or most of it goes.
    """
    counts = np.array([table.sum(0) for table in (draws.households, draws.residents, draws.buildings)]).T
    stays = {int(grid): int(own) for own, grid in enumerate(draws.bound) if draws.keeps[own]}
    listed = (draws.households, draws.residents, draws.buildings)
    for number, grid in enumerate(draws.former.tolist()):
        heir = stays.get(number, int(draws.heir[number]))
        if heir >= 0:
            rest = [max(0.0, told - table[number].sum()) for told, table in zip(registered[grid], listed, strict=True)]
            counts[heir] += rest
    whole: NDArray[np.int64] = np.rint(counts).astype(np.int64)
    return whole
