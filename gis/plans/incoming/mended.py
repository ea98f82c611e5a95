"""Hand-drawn outlines as one clean coverage, with everything that was wrong with them and where."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from gis.geometry import Plane, Repaired, degrees, metres, repair
from gis.imports import reading
from gis.plans.incoming.listed import GRID, NAME
from gis.plans.incoming.proposal import Remark
from gis.words import N_

Shapes = NDArray[Any]
POLYGONS = (3, 6)
GAP_M, SNAP_M = 3.0, 0.5
"""Gaps up to this width are closed, and corners this close are one, in metres."""
TOLD_M2 = 1.0
"""Overlaps and gaps from this size on are told one by one."""
MOST_TOLD = 20


@dataclass(frozen=True)
class Drawn:
    """The polygons of a file by grid: label and name (empty: none given), row, and the outline in metres on the plane.

    The label is the code in the file, else the name there.
    """

    labels: list[str]
    names: list[str]
    rows: list[int]
    outlines: Shapes
    repair: dict[str, float]
    remarks: list[Remark]


def mended(raw: reading.Raw, given: Shapes, village: Any, on: Plane) -> Drawn:
    """Return the polygons of a file (degrees) as a coverage of a village (metres), one per grid."""
    rows = np.flatnonzero(np.isin(shapely.get_type_id(given), POLYGONS) & ~shapely.is_empty(given))
    found = repair(metres(given[rows], on), village, gap_width=GAP_M, snapping=SNAP_M)
    said = [_label(raw, row) or row for row in rows.tolist()]
    last = dict(zip(said, rows.tolist(), strict=True))
    outlines = np.array([shapely.union_all([found.shapes[at] for at, one in enumerate(said) if one == label])
                         for label in last], object)  # fmt: skip
    labels, names = ([cell(raw, row) for row in last.values()] for cell in (_label, _name))
    known = [_name(raw, last[one]) or _label(raw, row) or f"{row + 1}"
             for one, row in zip(said, rows.tolist(), strict=True)]  # fmt: skip
    return Drawn(labels, names, [*last.values()], outlines, _counted(found), [*_told(found, known, rows, on)])


def _counted(found: Repaired) -> dict[str, float]:
    """Return how much there was to mend, in pieces and m²."""
    overlap, gap = shapely.area(found.overlaps), shapely.area(found.gaps)
    return {
        "broken": float(len(found.broken)),
        "overlaps": float(len(overlap)), "overlap_m2": round(float(overlap.sum()), 2),
        "gaps_closed": float((~found.wide).sum()), "closed_m2": round(float(gap[~found.wide].sum()), 2),
        "gaps_left": float(found.wide.sum()), "left_m2": round(float(gap[found.wide].sum()), 2),
        "moved_m2": round(float(found.moved.sum()), 2),
    }  # fmt: skip


def _told(found: Repaired, said: list[str], rows: NDArray[np.int64], on: Plane) -> Iterator[Remark]:
    """Yield a remark for each broken outline, and for each overlap and gap that can be seen, the largest first."""
    for at in found.broken.tolist():
        message = N_("The outline of “%(name)s” crossed itself and was mended.")
        yield Remark("note", message, row=int(rows[at]) + 1, params={"name": said[at]})
    for at in _largest(found.overlaps):
        one, other = (said[number] for number in found.pairs[at].tolist())
        message = N_("“%(one)s” and “%(other)s” overlap by %(m2)s m²; the ground went to one of them.")
        params = {"one": one, "other": other, "m2": _size(found.overlaps[at])}
        yield Remark("warning", message, place=_place(found.overlaps[at], on), params=params)
    for at in _largest(found.gaps):
        closed = N_("A gap of %(m2)s m² was closed.")
        message = N_("%(m2)s m² lie in no outline.") if found.wide[at] else closed
        yield Remark("warning", message, place=_place(found.gaps[at], on), params={"m2": _size(found.gaps[at])})


def _largest(pieces: Shapes) -> list[int]:
    area = shapely.area(pieces)
    return [at for at in np.argsort(-area, kind="stable").tolist()[:MOST_TOLD] if area[at] >= TOLD_M2]


def _size(piece: Any) -> str:
    return f"{shapely.area(piece):,.0f}"


def _place(piece: Any, on: Plane) -> tuple[float, float]:
    at = degrees(shapely.point_on_surface(piece), on)
    return round(at.x, 6), round(at.y, 6)


def _label(raw: reading.Raw, row: int) -> str:
    return _cell(raw, GRID, row) or _name(raw, row)


def _name(raw: reading.Raw, row: int) -> str:
    return _cell(raw, NAME, row)


def _cell(raw: reading.Raw, names: tuple[str, ...], row: int) -> str:
    for header, cells in raw.columns.items():
        if header.strip().lower() in names and cells[row] is not None:
            return str(cells[row]).strip()
    return ""
