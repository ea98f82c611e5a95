"""Outlines one by one: there at all, of the right type, in the right place, valid, and how heavy."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from gis.crs import CHINA, to_metres
from gis.geometry import invalidity
from gis.imports.findings import Finding, Word
from gis.imports.frame import Frame
from gis.words import N_

Mask = NDArray[np.bool_]
POLYGONS, LINES = (3, 6), (1, 5)
HEAVY = 20_000
"""Vertices above which an outline is worth a warning."""

TYPES = {
    0: Word(N_("point")),
    1: Word(N_("line")),
    2: Word(N_("ring")),
    3: Word(N_("polygon")),
    4: Word(N_("group of points")),
    5: Word(N_("group of lines")),
    6: Word(N_("group of polygons")),
    7: Word(N_("mixed collection")),
}


def settle(frame: Frame, broken: Mask, repair: bool) -> list[Finding]:
    """Decide which rows are sound, repair the invalid ones when asked, and say what is wrong with the others."""
    shapes = frame.shapes
    empty = shapely.is_missing(shapes) | shapely.is_empty(shapes)
    findings = [frame.finding("shape_broken", at) for at in np.flatnonzero(broken)]
    findings += [frame.finding("shape_empty", at) for at in np.flatnonzero(empty & ~broken)]
    wanted = POLYGONS + LINES if frame.kind == "barriers" else POLYGONS
    of_type = np.isin(shapely.get_type_id(shapes), wanted)
    findings += _wrong_types(frame, ~of_type & ~empty)
    placed, problems = _placed(frame, of_type & ~empty)
    findings += problems
    valid = shapely.is_valid(shapes)
    frame.sound = of_type & ~empty & placed & valid
    invalid = of_type & ~empty & placed & ~valid
    findings += _repaired(frame, invalid) if repair else _invalid(frame, invalid)
    return findings + _heavy(frame)


def _wrong_types(frame: Frame, rows: Mask) -> list[Finding]:
    wanted = Word(N_("a line or a polygon") if frame.kind == "barriers" else N_("a polygon"))
    types: Any = shapely.get_type_id(frame.shapes)
    return [
        frame.finding("shape_type", at, type=TYPES.get(int(types[at]), TYPES[7]), wanted=wanted)
        for at in np.flatnonzero(rows)
    ]


def _placed(frame: Frame, rows: Mask) -> tuple[Mask, list[Finding]]:
    west, south, east, north = shapely.bounds(frame.shapes).T
    left, bottom, right, top = CHINA
    with np.errstate(invalid="ignore"):
        inside = (west > left) & (east < right) & (south > bottom) & (north < top)
        swapped = (south > left) & (north < right) & (west > bottom) & (east < top)
        degrees = (west >= -180) & (east <= 180) & (south >= -90) & (north <= 90)
    findings = []
    for at in np.flatnonzero(rows & ~inside):
        code = "place_swapped" if swapped[at] else "place_abroad" if degrees[at] else "place_metres"
        findings.append(Finding(code, int(at) + 1))
    return inside, findings


def _invalid(frame: Frame, rows: Mask) -> list[Finding]:
    findings = []
    for at in np.flatnonzero(rows):
        reason, place = invalidity(frame.shapes[at])
        findings.append(Finding("shape_invalid", int(at) + 1, None, place, {"reason": reason}))
    return findings


def _repaired(frame: Frame, rows: Mask) -> list[Finding]:
    findings = []
    for at in np.flatnonzero(rows):
        before = frame.shapes[at]
        reason, place = invalidity(before)
        after = shapely.make_valid(before, method="structure", keep_collapsed=False)
        if shapely.get_type_id(after) not in POLYGONS or shapely.is_empty(after):
            findings.append(Finding("shape_invalid", int(at) + 1, None, place, {"reason": reason}))
            continue
        frame.shapes[at], frame.sound[at] = after, True
        areas = shapely.area(to_metres(np.array([before, after]), frame.srid))
        moved = f"{abs(areas[1] - areas[0]):,.1f}"
        findings.append(Finding("shape_repaired", int(at) + 1, None, place, {"reason": reason, "area": moved}))
    return findings


def _heavy(frame: Frame) -> list[Finding]:
    vertices: Any = shapely.get_num_coordinates(frame.shapes)
    return [
        frame.finding("shape_heavy", at, n=f"{vertices[at]:,}")
        for at in np.flatnonzero(frame.sound & (vertices > HEAVY))
    ]
