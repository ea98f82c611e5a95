"""Where two cells meet: for how long, along which barrier, and whether one can cross there."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from gis.barriers import KINDS, RANKS
from gis.fabric.skeleton import Ints, Skeleton
from gis.geometry import Floats, Shapes, printed, sides, twins

SHORTEST_M = 1.0
ALONG_M = 0.05
ORDER = ("river", *(kind for kind in KINDS if kind != "river"))
"""Kinds of barrier, the one first that counts when two lie on the same line."""


@dataclass(frozen=True)
class Borders:
    """Borders between cells a < b, ascending; `along` and `rank` are those of the barrier it follows, None for none."""

    a: Ints
    b: Ints
    length_m: Floats
    along: NDArray[np.object_]
    rank: NDArray[np.object_]
    blocked: NDArray[np.bool_]
    bridge: NDArray[np.bool_]


@dataclass(frozen=True)
class Lines:
    """Single lines on the plane and the barrier of each; kind and rank of all barriers, and which are surfaces."""

    shapes: Shapes
    barrier: Ints
    kinds: NDArray[np.object_]
    ranks: NDArray[np.object_]
    surface: NDArray[np.bool_]


def meet(
    cells: Shapes, quarter: Ints, water: NDArray[np.bool_], frame: Skeleton, lines: Lines, bridges: Ints
) -> Borders:
    """Return the borders of cells that are a metre long or longer, and the bridges (pairs of cells).

    `quarter` is the enclosure of each cell: only where it changes can a border lie along a barrier.
    """
    found = sides(cells)
    one, other = twins(found.ends)
    one, other, ends = found.owner[one], found.owner[other], found.ends[one]
    length = np.hypot(ends[:, 2] - ends[:, 0], ends[:, 3] - ends[:, 1])
    count = len(cells)
    key, border = np.unique(np.minimum(one, other) * count + np.maximum(one, other), return_inverse=True)
    total = np.bincount(border, length, minlength=len(key)).astype(np.float64)
    at = np.flatnonzero(quarter[one] != quarter[other])
    barrier = np.full(len(key), -1)
    _follow(barrier, border[at], ends[at], length[at], total, frame, lines)
    a, b = key // count, key % count
    none = np.array([None], object)
    along, rank = np.concatenate([lines.kinds, none])[barrier], np.concatenate([lines.ranks, none])[barrier]
    blocked = water[a] | water[b] | (along == "river")
    over = bridges[:, 0] * count + bridges[:, 1]
    long = total >= SHORTEST_M
    apart = ~np.isin(over, key[long])
    touching = Borders(a[long], b[long], total[long], along[long], rank[long], blocked[long],
                    (np.isin(key, over) & blocked)[long])  # fmt: skip
    return _ordered(touching, bridges[apart])


def _ordered(found: Borders, bridges: Ints) -> Borders:
    """Return borders with the bridges between cells that do not touch, by their cells."""
    more = len(bridges)
    none, zero = np.full(more, None, object), np.zeros(more, bool)
    a, b = np.append(found.a, bridges[:, 0]), np.append(found.b, bridges[:, 1])
    put = np.lexsort([b, a])
    return Borders(
        a[put], b[put], np.append(found.length_m, np.zeros(more))[put], np.concatenate([found.along, none])[put],
        np.concatenate([found.rank, none])[put], np.append(found.blocked, zero)[put],
        np.append(found.bridge, ~zero)[put],
    )  # fmt: skip


def _follow(
    barrier: Ints, border: Ints, ends: Floats, length: Floats, total: Floats, frame: Skeleton, lines: Lines
) -> None:
    """Write into `barrier` which one each border lies along for most of its length; the longest wins."""
    probe, middle = _probes(ends, frame)
    which, near = _near(middle, lines)
    # One sum per border and sort of barrier: a road in ten pieces is one road.
    sort = np.array([ORDER.index(kind) * len(RANKS) + list(RANKS).index(rank)
                     for kind, rank in zip(lines.kinds, lines.ranks, strict=True)], np.int64)  # fmt: skip
    found = np.unique(np.column_stack([which, sort[near], near]), axis=0).reshape(-1, 3)
    found = found[np.unique(found[:, :2], axis=0, return_index=True)[1]]
    start = np.searchsorted(found[:, 0], np.arange(len(middle) + 1))
    often = np.diff(start)[probe]
    side = np.repeat(np.arange(len(probe)), often)
    at = start[probe][side] + np.arange(len(side)) - np.repeat(np.cumsum(often) - often, often)
    keys, number = np.unique(np.column_stack([border[side], found[at, 1]]), axis=0, return_inverse=True)
    along = np.bincount(number.ravel(), length[side], minlength=len(keys))
    example = np.full(len(keys), np.iinfo(np.int64).max)
    np.minimum.at(example, number.ravel(), found[at, 2])
    order = np.lexsort([keys[:, 1], -np.round(along, 3), keys[:, 0]])
    best = order[np.unique(keys[order, 0], return_index=True)[1]]
    best = best[along[best] >= total[keys[best, 0]] / 2]
    barrier[keys[best, 0]] = example[best]


def _probes(ends: Floats, frame: Skeleton) -> tuple[Ints, Floats]:
    """Return where to look for a barrier for each side: that of the frame's side it is a piece of, or its own."""
    known = printed(frame.ends)
    order = np.argsort(known)
    wanted = printed(ends)
    place = order[np.minimum(np.searchsorted(known[order], wanted), len(known) - 1)]
    piece = known[place] == wanted
    whole = frame.undivided
    probe = np.where(piece, frame.of[place], len(whole) + np.cumsum(~piece) - 1)
    own = np.concatenate([whole, ends[~piece]])
    return probe, (own[:, :2] + own[:, 2:]) / 2


def _near(middle: Floats, lines: Lines) -> tuple[Ints, Ints]:
    """Return each pair of a point and a barrier that it lies on."""
    at, of = shapely.get_coordinates(lines.shapes, return_index=True)
    inner = of[1:] == of[:-1]
    pieces = np.asarray(shapely.linestrings(np.stack([at[:-1][inner], at[1:][inner]], axis=1)))
    point, piece = shapely.STRtree(pieces).query(shapely.points(middle), predicate="dwithin", distance=ALONG_M)
    return point, lines.barrier[of[:-1][inner]][piece]
