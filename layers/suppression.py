"""Which sensitive counts of a tree of areas leave the house: no small ones, nor what tells them by subtraction."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from gis.coverage import SMALLEST_SHOWN
from gis.viewer import SIGNIFICANT

Counts = tuple[int, ...]
WIDTHS = (SIGNIFICANT["grid"], SIGNIFICANT["village"], SIGNIFICANT["town"], SIGNIFICANT["district"], 0)
"""Digits of a code that count on each level, the grids first; 0 is everything that was counted."""


def shown(counts: Mapping[str, Counts], hidden: Collection[str] = ()) -> dict[str, bool]:
    """Return the leading digits of every part that was counted and of all areas above → whether its counts are shown.

    `hidden` are parts that are not shown whatever they count. An area is shown when none of its counts is small, and
    the parts below it that nothing shown tells of keep each other (`safe`): a part that could be told hides the area
    above it, and that one in turn, so no level gives away what another hides.
    """
    told = {code: code not in hidden and not any(map(small, each)) for code, each in counts.items()}
    below = dict(counts)
    untold: dict[str, list[Counts]] = {code: [] if told[code] else [each] for code, each in counts.items()}
    lowest = max(map(len, counts), default=0)
    for width in (each for each in WIDTHS if each < lowest):
        parts: dict[str, list[str]] = {}
        for code in below:
            parts.setdefault(code[:width], []).append(code)
        below = {code: added([below[child] for child in children]) for code, children in parts.items()}
        for code, children in parts.items():
            left = [each for child in children for each in untold[child]]
            told[code] = safe(left) and not any(map(small, below[code]))
            untold[code] = [] if told[code] else left
    return told


def safe(left: Collection[Counts]) -> bool:
    """Tell whether the sums of parts that are not shown may be known: no small count follows from them.

    There is more than one part, no sum is small, and none is the least or the most that such parts can come to: seven
    parts below five that add up to seven are ones, and fours when they add up to 28.
    """
    return not left or (len(left) > 1 and not any(map(telling, zip(*left, strict=True))))


def telling(column: Counts) -> bool:
    """Tell whether the sum of a column gives small counts of it away."""
    few, total = sum(map(small, column)), sum(column)
    many = sum(count >= SMALLEST_SHOWN for count in column)
    least, most = few + many * SMALLEST_SHOWN, few * (SMALLEST_SHOWN - 1)
    return small(total) or (few > 0 and (total == least or (not many and total == most)))


def small(count: int) -> bool:
    """Tell whether a count is some but too few to be shown."""
    return 0 < count < SMALLEST_SHOWN


def added(counts: Collection[Counts]) -> Counts:
    """Return the sums, column by column; nothing adds up to nothing."""
    return tuple(sum(column) for column in zip(*counts, strict=True))
