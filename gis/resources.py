"""Volunteer teams, their activities, and service points: what can help, where, and how much of it."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ColumnElement,
    Date,
    Float,
    ForeignKey,
    Identity,
    Index,
    Integer,
    Select,
    Text,
    and_,
    func,
    or_,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, Session, mapped_column

from gis.boundaries import Grid, GridOutline, in_force
from gis.database import Base, Territorial, one_of, place, place_in_tiles
from gis.scope import Scope
from gis.viewer import Viewer
from gis.words import N_

SKILLS = {
    "first_aid": N_("first aid"),
    "repairs": N_("repairs"),
    "legal": N_("legal advice"),
    "elder_care": N_("elder care"),
    "children": N_("children's activities"),
    "culture": N_("culture and sport"),
    "environment": N_("environment"),
    "emergency": N_("emergency help"),
}
AVAILABILITY = {"any_time": N_("any time"), "evenings": N_("evenings"), "weekends": N_("weekends")}
CANDIDATES = 4
"""How many times as many teams are looked at as are wanted: enough down to 60 degrees of latitude."""
POINT_KINDS = {
    "service_centre": N_("Party-masses service centre"),
    "station": N_("neighbourhood station"),
    "canteen": N_("community canteen"),
    "clinic": N_("health station"),
    "supplies": N_("supplies point"),
}


class Lasting:
    """Something that opens on a day (empty for what was there before days were kept) and is closed from another on."""

    opened_on: Mapped[date | None] = mapped_column(Date)
    closed_on: Mapped[date | None] = mapped_column(Date)


def stands(model: type[Lasting], day: date) -> ColumnElement[bool]:
    """Return the condition that a team or a service point is there on a day: in every map and figure of it."""
    begun = or_(model.opened_on.is_(None), model.opened_on <= day)
    return and_(begun, or_(model.closed_on.is_(None), model.closed_on > day))


class VolunteerTeam(Lasting, Territorial, Base):
    """A volunteer team at its base point; no volunteer's home is known."""

    __tablename__ = "volunteer_teams"
    __table_args__ = (
        one_of("availability", *AVAILABILITY),
        CheckConstraint("active_count BETWEEN 0 AND registered_count", name="active_of_registered"),
        CheckConstraint("radius_m > 0", name="radius_positive"),
        CheckConstraint("open_calls >= 0", name="open_calls_counted"),
        Index("ix_volunteer_teams_point", "point", postgresql_using="gist"),
        Index("ix_volunteer_teams_point_tile", "point_tile", postgresql_using="gist"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    area_code: Mapped[str] = mapped_column(ForeignKey("areas.code"), index=True)
    grid_id: Mapped[int | None] = mapped_column(ForeignKey("grids.id"), index=True)
    name: Mapped[str] = mapped_column(Text)
    skills: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default="{}")
    active_count: Mapped[int] = mapped_column(Integer)
    registered_count: Mapped[int] = mapped_column(Integer)
    availability: Mapped[str] = mapped_column(Text)
    radius_m: Mapped[int] = mapped_column(Integer, server_default="1000")
    contact_phone: Mapped[str | None] = mapped_column(Text)
    revision: Mapped[int] = mapped_column(Integer, server_default="1")
    open_calls: Mapped[int] = mapped_column(Integer, server_default="0")
    point = place()
    point_tile = place_in_tiles()


class VolunteerActivity(Territorial, Base):
    """An activity of a team: day, hours given and how many took part."""

    __tablename__ = "volunteer_activities"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    team_id: Mapped[int] = mapped_column(ForeignKey("volunteer_teams.id"), index=True)
    held_on: Mapped[date] = mapped_column(Date, index=True)
    name: Mapped[str] = mapped_column(Text)
    hours: Mapped[float] = mapped_column(Float)
    participants: Mapped[int] = mapped_column(Integer)
    site: Mapped[str | None] = mapped_column(Text)
    point = place()


class ServicePoint(Lasting, Territorial, Base):
    """A place that serves residents: capacity, opening hours and what can be handled there."""

    __tablename__ = "service_points"
    __table_args__ = (
        one_of("kind", *POINT_KINDS),
        Index("ix_service_points_point_tile", "point_tile", postgresql_using="gist"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    area_code: Mapped[str] = mapped_column(ForeignKey("areas.code"), index=True)
    grid_id: Mapped[int | None] = mapped_column(ForeignKey("grids.id"), index=True)
    kind: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    capacity: Mapped[int | None] = mapped_column(Integer)
    opening_hours: Mapped[str | None] = mapped_column(Text)
    hours_workdays: Mapped[str | None] = mapped_column(Text)
    hours_days_off: Mapped[str | None] = mapped_column(Text)
    items: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default="{}")
    contact_phone: Mapped[str | None] = mapped_column(Text)
    revision: Mapped[int] = mapped_column(Integer, server_default="1")
    point = place()
    point_tile = place_in_tiles()


def team_rows(scope: Scope) -> Select[Any]:
    """Select the volunteer teams of the scope at their base points."""
    return (
        select(
            VolunteerTeam.id,
            VolunteerTeam.territory,
            VolunteerTeam.point.label("geom"),
            VolunteerTeam.point_tile.label("tile"),
            VolunteerTeam.name,
            VolunteerTeam.skills,
            VolunteerTeam.active_count,
            VolunteerTeam.registered_count,
            VolunteerTeam.availability,
            VolunteerTeam.radius_m,
            VolunteerTeam.contact_phone,
            Grid.code.label("grid_code"),
        )
        .outerjoin(Grid, Grid.id == VolunteerTeam.grid_id)
        .where(scope.holds(VolunteerTeam.territory), stands(VolunteerTeam, scope.day))
    )


def point_rows(scope: Scope) -> Select[Any]:
    """Select the service points of the scope."""
    return (
        select(
            ServicePoint.id,
            ServicePoint.territory,
            ServicePoint.point.label("geom"),
            ServicePoint.point_tile.label("tile"),
            ServicePoint.kind,
            ServicePoint.name,
            ServicePoint.capacity,
            ServicePoint.opening_hours,
            ServicePoint.items,
            ServicePoint.contact_phone,
            Grid.code.label("grid_code"),
        )
        .outerjoin(Grid, Grid.id == ServicePoint.grid_id)
        .where(scope.holds(ServicePoint.territory), stands(ServicePoint, scope.day))
    )


def nearest(session: Session, viewer: Viewer, grid_id: int, day: date, *, limit: int = 5) -> list[Any]:
    """Return the volunteer teams of the territory by their distance in metres from the middle of a grid."""
    viewer.require("map.view")
    outline = in_force(day).where(GridOutline.grid_id == grid_id).subquery("o")
    near = select(VolunteerTeam.id, outline.c.centre).join(outline, true()).where(stands(VolunteerTeam, day))
    # The index knows degrees, which are not as wide as they are high: it finds candidates, metres put them in order.
    near = near.order_by(VolunteerTeam.point.op("<->")(outline.c.centre)).limit(limit * CANDIDATES)
    found = near.subquery("near")
    metres = func.st_distancespheroid(VolunteerTeam.point, found.c.centre)
    teams = select(VolunteerTeam, func.round(metres).label("metres")).join(found, found.c.id == VolunteerTeam.id)
    return list(session.execute(teams.order_by(metres, VolunteerTeam.id).limit(limit)))
