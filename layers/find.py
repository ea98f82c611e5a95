"""What is at a spot, and what bears a name: both answered by the rows of the layers, through the one door."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from gis.viewer import Viewer
from layers.catalogue import CATALOGUE, GRIDS
from layers.layer import Layer
from layers.query import Asked, rows

MOST_HITS = 8
SEARCHED = ("areas", "grids", "buildings", "cases", "organisations", "service_points", "volunteers")
PIXELS = 6


@dataclass(frozen=True)
class Hit:
    """One row that was found: its layer, its fields, and a spot on it."""

    layer: Layer
    row: Any
    lon: float
    lat: float


def at(
    session: Session, viewer: Viewer, layers: list[Layer], spot: tuple[float, float], zoom: int, asked: Asked
) -> list[Hit]:
    """Return what the layers have at longitude, latitude; points within a few pixels of the zoom count."""
    lon, lat = spot
    hits: list[Hit] = []
    for layer in layers:
        reach = PIXELS * 360 / (256 * 2**zoom) if layer.geometry != "polygon" else 1e-9
        near = replace(asked, near=(lon, lat, reach))
        hits += found(session, layer, viewer, near)
    return hits


def grid_at(session: Session, viewer: Viewer, spot: tuple[float, float], asked: Asked) -> Any:
    """Return id, code and name of the grid at a spot, or None."""
    near = replace(asked, near=(*spot, 1e-9))
    query = rows(GRIDS, viewer, near, fields=("code", "name"), geometry=None)
    return session.execute(query.limit(1)).mappings().first()


def named(session: Session, viewer: Viewer, words: str, asked: Asked) -> list[Hit]:
    """Return the areas, grids, buildings, cases and places whose code, name or address holds the words."""
    hits: list[Hit] = []
    for layer in CATALOGUE.seen_by(viewer):
        if layer.name in SEARCHED:
            hits += found(session, layer, viewer, replace(asked, search=words))
    return sorted(hits, key=lambda hit: SEARCHED.index(hit.layer.name))


def found(session: Session, layer: Layer, viewer: Viewer, asked: Asked) -> list[Hit]:
    """Return at most MOST_HITS rows of one layer with a spot on each."""
    inner = rows(layer, viewer, asked).limit(MOST_HITS).subquery("found")
    spot = func.st_pointonsurface(inner.c.geom)
    columns = [c for c in inner.c if c.name != "geom"]
    query = select(*columns, func.st_x(spot).label("lon_"), func.st_y(spot).label("lat_"))
    return [Hit(layer, row, row["lon_"], row["lat_"]) for row in session.execute(query).mappings()]
