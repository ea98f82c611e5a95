"""Divisions of few cells by random spanning trees: cut a tree where both sides come out in range.

The idea is that of recombination (DeFord, Duchin, Solomon 2019): any edge of a tree divides the cells into two
connected sides, and among many random trees there is one where the numbers fit. Plain lists, because the cells are few.
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

import numpy as np

from gis.partition.graph import Graph
from gis.partition.limits import Ints, Limits


@dataclass(frozen=True)
class Patch:
    """A connected graph of few cells: names, households by place, and borders (place, place, cost)."""

    names: list[int]
    weight: list[int]
    borders: list[tuple[int, int, int]]

    @classmethod
    def of(cls, graph: Graph) -> Patch:
        """Return a graph as a patch."""
        borders = list(zip(graph.a.tolist(), graph.b.tolist(), graph.cost.tolist(), strict=True))
        return cls(list(range(graph.size)), graph.weight.tolist(), borders)

    def only(self, inside: list[bool], wanted: bool) -> Patch:
        """Return the cells that are inside, or those that are not."""
        kept = [at for at, is_inside in enumerate(inside) if is_inside == wanted]
        place = {at: new for new, at in enumerate(kept)}
        borders = [(place[a], place[b], cost) for a, b, cost in self.borders if inside[a] == inside[b] == wanted]
        return Patch([self.names[at] for at in kept], [self.weight[at] for at in kept], borders)


@dataclass(frozen=True)
class Tree:
    """A spanning tree: the cells from the root down, the one above each, and the households from each downwards."""

    order: list[int]
    above: list[int]
    sums: list[int]

    def below(self, top: int) -> list[bool]:
        """Return which cells hang on one, itself included."""
        found = [False] * len(self.order)
        found[top] = True
        for cell in self.order[self.order.index(top) + 1 :]:
            found[cell] = found[self.above[cell]]
        return found


def carve(graph: Graph, count: int, limits: Limits, random: Random, *, tries: int = 40, enough: int = 3) -> Ints | None:
    """Return connected cells as `count` connected pieces in range, or None where no tree gave such a division.

    Of the first `enough` divisions that are found the one that cuts least is returned.
    """
    found = carvings(graph, count, limits, random, tries=tries, enough=enough)
    return min(found, key=lambda label: cut(graph, label)) if found else None


def carvings(graph: Graph, count: int, limits: Limits, random: Random, *, tries: int, enough: int) -> list[Ints]:
    """Return up to `enough` divisions in range, out of at most so many tries."""
    if not limits.fits(int(graph.weight.sum()), count):
        return []
    patch, found = Patch.of(graph), []
    for _ in range(tries):
        pieces = _pieces(patch, count, limits, random)
        if pieces is not None:
            label = np.empty(graph.size, np.int32)
            for at, names in enumerate(pieces):
                label[names] = at
            found.append(label)
            if len(found) == enough:
                break
    return found


def cut(graph: Graph, label: Ints) -> int:
    """Return what a division costs: the sum over the borders that it cuts."""
    return int(graph.cost[label[graph.a] != label[graph.b]].sum())


def _pieces(patch: Patch, count: int, limits: Limits, random: Random) -> list[list[int]] | None:
    """Return the names of the cells of each piece, or None where this tree allows none."""
    if count == 1:
        return [patch.names]
    grown = tree(patch, random)
    for half in dict.fromkeys((count // 2, count - count // 2, 1, count - 1)):
        top = _top_of(grown, half, count, limits, random)
        if top is not None:
            below = grown.below(top)
            one = _pieces(patch.only(below, True), half, limits, random)
            rest = _pieces(patch.only(below, False), count - half, limits, random) if one else None
            return [*one, *rest] if one and rest else None
    return None


def _top_of(grown: Tree, half: int, count: int, limits: Limits, random: Random) -> int | None:
    """Return a cell below which there are households for `half` grids, and above it for the rest."""
    sums, total, rest = grown.sums, grown.sums[grown.order[0]], count - half
    low = max(half * limits.low, total - rest * limits.high)
    high = min(half * limits.high, total - rest * limits.low)
    fits = [cell for cell in grown.order[1:] if low <= sums[cell] <= high]
    if not fits:
        return None
    wanted = total * half / count
    return min(random.choice(fits), random.choice(fits), key=lambda cell: abs(sums[cell] - wanted))


def tree(patch: Patch, random: Random) -> Tree:
    """Return a random spanning tree; borders dear to cut are taken first, so that the cheap ones are left to cut."""
    near: list[list[int]] = [[] for _ in patch.names]
    root = list(range(len(near)))
    left = len(near) - 1
    chance = random.random
    for _, a, b in sorted([(-cost * chance(), a, b) for a, b, cost in patch.borders]):
        top_a, top_b = a, b
        while root[top_a] != top_a:
            root[top_a] = top_a = root[root[top_a]]
        while root[top_b] != top_b:
            root[top_b] = top_b = root[root[top_b]]
        if top_a != top_b:
            root[top_b] = top_a
            near[a].append(b)
            near[b].append(a)
            left -= 1
            if not left:
                break
    return _rooted(near, patch.weight)


def _rooted(near: list[list[int]], weight: list[int]) -> Tree:
    order, above = [0], [-1] * len(near)
    for cell in order:
        for other in near[cell]:
            if other != above[cell]:
                above[other] = cell
                order.append(other)
    sums = list(weight)
    for cell in reversed(order[1:]):
        sums[above[cell]] += sums[cell]
    return Tree(order, above, sums)
