"""Where a team or a service point stands: its grid and village by its point, inside the viewer's territory."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, TypeVar

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from gis import audit
from gis.areas import Area
from gis.boundaries import GridOutline
from gis.database import SRID, Base
from gis.errors import Conflict, Invalid, NotFound
from gis.private import refuse
from gis.resources import VolunteerTeam
from gis.viewer import Viewer, key
from gis.words import N_

LONGEST = 60
FARTHEST = timedelta(days=366)

Kept = TypeVar("Kept", bound=Base)


@dataclass(frozen=True)
class Stand:
    """The place of a point: its village, its grid if there is one, and the territory that it belongs to."""

    area_code: str
    grid_id: int | None
    territory: int
    point: str


def stand(session: Session, viewer: Viewer, lon: float, lat: float) -> Stand:
    """Return where a point stands; raises Invalid for one outside the viewer's territory."""
    viewer.require("resource.manage")
    point = func.st_setsrid(func.st_makepoint(lon, lat), SRID)
    written = f"SRID={SRID};POINT({lon!r} {lat!r})"
    inside = select(GridOutline.grid_id, GridOutline.code).where(
        GridOutline.valid.contains(viewer.day), func.st_intersects(GridOutline.outline, point)
    )
    grid = session.execute(inside.order_by(GridOutline.code).limit(1)).first()
    if grid is not None and viewer.territory.holds(grid.code):
        return Stand(grid.code[:12], grid.grid_id, int(grid.code), written)
    of_village = select(Area.code).where(Area.level == "village", func.st_intersects(Area.outline, point)).limit(1)
    village = session.scalar(of_village)
    if grid is not None or village is None or not viewer.territory.holds(village):
        raise Invalid(N_("The place lies outside your territory. Give longitude and latitude of a place inside it."))
    return Stand(village, None, key(village), written)


def clean(text: str, *, least: int = 2, most: int = LONGEST) -> str:
    """Return a text, trimmed; raises Invalid for its length, Refused for a person's number in it."""
    words = " ".join(text.split())
    if not least <= len(words) <= most:
        raise Invalid(
            N_("“%(value)s” needs %(least)s to %(most)s characters."), value=words[:20], least=least, most=most
        )
    refuse(words)
    return words


def phone(text: str) -> str | None:
    """Return the phone of a unit; raises Refused for a mobile number, which is a person's."""
    words = " ".join(text.split())[:30]
    refuse(words)
    return words or None


@dataclass(frozen=True)
class Entry:
    """What is stored: the action that is logged, checked fields, the place; of an old entry its number and revision."""

    action: str
    fields: dict[str, Any]
    lon: float
    lat: float
    id: int | None = None
    revision: int = 0


@dataclass(frozen=True)
class Closing:
    """The first day on which an entry is closed, none to take that back; the action that is logged, its revision."""

    action: str
    id: int
    revision: int
    day: date | None


def store(session: Session, viewer: Viewer, model: type[Kept], given: Entry) -> Kept:
    """Add an entry, or change one on the revision that was shown; raises Conflict when somebody was faster."""
    viewer.require("resource.manage")
    row: Any = model() if given.id is None else changing(session, viewer, model, given.id, given.revision)
    if row.closed_on and row.closed_on <= viewer.day:
        raise Conflict(N_("“%(name)s” is closed since %(day)s."), name=row.name, day=row.closed_on)
    place = stand(session, viewer, given.lon, given.lat)
    for name, value in (*given.fields.items(), *vars(place).items()):
        setattr(row, name, value)
    row.revision = 1 if given.id is None else given.revision + 1
    row.opened_on = viewer.day if given.id is None else row.opened_on
    session.add(row)
    session.flush()
    audit.record(session, viewer, given.action, str(row.id), name=row.name, revision=row.revision)
    stored: Kept = row
    return stored


def changing(session: Session, viewer: Viewer, model: Any, id_: int, revision: int) -> Any:
    """Return a row to change; raises NotFound outside the territory, Conflict when somebody changed it meanwhile."""
    viewer.require("resource.manage")
    row = session.scalar(select(model).where(model.id == id_).with_for_update())
    if row is None or not any(low <= row.territory <= high for low, high in viewer.territory.spans):
        raise NotFound(N_("There is no such entry in your territory."))
    if row.revision != revision:
        raise Conflict(
            N_(
                "Somebody else changed “%(name)s” meanwhile. What you typed is still here: open the page in "
                "another tab, compare, and save from there."
            ),
            name=row.name,
        )
    return row


def close(session: Session, viewer: Viewer, model: type[Kept], given: Closing) -> Kept:
    """Close an entry from a day on, or take back what lies ahead; raises Conflict when somebody was faster."""
    viewer.require("resource.manage")
    row = changing(session, viewer, model, given.id, given.revision)
    if row.closed_on and row.closed_on <= viewer.day:
        raise Conflict(N_("“%(name)s” is closed since %(day)s."), name=row.name, day=row.closed_on)
    if given.day and not viewer.day <= given.day <= viewer.day + FARTHEST:
        raise Invalid(N_("A place closes today or within a year: what was stays as it was."))
    if given.day and isinstance(row, VolunteerTeam) and row.open_calls:
        raise Conflict(N_("“%(name)s” is called to a case: note its answer first."), name=row.name)
    row.closed_on, row.revision = given.day, row.revision + 1
    session.flush()
    said = given.day and given.day.isoformat()
    audit.record(session, viewer, given.action, str(row.id), name=row.name, closed_on=said)
    stored: Kept = row
    return stored
