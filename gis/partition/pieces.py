"""In how many connected parts each grid lies, and where water belongs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from gis.partition.graph import components
from gis.partition.limits import Flags, Ints

if TYPE_CHECKING:
    from gis.fabric.ground import Ground


def parts(ground: Ground, of: NDArray[Any]) -> Ints:
    """Return for each cell the number of the connected part of its grid that it lies in; -1 for one without a grid.

    Part 0 is the one with the most households, then with the most cells, then with the most land: whatever is above 0
    is a fragment. A water cell lies in the part of its grid that it touches longest; water alone hangs together by
    itself.
    """
    of = np.asarray(of)
    water = ground.kinds == "water"
    same = (of[ground.a] == of[ground.b]) & (of[ground.a] >= 0)
    wet = same & water[ground.a] & water[ground.b]
    joined = np.flatnonzero((same & ground.joins) | wet)
    label, count = components(len(of), ground.a[joined], ground.b[joined])
    owner = np.where(water, -1, label).astype(np.int32)
    owner = flow(ground, owner, same)
    label = np.where(owner >= 0, owner, label)
    return _by_size(ground, of, label, count)


def _by_size(ground: Ground, of: NDArray[Any], label: NDArray[Any], count: int) -> Ints:
    """Return the rank of each cell's part within its grid: the most households first, then cells, then land."""
    cells = np.bincount(label, minlength=count)
    area = np.round(np.bincount(label, ground.area_m2, minlength=count))
    households = np.bincount(label, ground.households, minlength=count)
    grid = np.full(count, -1, np.int64)
    grid[label] = of
    order = np.lexsort((np.arange(count), -area, -cells, -households, cells == 0, grid))
    starts = np.concatenate([[True], grid[order][1:] != grid[order][:-1]]) if count else np.zeros(0, bool)
    rank = np.empty(count, np.int32)
    rank[order] = np.arange(count) - np.maximum.accumulate(np.where(starts, np.arange(count), 0))
    return np.where(of >= 0, rank[label], -1).astype(np.int32)


def flow(ground: Ground, owner: NDArray[Any], over: Flags | None = None, *, dry: bool = False) -> Ints:
    """Return the owners with each ownerless water cell (-1) given to the one that it touches longest.

    Owners are any numbers from 0. Water that touches only water follows it, round by round. `over` says which borders
    count; by default those within a village. With `dry`, land without an owner goes the same way.
    """
    owner = np.array(owner, np.int32)
    loose = (owner < 0) & (dry | (ground.kinds == "water"))
    if not loose.any():
        return owner
    over = ground.village[ground.a] == ground.village[ground.b] if over is None else over
    at = np.flatnonzero(over & (loose[ground.a] | loose[ground.b]))
    cell = np.concatenate([ground.a[at], ground.b[at]])
    other = np.concatenate([ground.b[at], ground.a[at]])
    metres = np.concatenate([ground.length_m[at]] * 2)
    while True:
        use = loose[cell] & (owner[cell] < 0) & (owner[other] >= 0)
        if not use.any():
            return owner
        wet, near = cell[use], owner[other[use]]
        width = int(owner.max()) + 1
        pair, which = np.unique(wet.astype(np.int64) * width + near, return_inverse=True)
        touched = np.bincount(which, metres[use])
        order = np.lexsort((pair, -touched, pair // width))
        chosen = order[np.unique((pair // width)[order], return_index=True)[1]]
        owner[pair[chosen] // width] = pair[chosen] % width


def renumber(ground: Ground, of: NDArray[Any]) -> Ints:
    """Return the same division numbered from 0 in the order of villages and of each grid's lowest cell; -1 stays."""
    of = np.asarray(of)
    used = np.flatnonzero(of >= 0)
    _, first, label = np.unique(of[used], return_index=True, return_inverse=True)
    place = np.empty(len(first), np.int32)
    place[np.lexsort((first, ground.village[used[first]]))] = np.arange(len(first), dtype=np.int32)
    found = np.full(len(of), -1, np.int32)
    found[used] = place[label]
    return found
