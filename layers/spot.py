"""What lies around a case or under outlines: houses, the lines of grids, the line in force when a case came in."""

from __future__ import annotations

import json
import math
from typing import Any

import shapely
from geoalchemy2 import WKBElement
from geoalchemy2.shape import to_shape
from sqlalchemy import Select, func, literal, select
from sqlalchemy.orm import Session

from gis.boundaries import GridOutline
from gis.database import SRID
from gis.premises import Building
from gis.viewer import Viewer

HALF_WIDTH_M, HALF_HEIGHT_M = 180.0, 110.0
METRES = 111_320.0
"""Metres in a degree of latitude."""
DIGITS = 6

Collections = dict[str, dict[str, Any]]


def around(session: Session, viewer: Viewer, case: Any) -> Collections | None:
    """Return GeoJSON collections by name, clipped to a frame around a case; None for one without a place."""
    viewer.require("case.view")
    if case.point is None:
        return None
    lon, lat = session.execute(select(func.st_x(case.point), func.st_y(case.point))).one()
    east, north = HALF_WIDTH_M / METRES / math.cos(math.radians(lat)), HALF_HEIGHT_M / METRES
    box = func.st_makeenvelope(lon - east, lat - north, lon + east, lat + north, SRID)
    today, filed = GridOutline.valid.contains(viewer.day), GridOutline.id == (case.outline_id or 0)
    queries = {
        "frame": select(literal("").label("name"), func.st_asgeojson(box, DIGITS).label("shape")),
        "houses": clipped(Building.outline, Building.name, box),
        "grids": clipped(GridOutline.outline, GridOutline.name, box).where(today),
        "filed": clipped(GridOutline.outline, GridOutline.name, box).where(filed, ~today),
    }
    made = {name: collection(session.execute(query)) for name, query in queries.items()}
    made["place"] = {"type": "FeatureCollection", "features": [], "at": [lon, lat]}
    return made


def under(session: Session, viewer: Viewer, shapes: dict[str, Any]) -> Collections:
    """Return GeoJSON collections of outlines by name and of the grids around them."""
    viewer.require("map.view")
    whole = shapely.union_all(list(shapes.values()))
    west, south, east, north = whole.buffer(HALF_HEIGHT_M / METRES).bounds
    box = func.st_makeenvelope(west, south, east, north, SRID)
    today = GridOutline.valid.contains(viewer.day)
    queries = {
        "frame": select(literal("").label("name"), func.st_asgeojson(box, DIGITS).label("shape")),
        "grids": clipped(GridOutline.outline, GridOutline.name, box).where(today),
    }
    made = {name: collection(session.execute(query)) for name, query in queries.items()}
    drawn = [{"type": "Feature", "properties": {"name": name}, "geometry": shapely.geometry.mapping(shape)}
             for name, shape in shapes.items()]  # fmt: skip
    made["projects"] = {"type": "FeatureCollection", "features": drawn}
    return made


def of_one(session: Session, viewer: Viewer, name: str, outline: WKBElement) -> Collections:
    """Return the same of one outline as it is stored."""
    return under(session, viewer, {name: to_shape(outline)})


def clipped(outline: Any, name: Any, box: Any) -> Select[Any]:
    """Select name and GeoJSON of what an envelope shares with outlines."""
    piece = func.st_clipbybox2d(outline, box)
    return select(name.label("name"), func.st_asgeojson(piece, DIGITS).label("shape")).where(
        func.st_intersects(outline, box)
    )


def collection(rows: Any) -> dict[str, Any]:
    """Return named shapes as a feature collection, those without an area left out."""
    features = [
        {"type": "Feature", "properties": {"name": row.name or ""}, "geometry": shape}
        for row in rows
        if (shape := json.loads(row.shape))["type"] in ("Polygon", "MultiPolygon") and shape["coordinates"]
    ]
    return {"type": "FeatureCollection", "features": features}
