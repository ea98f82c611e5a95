"""Faces joined to cells: fragments and slivers go to the neighbour with which they share the longest border."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
import shapely
from numpy.typing import NDArray

from gis.fabric.faces import Faces
from gis.fabric.skeleton import Ints
from gis.geometry import Floats, sides, twins

SLIVER_M2 = 1.0
SHORT_M = 1.0
"""Land or water that is smaller, or that shares no longer border with any neighbour, is no cell of its own."""


def settled(faces: Faces, land: NDArray[np.bool_], water: NDArray[np.bool_]) -> Ints:
    """Return the owner of each face once every fragment and sliver has joined a neighbour.

    `land` and `water` tell of each owner whether it is open land or water, which need not stay.
    """
    one, other, length = neighbours(faces)
    owner = faces.owner.copy()
    lost = owner < 0
    piece = connected(owner, one, other, lost)
    count = int(piece.max(initial=-1)) + 1
    held = np.zeros(count, bool)
    held[piece[faces.anchored & ~lost]] = True
    of = np.full(count, -1)
    of[piece] = owner
    area = np.bincount(piece, shapely.area(faces.shapes), minlength=count).astype(np.float64)
    pairs, metres = borders(piece[one], piece[other], length)
    longest = np.zeros(count)
    for side in pairs.T:
        np.maximum.at(longest, side, metres)
    small = held & (land | water)[of] & ((area < SLIVER_M2) | (longest < SHORT_M))
    loose = np.flatnonzero(~held | small)
    touching = np.isin(pairs, loose).any(axis=1)
    beside = around(pairs[touching], metres[touching])
    join(of, loose.tolist(), beside, area, water)
    return of[piece]


def neighbours(faces: Faces) -> tuple[Ints, Ints, Floats]:
    """Return the two faces of every side that two share, and its length."""
    found = sides(faces.shapes)
    one, other = twins(found.ends)
    ends = found.ends[one]
    return found.owner[one], found.owner[other], np.hypot(ends[:, 2] - ends[:, 0], ends[:, 3] - ends[:, 1])


def connected(owner: Ints, one: Ints, other: Ints, lost: NDArray[np.bool_]) -> Ints:
    """Number the pieces: faces of one owner that share a side, step by step to the lowest number around."""
    same = (owner[one] == owner[other]) & ~lost[one]
    one, other = one[same], other[same]
    number = np.arange(len(owner))
    while True:
        before = number.copy()
        np.minimum.at(number, one, before[other])
        np.minimum.at(number, other, before[one])
        number = number[number]
        if (number == before).all():
            return np.asarray(np.unique(number, return_inverse=True)[1])


def borders(one: Ints, other: Ints, length: Floats) -> tuple[Ints, Floats]:
    """Return the pairs of pieces that meet (n × 2), and the length that they share."""
    apart = one != other
    one, other = np.minimum(one, other)[apart], np.maximum(one, other)[apart]
    count = max(int(other.max(initial=0)) + 1, 1)
    key, number = np.unique(one * count + other, return_inverse=True)
    total = np.bincount(number, length[apart], minlength=len(key)).astype(np.float64)
    return np.column_stack([key // count, key % count]), total


def around(pairs: Ints, metres: Floats) -> dict[int, dict[int, float]]:
    """Return for each piece the length that it shares with each other one."""
    found: dict[int, dict[int, float]] = defaultdict(dict)
    for (one, other), length in zip(pairs.tolist(), metres.tolist(), strict=True):
        found[one][other] = found[other][one] = length
    return found


def join(
    of: Ints, loose: list[int], beside: dict[int, dict[int, float]], area: Floats, water: NDArray[np.bool_]
) -> None:
    """Give loose pieces, the smallest first, to the owner they share the longest border with; water goes to water."""
    waiting = set(loose)
    wet = np.append(water, False)[of]
    while waiting:
        stuck = True
        for at in sorted(waiting, key=lambda at: (area[at], at)):
            choice: dict[tuple[bool, int], float] = defaultdict(float)
            for next_to, metres in beside[at].items():
                if next_to not in waiting and of[next_to] >= 0:
                    choice[bool(wet[next_to] == wet[at]), int(of[next_to])] += metres
            if choice:
                of[at] = max(choice, key=lambda key: (key[0], choice[key], -key[1]))[1]
                waiting.discard(at)
                stuck = False
        if stuck:
            return
