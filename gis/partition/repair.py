"""Grids out of range mended together with their neighbours: merge a few, and carve them anew."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations, islice
from random import Random

import numpy as np

from gis.partition.flips import Flips
from gis.partition.graph import Graph
from gis.partition.limits import Ints, Limits
from gis.partition.trees import carve

PAIRS, TRIPLES, BALLS = 8, 12, (4, 6, 9)
"""How many pairs and triples are tried before balls of so many grids."""
TRIES, FEWEST, AT_ONCE = 40, 6, 1500
"""At most and at least so many trees for a group, and about so many cells in all of them."""
EFFORT, EFFORT_PER_CELL, OVERHEAD = 5_000, 4, 10
"""How many cells all trees together may have before the rest is left as it is: a count, so that a seed decides all."""
TURNS, STEPS, STEPS_PER_GRID = 2, 500, 60
"""How often recombining and passing on take turns, and how many cells are passed on at most."""


class Mending:
    """A division while it is mended: the cells of each grid, its households, and where a cell's neighbours stand."""

    def __init__(self, graph: Graph, label: Ints, limits: Limits, seed: int) -> None:
        self.graph, self.limits, self.label = graph, limits, label.copy()
        self.random = Random(seed)
        self.begins, self.others, self.cost = graph.rows()
        self.place = np.full(graph.size, -1, np.int32)
        count = int(label.max(initial=-1)) + 1
        cells = np.split(np.argsort(label, kind="stable"), np.cumsum(np.bincount(label, minlength=count))[:-1])
        self.cells: dict[int, Ints] = {at: some.astype(np.int32) for at, some in enumerate(cells) if len(some)}
        loads = np.bincount(label, graph.weight, minlength=count)
        self.loads: dict[int, int] = {at: int(loads[at]) for at in self.cells}
        self.next, self.effort = count, EFFORT + EFFORT_PER_CELL * graph.size

    def outside(self) -> list[int]:
        """Return the grids out of range, the worst first."""
        bad = [(-abs(self.limits.excess(load)), at) for at, load in self.loads.items() if self.limits.excess(load)]
        return [at for _, at in sorted(bad)]

    def near(self, grids: tuple[int, ...]) -> list[int]:
        """Return the grids that hang together with some, those first with which the mean comes nearest the target."""
        seen = self._touched(np.concatenate([self.cells[at] for at in grids])) - set(grids)
        whole, target = sum(self.loads[at] for at in grids), self.limits.target
        return sorted(seen, key=lambda at: (abs((whole + self.loads[at]) / (len(grids) + 1) - target), at))

    def _touched(self, cells: Ints) -> set[int]:
        spans = [self.others[self.begins[cell] : self.begins[cell + 1]] for cell in cells.tolist()]
        return set(self.label[np.concatenate(spans)].tolist()) if spans else set()

    def part(self, cells: Ints) -> Graph:
        """Return the graph of some cells alone."""
        self.place[cells] = np.arange(len(cells), dtype=np.int32)
        begins, ends = self.begins[cells], self.begins[cells + 1]
        length = ends - begins
        at = np.repeat(begins - np.concatenate([[0], np.cumsum(length)[:-1]]), length) + np.arange(length.sum())
        a = np.repeat(np.arange(len(cells), dtype=np.int32), length)
        b = self.place[self.others[at]]
        once = (b > a) & (b >= 0)
        self.place[cells] = -1
        return Graph(self.graph.weight[cells], a[once], b[once], self.cost[at][once])

    def recombine(self, grids: tuple[int, ...]) -> bool:
        """Carve the land of some grids anew, into as many or one more or fewer; return whether it worked."""
        cells = np.concatenate([self.cells[at] for at in grids])
        total = sum(self.loads[at] for at in grids)
        counts = sorted(self.limits.counts(total), key=lambda count: abs(count - len(grids)))
        self.effort -= OVERHEAD
        if not counts or self.effort <= 0:
            return False
        part = self.part(cells)
        tries = min(max(AT_ONCE // len(cells), FEWEST), TRIES)
        for count in counts:
            label = carve(part, count, self.limits, self.random, tries=tries)
            self.effort -= (len(cells) + OVERHEAD) * (tries if label is None else tries // 4)
            if label is not None:
                self._replace(grids, cells, label, count)
                return True
        return False

    def _replace(self, grids: tuple[int, ...], cells: Ints, label: Ints, count: int) -> None:
        names = [*grids[:count], *range(self.next, self.next + max(count - len(grids), 0))]
        self.next += max(count - len(grids), 0)
        for at in grids:
            del self.cells[at], self.loads[at]
        for at, name in enumerate(names):
            self.cells[name] = cells[label == at]
            self.loads[name] = int(self.graph.weight[self.cells[name]].sum())
            self.label[self.cells[name]] = name

    def groups(self, grid: int) -> Iterator[tuple[int, ...]]:
        """Yield what a grid may be mended with: itself, pairs, triples, then balls around it."""
        yield (grid,)
        near = self.near((grid,))[:PAIRS]
        yield from ((grid, other) for other in near)
        further = ((grid, one, two) for one in near[:4] for two in self.near((grid, one))[:4])
        yield from islice(further, TRIPLES)
        yield from ((grid, *both) for both in islice(combinations(near, 2), TRIPLES // 2))
        yield from (self.ball(grid, size) for size in BALLS)

    def ball(self, grid: int, size: int) -> tuple[int, ...]:
        """Return a grid with the grids around it, up to `size` of them."""
        found = [grid]
        for at in found:
            found += [other for other in self.near((at,)) if other not in found]
            if len(found) >= size:
                break
        return tuple(found[:size])

    def run(self) -> None:
        """Mend what can be mended, the worst first."""
        for grid in self.outside():
            if self.effort > 0 and grid in self.loads and self.limits.excess(self.loads[grid]):
                any(self.recombine(group) for group in self.groups(grid))


def mend(graph: Graph, label: Ints, limits: Limits, seed: int) -> Ints:
    """Return a division with its grids out of range mended, where recombining or passing cells on can do it."""
    if not limits.outside(np.bincount(label, graph.weight)).any():
        return label
    for turn in range(TURNS):
        mending = Mending(graph, label, limits, seed + turn)
        mending.run()
        label, left = mending.label, len(mending.outside())
        if not left:
            break
        label = Flips(graph, label, limits, seed + turn).run(STEPS + left * STEPS_PER_GRID)
    return label
