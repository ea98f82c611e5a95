"""Codes of grids: 12 digits of the village and 3 of a number that was never used there before."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from gis.errors import Refused
from gis.words import N_

NUMBERS = {"general": (1, 799), "dedicated": (801, 999)}
"""Kind of grid → its first and last number."""
TENTH_OF_A_SECOND = 1 / 36_000
"""About 3 m: two middles that are nearer to one meridian than this lie one above the other."""


def numbered(
    village: str, used: Collection[str], kinds: Sequence[str], middles: Sequence[tuple[float, float]]
) -> list[str]:
    """Return a new code for each new grid of a village, by its kind and its middle (longitude, latitude).

    They continue after the highest number of their kind, from west to east and then from north to south; numbers that
    were left out before are taken when no higher one is left. Raises Refused when all were used once.
    """
    taken = {int(code[12:]) for code in used if code.startswith(village) and len(code) == 15}
    free = {kind: _free(taken, *NUMBERS[kind]) for kind in dict.fromkeys(kinds)}
    codes = [""] * len(kinds)
    for at in sorted(range(len(kinds)), key=lambda at: _place(middles[at])):
        number = next(free[kinds[at]], None)
        if number is None:
            message = N_("Every number for such grids was used once in %(village)s; codes are never used again.")
            raise Refused(message, village=village)
        codes[at] = f"{village}{number:03d}"
    return codes


def _place(middle: tuple[float, float]) -> tuple[int, float]:
    lon, lat = middle
    return round(lon / TENTH_OF_A_SECOND), -lat


def _free(taken: set[int], first: int, last: int) -> Iterator[int]:
    """Yield the numbers above the highest one that was taken, then those below it that never were."""
    highest = max((number for number in taken if first <= number <= last), default=first - 1)
    yield from range(highest + 1, last + 1)
    yield from (number for number in range(first, highest) if number not in taken)
