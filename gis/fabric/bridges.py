"""Where a road crosses water: what joins two banks."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import shapely

from gis.fabric.skeleton import Ints, rounded
from gis.geometry import Shapes

BANK = 1.0
"""Metres from the water within which a road counts as ending at it, and land as lying at it."""
LONGEST_M = 1000.0
MOST_ENDS = 8
DETOUR = 3.0
"""How many times longer than the bridge the way along the bank has to be: a boardwalk leads to no other bank."""


def spans(lines: Shapes, feature: Ints, water: Any) -> tuple[Shapes, Ints]:
    """Return straight lines over water where a road is drawn up to both banks only, and the road of each."""
    tips = np.asarray(shapely.points(np.concatenate([_tip(lines, 0), _tip(lines, -1)])))
    of = np.concatenate([feature, feature])
    near = np.flatnonzero(shapely.dwithin(tips, water, BANK))
    closed = shapely.is_closed(lines)
    near = near[~np.concatenate([closed, closed])[near]]
    tips, of = tips[near], of[near]
    one, other = shapely.STRtree(tips).query(tips, predicate="dwithin", distance=LONGEST_M)
    pair = (one < other) & (of[one] == of[other])
    one, other = one[pair], other[pair]
    across = np.asarray(shapely.shortest_line(tips[one], tips[other]))
    length = shapely.length(across)
    wet = shapely.length(shapely.intersection(across, water))
    good = (length > 2 * BANK) & (wet >= 0.9 * length)
    one, other, across, length = one[good], other[good], across[good], length[good]
    taken: set[int] = set()
    kept: list[int] = []
    for at in np.lexsort([other, one, length]).tolist():
        if taken.isdisjoint((int(one[at]), int(other[at]))):
            taken |= {int(one[at]), int(other[at])}
            kept.append(at)
    kept.sort()
    return np.asarray(rounded(across[kept])), of[one[kept]]


def _tip(lines: Shapes, place: int) -> Any:
    return shapely.get_coordinates(shapely.get_point(lines, place))


def crossings(roads: Shapes, water: Any, streams: Shapes) -> list[Shapes]:
    """Return the ends of each bridge as points on the banks; over a stream that is drawn as a line, the one point."""
    over = shapely.intersection(roads, water)
    parts = np.asarray(shapely.get_parts(np.asarray(shapely.get_parts(over))))
    parts = parts[(shapely.get_dimensions(parts) == 1) & (shapely.length(parts) > 0)]
    found: list[Shapes] = []
    if len(parts):
        joined = np.asarray(shapely.get_parts(shapely.line_merge(shapely.union_all(parts))))
        for pieces in _hanging_together(joined):
            found += _across(pieces, water)
    road, stream = shapely.STRtree(streams).query(roads, predicate="intersects")
    at = shapely.get_parts(shapely.intersection(roads[road], streams[stream]))
    return found + [np.array([point], object) for point in at[shapely.get_dimensions(at) == 0]]


def _hanging_together(pieces: Shapes) -> list[Shapes]:
    """Return pieces of road in groups that share ends: roads may meet above the water."""
    tips = np.asarray(shapely.points(np.concatenate([_tip(pieces, 0), _tip(pieces, -1)])))
    one, other = shapely.STRtree(tips).query(tips, predicate="dwithin", distance=1e-6) % len(pieces)
    number, before = np.arange(len(pieces)), np.full(len(pieces), -1)
    while (number != before).any():
        before = number.copy()
        np.minimum.at(number, one, before[other])
    return [pieces[number == at] for at in np.unique(number)]


def _across(pieces: Shapes, water: Any) -> list[Shapes]:
    """Return the pairs of ends on different banks: by the bank the way is much longer, or there is none."""
    tips = np.asarray(shapely.points(np.unique(np.concatenate([_tip(pieces, 0), _tip(pieces, -1)]), axis=0)))
    banks = np.asarray(shapely.get_parts(shapely.boundary(water)))
    tip, bank = shapely.STRtree(banks).query(tips, predicate="dwithin", distance=BANK)
    way = float(shapely.length(pieces).sum())
    found = []
    for one, other in itertools.combinations(range(min(len(tip), MOST_ENDS)), 2):
        if tip[one] == tip[other]:
            continue
        ends = tips[tip[[one, other]]]
        if bank[one] == bank[other]:
            first, last = shapely.line_locate_point(banks[bank[one]], ends)
            along = abs(float(first) - float(last))
            if min(along, float(banks[bank[one]].length) - along) < DETOUR * way:
                continue
        found.append(ends)
    return found


def joins(crossing: list[Shapes], cells: Shapes, dry: Any) -> Ints:
    """Return the pairs of land cells (n × 2, ascending) at the ends of each bridge."""
    if not crossing:
        return np.empty((0, 2), np.int64)
    ends = np.concatenate(crossing)
    of = np.repeat(np.arange(len(crossing)), [len(each) for each in crossing])
    land = np.flatnonzero(dry)
    end, cell = shapely.STRtree(cells[land]).query(ends, predicate="dwithin", distance=BANK)
    pairs: set[tuple[int, int]] = set()
    for number in range(len(crossing)):
        here = of[end] == number
        at = {int(e): set(land[cell[here & (end == e)]].tolist()) for e in np.unique(end[here])}
        sides = list(at.values()) if len(at) > 1 else [{cell} for each in at.values() for cell in each]
        for place, side in enumerate(sides):
            for facing in sides[place + 1 :]:
                pairs |= {(min(a, b), max(a, b)) for a in side for b in facing if a != b}
    return np.array(sorted(pairs), np.int64).reshape(-1, 2)
