"""Service points: what can be handled there, when they are open, and how an entry comes in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from gis import deadlines
from gis.areas import Area
from gis.errors import Invalid, NotFound
from gis.resources import POINT_KINDS, ServicePoint, stands
from gis.scope import Scope
from gis.viewer import Viewer
from gis.volunteers import hours
from gis.volunteers.hours import Standing
from gis.volunteers.places import Entry, clean, phone, store
from gis.words import N_

MOST_ITEMS = 30


@dataclass(frozen=True)
class Wanted:
    """What the list is asked for; `item` is a word of what can be handled."""

    kind: str = ""
    item: str = ""
    open: bool = False
    closed: bool = False


@dataclass(frozen=True)
class Told:
    """What somebody says of a service point; hours as 08:30-12:00,13:30-17:30, empty for closed."""

    kind: str
    name: str
    capacity: int | None
    items: tuple[str, ...]
    workdays: str
    days_off: str
    lon: float
    lat: float
    phone: str = ""


@dataclass(frozen=True)
class Shown:
    """A service point with its village, its place, and whether it is open now."""

    point: ServicePoint
    village: str | None
    lon: float
    lat: float
    standing: Standing


def listed(session: Session, viewer: Viewer, scope: Scope, wanted: Wanted, now: datetime) -> list[Shown]:
    """Return the service points that are asked for, by place."""
    viewer.require("map.view")
    narrowed = rows().where(scope.holds(ServicePoint.territory))
    if not wanted.closed:
        narrowed = narrowed.where(stands(ServicePoint, scope.day))
    if wanted.kind:
        narrowed = narrowed.where(ServicePoint.kind == wanted.kind)
    if wanted.item:
        words = func.array_to_string(ServicePoint.items, " ") + " " + ServicePoint.name
        narrowed = narrowed.where(words.icontains(wanted.item, autoescape=True))
    shown = told(session, narrowed.order_by(ServicePoint.territory, ServicePoint.id), now)
    return [each for each in shown if each.standing.open or not wanted.open]


def found(session: Session, viewer: Viewer, point_id: int, now: datetime) -> Shown:
    """Return one service point; raises NotFound outside the territory."""
    viewer.require("map.view")
    shown = told(session, rows().where(ServicePoint.id == point_id), now)
    if not shown:
        raise NotFound(N_("There is no such service point in your territory."))
    return shown[0]


def rows() -> Any:
    """Select service points with their village and place."""
    x, y = func.st_x(ServicePoint.point), func.st_y(ServicePoint.point)
    return select(ServicePoint, Area.name, x, y).join(Area, Area.code == ServicePoint.area_code, isouter=True)


def told(session: Session, narrowed: Any, now: datetime) -> list[Shown]:
    """Return what a query found, with who is open now by the working calendar."""
    calendar = deadlines.calendar(session)
    return [
        Shown(point, village, lon, lat, hours.standing(point.hours_workdays, point.hours_days_off, now, calendar))
        for point, village, lon, lat in session.execute(narrowed)
    ]


def put(session: Session, viewer: Viewer, told: Told, point_id: int | None = None, revision: int = 0) -> ServicePoint:
    """Add a service point, or change one on the revision that was shown; raises Conflict when somebody was faster."""
    viewer.require("resource.manage")
    return store(
        session, viewer, ServicePoint, Entry("point.put", checked(told), told.lon, told.lat, point_id, revision)
    )


def checked(told: Told) -> dict[str, Any]:
    """Return the fields of a service point; raises Invalid for what cannot be."""
    if told.kind not in POINT_KINDS:
        raise Invalid(N_("Choose a kind from the list."))
    if told.capacity is not None and not 0 <= told.capacity <= 100_000:
        raise Invalid(N_("A capacity is a whole number from 0."))
    if len(told.items) > MOST_ITEMS:
        raise Invalid(N_("At most %(most)s things can be listed."), most=MOST_ITEMS)
    workdays, days_off = (hours.written(hours.read(text)) for text in (told.workdays, told.days_off))
    return {
        "kind": told.kind,
        "name": clean(told.name),
        "capacity": told.capacity,
        "items": [clean(item, least=1, most=30) for item in told.items],
        "contact_phone": phone(told.phone),
        "hours_workdays": workdays or None,
        "hours_days_off": days_off or None,
        "opening_hours": hours.told(workdays, days_off),
    }
