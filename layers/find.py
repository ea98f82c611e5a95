"""What is at a spot, and what bears a name: both answered by the rows of the layers, through the one door."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from gis import audit
from gis.viewer import Viewer
from layers.catalogue import GRIDS, HOUSEHOLDS, SEARCHED
from layers.layer import Layer
from layers.query import CODES, Asked, fits, rows

MOST_HITS = 8
SHORTEST_WORDS = 2
TOLD = ("code", "name", "title", "compound", "address", "case_no", "grid_code")
"""The fields that tell one hit of a search from another."""
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
        hits += found(session, layer, rows(layer, viewer, near).limit(MOST_HITS))
    return hits


def grid_at(session: Session, viewer: Viewer, spot: tuple[float, float], asked: Asked) -> Any:
    """Return id, code and name of the grid at a spot, or None."""
    near = replace(asked, near=(*spot, 1e-9))
    query = rows(GRIDS, viewer, near, fields=("code", "name"), geometry=None)
    return session.execute(query.limit(1)).mappings().first()


def identify(
    session: Session, viewer: Viewer, layers: list[Layer], spot: tuple[float, float], zoom: int, asked: Asked
) -> tuple[Any, list[Hit]]:
    """Return the grid at a spot and what the layers have there; a look at households is written to the audit log.

    The log gets the grid and how many outlines were shown, never which.
    """
    grid, hits = grid_at(session, viewer, spot, asked), at(session, viewer, layers, spot, zoom, asked)
    homes = sum(hit.layer is HOUSEHOLDS for hit in hits)
    if homes:
        audit.record(session, viewer, "household.look", None if grid is None else grid["code"], count=homes)
    return grid, hits


def named(session: Session, viewer: Viewer, words: str, asked: Asked) -> tuple[list[Hit], bool]:
    """Return the areas, grids, buildings, cases and places that bear the words, and whether there are more."""
    if len(words) < SHORTEST_WORDS:
        return [], False
    hits: list[Hit] = []
    more = False
    for layer in SEARCHED:
        if viewer.may(layer.permission) and any(f.searched and fits(f, words) for f in layer.fields):
            bearing = found(session, layer, bearers(layer, viewer, words, asked).limit(MOST_HITS + 1))
            hits += bearing[:MOST_HITS]
            more = more or len(bearing) > MOST_HITS
    return hits, more


def bearers(layer: Layer, viewer: Viewer, words: str, asked: Asked) -> Select[Any]:
    """Select the rows of a layer that bear the words, grids as they are numbered, others the short names first."""
    query = rows(layer, viewer, replace(asked, search=words), fields=TOLD)
    columns = query.selected_columns
    searched = [f.name for f in layer.fields if f.searched and fits(f, words)]
    names = [columns[name] for name in searched if name not in CODES]
    if layer is GRIDS:
        return query.order_by(columns["code"])
    if not names:
        return query.order_by(columns[searched[0]], columns.id)
    label = func.coalesce(*names)
    return query.order_by(func.length(label), label, columns.id)


def found(session: Session, layer: Layer, query: Select[Any]) -> list[Hit]:
    """Return the rows of a query over one layer with a spot on each."""
    inner = query.subquery("found")
    spot = func.st_pointonsurface(inner.c.geom)
    columns = [c for c in inner.c if c.name != "geom"]
    listed = select(*columns, func.st_x(spot).label("lon_"), func.st_y(spot).label("lat_"))
    return [Hit(layer, row, row["lon_"], row["lat_"]) for row in session.execute(listed).mappings()]
