"""Names of new grids: as the others of the village are called, with the next number, in digits or Chinese numerals.

The editor's `static/js/plan/names.js` offers the same names.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from itertools import count

SIGNS = "零一二三四五六七八九"
NUMERAL = "[一二三四五六七八九十百]+"
COUNTED = re.compile(
    rf"(.*?)([0-9]{{1,9}}|(?<=第){NUMERAL}|{NUMERAL}(?=网格|[组号片区格]|$))([^0-9一二三四五六七八九十百]*)"
)
"""What goes before the last number of a name, the number, and what goes after it; 七里河 counts nothing."""
FIRST = ("第", "0", "网格")
"""The same where no grid of the village is numbered yet."""


def spelled(number: int) -> str:
    """Return a number up to 99 in Chinese numerals, a larger one in digits."""
    if number > 99:
        return str(number)
    tens, ones = divmod(number, 10)
    return f"{SIGNS[tens] if tens > 1 else ''}{'十' if tens else ''}{SIGNS[ones] if ones else ''}"


VALUES = {spelled(number): number for number in range(1, 100)}


def following(names: Collection[str]) -> Iterator[str]:
    """Yield the names after the highest number among those of a village, in its own style, without end."""
    told = [found.groups() for found in map(COUNTED.fullmatch, names) if found]
    before, numeral, after = max(
        (each for each in told if value(each[1])), key=lambda each: value(each[1]), default=FIRST
    )
    for number in count(value(numeral) + 1):
        yield f"{before}{str(number).zfill(len(numeral)) if numeral.isascii() else spelled(number)}{after}"


def value(numeral: str) -> int:
    """Return what a numeral says, 0 for what is none."""
    return int(numeral) if numeral.isascii() else VALUES.get(numeral, 0)
