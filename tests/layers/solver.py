"""Who wants to know: everything that the pages say of a month is put together, and each count is narrowed down."""

from __future__ import annotations

from collections.abc import Iterable

MANY = 10**6
Bounds = tuple[int, int]
Unknown = tuple[str, str]
"""The code of a grid or an area, and which of its counts: enrolled, in_time or late."""


class Solver:
    """Bounds of every count of a tree; a reader knows that a whole is the sum of its parts and of both its kinds."""

    def __init__(self, grids: Iterable[str]) -> None:
        self.grids, self.bounds, self.parts = sorted(grids), dict[Unknown, Bounds](), dict[Unknown, list[Unknown]]()
        for grid in self.grids:
            for code, above in zip((grid, grid[:12], grid[:9]), (grid[:12], grid[:9], grid[:6]), strict=True):
                for name in ("enrolled", "in_time", "late"):
                    parts = self.parts.setdefault((above, name), [])
                    parts += [(code, name)] if (code, name) not in parts else []
        for code in {code for code, _name in self.parts} | set(self.grids):
            self.parts[code, ""] = [(code, "in_time"), (code, "late")]
            self.bounds |= {(code, name): (0, MANY) for name in ("enrolled", "in_time", "late")}

    def told(self, code: str, enrolled: int | None, in_time: int | None, mark: str = "") -> None:
        """Take in what an output says of a grid or an area; a grid that is marked with <5 has one to four."""
        if enrolled is not None and in_time is not None:
            found = {"enrolled": enrolled, "in_time": in_time, "late": enrolled - in_time}
            for name, value in found.items():
                self.narrow((code, name), (value, value))
        elif mark:
            self.narrow((code, "enrolled"), (1, 4) if mark == "<5" else (5 if len(code) == 15 else 1, MANY))

    def narrow(self, of: Unknown, to: Bounds) -> bool:
        """Narrow a count down; tell whether that was news."""
        was = self.bounds[of]
        now = self.bounds[of] = max(was[0], to[0]), min(was[1], to[1])
        assert now[0] <= now[1], f"the outputs contradict each other: {of} {was} {to}"
        return now != was

    def solved(self) -> dict[Unknown, int]:
        """Return the counts from 1 to 4 that can be told by whoever reads everything."""
        sums = [((code, name or "enrolled"), parts) for (code, name), parts in self.parts.items()]
        while any(self.weigh(whole, parts) for whole, parts in sums):
            pass
        return {of: low for of, (low, high) in self.bounds.items() if low == high and 0 < low < 5}

    def weigh(self, whole: Unknown, parts: list[Unknown]) -> bool:
        """Narrow a sum by its parts and each part by the sum and the others."""
        low, high = (sum(self.bounds[part][end] for part in parts) for end in (0, 1))
        news = self.narrow(whole, (low, high))
        for part in parts:
            low, high = (sum(self.bounds[each][end] for each in parts if each != part) for end in (0, 1))
            least, most = self.bounds[whole]
            news |= self.narrow(part, (least - high, most - low))
        return news
