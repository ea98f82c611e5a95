"""How good a division is: balance, border along barriers, compactness."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from gis.partition.graph import barred
from gis.partition.limits import Flags, Ints, Limits

if TYPE_CHECKING:
    from gis.fabric.ground import Ground


@dataclass(frozen=True)
class Infeasible:
    """Cells whose grid cannot be in range, and why (a message id)."""

    cells: Ints
    households: int
    reason: str


@dataclass(frozen=True)
class Suggestion:
    """A division of `cells` (positions in the ground): the grid 0…k-1 of each in `of`, -1 for stray water.

    `balance` is 1 when every grid has the target and 0 when they miss it by all of it; `along_barriers` is the share of
    the border between grids that lies along one; `compactness` is the mean of 4πA/P². `in_range` counts grids.
    """

    cells: Ints
    of: Ints
    infeasible: list[Infeasible]
    households: Ints
    in_range: int
    balance: float
    along_barriers: float
    compactness: float

    @property
    def grids(self) -> int:
        """How many grids."""
        return len(self.households)

    @property
    def score(self) -> float:
        """What suggestions are ranked by: grids in range, then balance, then barriers, then compactness."""
        outside = self.grids - self.in_range
        return self.balance + self.along_barriers / 10 + self.compactness / 100 - outside


def measured(
    ground: Ground, cells: Ints, of: Ints, limits: Limits, infeasible: list[Infeasible] | None = None
) -> Suggestion:
    """Return a division with its figures; only borders and cells of the divided cells count."""
    count = int(of.max(initial=-1)) + 1
    households = np.bincount(of[of >= 0], ground.households[cells][of >= 0], minlength=count).astype(np.int32)
    whole = np.full(len(ground.ids), -1, np.int32)
    whole[cells] = of
    missed = float(np.abs(households - limits.target).mean()) / max(limits.target, 1) if count else 0.0
    compact = compactness(ground, whole, count)
    inside = int((~limits.outside(households)).sum())
    return Suggestion(
        cells, of, infeasible or [], households, inside, max(1 - missed, 0.0), along_barriers(ground, whole),
        float(compact.mean()) if count else 0.0,
    )  # fmt: skip


def compactness(ground: Ground, of: NDArray[Any], count: int) -> NDArray[np.float64]:
    """Return 4πA/P² of each grid, from the cells' areas and perimeters without the borders inside the grid."""
    has = of >= 0
    area = np.bincount(of[has], ground.area_m2[has], minlength=count)
    rim = np.bincount(of[has], ground.perimeter_m[has], minlength=count)
    within = has[ground.a] & (of[ground.a] == of[ground.b])
    rim -= 2 * np.bincount(of[ground.a[within]], ground.length_m[within], minlength=count)
    found: NDArray[np.float64] = np.minimum(4 * np.pi * area / np.maximum(rim, 1e-9) ** 2, 1.0)
    return found


def along_barriers(ground: Ground, of: NDArray[Any]) -> float:
    """Return the share of the border between grids that lies along a barrier; 1 where there is no such border."""
    between = _between(ground, of)
    metres = float(ground.length_m[between].sum())
    return float(ground.length_m[between & barred(ground)].sum()) / metres if metres else 1.0


def _between(ground: Ground, of: NDArray[Any]) -> Flags:
    of_a, of_b = of[ground.a], of[ground.b]
    between: Flags = (of_a != of_b) & (of_a >= 0) & (of_b >= 0)
    return between
