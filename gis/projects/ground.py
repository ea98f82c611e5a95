"""The ground of a project: that of buildings, or an outline that was drawn, and the area that holds it."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from gis import grounds
from gis.areas import Area
from gis.database import SRID
from gis.errors import Invalid, NotFound
from gis.premises import Building
from gis.scope import inside
from gis.viewer import Viewer
from gis.words import N_

MOST_BUILDINGS = 200
SLACK = 1e-5
"""Degrees, about a metre, by which an outline may leave the area that it was drawn along."""


def built_ground(session: Session, viewer: Viewer, codes: list[str]) -> tuple[str, Any]:
    """Return the village and the ground of some buildings; raises NotFound when one is not in the territory."""
    if len(codes) > MOST_BUILDINGS:
        raise Invalid(N_("Name one to 200 buildings by their codes."))
    chosen = select(func.count(), func.min(Building.territory), func.max(Building.territory),
                    func.st_multi(func.st_union(Building.outline)))  # fmt: skip
    here = Building.code.in_(codes), inside(viewer, Building.territory)
    count, low, high, ground = session.execute(chosen.where(*here)).one()
    if count != len(set(codes)):
        raise NotFound(N_("Not all of these buildings are in your territory."))
    if low // 1000 != high // 1000:
        raise Invalid(N_("The buildings of a project lie in one village or community."))
    return str(low // 1000), ground


def drawn_ground(session: Session, viewer: Viewer, drawn: str) -> tuple[str, Any]:
    """Return the area and the ground of an outline that was drawn, a GeoJSON geometry."""
    try:
        shape = grounds.outline(json.loads(drawn))
    except ValueError as error:
        raise Invalid(N_("An outline is a Polygon or a MultiPolygon.")) from error
    return home_of(session, viewer, shape), written(shape)


def home_of(session: Session, viewer: Viewer, shape: Any) -> str:
    """Return the code of the smallest area that holds an outline; raises Invalid outside the territory."""
    ground = func.st_geomfromtext(shape.wkt, SRID)
    holds = Area.outline.op("&&")(ground) & func.st_covers(func.st_buffer(Area.outline, SLACK), ground)
    rank = func.array_position(["village", "town", "district"], Area.level)
    found = session.scalars(select(Area.code).where(holds, inside(viewer, Area.territory)).order_by(rank))
    home = next((code for code in found if viewer.territory.holds(code)), None)
    if home is None:
        raise Invalid(N_("The outline does not lie inside your territory."))
    return home


def written(shape: Any) -> str:
    """Return a multipolygon as it is stored."""
    return f"SRID={SRID};{shape.wkt}"
