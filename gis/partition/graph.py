"""The graph of cells as arrays: what hangs together, what a border costs to cut, and blocks of it by themselves."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from gis.partition.limits import Flags, Ints

if TYPE_CHECKING:
    from gis.fabric.ground import Ground

CHEAP = {"river": 0.1, "rail": 0.15, "wall": 0.3}
ROADS = {"arterial": 0.15, "major": 0.3, "minor": 0.6, "path": 0.8}
"""What a metre of border costs where a grid line may well run, against 1 in the open."""
DECIMETRES = 10


@dataclass(frozen=True)
class Graph:
    """Cells with their households, and the borders over which they hang together with what it costs to cut each."""

    weight: Ints
    a: Ints
    b: Ints
    cost: Ints

    @property
    def size(self) -> int:
        """How many cells."""
        return len(self.weight)

    def rows(self) -> tuple[Ints, Ints, Ints]:
        """Return where each cell's neighbours begin, the neighbours, and what the borders to them cost."""
        ends = np.concatenate([self.a, self.b])
        order = np.argsort(ends, kind="stable")
        begins = np.zeros(self.size + 1, np.int32)
        np.cumsum(np.bincount(ends, minlength=self.size), out=begins[1:])
        others = np.concatenate([self.b, self.a])[order]
        return begins, others, np.concatenate([self.cost, self.cost])[order]

    def blocks(self, label: NDArray[Any], count: int) -> Iterator[tuple[Ints, Graph]]:
        """Yield for each label its cells (ascending) and the graph of them alone."""
        cells = np.argsort(label, kind="stable").astype(np.int32)
        place = np.empty(self.size, np.int32)
        place[cells] = np.arange(self.size, dtype=np.int32)
        first = np.concatenate([[0], np.cumsum(np.bincount(label, minlength=count))])
        inside = np.flatnonzero(label[self.a] == label[self.b])
        inside = inside[np.argsort(label[self.a[inside]], kind="stable")]
        edge = np.concatenate([[0], np.cumsum(np.bincount(label[self.a[inside]], minlength=count))])
        a, b, cost = place[self.a[inside]], place[self.b[inside]], self.cost[inside]
        for at in range(count):
            mine, its = cells[first[at] : first[at + 1]], slice(edge[at], edge[at + 1])
            low = np.int32(first[at])
            yield mine, Graph(self.weight[mine], a[its] - low, b[its] - low, cost[its])


def graph(ground: Ground, *, barriers: float = 1.0) -> Graph:
    """Return the graph of a ground's cells; the higher `barriers`, the more a grid line prefers to run along one."""
    joins = np.flatnonzero(ground.joins & (ground.village[ground.a] == ground.village[ground.b]))
    return Graph(ground.households, ground.a[joins], ground.b[joins], _cost(ground, barriers)[joins])


def _cost(ground: Ground, barriers: float) -> Ints:
    factor = np.ones(len(ground.a))
    for kind, cheap in CHEAP.items():
        factor[ground.along == kind] = cheap
    road = ground.along == "road"
    for rank, cheap in ROADS.items():
        factor[road & (ground.rank == rank)] = cheap
    factor[ground.bridge] = CHEAP["river"]
    return np.maximum(ground.length_m * DECIMETRES * factor**barriers, 1).astype(np.int32)


def barred(ground: Ground) -> Flags:
    """Return which borders lie along a barrier."""
    along = ground.blocked | ground.bridge
    for kind in ("road", *CHEAP):
        along = along | (ground.along == kind)
    return along


def components(size: int, a: NDArray[Any], b: NDArray[Any]) -> tuple[Ints, int]:
    """Return for each node the number of its connected component, and how many there are.

    The numbers follow the lowest node of each. Every round hooks each tree under the lowest root that it touches.
    """
    root = np.arange(size, dtype=np.int32)
    while len(a):
        left, right = root[a], root[b]
        apart = left != right
        if not apart.any():
            break
        a, b, left, right = a[apart], b[apart], left[apart], right[apart]
        np.minimum.at(root, np.maximum(left, right), np.minimum(left, right))
        while not np.array_equal(above := root[root], root):
            root = above
    lowest, label = np.unique(root, return_inverse=True)
    return label.astype(np.int32), len(lowest)
