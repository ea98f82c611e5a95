"""What an organisation covers, as shapes: the ground of its area, the grids there, and those that are its."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from gis.areas import Area
from gis.boundaries import GridOutline
from gis.scope import Scope
from gis.viewer import Viewer, level
from layers.spot import DIGITS, Collections, collection

FINE = {"town": 0.0003, "village": 0.00004}
"""Degrees within which a line may be straightened, so that a town's map stays small."""


def around(session: Session, viewer: Viewer, scope: Scope, code: str, covered: list[int]) -> Collections:
    """Return GeoJSON collections of a town or village: ground, other grids, covered grids."""
    viewer.require("map.view")
    degrees = FINE.get(level(code), FINE["town"])
    prefix = code[:9] if code.endswith("000") else code[:12]

    def drawn(outline: Any) -> Any:
        return func.st_asgeojson(func.st_simplifypreservetopology(outline, degrees), DIGITS).label("shape")

    grids = select(GridOutline.name.label("name"), drawn(GridOutline.outline)).where(
        GridOutline.code.startswith(prefix), GridOutline.valid.contains(scope.day), scope.holds(GridOutline.territory)
    )
    ground = select(Area.name.label("name"), drawn(Area.outline)).where(Area.code == code[:12])
    return {
        "ground": collection(session.execute(ground)),
        "others": collection(session.execute(grids.where(GridOutline.grid_id.not_in(covered)))),
        "covered": collection(session.execute(grids.where(GridOutline.grid_id.in_(covered)))),
    }
