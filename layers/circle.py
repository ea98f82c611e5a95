"""The small map of a team: its circle, the grids that it touches, and the base point in the middle."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, literal, select
from sqlalchemy.orm import Session

from gis.boundaries import GridOutline
from gis.resources import VolunteerTeam
from gis.viewer import Viewer
from layers.spot import DIGITS, Collections, clipped, collection

AIR = 1.15
"""How much wider than the circle the map is."""


def around(session: Session, viewer: Viewer, team: VolunteerTeam) -> Collections:
    """Return GeoJSON collections by name: the frame, the grids of the day in it, and the circle of the radius."""
    viewer.require("map.view")
    point = select(VolunteerTeam.point).where(VolunteerTeam.id == team.id).scalar_subquery()

    def ring(metres: float) -> Any:
        round_ = func.st_buffer(func.geography(func.st_transform(point, 4326)), metres)
        return func.st_setsrid(func.geometry(round_), 4490)

    box = func.st_envelope(ring(team.radius_m * AIR))
    frame = select(literal("").label("name"), func.st_asgeojson(box, DIGITS).label("shape"))
    circle = select(literal("").label("name"), func.st_asgeojson(ring(team.radius_m), DIGITS).label("shape"))
    grids = clipped(GridOutline.outline, GridOutline.name, box).where(GridOutline.valid.contains(viewer.day))
    queries = {"frame": frame, "grids": grids, "circle": circle}
    return {name: collection(session.execute(query)) for name, query in queries.items()}
