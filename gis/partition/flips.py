"""Cells passed one by one from grid to neighbouring grid until the numbers fit: what mends where cells are heavy."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from random import Random

import numpy as np

from gis.partition.graph import Graph
from gis.partition.limits import Flags, Ints, Limits

TENURE = (4, 14)
"""For how many steps (at random between) a cell may not go back to the grid that it left."""
Move = tuple[int, int]
"""A cell and the grid it goes to."""


class Flips:
    """A tabu search: each step takes one grid out of range and makes the best move there, even where it makes worse.

    Given what is `locked`, these cells stay where they are, every grid stays, none ends further out of range than it
    was, and of equal moves those are better that bring a cell back to where it was. Closed grids neither give nor take,
    nor are they mended.
    """

    def __init__(
        self,
        graph: Graph,
        label: Ints,
        limits: Limits,
        seed: int,
        locked: Flags | None = None,
        closed: AbstractSet[int] = frozenset(),
    ) -> None:
        begins, others, _ = graph.rows()
        ends, flat = begins.tolist(), others.tolist()
        self.near = [flat[ends[at] : ends[at + 1]] for at in range(graph.size)]
        self.weight: list[int] = graph.weight.tolist()
        self.of: list[int] = label.tolist()
        self.home, self.keep, self.closed = list(self.of), locked is not None, {-1, *closed}
        self.locked = set() if locked is None else set(np.flatnonzero(locked).tolist())
        self.limits, self.random = limits, Random(seed)
        self.cells: dict[int, set[int]] = {}
        for cell, grid in enumerate(self.of):
            self.cells.setdefault(grid, set()).add(cell)
        self.loads = {grid: sum(self.weight[cell] for cell in cells) for grid, cells in self.cells.items()}
        wanted = sorted(set(self.loads) - self.closed)
        self.bad = {grid: None for grid in wanted if limits.excess(self.loads[grid])}
        self.allowed = {grid: abs(limits.excess(self.loads[grid])) for grid in self.bad}
        self.barred: dict[Move, int] = {}
        self.best = self.badness()

    def run(self, steps: int) -> Ints:
        """Return the best division of at most so many steps: the fewest grids out of range, then by the least."""
        self.best, kept = self.badness(), list(self.of)
        for step in range(steps):
            if not self.bad:
                break
            self.step(step)
            if (badness := self.badness()) < self.best and self._spared():
                self.best, kept = badness, list(self.of)
        return np.array(kept, np.int32)

    def badness(self) -> tuple[int, int]:
        """Return how many grids are out of range, and by how much together."""
        return len(self.bad), sum(abs(self.limits.excess(self.loads[grid])) for grid in self.bad)

    def _spared(self) -> bool:
        """Whether no grid is further out of range than it was, where that matters."""
        excess = self.limits.excess
        return not self.keep or all(abs(excess(self.loads[grid])) <= self.allowed.get(grid, 0) for grid in self.bad)

    def step(self, step: int) -> None:
        """Make the best move of one grid out of range that is not barred and leaves the other grid in one piece."""
        grid = self.random.choice(list(self.bad))
        moves = sorted(set(self._moves(grid)))
        for *_, (cell, to) in sorted(
            (self._change(move), self._away(move), self.random.random(), move) for move in moves
        ):
            if self.barred.get((cell, to), -1) < step and self._loose(cell):
                self.barred[cell, self.of[cell]] = step + self.random.randint(*TENURE)
                self._pass(cell, to)
                return

    def _moves(self, grid: int) -> Iterator[Move]:
        over = self.loads[grid] > self.limits.high
        for cell in self.cells[grid]:
            for other in self.near[cell]:
                if self.of[other] != grid and self.of[other] not in self.closed:
                    move = (cell, self.of[other]) if over else (other, grid)
                    if move[0] not in self.locked:
                        yield move

    def _away(self, move: Move) -> int:
        """Return 1 for a move away from where a cell was at first, -1 for one back there."""
        cell, to = move
        return int(self.of[cell] == self.home[cell]) - int(to == self.home[cell]) if self.keep else 0

    def _change(self, move: Move) -> int:
        """Return by how much a move changes what is over and under; a grid that loses its last cell is no more."""
        cell, to = move
        come, weight = self.of[cell], self.weight[cell]
        excess, loads = self.limits.excess, self.loads
        left = abs(excess(loads[come] - weight)) if len(self.cells[come]) > 1 else 0
        return left - abs(excess(loads[come])) + abs(excess(loads[to] + weight)) - abs(excess(loads[to]))

    def _loose(self, cell: int) -> bool:
        """Whether the grid of a cell stays in one piece without it."""
        rest = self.cells[self.of[cell]] - {cell}
        ends = [other for other in self.near[cell] if other in rest]
        if len(ends) <= 1:
            return bool(ends) or not (rest or self.keep)
        seen, todo, wanted = {ends[0]}, [ends[0]], set(ends)
        while todo and not wanted <= seen:
            for other in self.near[todo.pop()]:
                if other in rest and other not in seen:
                    seen.add(other)
                    todo.append(other)
        return wanted <= seen

    def _pass(self, cell: int, to: int) -> None:
        come = self.of[cell]
        self.of[cell] = to
        self.cells[come].discard(cell)
        self.cells[to].add(cell)
        self.loads[come] -= self.weight[cell]
        self.loads[to] += self.weight[cell]
        for grid in (come, to):
            self.bad.pop(grid, None)
            if self.cells[grid] and self.limits.excess(self.loads[grid]):
                self.bad[grid] = None
