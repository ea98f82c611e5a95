"""Which teams reach a place, and which grids a team reaches: by index in degrees first, then in metres."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Boolean, Select, cast, func, literal, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql import array as texts
from sqlalchemy.orm import Session
from sqlalchemy.types import Text

from gis import deadlines
from gis.boundaries import in_force
from gis.deadlines import Calendar
from gis.resources import VolunteerTeam, stands
from gis.scope import ZONE
from gis.viewer import Viewer

SUITED: dict[str, tuple[str, ...]] = {
    "environment": ("environment",),
    "public_facility": ("repairs",),
    "safety_hazard": ("emergency", "first_aid"),
    "dispute": ("legal",),
    "livelihood": ("elder_care", "first_aid"),
    "property_repair": ("repairs",),
    "unauthorized_building": ("legal",),
    "inquiry": ("legal",),
    "suggestion": ("culture", "children"),
}
"""Category of a case → the skills that help with it."""
FARTHEST_M = 10_000
"""No team's radius is larger."""
METRES = 111_320.0
"""Metres in a degree of latitude, rounded down enough that the box is never too small on the ellipsoid."""
WIDEST = 2.0
"""How many times as wide in degrees as it is high a circle can be: up to 60 degrees of latitude."""
EVENING = (18, 22)
"""Hours of the clock between which who is there in the evenings can come."""


@dataclass(frozen=True)
class Near:
    """A team that reaches a place: how far, whether its skills fit, whether it can come now."""

    team: VolunteerTeam
    metres: int
    suited: bool
    available: bool


def free(availability: str, now: datetime, calendar: Calendar) -> bool:
    """Tell whether a team of this availability can come at a moment; a make-up working day is no weekend."""
    local = now.astimezone(ZONE)
    if availability == "evenings":
        return EVENING[0] <= local.hour < EVENING[1]
    return availability == "any_time" or not calendar.works(local.date())


def reaching(point: Any, day: date, skills: tuple[str, ...] = ()) -> Select[Any]:
    """Select the teams whose radius reaches a point, with metres on the ellipsoid: those whose skills fit first."""
    high = (FARTHEST_M + 1000) / METRES
    box = func.st_expand(point, high * WIDEST, high)
    wanted = cast(texts(list(skills)), ARRAY(Text)) if skills else None
    suited = VolunteerTeam.skills.overlap(wanted) if wanted is not None else cast(literal(False), Boolean)
    metres = func.st_distancespheroid(VolunteerTeam.point, point)
    found = select(VolunteerTeam, func.round(metres).label("metres"), suited.label("suited"))
    found = found.where(VolunteerTeam.point.op("&&")(box), metres <= VolunteerTeam.radius_m)
    return found.where(VolunteerTeam.active_count > 0, stands(VolunteerTeam, day)).order_by(
        suited.desc(), metres, VolunteerTeam.id
    )


def of_case(session: Session, viewer: Viewer, case: Any, now: datetime, *, most: int = 12) -> list[Near]:
    """Return the teams that reach a case whose words the viewer may read; of another one none."""
    viewer.require("case.view")
    if case.point is None or not case.clear:
        return []
    return told(session, viewer, reaching(case.point, viewer.day, SUITED.get(case.category, ())).limit(most), now)


def told(session: Session, viewer: Viewer, found: Select[Any], now: datetime) -> list[Near]:
    """Return what a query found, with who is free now."""
    viewer.require("case.view")
    calendar = deadlines.calendar(session)
    rows = session.execute(found)
    return [
        Near(team, int(metres), bool(suited), team.open_calls == 0 and free(team.availability, now, calendar))
        for team, metres, suited in rows
    ]


def grids_of(session: Session, viewer: Viewer, team: VolunteerTeam) -> list[Any]:
    """Return code, name, households and metres of the grids that a team's radius touches, the nearest first."""
    viewer.require("map.view")
    outline = in_force(viewer.day).subquery("o")
    point = select(VolunteerTeam.point).where(VolunteerTeam.id == team.id).scalar_subquery()
    high = (team.radius_m + 1000) / METRES
    metres = func.st_distance(
        func.geography(func.st_transform(outline.c.outline, 4326)), func.geography(func.st_transform(point, 4326))
    )
    found = select(outline.c.code, outline.c.name, outline.c.households, metres.label("metres"))
    near = found.where(outline.c.outline.op("&&")(func.st_expand(point, high * WIDEST, high)), metres <= team.radius_m)
    return list(session.execute(near.order_by("metres", outline.c.code)))
