"""How many households a grid may have, and into how many grids a number of them divides."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int32]
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Limits:
    """The fewest and the most households of a grid, both allowed."""

    low: int = 300
    high: int = 500

    @property
    def target(self) -> int:
        """The middle, which is aimed at."""
        return (self.low + self.high) // 2

    def fits(self, households: int, grids: int = 1) -> bool:
        """Whether so many households can make so many grids, as far as their number goes."""
        return grids * self.low <= households <= grids * self.high

    def excess(self, households: int) -> int:
        """Return by how many households a grid is over (positive) or under (negative) the limits."""
        return max(households - self.high, 0) - max(self.low - households, 0)

    def outside(self, households: NDArray[Any]) -> Flags:
        """Return which grids are over or under the limits."""
        return (households < self.low) | (households > self.high)

    def counts(self, households: int) -> list[int]:
        """Return the numbers of grids that could be in range, the one nearest to the target first."""
        best = households / max(self.target, 1)
        fewest, most = -(-households // max(self.high, 1)), households // max(self.low, 1)
        return sorted(range(max(fewest, 1), most + 1), key=lambda count: (abs(count - best), count))[:3]

    def nearest(self, households: int) -> int:
        """Return the number of grids that comes closest to the limits, also where none is in range."""
        fitting = self.counts(households)
        if fitting:
            return fitting[0]
        around = max(households // max(self.high, 1), 1)
        return min((around, around + 1), key=lambda count: abs(self.excess(round(households / count))))
