"""After an import: buildings and households find their grid, grids their counts, and the list of gaps is kept."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

import numpy as np
import shapely
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from gis.boundaries import Gap, Grid, GridOutline
from gis.crs import to_metres
from gis.database import copy_in
from gis.imports.copying import cells, multi_hex
from gis.imports.frame import Frame, Piece
from gis.premises import Building, Household

CHUNK = 500


def put_into_grids(session: Session, day: date, codes: Sequence[str]) -> None:
    """Give every building whose representative point lies in one of the grids that grid; its households follow."""
    buildings = (
        update(Building)
        .values(grid_id=GridOutline.grid_id, territory=GridOutline.territory)
        .where(
            GridOutline.code.in_(codes),
            GridOutline.valid.contains(day),
            Building.outline.op("&&", is_comparison=True)(GridOutline.outline),
            func.st_covers(GridOutline.outline, func.st_pointonsurface(Building.outline)),
        )
    )
    session.execute(buildings, execution_options={"synchronize_session": False})
    households = (
        update(Household)
        .values(grid_id=Building.grid_id, territory=Building.territory)
        .where(Household.building_id == Building.id, Building.grid_id == Grid.id, Grid.code.in_(codes))
    )
    session.execute(households, execution_options={"synchronize_session": False})


def count(session: Session, day: date, grid_ids: Sequence[int]) -> None:
    """Count buildings, households and residents of grids anew, for the outlines in force on a day."""
    if not grid_ids:
        return
    counted = (
        select(
            Building.grid_id,
            func.count().label("buildings"),
            func.sum(Building.households).label("households"),
            func.sum(Building.residents).label("residents"),
        )
        .where(Building.grid_id.in_(grid_ids))
        .group_by(Building.grid_id)
        .subquery()
    )
    outlines = (
        update(GridOutline)
        .values(buildings=counted.c.buildings, households=counted.c.households, residents=counted.c.residents)
        .where(GridOutline.grid_id == counted.c.grid_id, GridOutline.valid.contains(day))
    )
    session.execute(outlines, execution_options={"synchronize_session": False})


def flaws(frame: Frame) -> list[tuple[int, Piece]]:
    """Return the buildings that are in no grid or cut by a grid line, each with the index of its row."""
    outside = (frame.grid < 0).nonzero()[0].tolist()
    areas = shapely.area(to_metres(frame.shapes[outside], frame.srid)).tolist() if outside else []
    alone = [(at, Piece("building", frame.shapes[at], area)) for at, area in zip(outside, areas, strict=True)]
    return alone + [(piece.row, piece) for piece in frame.pieces if piece.row is not None]


def keep(session: Session, frame: Frame, flawed: list[tuple[int, Piece]], ids: Mapping[int, int]) -> None:
    """List flawed buildings among the gaps; `ids` are those of their rows."""
    rows = [at for at, _ in flawed]
    keys = frame.territory[rows].tolist() if rows else []
    _insert(session, [piece for _, piece in flawed], [ids[at] for at in rows], keys)


def _insert(session: Session, pieces: list[Piece], places: Sequence[int | None], keys: Sequence[int]) -> None:
    """Append pieces; `places` are their building ids, `keys` the territory of those that do not know it."""
    shapes = [shapely.multipolygons(_polygons(piece.shape)) for piece in pieces]
    own = (key or piece.territory or int(piece.grid_codes[0]) for piece, key in zip(pieces, keys, strict=True))
    columns: dict[str, Iterable[str]] = {
        "kind": (piece.kind for piece in pieces),
        "territory": cells(own),
        "area_m2": (f"{piece.area_m2:.3f}" for piece in pieces),
        "grid_codes": ("{" + ",".join(piece.grid_codes) + "}" for piece in pieces),
        "building_id": cells(places),
        "outline": multi_hex(np.array(shapes, object)),
    }
    copy_in(session, Gap.__table__, list(columns), map("\t".join, zip(*columns.values(), strict=True)))


def _polygons(shape: Any) -> list[Any]:
    return [part for part in shapely.get_parts(shape) if part.geom_type == "Polygon"]
