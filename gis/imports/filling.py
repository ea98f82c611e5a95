"""What a file leaves open and the codes or counts tell: level, kind, parent, village, address."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import numpy as np

from gis.imports.findings import Finding
from gis.imports.frame import Frame
from gis.viewer import ancestors, level

FLOOR_HEIGHT_M = 3.0
BARRIER_RANKS = {"road": "minor", "river": "major", "rail": "major", "wall": "minor"}


def fill(frame: Frame) -> list[Finding]:
    """Fill the fields that follow from others; say where that was a guess."""
    return FILL[frame.kind](frame)


def _areas(frame: Frame) -> list[Finding]:
    frame.fields["level_said"] = frame.cells("level")
    codes, kinds, parents = frame.cells("code"), frame.cells("kind").copy(), frame.cells("parent").copy()
    levels = np.array([level(code) if _is_code(code, 12) else None for code in codes], object)
    for at, code in enumerate(codes):
        if levels[at] is None:
            continue
        kinds[at] = kinds[at] or _area_kind(code, levels[at])
        if levels[at] != "district" and parents[at] is None:
            parents[at] = ancestors(code)[-1]
    frame.fields.update(level=levels, kind=kinds, parent=parents)
    return []


def _is_code(code: str | None, digits: int) -> bool:
    return code is not None and len(code) == digits and code.isascii() and code.isdigit()


def _area_kind(code: str, of_level: str) -> str:
    """Follow the number ranges of the statistical division codes."""
    if of_level == "district":
        return "district"
    if of_level == "village":
        return "community" if int(code[9:12]) < 200 else "village"
    part = int(code[6:9])
    return "street" if part < 100 else "town" if part < 200 else "township"


def _grids(frame: Frame) -> list[Finding]:
    codes, villages, kinds = frame.cells("code"), frame.cells("village_code").copy(), frame.cells("kind").copy()
    for at, code in enumerate(codes):
        if _is_code(code, 15):
            villages[at] = villages[at] or code[:12]
            kinds[at] = kinds[at] or ("dedicated" if int(code[12:]) > 800 else "general")
    frame.fields.update(village_code=villages, kind=kinds)
    return []


def _buildings(frame: Frame) -> list[Finding]:
    households, residents = _or(frame, "households", 0), _or(frame, "residents", 0)
    kinds = frame.cells("kind").copy()
    details, guessed = frame.cells("kind_detail"), Counter[str]()
    for at in np.flatnonzero(kinds == None):  # noqa: E711 - elementwise
        kinds[at] = details[at]
        if kinds[at] is None:
            kinds[at] = "residential" if households[at] else "other"
            guessed[kinds[at]] += 1
    heights = frame.cells("height")
    floors = frame.cells("floors").copy()
    for at in np.flatnonzero(floors == None):  # noqa: E711
        floors[at] = max(1, round(heights[at] / FLOOR_HEIGHT_M)) if heights[at] else 1
    frame.fields.update(
        kind=kinds,
        floors=floors,
        households=households,
        residents=residents,
        address=_address(frame),
        source=_source(frame),
    )
    return [Finding("kind_guessed", field="kind", params={"n": n, "kind": kind}) for kind, n in guessed.items()]


def _or(frame: Frame, name: str, default: int) -> np.ndarray[tuple[int], np.dtype[np.object_]]:
    return np.array([default if value is None else value for value in frame.cells(name)], object)


def _address(frame: Frame) -> np.ndarray[tuple[int], np.dtype[np.object_]]:
    parts = zip(frame.cells("address"), frame.cells("street"), frame.cells("house_number"), strict=True)
    joined = [
        whole or ((street or "") + (f"{number}号" if number and number[-1].isdigit() else number or "")) or None
        for whole, street, number in parts
    ]
    return np.array(joined, object)


def _source(frame: Frame) -> np.ndarray[tuple[int], np.dtype[np.object_]]:
    prefix = "osm " if frame.header("source") == "osm_id" else ""
    return np.array([None if own is None else prefix + own for own in frame.cells("source")], object)


def _households(frame: Frame) -> list[Finding]:
    flats = zip(frame.cells("kind"), frame.cells("unit"), frame.cells("floor"), strict=True)
    kinds = [kind or ("flat" if unit or floor is not None else "homestead") for kind, unit, floor in flats]
    frame.fields.update(kind=np.array(kinds, object), residents=_or(frame, "residents", 0))
    return []


def _barriers(frame: Frame) -> list[Finding]:
    default = BARRIER_RANKS[frame.barrier or "road"]
    said = zip(frame.cells("rank"), frame.cells("kind_detail"), frame.cells("kind"), strict=True)
    frame.fields["rank"] = np.array([next(filter(None, words), default) for words in said], object)
    frame.fields["source"] = _source(frame)
    return []


FILL: dict[str, Callable[[Frame], list[Finding]]] = {
    "areas": _areas,
    "grids": _grids,
    "buildings": _buildings,
    "households": _households,
    "barriers": _barriers,
}
