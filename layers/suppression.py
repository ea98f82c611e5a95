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
    what is left over, once its shown parts are taken off, is nothing, or more than one part and in no count small: a
    part that could be told hides the area above it, and that one in turn: no level gives away what another hides.
    """
    told = {code: code not in hidden and not any(map(small, each)) for code, each in counts.items()}
    below = dict(counts)
    lowest = max(map(len, counts), default=0)
    for width in (each for each in WIDTHS if each < lowest):
        parts: dict[str, list[str]] = {}
        for code in below:
            parts.setdefault(code[:width], []).append(code)
        above = {code: added([below[child] for child in children]) for code, children in parts.items()}
        for code, children in parts.items():
            left = [below[child] for child in children if not told[child]]
            alone = len(left) == 1 or any(map(small, added(left)))
            told[code] = not alone and not any(map(small, above[code]))
        below = above
    return told


def small(count: int) -> bool:
    """Tell whether a count is some but too few to be shown."""
    return 0 < count < SMALLEST_SHOWN


def added(counts: Collection[Counts]) -> Counts:
    """Return the sums, column by column; nothing adds up to nothing."""
    return tuple(sum(column) for column in zip(*counts, strict=True))
