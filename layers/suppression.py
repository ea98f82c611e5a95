"""Which sensitive counts of a tree of areas leave the house: no small ones, nor what tells them by subtraction."""

from __future__ import annotations

from collections.abc import Mapping

from gis.viewer import SIGNIFICANT
from layers.layer import SMALLEST_SHOWN

Counts = tuple[int, ...]
WIDTHS = (SIGNIFICANT["grid"], SIGNIFICANT["village"], SIGNIFICANT["town"], SIGNIFICANT["district"], 0)
"""Digits of a code that count on each level, the grids first; 0 is everything that was counted."""


def shown(grids: Mapping[str, Counts]) -> dict[str, bool]:
    """Return the leading digits of every grid and area → whether its counts are shown.

    An area is shown when none of its counts is small and what is left over, once those of its parts that are shown are
    taken off, is nothing, or more than one part and in no count small. Hidden parts hide their area in turn where they
    could be told, so that no page, map or list of one level gives away what another one hides.
    """
    told = {code: not any(small(n) for n in counts) for code, counts in grids.items()}
    below: dict[str, Counts] = dict(grids)
    for width in WIDTHS[1:]:
        parts: dict[str, list[str]] = {}
        for code in below:
            parts.setdefault(code[:width], []).append(code)
        above: dict[str, Counts] = {}
        for code, children in parts.items():
            above[code] = added([below[child] for child in children])
            hidden = [below[child] for child in children if not told[child]]
            alone = len(hidden) == 1 or any(small(n) for n in (added(hidden) if hidden else ()))
            told[code] = not alone and not any(small(n) for n in above[code])
        below = above
    return told


def small(count: int) -> bool:
    """Tell whether a count is some but too few to be shown."""
    return 0 < count < SMALLEST_SHOWN


def added(counts: list[Counts]) -> Counts:
    """Return the sums, column by column."""
    return tuple(sum(column) for column in zip(*counts, strict=True))
