"""Codes of cells: a building's own tail, a letter and a number for land and water; none is used twice."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from gis.fabric.build import Built
from gis.fabric.material import Buildings

LETTERS = {"building": "B", "land": "L", "water": "W"}


def names(
    built: Built,
    buildings: Buildings,
    village: str,
    fresh: Sequence[int],
    taken: Iterable[str],
    held: Iterable[str] = (),
) -> list[str]:
    """Return the codes of new cells, by their places; `taken` are all that the village has had, `held` those in use.

    A building's is what its code adds to the village's, a part of a tower adds its number. What has none is numbered
    on from the highest so far, in the order of the cells: west to east in bands from north to south.
    """
    used = set(taken)
    last = {letter: _last(letter, used) for letter in LETTERS.values()}
    seen = set(held)
    found = []
    for at in fresh:
        code = _own(built, buildings, village, at)
        if code is None or code in seen:
            letter = LETTERS[built.kinds[at]]
            last[letter] += 1
            code = f"{letter}{last[letter]:04d}"
        seen.add(code)
        found.append(code)
    return found


def _own(built: Built, buildings: Buildings, village: str, at: int) -> str | None:
    building, part = int(built.building[at]), int(built.part[at])
    code = buildings.codes[building] if building >= 0 else None
    if not code:
        return None
    tail = str(code).removeprefix(village) or str(code)
    if tail[0] in LETTERS.values() and tail[1:].isdigit():
        return None  # it would look like a number that is given here
    return f"{tail}-{part}" if part else tail


def _last(letter: str, used: Iterable[str]) -> int:
    return max((int(code[1:]) for code in used if code[0] == letter and code[1:].isdigit()), default=0)
