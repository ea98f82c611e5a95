"""Whether the grids that hang together can hold their households at all, whatever is moved between them."""

from __future__ import annotations

from dataclasses import dataclass

from gis.partition.search import Search


@dataclass(frozen=True)
class Misfit:
    """Grids that are too few or too many for the households they share; from `fewest` to `most` of them would do.

    Where no number would do (too few households for one grid, or a narrow range), `fewest` is above `most`.
    """

    grids: list[int]
    households: int
    fewest: int
    most: int

    @property
    def too_few(self) -> bool:
        """Whether there have to be more grids, not fewer."""
        return len(self.grids) < self.fewest


def misfits(search: Search, apart: set[int]) -> list[Misfit]:
    """Return the grids that hang together, but for those apart, and whose number does not fit their households."""
    left, found = set(search.cells) - search.frozen - apart, []
    while left:
        begin = min(left)
        together, todo = {begin}, [begin]
        for at in todo:
            fresh = search.neighbours(at) - together - apart
            together |= fresh
            todo.extend(sorted(fresh))
        left -= together
        households, limits = sum(search.loads[grid] for grid in together), search.limits
        if not limits.fits(households, len(together)):
            fewest, most = -(-households // max(limits.high, 1)), households // max(limits.low, 1)
            found.append(Misfit(sorted(together), households, fewest, most))
    return found
