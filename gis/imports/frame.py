"""The rows of a file in the product's words: fields by name, outlines in degrees, and what is fit to be looked at."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from gis.crs import to_metres
from gis.imports.findings import Finding

Cells = NDArray[Any]
Shapes = Any
KINDS = ("areas", "grids", "buildings", "households", "barriers")


@dataclass(frozen=True)
class Piece:
    """A gap, an overlap or a cut building: the land in degrees, m², the grids, the row of the building."""

    kind: str
    shape: Any
    area_m2: float
    grid_codes: tuple[str, ...] = ()
    territory: int = 0
    row: int | None = None


@dataclass
class Frame:
    """Rows in the file's order: `shapes` in CGCS2000 degrees, `sound` tells which of them can be measured."""

    kind: str
    fields: dict[str, Cells]
    headers: dict[str, str]
    shapes: Shapes
    sound: NDArray[np.bool_]
    day: date
    srid: int
    barrier: str | None = None
    grid: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))
    territory: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))
    building: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))

    pieces: list[Piece] = field(default_factory=list)

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return len(self.shapes)

    @cached_property
    def measurable(self) -> Shapes:
        """The sound outlines, none for the others."""
        shapes = self.shapes.copy()
        shapes[~self.sound] = None
        return shapes

    @cached_property
    def centres(self) -> Shapes:
        """The representative point of each sound row, none for the others."""
        return shapely.point_on_surface(self.measurable)

    @cached_property
    def places(self) -> NDArray[np.float64]:
        """Longitude and latitude of the representative points (rows × 2), NaN where there is none."""
        return np.column_stack((shapely.get_x(self.centres), shapely.get_y(self.centres)))

    @cached_property
    def metric(self) -> Shapes:
        """The sound outlines in metres, none for the others."""
        return to_metres(self.measurable, self.srid)

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """West, south, east and north of the sound rows."""
        west, south, east, north = shapely.total_bounds(self.measurable).tolist()
        return west, south, east, north

    def header(self, name: str) -> str:
        """Return the file's own header of a field."""
        return self.headers.get(name, name)

    def finding(self, code: str, at: Any, name: str | None = None, /, **params: Any) -> Finding:
        """Return a finding about the row at an index, with its place on the map when it has one."""
        place = None
        if self.sound[at]:
            x, y = self.places[at].tolist()
            place = (round(x, 6), round(y, 6))
        return Finding(code, int(at) + 1, self.header(name) if name else None, place, params)

    def cells(self, name: str) -> Cells:
        """Return a field, or a column of nothing when the file does not hold it."""
        return self.fields.get(name, np.full(self.rows, None, object))
