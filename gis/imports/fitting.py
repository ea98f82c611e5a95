"""Outlines against each other and against what is stored: within the parent, apart, without gaps, in one grid."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from gis.crs import to_metres
from gis.imports.findings import Finding
from gis.imports.frame import Frame, Piece
from gis.imports.known import Known, Places

LEAST_M2 = 1.0
"""Overlaps and gaps below this are rounding of coordinates."""
STRIP_M = 1.0
"""An overlap of less mean width than this is a strip between two hand-drawn lines."""
FAR_KM = 3.0
"""How far outside every known district a row may lie."""
SHIFTED_SHARE = 0.3
"""Share of rows outside every grid above which the whole file is probably shifted."""
METRES_PER_DEGREE = 111_320.0

Indexes = NDArray[np.int64]


def _area(square_metres: float) -> str:
    return f"{square_metres:,.0f}" if square_metres >= 10 else f"{square_metres:.1f}"


def _pointed(frame: Frame, code: str, at: Any, shape: Any, **params: Any) -> Finding:
    """Return a finding about a row whose place is that of a piece in degrees."""
    point = shapely.point_on_surface(shape)
    place = (round(float(shapely.get_x(point)), 6), round(float(shapely.get_y(point)), 6))
    return Finding(code, None if at is None else int(at) + 1, None, place, params)


def _called(name: Any, code: Any, row: int | None = None) -> str:
    """Return what a message calls an area or a grid: its name with its code, or else its row in the file."""
    if name and code and name != code:
        return f"{name} ({code})"
    return str(name or code or f"#{row}")


def _is_strip(metric: Any, area: float) -> bool:
    return bool(area / max(shapely.length(metric) / 2, 0.001) < STRIP_M)


def near_the_district(frame: Frame, known: Known) -> list[Finding]:
    """A row lies in or near a district that is known; a new district may lie anywhere."""
    districts = known.areas.only("district")
    own = {code[:6] for code in districts.codes}
    if not len(districts) or not frame.sound.any():
        return []
    rows = frame.sound.copy()
    if frame.kind == "areas":
        rows &= np.array([code is not None and code[:6] in own for code in frame.cells("code")], bool)
    boxes = shapely.bounds(districts.shapes)
    x, y = frame.places[:, 0], frame.places[:, 1]
    with np.errstate(invalid="ignore"):
        east = np.maximum(boxes[:, 0, None] - x, x - boxes[:, 2, None]).clip(0) * np.cos(np.radians(y))
        north = np.maximum(boxes[:, 1, None] - y, y - boxes[:, 3, None]).clip(0)
        away = np.hypot(east, north).min(axis=0) * METRES_PER_DEGREE / 1000
        far = np.flatnonzero(rows & (away > FAR_KM))
    return [frame.finding("place_far", at, km=f"{away[at]:,.0f}") for at in far]


def within_the_parent(frame: Frame, known: Known) -> list[Finding]:
    """No part of an area lies outside the area above it."""
    outlines = dict(zip(known.areas.codes, known.areas.shapes, strict=True))
    outlines |= {code: frame.shapes[at] for at, code in enumerate(frame.cells("code")) if frame.sound[at]}
    names = dict(zip(known.areas.codes, known.areas.names, strict=True))
    names |= dict(zip(frame.cells("code"), frame.cells("name"), strict=True))
    return _within(frame, frame.cells("parent"), outlines, names)


def within_the_village(frame: Frame, known: Known) -> list[Finding]:
    """No part of a grid lies outside its village or community."""
    outlines = dict(zip(known.areas.codes, known.areas.shapes, strict=True))
    return _within(
        frame, frame.cells("village_code"), outlines, dict(zip(known.areas.codes, known.areas.names, strict=True))
    )


def _within(frame: Frame, parents: Iterable[Any], outlines: dict[str, Any], names: dict[str, str]) -> list[Finding]:
    rows = [at for at, parent in enumerate(parents) if frame.sound[at] and parent in outlines]
    above = [frame.cells("parent" if frame.kind == "areas" else "village_code")[at] for at in rows]
    if not rows:
        return []
    outside = shapely.difference(frame.shapes[rows], np.array([outlines[code] for code in above], object))
    metric = to_metres(outside, frame.srid)
    findings = []
    for at, code, piece, flat in zip(rows, above, outside, metric, strict=True):
        area = float(shapely.area(flat))
        if area >= LEAST_M2:
            problem = "parent_sliver" if _is_strip(flat, area) else "parent_outside"
            name = _called(frame.cells("name")[at], frame.cells("code")[at], at + 1)
            parent = _called(names.get(code), code)
            findings.append(_pointed(frame, problem, at, piece, area=_area(area), name=name, parent=parent))
    return findings


def siblings_apart(frame: Frame, known: Known) -> list[Finding]:
    """Two areas of a level do not overlap."""
    findings = []
    for level in ("district", "town", "village"):
        rows = np.flatnonzero(frame.sound & (frame.cells("level") == level))
        findings += _apart(frame, rows, known.areas.only(level))
    return findings


def grids_apart(frame: Frame, known: Known) -> list[Finding]:
    """Two grids do not overlap, neither in the file nor with those in force."""
    return _apart(frame, np.flatnonzero(frame.sound), known.grids)


def _apart(frame: Frame, rows: Indexes, stored: Places) -> list[Finding]:
    shapes = np.concatenate([frame.shapes[rows], stored.shapes])
    codes = [*frame.cells("code")[rows], *stored.codes]
    names = [*frame.cells("name")[rows], *stored.names]
    findings = []
    for one, other, piece, area in overlaps(shapes, frame.srid, len(rows)):
        if codes[one] == codes[other]:
            continue
        strip = _is_strip(to_metres(np.array([piece]), frame.srid)[0], area)
        frame.pieces.append(Piece("overlap", piece, area, tuple(filter(None, (codes[one], codes[other])))))
        called = [_called(names[at], codes[at], int(rows[at]) + 1 if at < len(rows) else None) for at in (one, other)]
        both = {"name": called[0], "other": called[1], "area": _area(area)}
        findings.append(_pointed(frame, "overlap_sliver" if strip else "overlap", rows[one], piece, **both))
    return findings


def overlaps(shapes: Any, srid: int, first: int) -> list[tuple[int, int, Any, float]]:
    """Return (one, other, piece in degrees, m²) for shapes that overlap, where one is among the first `first`."""
    if not first:
        return []
    one, other = shapely.STRtree(shapes).query(shapes[:first])
    pairs = one < other
    one, other = one[pairs], other[pairs]
    touching = shapely.intersects(shapes[one], shapes[other])
    one, other = one[touching], other[touching]
    pieces = shapely.intersection(shapes[one], shapes[other])
    solid = shapely.area(pieces) > LEAST_M2 / 2 / METRES_PER_DEGREE**2
    one, other, pieces = one[solid], other[solid], pieces[solid]
    areas: Any = shapely.area(to_metres(pieces, srid)) if len(pieces) else []
    found = zip(one.tolist(), other.tolist(), pieces, areas, strict=True)
    return [(a, b, piece, float(area)) for a, b, piece, area in found if area >= LEAST_M2]


def no_gaps(frame: Frame, known: Known) -> list[Finding]:
    """The grids of a village tile it."""
    villages = dict(zip(known.areas.codes, zip(known.areas.names, known.areas.shapes, strict=True), strict=True))
    of_row = frame.cells("village_code")
    findings = []
    for code in sorted({code for code in of_row if code in villages}):
        name, outline = villages[code]
        stored = [shape for grid, shape in zip(known.grids.codes, known.grids.shapes, strict=True) if grid[:12] == code]
        drawn = frame.shapes[frame.sound & (of_row == code)]
        left = shapely.difference(outline, shapely.union_all([*drawn, *stored]))
        pieces = shapely.get_parts(shapely.make_valid(left))
        for piece, area in zip(pieces, shapely.area(to_metres(pieces, frame.srid)), strict=True):
            if area >= LEAST_M2:
                frame.pieces.append(Piece("gap", piece, float(area), territory=int(code.ljust(15, "0"))))
                findings.append(_pointed(frame, "gap", None, piece, area=_area(area), name=_called(name, code)))
    return findings


def in_the_territory(frame: Frame, known: Known) -> list[Finding]:
    """A row lies in a grid, or at least in an area: its territory decides who may see it."""
    outside = "building_outside" if frame.kind == "buildings" else "household_outside"
    findings = [frame.finding("territory_missing", at) for at in np.flatnonzero(frame.sound & (frame.territory == 0))]
    homeless = np.flatnonzero(frame.sound & (frame.territory > 0) & (frame.grid < 0))
    return findings + [frame.finding(outside, at) for at in homeless]


def not_shifted(frame: Frame, known: Known) -> list[Finding]:
    """Most rows lie in some grid; else the file is probably in a shifted system."""
    measured = int(frame.sound.sum())
    outside = int((frame.sound & (frame.grid < 0)).sum())
    if not len(known.grids) or not measured or outside / measured <= SHIFTED_SHARE:
        return []
    return [Finding("maybe_shifted", params={"share": round(100 * outside / measured)})]


def buildings_apart(frame: Frame, known: Known) -> list[Finding]:
    """Two buildings of a file do not overlap; where they do, as podiums and towers do, it is worth a note."""
    rows = np.flatnonzero(frame.sound)
    found = overlaps(frame.shapes[rows], frame.srid, len(rows))
    return [
        _pointed(frame, "building_overlap", rows[one], piece, other=int(rows[other]) + 1, area=_area(area))
        for one, other, piece, area in found
    ]


def in_one_grid(frame: Frame, known: Known) -> list[Finding]:
    """A building is not cut by a grid line; one that is belongs to the grid that holds its representative point."""
    grids, rows = known.grids.shapes, np.flatnonzero(frame.sound & (frame.grid >= 0))
    if not len(rows):
        return []
    shapes = frame.shapes[rows]
    shapely.prepare(grids)
    grid, at = shapely.STRtree(shapes).query(grids, predicate="intersects")
    other = frame.grid[rows[at]] != grid
    shared = np.unique(at[other])
    _, whole = shapely.STRtree(shapes[shared]).query(grids, predicate="covers")
    doubtful = other & ~np.isin(at, shared[whole])
    grid, at = grid[doubtful], at[doubtful]
    pieces = shapely.intersection(grids[grid], shapes[at])
    areas: Any = shapely.area(to_metres(pieces, frame.srid)) if len(pieces) else []
    findings = []
    for other, row, area in zip(grid, rows[at], areas, strict=True):
        if area >= LEAST_M2:
            both = (int(frame.grid[row]), int(other))
            codes = (known.grids.codes[both[0]], known.grids.codes[both[1]])
            frame.pieces.append(Piece("cut", frame.shapes[row], float(area), codes, row=int(row)))
            called = [_called(known.grids.names[at], known.grids.codes[at]) for at in both]
            findings.append(frame.finding("building_cut", row, grid=called[0], other=called[1]))
    return findings
