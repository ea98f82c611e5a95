"""With which neighbour a grid is best merged."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from gis.partition.graph import barred, graph
from gis.partition.limits import Limits

if TYPE_CHECKING:
    from gis.fabric.ground import Ground


@dataclass(frozen=True)
class Neighbour:
    """A grid to merge with: the households of both together, whether that is in range, and the border between them."""

    grid: int
    households: int
    in_range: bool
    border_m: float
    along_barriers: float


def merge(ground: Ground, of: NDArray[Any], grid: int, limits: Limits) -> list[Neighbour]:
    """Return the grids of the same village that hang together with one, the best first.

    Best is what comes into range, then what is nearest to the target, then what shares the longest open border.
    """
    of = np.asarray(of)
    joined = graph(ground)
    ends = np.stack([of[joined.a], of[joined.b]])
    touching = (ends == grid).any(axis=0) & (ends[0] != ends[1]) & (ends >= 0).all(axis=0)
    grids = np.setdiff1d(ends[:, touching], [grid])
    loads = np.bincount(of[of >= 0], ground.households[of >= 0], minlength=int(of.max(initial=-1)) + 1)
    found = [_neighbour(ground, of, (grid, int(other)), int(loads[grid] + loads[other]), limits) for other in grids]
    return sorted(found, key=lambda one: (not one.in_range, abs(one.households - limits.target), _rank(one), one.grid))


def _rank(one: Neighbour) -> float:
    return -one.border_m * (1 - one.along_barriers)


def _neighbour(ground: Ground, of: NDArray[Any], pair: tuple[int, int], households: int, limits: Limits) -> Neighbour:
    ends = np.sort(np.stack([of[ground.a], of[ground.b]]), axis=0)
    between = (ends[0] == min(pair)) & (ends[1] == max(pair))
    metres = float(ground.length_m[between].sum())
    along = float(ground.length_m[between & barred(ground)].sum()) / metres if metres else 1.0
    return Neighbour(pair[1], households, limits.fits(households), metres, along)
