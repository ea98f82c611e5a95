"""Volunteer teams: the list and what narrows it, one team with what it did, and how both come in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Float, Select, cast, func, select
from sqlalchemy.orm import Session

from gis import audit
from gis.areas import Area
from gis.boundaries import Grid, GridOutline, in_force
from gis.database import hold_name
from gis.errors import Conflict, Invalid, NotFound
from gis.resources import AVAILABILITY, SKILLS, VolunteerActivity, VolunteerTeam, stands
from gis.scope import Scope, reached
from gis.viewer import Viewer
from gis.volunteers.places import Entry, clean, phone, store
from gis.volunteers.reach import FARTHEST_M
from gis.words import N_

MONTHS = 12
MOST_PEOPLE = 10_000


@dataclass(frozen=True)
class Wanted:
    """What the list is asked for; `near` is the code of a grid, from whose middle `within` metres are counted."""

    skill: str = ""
    availability: str = ""
    text: str = ""
    near: str = ""
    within: int = 2000
    free: bool = False
    closed: bool = False


@dataclass(frozen=True)
class Told:
    """What somebody says of a team; degrees are CGCS2000."""

    name: str
    skills: tuple[str, ...]
    availability: str
    active: int
    registered: int
    radius_m: int
    lon: float
    lat: float
    phone: str = ""


@dataclass(frozen=True)
class Activity:
    """What a team did on a day: the hours of all who took part, taken together."""

    held_on: date
    name: str
    site: str
    participants: int
    hours: float


def listed(session: Session, viewer: Viewer, scope: Scope, wanted: Wanted) -> list[Any]:
    """Return the teams that are asked for, with metres where a grid is named: by distance there, else by place.

    Raises NotFound for a grid that is not in the territory.
    """
    viewer.require("map.view")
    if wanted.near and session.scalar(in_force(viewer.day).where(GridOutline.code == wanted.near)) is None:
        raise NotFound(N_("There is no area or grid %(code)s in your territory on this day."), code=wanted.near)
    x, y = func.st_x(VolunteerTeam.point).label("lon"), func.st_y(VolunteerTeam.point).label("lat")
    metres = distance(wanted, viewer)
    found = select(
        VolunteerTeam,
        Area.name.label("village"),
        Grid.code.label("grid_code"),
        Grid.name.label("grid"),
        metres.label("metres"),
        x,
        y,
    )
    found = found.join(Area, Area.code == VolunteerTeam.area_code, isouter=True)
    found = found.outerjoin(Grid, Grid.id == VolunteerTeam.grid_id).where(scope.holds(VolunteerTeam.territory))
    if not wanted.closed:
        found = found.where(stands(VolunteerTeam, scope.day))
    if wanted.skill:
        found = found.where(VolunteerTeam.skills.contains([wanted.skill]))
    if wanted.availability:
        found = found.where(VolunteerTeam.availability == wanted.availability)
    if wanted.text:
        found = found.where(VolunteerTeam.name.icontains(wanted.text, autoescape=True))
    if wanted.free:
        found = found.where(VolunteerTeam.open_calls == 0, VolunteerTeam.active_count > 0)
    if wanted.near:
        found = found.where(metres <= wanted.within)
    return list(session.execute(found.order_by(metres.nulls_last(), VolunteerTeam.territory, VolunteerTeam.id)))


def distance(wanted: Wanted, viewer: Viewer) -> Any:
    """Return the metres from the middle of the named grid to a team, empty without one."""
    middle = in_force(viewer.day).where(GridOutline.code == wanted.near).with_only_columns(GridOutline.centre)
    return cast(func.round(func.st_distancespheroid(VolunteerTeam.point, middle.limit(1).scalar_subquery())), Float)


def found(session: Session, viewer: Viewer, team_id: int) -> Any:
    """Return a team with its village, grid, longitude and latitude; raises NotFound outside the territory."""
    viewer.require("map.view")
    x, y = func.st_x(VolunteerTeam.point).label("lon"), func.st_y(VolunteerTeam.point).label("lat")
    one = select(VolunteerTeam, Area.name.label("village"), Grid.code.label("grid_code"), Grid.name.label("grid"), x, y)
    one = one.join(Area, Area.code == VolunteerTeam.area_code, isouter=True).outerjoin(
        Grid, Grid.id == VolunteerTeam.grid_id
    )
    row = session.execute(one.where(VolunteerTeam.id == team_id, reached(viewer, VolunteerTeam.territory))).first()
    if row is None:
        raise NotFound(N_("There is no such team in your territory."))
    return row


def activities(session: Session, viewer: Viewer, team_id: int, *, most: int = 50) -> list[VolunteerActivity]:
    """Return what a team did, the newest first."""
    viewer.require("map.view")
    mine = select(VolunteerActivity).where(VolunteerActivity.team_id == team_id)
    mine = mine.where(reached(viewer, VolunteerActivity.territory))
    return list(
        session.scalars(mine.order_by(VolunteerActivity.held_on.desc(), VolunteerActivity.id.desc()).limit(most))
    )


def months(session: Session, viewer: Viewer, team_id: int) -> list[Any]:
    """Return month, hours, participations and activities of a team's last twelve months, the newest first."""
    viewer.require("map.view")
    month = func.date_trunc("month", VolunteerActivity.held_on).label("month")
    summed: Select[Any] = select(
        month,
        func.sum(VolunteerActivity.hours).label("hours"),
        func.sum(VolunteerActivity.participants).label("participants"),
        func.count().label("n"),
    ).where(VolunteerActivity.team_id == team_id, VolunteerActivity.held_on <= viewer.day)
    summed = summed.where(reached(viewer, VolunteerActivity.territory))
    return list(session.execute(summed.group_by(month).order_by(month.desc()).limit(MONTHS)))


def put(session: Session, viewer: Viewer, told: Told, team_id: int | None = None, revision: int = 0) -> VolunteerTeam:
    """Add a team, or change one on the revision that was shown; raises Conflict when somebody was faster."""
    viewer.require("resource.manage")
    return store(
        session, viewer, VolunteerTeam, Entry("team.put", checked(told), told.lon, told.lat, team_id, revision)
    )


def checked(told: Told) -> dict[str, Any]:
    """Return the fields of a team; raises Invalid for what cannot be."""
    if not told.skills or not set(told.skills) <= set(SKILLS) or told.availability not in AVAILABILITY:
        raise Invalid(N_("Choose skills and availability from the lists."))
    if not 0 <= told.active <= told.registered <= MOST_PEOPLE:
        raise Invalid(N_("Active volunteers are some of the registered ones: whole numbers from 0 to 10,000."))
    if not 100 <= told.radius_m <= FARTHEST_M:
        raise Invalid(N_("A radius is from 100 to 10,000 m."))
    return {
        "name": clean(told.name),
        "skills": sorted(set(told.skills)),
        "availability": told.availability,
        "active_count": told.active,
        "registered_count": told.registered,
        "radius_m": told.radius_m,
        "contact_phone": phone(told.phone),
    }


def record(session: Session, viewer: Viewer, team_id: int, told: Activity, now: datetime) -> VolunteerActivity:
    """Store what a team did, at its base point; raises Invalid for a day that is not yet, or odd numbers."""
    viewer.require("resource.manage")
    team = found(session, viewer, team_id).VolunteerTeam
    if not any(low <= team.territory <= high for low, high in viewer.territory.spans):
        raise NotFound(N_("There is no such team in your territory."))
    if not date(2000, 1, 1) <= told.held_on <= viewer.day:
        raise Invalid(N_("An activity is recorded when it was held: choose today or a day before."))
    if team.closed_on and told.held_on >= team.closed_on:
        raise Invalid(N_("“%(name)s” was closed by then."), name=team.name)
    if not 0 < told.participants <= MOST_PEOPLE or not 0 < told.hours <= 24 * told.participants:
        raise Invalid(N_("Participants are a whole number from 1; hours are those of all together."))
    said = {"team_id": team.id, "held_on": told.held_on, "name": clean(told.name), "site": clean(told.site),
            "participants": told.participants, "hours": round(told.hours, 1)}  # fmt: skip
    hold_name(session, f"activities/{team.id}")
    if session.scalar(select(VolunteerActivity.id).filter_by(**said).limit(1)) is not None:
        raise Conflict(N_("This activity is recorded already."))
    made = VolunteerActivity(**said, territory=team.territory, point=team.point)
    session.add(made)
    session.flush()
    audit.record(session, viewer, "team.activity", str(team.id), held_on=told.held_on.isoformat(), hours=made.hours)
    return made
