"""What an organisation covers, as shapes: the ground of its area, the grids there, and those that are its."""

from __future__ import annotations

from typing import Any, NamedTuple

import shapely
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from gis.areas import Area
from gis.boundaries import GridOutline
from gis.scope import Scope
from gis.viewer import Viewer, level
from layers.spot import Collections, collection

FINE = {"town": 0.0003, "village": 0.00004}
"""Degrees within which a line may be straightened, so that a town's map stays small."""


class Drawn(NamedTuple):
    """A named outline as GeoJSON."""

    name: str
    shape: str


def around(session: Session, viewer: Viewer, scope: Scope, code: str, covered: list[int]) -> Collections:
    """Return GeoJSON collections of a town or village: ground, other grids, covered grids.

    Grids are straightened together, so that what shares a border goes on sharing it.
    """
    viewer.require("map.view")
    prefix = code[:9] if code.endswith("000") else code[:12]
    ground = select(Area.code, Area.name, func.st_asbinary(Area.outline)).where(Area.code == code[:12])
    grids = select(GridOutline.grid_id, GridOutline.name, func.st_asbinary(GridOutline.outline)).where(
        GridOutline.code.startswith(prefix), GridOutline.valid.contains(scope.day), scope.holds(GridOutline.territory)
    )
    fine = FINE.get(level(code), FINE["town"])
    found = straight(session.execute(grids).all(), fine)
    return {
        "ground": collection(straight(session.execute(ground).all(), fine).values()),
        "others": collection(each for number, each in found.items() if number not in covered),
        "covered": collection(each for number, each in found.items() if number in covered),
    }


def straight(rows: Any, degrees: float) -> dict[Any, Drawn]:
    """Return outlines (key, name, WKB) by their keys, simplified as one coverage."""
    shapes = shapely.coverage_simplify(shapely.from_wkb([bytes(wkb) for _key, _name, wkb in rows]), degrees)
    texts = shapely.to_geojson(shapes)
    return {key: Drawn(name, str(text)) for (key, name, _wkb), text in zip(rows, texts, strict=True)}
