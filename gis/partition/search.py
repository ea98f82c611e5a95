"""The least change that brings grids back into range: a search over sets of cells passed to neighbouring grids."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from heapq import heappop, heappush
from itertools import accumulate, count

from gis.partition.graph import Graph
from gis.partition.limits import Flags, Ints, Limits

Change = dict[int, int]
"""Cell → the grid it goes to."""
GREED = ((1.0, 25_000), (2.0, 35_000), (6.0, 40_000))
"""How much the distance still to go counts, and how many looks at a cell it may take: least change first, then any.

With 1 the least change is found, with 2 at most twice as much; what takes longer than that takes what comes.
"""


class Search:
    """Cells, grids and households, with the changes of the state that is looked at made and unmade in place."""

    def __init__(self, graph: Graph, of: Ints, limits: Limits, locked: Flags, frozen: set[int]) -> None:
        self.graph, self.fixed = graph, locked
        begins, others, cost = (part.tolist() for part in graph.rows())
        self.near = [others[begins[at] : begins[at + 1]] for at in range(graph.size)]
        self.dear = [cost[begins[at] : begins[at + 1]] for at in range(graph.size)]
        self.weight: list[int] = graph.weight.tolist()
        self.of: list[int] = of.tolist()
        self.locked: list[bool] = locked.tolist()
        self.limits, self.frozen, self.looks = limits, frozen, 0
        self.cells: dict[int, set[int]] = {}
        for cell, grid in enumerate(self.of):
            if grid >= 0:
                self.cells.setdefault(grid, set()).add(cell)
        self.loads = {grid: sum(self.weight[cell] for cell in cells) for grid, cells in self.cells.items()}

    def neighbours(self, grid: int) -> set[int]:
        """Return the grids, not frozen, that hang together with one."""
        found = {self.of[other] for cell in self.cells[grid] for other in self.near[cell]}
        return found - {grid, -1} - self.frozen

    def room(self, grid: int) -> tuple[int, int]:
        """Return how many households the grids around one can take or give, and in how many hops the first of them."""
        over = self.loads[grid] > self.limits.high
        hops, todo, total, first = {grid: 0}, [grid], 0, 0
        for at in todo:
            for other in sorted(self.neighbours(at)):
                if other not in hops:
                    hops[other] = hops[at] + 1
                    todo.append(other)
                    spare = self.limits.high - self.loads[other] if over else self.loads[other] - self.limits.low
                    total += max(spare, 0)
                    first = first or (hops[other] if spare > 0 else 0)
        return total, first

    def solve(self, focus: list[int], looks: int) -> Change | None:
        """Return a small change that brings all of `focus` into range and no other grid further out, or None."""
        goal = Goal(self, focus)
        for greed, share in GREED:
            found = self._best_first(goal, greed, min(share, looks - self.looks))
            if found is not None:
                return found
        return None

    def _best_first(self, goal: Goal, greed: float, looks: int) -> Change | None:
        number, end = count(0, -1), self.looks + looks
        heap: list[tuple[float, int, int, Change]] = [(0.0, 0, next(number), {})]
        seen: set[frozenset[tuple[int, int]]] = set()
        while heap and self.looks < end:
            _, _, _, change = heappop(heap)
            key = frozenset(change.items())
            if key in seen:
                continue
            seen.add(key)
            undo = self.make(change)
            goal.touched = {*goal.focus, *change.values(), *undo.values()}
            bad = goal.bad()
            if not bad:
                self.make(undo)
                return change
            for cells, to in self._moves(bad[0]):
                further = {**change, **dict.fromkeys(cells, to)}
                further = {cell: grid for cell, grid in further.items() if undo.get(cell, self.of[cell]) != grid}
                left = goal.left(cells, to)
                heappush(heap, (len(further) + greed * left, self._ragged(cells, to), next(number), further))
            self.make(undo)
        return None

    def make(self, change: Change) -> Change:
        """Make a change and return the one that unmakes it."""
        undo = {}
        for cell, to in change.items():
            come = undo[cell] = self.of[cell]
            self.of[cell] = to
            self.cells[come].discard(cell)
            self.cells[to].add(cell)
            self.loads[come] -= self.weight[cell]
            self.loads[to] += self.weight[cell]
        return undo

    def _moves(self, grid: int) -> Iterator[tuple[list[int], int]]:
        """Yield what could help a grid: cells and where they go, away from it when it is over, else to it."""
        over = self.loads[grid] > self.limits.high
        taken: set[tuple[int, int]] = set()
        for cell in sorted(self.cells[grid]):
            self.looks += 1
            for other in self.near[cell]:
                far = self.of[other]
                move = (cell, far) if over else (other, grid)
                if far in (grid, -1) or far in self.frozen or move in taken:
                    continue
                taken.add(move)
                cells = None if self.locked[move[0]] else self.falling(move[0])
                if cells:
                    yield cells, move[1]

    def falling(self, cell: int) -> list[int] | None:
        """Return a cell with what falls off its grid without it; None where that is locked or all of the grid.

        What has a locked cell stays, else what has the most households, then the most cells.
        """
        rest = self.cells[self.of[cell]] - {cell}
        ends = [other for other in self.near[cell] if other in rest]
        if not rest or len(ends) <= 1:
            return [cell] if rest else None
        parts: list[set[int]] = []
        for end in ends:
            if not any(end in part for part in parts):
                parts.append(self._reach(end, rest, ends))
        if len(parts) == 1:
            return [cell]
        parts.sort(key=self._loose)
        lost = [at for part in parts[1:] for at in sorted(part)]
        return None if any(self.locked[at] for at in lost) else [cell, *lost]

    def _loose(self, part: set[int]) -> tuple[bool, int, int, int]:
        """Return what parts of a grid are sorted by, the one that stays first."""
        households = sum(self.weight[at] for at in part)
        return not any(self.locked[at] for at in part), -households, -len(part), min(part)

    def _reach(self, begin: int, rest: set[int], ends: list[int]) -> set[int]:
        """Return what hangs together with a cell, but no more once all `ends` are found."""
        seen, todo, wanted = {begin}, [begin], set(ends)
        while todo and not wanted <= seen:
            self.looks += 1
            for other in self.near[todo.pop()]:
                if other in rest and other not in seen:
                    seen.add(other)
                    todo.append(other)
        return seen

    def _ragged(self, cells: list[int], to: int) -> int:
        """Return by how much dearer the border gets when cells go to a grid: the tie-breaker."""
        going, come, dearer = set(cells), self.of[cells[0]], 0
        for cell in cells:
            for other, cost in zip(self.near[cell], self.dear[cell], strict=True):
                if other not in going:
                    dearer += cost * ((self.of[other] == come) - (self.of[other] == to))
        return dearer


class Goal:
    """Which grids have to come into range, and how many cells at least that still takes."""

    def __init__(self, search: Search, focus: list[int]) -> None:
        self.search, self.limits, self.focus = search, search.limits, focus
        self.touched = set(focus)
        excess = self.limits.excess
        self.allowed = {grid: abs(excess(load)) for grid, load in search.loads.items() if excess(load)}
        self.allowed.update(dict.fromkeys(focus, 0))
        self.hops = {grid: max(search.room(grid)[1] - 1, 0) for grid in focus}
        self.sums: dict[tuple[int, bool], list[int]] = {}

    def out(self, grid: int, load: int) -> int:
        """Return by how much a grid is further out than it may be: over is positive."""
        excess = self.limits.excess(load)
        return excess if abs(excess) > self.allowed.get(grid, 0) else 0

    def bad(self) -> list[int]:
        """Return the grids that are too far out, the worst first."""
        out = {grid: self.out(grid, self.search.loads[grid]) for grid in self.touched}
        return sorted((grid for grid in out if out[grid]), key=lambda grid: (-abs(out[grid]), grid))

    def left(self, cells: list[int], to: int) -> int:
        """Return how many cells at least are still to go after some have gone to a grid."""
        search = self.search
        weight, come = sum(search.weight[cell] for cell in cells), search.of[cells[0]]
        over = under = 0
        for grid in self.touched | {to}:
            out = self.out(grid, search.loads[grid] + weight * ((grid == to) - (grid == come)))
            if out > 0:
                over += self._need(grid, out, True)
            elif out < 0:
                under += self._need(grid, -out, False)
        return max(over, under)

    def _need(self, grid: int, households: int, over: bool) -> int:
        """Return how many cells at least must leave a grid that is over, or come to one that is under."""
        if (grid, over) not in self.sums:
            search = self.search
            places = [grid] if over else sorted(search.neighbours(grid))
            weights = sorted((search.weight[at] for place in places for at in search.cells[place]), reverse=True)
            self.sums[grid, over] = list(accumulate(weights))
        return bisect_left(self.sums[grid, over], households) + 1 + self.hops.get(grid, 0)
