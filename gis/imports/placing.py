"""Where each row belongs: the grid that holds its representative point, else the smallest area that does."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from gis.imports.frame import Frame
from gis.imports.known import Known, Places

Indexes = NDArray[np.int64]
NOWHERE = -1


def place(frame: Frame, known: Known) -> None:
    """Fill the frame's grid (index into the known grids, -1 for none), territory key and building."""
    frame.grid = holding(known.grids.shapes, frame.centres)
    frame.territory = _keys(known.grids, frame.grid)
    for level in ("village", "town", "district"):
        open_rows = np.flatnonzero(frame.sound & (frame.territory == 0))
        if len(open_rows):
            areas = known.areas.only(level)
            frame.territory[open_rows] = _keys(areas, holding(areas.shapes, frame.centres[open_rows]))
    if frame.kind == "households":
        frame.building = _buildings(frame, known)


def _keys(places: Places, at: Indexes) -> Indexes:
    keys = np.append(places.territory, 0).astype(np.int64)
    return keys[at]


def holding(shapes: Any, points: Any) -> Indexes:
    """Return for each point the index of the first shape that covers it, -1 for none."""
    found = np.full(len(points), NOWHERE, np.int64)
    shapes = np.asarray(shapes, object)
    if len(shapes) and len(points):
        shapely.prepare(shapes)
        shape, point = shapely.STRtree(points).query(shapes, predicate="covers")
        order = np.argsort(-shape, kind="stable")
        found[point[order]] = shape[order]
    return found


def _buildings(frame: Frame, known: Known) -> Indexes:
    by_code = {code: at for at, code in enumerate(known.buildings.codes) if code}
    by_place = holding(known.buildings.shapes, frame.centres)
    codes = frame.cells("building_code")
    named = np.array([NOWHERE if code is None else by_code.get(code, NOWHERE) for code in codes], np.int64)
    unnamed = np.array([code is None for code in codes], bool)
    return np.where(unnamed, by_place, named)
