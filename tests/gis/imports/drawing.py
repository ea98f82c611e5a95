"""Small files as they come in practice, right ones and nasty ones, drawn where the tests want them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import shapely

from gis import imports
from gis.imports import reading
from gis.imports.known import Known, Places
from gis.viewer import key

WEST, SOUTH, STEP = 120.0, 32.0, 0.01
TODAY = date(2026, 11, 22)
DISTRICT, TOWN, VILLAGE = "999903000000", "999903001000", "999903001001"
OPTIONS = imports.Options(4549)

DRIVERS = {".geojson": "GeoJSON", ".gpkg": "GPKG", ".shp": "ESRI Shapefile"}


def square(column: float = 0, row: float = 0, size: float = 1) -> shapely.Polygon:
    """Return a square of the test chessboard; its fields are a hundredth of a degree wide."""
    x, y = WEST + column * STEP, SOUTH + row * STEP
    return shapely.box(x, y, x + size * STEP, y + size * STEP)


def bow_tie() -> shapely.Polygon:
    """Return an outline that crosses itself."""
    corners = [(0, 0), (1, 1), (1, 0), (0, 1), (0, 0)]
    return shapely.Polygon([(WEST + x * STEP, SOUTH + y * STEP) for x, y in corners])


def write(
    path: Path, shapes: Sequence[Any], columns: Mapping[str, Sequence[Any]], crs: str | None = "EPSG:4326", **more: Any
) -> Path:
    """Write a file of any of the three formats; the encoding of a shapefile is an option."""
    cells = [_column(values) for values in columns.values()]
    pyogrio.raw.write(
        path,
        np.array([shapely.to_wkb(shape) if shape is not None else None for shape in shapes], object),
        cells,
        np.array(list(columns)),
        geometry_type=more.pop("geometry_type", "Unknown" if path.suffix != ".shp" else "Polygon"),
        driver=DRIVERS[path.suffix],
        crs=crs,
        **more,
    )
    return path


def _column(values: Sequence[Any]) -> Any:
    if all(isinstance(value, int) for value in values):
        return np.array(values, np.int64)
    if all(isinstance(value, float) for value in values):
        return np.array(values, float)
    return np.array(values, object)


def places(shapes: Mapping[str, Any], level: str = "", ids: Sequence[int] = ()) -> Places:
    """Return what the database would hold."""
    codes = list(shapes)
    keys = np.array([key(code) for code in codes], np.int64)
    outlines = np.array(list(shapes.values()), object)
    levels = [level or ("district", "town", "village")[place] for place in range(len(codes))]
    return Places(np.array(ids or range(1, len(codes) + 1), np.int64), codes, codes, levels, keys, shapes=outlines)


def board(width: int = 2) -> Known:
    """Return a stored district, town and village on the same row of fields, with a grid on each field."""
    whole = shapely.box(WEST, SOUTH, WEST + width * STEP, SOUTH + STEP)
    grids = {f"{VILLAGE}{number + 1:03d}": square(number) for number in range(width)}
    return Known(areas=places({DISTRICT: whole, TOWN: whole, VILLAGE: whole}), grids=places(grids, "grid"))


def look(kind: str, path: Path, known: Known | None = None, **options: Any) -> imports.Examination:
    """Examine a file against what is known, without a database."""
    chosen = imports.Options(4549, **options)
    stored = known or Known()
    return imports.look(kind, reading.read(path, chosen.crs, chosen.layer), chosen, TODAY, lambda _: stored)


def codes(examination: imports.Examination) -> list[str]:
    """Return the codes of the findings, in their order."""
    return [finding.code for finding in examination.findings]


WHOLE = shapely.box(WEST, SOUTH, WEST + 2 * STEP, SOUTH + STEP)


def areas(tmp_path, shapes=None, **columns):
    """Look at a district, a town and a village of one outline each, with some columns changed."""
    base = {"code": [DISTRICT, TOWN, VILLAGE], "name": ["试区", "试街道", "试社区"]}
    return look("areas", write(tmp_path / "areas.geojson", shapes or [WHOLE] * 3, {**base, **columns}), Known())


def grids(tmp_path, shapes, numbers=(1, 2), known=None, **columns):
    """Look at grids of the test village."""
    base = {"code": [f"{VILLAGE}{number:03d}" for number in numbers], "name": [f"第{number}网格" for number in numbers]}
    path = write(tmp_path / "grids.geojson", shapes, {**base, **columns})
    return look("grids", path, known or Known(areas=board().areas))


def buildings(tmp_path, shapes, known=None, **columns):
    """Look at buildings in the two grids of the test village."""
    options = {name: columns.pop(name) for name in ("repair", "crs") if name in columns}
    path = write(tmp_path / "buildings.geojson", shapes, {"kind": ["other"] * len(shapes), **columns})
    return look("buildings", path, known or board(), **options)
