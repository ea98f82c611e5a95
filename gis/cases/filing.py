"""A case comes in: where it lies, who is responsible there, whether it is known already, and its first entry."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Sequence, func, select
from sqlalchemy.orm import Session

from gis import audit
from gis.areas import Area
from gis.boundaries import GridOutline, hold_still
from gis.cases import steps
from gis.cases.facts import facts, is_open
from gis.cases.tables import CATEGORIES, SOURCES, Case, CaseEvent
from gis.database import SRID, hold_name
from gis.errors import Conflict, Invalid, NotFound
from gis.party import CouncilMeeting, ReceptionCase, ReceptionDay
from gis.private import refuse
from gis.scope import ZONE
from gis.staffing import Assignment
from gis.viewer import Viewer, key
from gis.words import N_, Word

RESTRICTED = ("dispute", "livelihood")
"""Categories whose words and place are for their handler and their reporter only."""
NEAR_M = 50
"""Within this distance an open case of the category may be the same."""
NUMBERS = Sequence("case_numbers")
LONGEST = {"title": 60, "address": 120, "description": 1000}
CANDIDATES = 5


@dataclass(frozen=True)
class Report:
    """What somebody reports: longitude and latitude in degrees, and a key that makes sending it twice harmless."""

    category: str
    title: str
    lon: float
    lat: float
    description: str = ""
    address: str = ""
    source: str = "grid_patrol"
    urgency: str = "normal"
    key: str | None = None
    reception: int | None = None
    council: int | None = None
    same_as: str = ""
    """The number of an open case nearby that this is the same as."""


@dataclass(frozen=True)
class Place:
    """Where a spot lies: the outline in force there, or the village and the nearest outline of the territory."""

    outline: Any
    village: Any
    nearest: Any
    metres: float | None


def place_of(session: Session, viewer: Viewer, spot: tuple[float, float], day: date) -> Place:
    """Return the grid at a spot on a day; where there is none, its village and the nearest grid that is seen."""
    viewer.require("case.report")
    point = at(*spot)
    columns = (GridOutline.id, GridOutline.grid_id, GridOutline.code, GridOutline.name, GridOutline.territory)
    there = select(*columns).where(GridOutline.valid.contains(day))
    outline = session.execute(
        there.where(func.st_intersects(GridOutline.outline, point)).order_by(GridOutline.code).limit(1)
    ).first()
    if outline is not None:
        return Place(outline, None, None, None)
    village = session.execute(
        select(Area.code, Area.name).where(Area.level == "village", func.st_intersects(Area.outline, point)).limit(1)
    ).first()
    metres = func.st_distancesphere(GridOutline.outline, point).label("metres")
    close = there.add_columns(metres).order_by(GridOutline.outline.op("<->")(point)).limit(CANDIDATES).subquery("close")
    nearest = session.execute(select(close).order_by(close.c.metres).limit(1)).first()
    return Place(None, village, nearest, None if nearest is None else float(nearest.metres))


def villages_at(session: Session, spot: tuple[float, float]) -> list[int]:
    """Return the territory keys of the villages at a spot: one, or two where they overlap by mistake."""
    there = select(Area.territory).where(Area.level == "village", func.st_intersects(Area.outline, at(*spot)))
    return list(session.scalars(there))


def similar(
    session: Session, viewer: Viewer, spot: tuple[float, float], category: str, now: datetime, but: int = 0
) -> list[Any]:
    """Return the open cases of a category within 50 m whose words the viewer may read, the nearest first."""
    viewer.require("case.view")
    metres = func.st_distancesphere(facts.c.point, at(*spot))
    columns = (facts.c.case_no, facts.c.title, facts.c.status, facts.c.reported_at, metres.label("metres"))
    near = select(*columns).where(
        is_open(now), facts.c.category == category, facts.c.clear, facts.c.id != but, metres <= NEAR_M
    )
    return list(session.execute(near.order_by(metres).limit(10)))


def report(session: Session, viewer: Viewer, given: Report, now: datetime) -> Case:
    """Store a case as reported; the same key again returns the case that it made.

    Raises Invalid for a spot outside the viewer's territory or words that are missing, Refused for a person's number.
    """
    viewer.require("case.report")
    if given.key:
        hold_name(session, f"report/{given.key}")
    words = checked(given)
    known = given.key and session.scalar(select(Case).where(Case.report_key == given.key))
    if known:
        return unchanged(known, words)
    day = now.astimezone(ZONE).date()
    hold_still(session, villages_at(session, (given.lon, given.lat)))
    place = place_of(session, viewer, (given.lon, given.lat), day)
    territory, (reception, council) = territory_of(viewer, place), linked(session, viewer, given, now)
    made = Case(
        **words, case_no=f"{day:%Y%m%d}{session.scalar(NUMBERS):06d}", status="reported", territory=territory,
        grid_id=place.outline and place.outline.grid_id, outline_id=place.outline and place.outline.id,
        handler_id=place.outline and worker_of(session, place.outline.grid_id, day), reported_at=now,
        visibility="restricted" if given.category in RESTRICTED else "internal", reporter_id=viewer.user_id,
        report_key=given.key, point=f"SRID={SRID};POINT({given.lon!r} {given.lat!r})",
    )  # fmt: skip
    session.add(made)
    session.flush()
    session.add(CaseEvent(case_id=made.id, at=now, to_status="reported", step="report", actor=viewer.name,
                          actor_id=viewer.user_id))  # fmt: skip
    if reception is not None:
        session.add(ReceptionCase(case_id=made.id, reception_id=reception))
    if council is not None:
        council.case_id, council.revision = made.id, council.revision + 1
    session.flush()
    audit.record(session, viewer, "case.report", made.case_no, category=made.category)
    if given.same_as:
        steps.repeated(session, viewer, made.case_no, given.same_as, now)
        session.refresh(made)
    return made


def unchanged(known: Case, words: dict[str, str | None]) -> Case:
    """Return the case that a report made before; raises Conflict when something else is said in it now."""
    if any(getattr(known, name) != text for name, text in words.items()):
        told = N_(
            "Case %(number)s was stored from this report, and says something else. Send it again to report it anew."
        )
        raise Conflict(told, number=known.case_no)
    return known


def linked(session: Session, viewer: Viewer, given: Report, now: datetime) -> tuple[int | None, CouncilMeeting | None]:
    """Return the reception day and the council of a report, before it takes a number.

    Raises Conflict for a repeat of a case that is not offered at the spot, NotFound for a meeting that is not seen.
    """
    if given.same_as:
        near = similar(session, viewer, (given.lon, given.lat), given.category, now)
        if given.same_as not in {each.case_no for each in near}:
            message = N_("Case %(number)s is not among the open ones like this within 50 m any more. Look again.")
            raise Conflict(message, number=given.same_as)
    reception = None if given.reception is None else met_on(session, given.reception)
    return reception, None if given.council is None else council_of(session, viewer, given.council)


def met_on(session: Session, reception: int) -> int:
    """Return the number of a reception day that is held and the viewer sees; raises NotFound for another."""
    held = select(ReceptionDay.id).where(ReceptionDay.id == reception, ReceptionDay.cancelled.is_(None))
    if session.scalar(held) is None:
        raise NotFound(N_("There is no such meeting in your territory."))
    return reception


def council_of(session: Session, viewer: Viewer, council: int) -> CouncilMeeting:
    """Return a council that has no case yet, locked; raises NotFound for another, Conflict for one that has."""
    viewer.require("meeting.manage")
    held = select(CouncilMeeting).where(CouncilMeeting.id == council, CouncilMeeting.cancelled.is_(None))
    met = session.scalar(held.with_for_update().execution_options(populate_existing=True))
    if met is None:
        raise NotFound(N_("There is no such meeting in your territory."))
    if met.case_id is not None:
        raise Conflict(N_("A case came of this meeting already. Look at it again."))
    return met


def checked(given: Report) -> dict[str, str | None]:
    """Return the words of a report, trimmed; raises Invalid or Refused with what is wrong."""
    if given.category not in CATEGORIES:
        raise Invalid(N_("Choose a category."))
    if given.source not in SOURCES or given.urgency not in ("normal", "urgent"):
        raise Invalid(N_("Choose where the report comes from and how urgent it is."))
    words = {name: " ".join(getattr(given, name).split()) for name in LONGEST}
    if len(words["title"]) < 2:
        raise Invalid(N_("Say in a few words what it is."))
    for name, text in words.items():
        if len(text) > LONGEST[name]:
            raise Invalid(N_("That is too long: at most %(most)s characters."), most=LONGEST[name])
        refuse(text)
    kept = {"category": given.category, "source": given.source, "urgency": given.urgency}
    return {**kept, **{name: text or None for name, text in words.items()}}


def territory_of(viewer: Viewer, place: Place) -> int:
    """Return the key that a case at a place belongs to; raises Invalid for one that is not the viewer's."""
    if place.outline is not None:
        return int(place.outline.territory)
    if place.village is not None and viewer.territory.holds(place.village.code):
        return key(place.village.code)
    if place.nearest is None:
        raise Invalid(N_("This place lies outside your territory."))
    message = N_("This place lies in no grid of yours. The nearest is “%(name)s”, %(metres)s m away.")
    raise Invalid(message, name=place.nearest.name, metres=Word(f"{place.metres or 0:,.0f}"))


def worker_of(session: Session, grid_id: int, day: date) -> int | None:
    """Return the member of staff who answers for a grid: its first worker, else its leader."""
    roles = ("grid_worker", "grid_leader")
    posts = select(Assignment.staff_id).where(
        Assignment.grid_id == grid_id, Assignment.role.in_(roles), Assignment.valid.contains(day),
        Assignment.staff_id.is_not(None),
    )  # fmt: skip
    first = posts.order_by(Assignment.role.desc(), Assignment.is_primary.desc(), Assignment.id).limit(1)
    return session.scalar(first)


def at(lon: Any, lat: Any) -> Any:
    """Return a point in CGCS2000 degrees."""
    return func.st_setsrid(func.st_makepoint(lon, lat), SRID)
