"""What a plan has to be after random strokes, worked out without its log: two planners, their stacks, and the locks."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

Step = tuple[str, Any, Any, Any]
"""What it is of (cell, lock, or a grid's field), which, before, after."""


@dataclass
class Oracle:
    """Cell → grid, locked cells, grid → fields; per planner the strokes that stand and those taken back."""

    cells: dict[int, int | None]
    grids: dict[int, dict[str, Any]]
    locked: set[int] = field(default_factory=set)
    done: dict[str, list[list[Step]]] = field(default_factory=dict)
    undone: dict[str, list[list[Step]]] = field(default_factory=dict)

    def value(self, what: str, which: Any) -> Any:
        if what == "cell":
            return self.cells[which]
        return which in self.locked if what == "lock" else self.grids[which][what]

    def held(self, steps: Iterable[Step]) -> bool:
        """Whether a lock stands against the steps."""
        for what, which, before, after in steps:
            ends = {before, after} - {None} if what == "cell" else set()
            if what == "cell" and (which in self.locked or any(self.grids[end]["locked"] for end in ends)):
                return True
            if what in ("name", "retired") and self.grids[which]["locked"]:
                return True
        return False

    def possible(self, steps: list[Step]) -> bool:
        """Whether the steps can be taken now, as a whole."""
        if any(self.value(what, which) != before for what, which, before, _ in steps) or self.held(steps):
            return False
        cells = {which: after for what, which, _, after in steps if what == "cell"}
        retired = {number for number, fields in self.grids.items() if fields["retired"]}
        retired |= {which for what, which, _, after in steps if what == "retired" and after}
        retired -= {which for what, which, _, after in steps if what == "retired" and not after}
        used = {*{**self.cells, **cells}.values()}
        return not used & retired

    def take(self, steps: Iterable[Step]) -> None:
        for what, which, _before, after in steps:
            if what == "cell":
                self.cells[which] = after
            elif what == "lock":
                (self.locked.add if after else self.locked.discard)(which)
            else:
                self.grids[which][what] = after

    def draw(self, who: str, steps: list[Step]) -> None:
        self.take(steps)
        self.done.setdefault(who, []).append(steps)
        self.undone[who] = []

    def way(self, who: str, kind: str) -> list[Step] | None:
        """The steps of the planner's next undo or redo; a lock that is no more as it was left is passed over."""
        stack = (self.done if kind == "undo" else self.undone).get(who)
        if not stack:
            return None
        turned = [(what, which, after, before) for what, which, before, after in stack[-1]]
        return [step for step in turned if step[0] != "lock" or self.value("lock", step[1]) == step[2]]

    def turn(self, who: str, kind: str, steps: list[Step]) -> None:
        self.take(steps)
        one, two = (self.done, self.undone) if kind == "undo" else (self.undone, self.done)
        one[who].pop()
        two.setdefault(who, []).append(steps)


@dataclass
class Hand:
    """Random strokes: the edit's fields, and the steps that it would be (new grids are -1)."""

    oracle: Oracle
    rng: np.random.Generator

    def stroke(self) -> tuple[dict[str, Any], list[Step]]:
        kinds: list[Callable[[], tuple[dict[str, Any], list[Step]]]] = [
            *[self.paint] * 8, *[self.split, self.merge, self.rename] * 2, self.lock_grid, self.lock_cells,
        ]  # fmt: skip
        return kinds[self.rng.integers(len(kinds))]()

    def some(self, ids: Iterable[int], most: int) -> list[int]:
        known = np.array(sorted(ids))
        return [int(one) for one in self.rng.choice(known, min(len(known), int(self.rng.integers(1, most + 1))), False)]

    def live(self) -> list[int]:
        return [number for number, fields in self.oracle.grids.items() if not fields["retired"]]

    def moves(self, cells: list[int], to: int | None) -> list[Step]:
        return [("cell", cell, old, to) for cell in cells if (old := self.oracle.cells[cell]) != to]

    def paint(self) -> tuple[dict[str, Any], list[Step]]:
        cells = self.some(self.oracle.cells, 6)
        to = None if self.rng.random() < 0.1 else self.some(self.live(), 1)[0]
        return {"kind": "paint", "cells": cells, "after": [to] * len(cells)}, self.moves(cells, to)

    def split(self) -> tuple[dict[str, Any], list[Step]]:
        cells = self.some(self.oracle.cells, 4)
        given = {"kind": "split", "cells": cells, "after": [-1] * len(cells), "grids": [{"id": -1, "name": "新"}]}
        return given, [("retired", -1, True, False), *self.moves(cells, -1)]

    def merge(self) -> tuple[dict[str, Any], list[Step]]:
        if len(self.live()) < 3:
            return self.split()
        out, to = (int(one) for one in self.rng.choice(self.live(), 2, False))
        cells = [cell for cell, grid in self.oracle.cells.items() if grid == out]
        given = {"kind": "merge", "cells": cells, "after": [to] * len(cells), "grids": [{"id": out, "retired": True}]}
        return given, [*self.moves(cells, to), ("retired", out, False, True)]

    def rename(self) -> tuple[dict[str, Any], list[Step]]:
        grid, name = self.some(self.live(), 1)[0], f"名{self.rng.integers(1000)}"
        step = ("name", grid, self.oracle.grids[grid]["name"], name)
        return {"kind": "change", "grids": [{"id": grid, "name": name}]}, [step] if step[2] != name else []

    def lock_grid(self) -> tuple[dict[str, Any], list[Step]]:
        locked = [number for number in self.live() if self.oracle.grids[number]["locked"]]
        grid = self.some(locked if locked and self.rng.random() < 0.7 else self.live(), 1)[0]
        was = self.oracle.grids[grid]["locked"]
        kind = "unlock" if was else "lock"
        return {"kind": kind, "grids": [{"id": grid, "locked": not was}]}, [("locked", grid, was, not was)]

    def lock_cells(self) -> tuple[dict[str, Any], list[Step]]:
        to = len(self.oracle.locked) < 3
        cells = self.some(self.oracle.cells if to else self.oracle.locked, 3)
        steps: list[Step] = [("lock", cell, not to, to) for cell in cells if (cell in self.oracle.locked) != to]
        return {"kind": "lock" if to else "unlock", "cells": cells}, steps
