"""Where a grid hangs together over a narrow strip only: the place, its width, and what lies behind it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from gis.partition.graph import components
from gis.partition.limits import Flags, Ints

if TYPE_CHECKING:
    from gis.fabric.ground import Ground

WIDTH_M = 10.0
"""Below so many metres of border between its two sides a grid has a neck."""

Links = dict[int, dict[int, float]]
"""Lumps of cells with the lumps that they border and over how many metres."""


@dataclass(frozen=True)
class Neck:
    """The narrowest place of a grid: the cells on its two sides, and the households of the smaller side behind it."""

    grid: int
    width_m: float
    cells: Ints
    households: int


def necks(ground: Ground, of: NDArray[Any], looked: Flags, *, width_m: float = WIDTH_M) -> list[Neck]:
    """Return the narrowest neck of each grid that is `looked` at and has one, with homes on both sides of it.

    A bridge is no neck; neither are pieces, which nothing joins. The width is that of the borders between cells.
    """
    of = np.asarray(of)
    whole = np.append(looked, False)[of]
    inside = np.flatnonzero(ground.joins & (of[ground.a] == of[ground.b]) & whole[ground.a])
    wide = inside[(ground.length_m[inside] >= width_m) | ground.bridge[inside]]
    lump, _count = components(len(of), ground.a[wide], ground.b[wide])
    narrow = inside[lump[ground.a[inside]] != lump[ground.b[inside]]]
    grid = of[ground.a[narrow]]
    found = [_neck(ground, lump, narrow[grid == at], width_m) for at in np.unique(grid).tolist()]
    return [Neck(int(of[each.cells[0]]), each.width_m, each.cells, each.households) for each in found if each]


def _neck(ground: Ground, lump: Ints, narrow: NDArray[Any], width_m: float) -> Neck | None:
    """Return the narrowest neck over some narrow borders of one grid; its number is still to be filled in."""
    a, b = lump[ground.a[narrow]], lump[ground.b[narrow]]
    links: Links = {int(at): {} for at in np.unique([a, b])}
    for one, other, metres in zip(a.tolist(), b.tolist(), ground.length_m[narrow].tolist(), strict=True):
        links[one][other] = links[other][one] = links[one].get(other, 0.0) + metres
    among = np.isin(lump, list(links))
    homes = dict.fromkeys(links, 0)
    for at, households in zip(lump[among].tolist(), ground.households[among].tolist(), strict=True):
        homes[at] += households
    members = {at: {at} for at in links}
    _gather(links, homes, members, width_m)
    best: tuple[float, set[int]] | None = None
    while len(links) > 1:
        cut = _least_cut(links, members)
        if cut is None:
            continue
        best = min(best or cut, cut, key=lambda each: each[0])
    if best is None or best[0] >= width_m:
        return None
    return _told(ground, lump, narrow, best, among)


def _told(ground: Ground, lump: Ints, narrow: NDArray[Any], cut: tuple[float, set[int]], among: Flags) -> Neck:
    """Return a cut as a neck: the cells where its borders lie, and the households of its smaller side."""
    side = np.isin(lump, list(cut[1]))
    across = narrow[side[ground.a[narrow]] != side[ground.b[narrow]]]
    cells = np.unique(np.concatenate([ground.a[across], ground.b[across]])).astype(np.int32)
    both = [int(ground.households[among & half].sum()) for half in (side, ~side)]
    return Neck(-1, cut[0], cells, min(both))


def _gather(links: Links, homes: dict[int, int], members: dict[int, set[int]], width_m: float) -> None:
    """Join in place what no neck can part: lumps without homes go to their widest neighbour, and what is joined widely.

    Two lumps are joined widely over their own border and over each neighbour that both have.
    """
    todo = sorted(links)
    while todo:
        one = todo.pop()
        if one not in links or not links[one]:
            continue
        widest = max(links[one], key=lambda other: (links[one][other], -other))
        if homes[one]:
            near = (other for other in sorted(links[one]) if _between(links, one, other) >= width_m)
            widest = next(near, -1)
        if widest >= 0:
            todo += [*links[one], widest]
            _join(links, members, widest, one)
            homes[widest] += homes.pop(one)


def _between(links: Links, one: int, other: int) -> float:
    """Return over how many metres at least two lumps are joined, directly and over one other lump."""
    mine, theirs = links[one], links[other]
    return mine.get(other, 0.0) + sum(min(mine[at], theirs[at]) for at in mine.keys() & theirs.keys())


def _join(links: Links, members: dict[int, set[int]], stays: int, goes: int) -> None:
    """Make two lumps one in place."""
    for other, metres in links.pop(goes).items():
        del links[other][goes]
        if other != stays:
            links[stays][other] = links[other][stays] = links[stays].get(other, 0.0) + metres
    members[stays] |= members.pop(goes)


def _least_cut(links: Links, members: dict[int, set[int]]) -> tuple[float, set[int]] | None:
    """Return the metres and the lumps of one cut, then join what it parts: a phase of Stoer and Wagner's.

    The least of all phases is the least cut there is. None for a lump that hangs on nothing, which is taken away.
    """
    order = [min(links)]
    reach = dict(links[order[0]])
    while reach:
        order.append(max(reach, key=lambda at: (reach[at], -at)))
        del reach[order[-1]]
        for other, metres in links[order[-1]].items():
            if other not in order:
                reach[other] = reach.get(other, 0.0) + metres
    last = order[-1]
    if len(order) == 1:
        del links[last]
        return None
    cut = sum(links[last].values()), set(members[last])
    _join(links, members, order[-2], last)
    return cut
