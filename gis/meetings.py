"""Reception days and deliberation councils: a calendar, how many were received, and the cases that came of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from geoalchemy2 import Geometry
from sqlalchemy import Integer, Select, Text, cast, func, literal, null, select, type_coerce, union_all
from sqlalchemy.orm import Session

from gis import audit
from gis.areas import Area
from gis.cases import facts
from gis.database import SRID, TILE_SRID, hold_name
from gis.errors import Conflict, Invalid, NotFound
from gis.party import HOSTS, PARTY_CADRE, CouncilMeeting, ReceptionCase, ReceptionDay
from gis.private import refuse
from gis.scope import Scope
from gis.viewer import Viewer, key, level
from gis.words import N_

KINDS = {"reception": N_("reception day"), "council": N_("council meeting")}
AROUND = timedelta(days=31)
FARTHEST = timedelta(days=400)
MOST_RECEIVED = 9999


def between(scope: Scope, first: date, last: date) -> Select[Any]:
    """Select the meetings of the scope from one day to another, both kinds in one form."""
    area = Area.__table__.alias("area")
    middle = func.st_pointonsurface(area.c.outline)
    opened = select(func.count()).where(ReceptionCase.reception_id == ReceptionDay.id).scalar_subquery()
    receptions = (
        select(
            (ReceptionDay.id * 2).label("id"), ReceptionDay.territory, ReceptionDay.point.label("geom"),
            ReceptionDay.point_tile.label("tile"), literal("reception", Text).label("kind"), ReceptionDay.held_on,
            area.c.name.label("place"), ReceptionDay.area_code, ReceptionDay.site.label("about"), ReceptionDay.received,
            (func.coalesce(ReceptionDay.cases_opened, 0) + opened).label("cases_opened"),
            cast(null(), Text).label("outcome"), cast(null(), Text).label("case_no"),
            ReceptionDay.host_role.label("host"), ReceptionDay.revision, ReceptionDay.cancelled,
        )
        .outerjoin(area, area.c.code == ReceptionDay.area_code)
        .where(scope.holds(ReceptionDay.territory), ReceptionDay.held_on.between(first, last))
    )  # fmt: skip
    councils = (
        select(
            CouncilMeeting.id * 2 + 1, CouncilMeeting.territory, type_coerce(middle, Geometry("POINT", SRID)),
            type_coerce(func.st_transform(middle, TILE_SRID), Geometry("POINT", TILE_SRID)),
            literal("council", Text), CouncilMeeting.held_on, area.c.name, CouncilMeeting.area_code,
            CouncilMeeting.topic, cast(null(), Integer), cast(func.num_nonnulls(CouncilMeeting.case_id), Integer),
            CouncilMeeting.outcome, facts.c.case_no, cast(null(), Text), CouncilMeeting.revision,
            CouncilMeeting.cancelled,
        )
        .outerjoin(area, area.c.code == CouncilMeeting.area_code)
        .outerjoin(facts, facts.c.id == CouncilMeeting.case_id)
        .where(scope.holds(CouncilMeeting.territory), CouncilMeeting.held_on.between(first, last))
    )  # fmt: skip
    return select(union_all(receptions, councils).subquery("met"))


def rows(scope: Scope) -> Select[Any]:
    """Select the meetings that are held, from a month before the day to a month after it."""
    found = between(scope, scope.day - AROUND, scope.day + AROUND)
    return found.where(found.selected_columns.cancelled.is_(None))


def listed(session: Session, viewer: Viewer, scope: Scope, first: date, last: date, kind: str = "") -> list[Any]:
    """Return the meetings of the scope between two days, in their order."""
    viewer.require("map.view")
    met = between(scope, first, last).subquery("m")
    shown = ("id", "kind", "held_on", "place", "area_code", "about", "received", "cases_opened", "cancelled")
    query = select(*(met.c[name] for name in shown)).order_by(met.c.held_on, met.c.kind.desc(), met.c.area_code)
    return list(session.execute(query.where(met.c.kind == kind) if kind else query))


def one(session: Session, viewer: Viewer, scope: Scope, number: int) -> Any:
    """Return a meeting by its number; raises NotFound outside the territory."""
    viewer.require("map.view")
    met = between(scope, date.min, date.max).subquery("m")
    found = session.execute(select(met).where(met.c.id == number)).first()
    if found is None:
        raise NotFound(N_("There is no such meeting in your territory."))
    return found


def cases_of(session: Session, viewer: Viewer, meeting: int) -> list[Any]:
    """Return the cases that were opened at a meeting; restricted ones without words."""
    viewer.require("case.view")
    columns = (facts.c.case_no, facts.c.title, facts.c.status, facts.c.reported_at)
    if meeting % 2:
        of = select(CouncilMeeting.case_id).where(CouncilMeeting.id == meeting // 2)
        return list(session.execute(select(*columns).where(facts.c.id.in_(of))))
    opened = select(ReceptionCase.case_id).where(ReceptionCase.reception_id == meeting // 2)
    return list(session.execute(select(*columns).where(facts.c.id.in_(opened)).limit(100)))


@dataclass(frozen=True)
class Meeting:
    """What a form says: a reception day has a site and residents received, a council a topic and an outcome."""

    kind: str
    code: str
    held_on: date
    about: str
    received: int | None = None
    outcome: str = ""
    case_no: str = ""
    host: str = PARTY_CADRE


def put(
    session: Session, viewer: Viewer, given: Meeting, day: date, meeting: int | None = None, seen: int | None = None
) -> int:
    """Add a meeting, or change the one with a number as it was seen; returns its number.

    Raises Conflict when somebody else has changed or cancelled it since.
    """
    viewer.require("meeting.manage")
    words = checked(given, day)
    if meeting is None:
        refuse_known(session, given, words[0])
        made = begun(session, viewer, given)
    elif meeting % 2 == (given.kind == "council"):
        made = found_as_seen(session, viewer, meeting, seen)
        made.revision += 1
    else:
        raise NotFound(N_("There is no such meeting in your territory."))
    made.held_on = given.held_on
    if isinstance(made, ReceptionDay):
        made.site, made.received, made.host_role = words[0], given.received, given.host
    else:
        made.topic, made.outcome = words[0], words[1] or None
        made.case_id = case_of(session, given.case_no)
    session.flush()
    number = int(made.id) * 2 + (given.kind == "council")
    audit.record(session, viewer, "meeting.put", str(number), kind=given.kind, held_on=given.held_on.isoformat())
    return number


def cancel(session: Session, viewer: Viewer, meeting: int, seen: int | None, reason: str) -> None:
    """Cancel a meeting with a reason; raises Conflict when it took place or somebody else has changed it."""
    viewer.require("meeting.manage")
    why = " ".join(reason.split())
    if not 1 < len(why) <= 60:
        raise Invalid(N_("Say why, in 2 to 60 characters."))
    refuse(why)
    met = found_as_seen(session, viewer, meeting, seen)
    if took_place(session, met):
        raise Conflict(N_("It took place: residents were received, or something came of it."))
    met.cancelled, met.revision = why, met.revision + 1
    session.flush()
    audit.record(session, viewer, "meeting.cancel", str(meeting), held_on=met.held_on.isoformat(), reason=why)


def took_place(session: Session, met: ReceptionDay | CouncilMeeting) -> bool:
    """Tell whether something is known of a meeting that only one that was held can have."""
    if isinstance(met, CouncilMeeting):
        return met.outcome is not None or met.case_id is not None
    linked = select(func.count()).where(ReceptionCase.reception_id == met.id)
    return met.received is not None or bool(met.cases_opened) or bool(session.scalar(linked))


def checked(given: Meeting, day: date) -> tuple[str, str]:
    """Return site or topic, and outcome; raises Invalid or Refused with what is wrong."""
    about, outcome = " ".join(given.about.split()), " ".join(given.outcome.split())
    if given.host not in HOSTS:
        raise Invalid(N_("Choose from the list who receives."))
    if given.kind not in KINDS or not 1 < len(about) <= 60 or len(outcome) > 200:
        raise Invalid(N_("Say where it is or what it is about, in 2 to 60 characters; an outcome has at most 200."))
    if abs(given.held_on - day) > FARTHEST:
        raise Invalid(N_("A meeting lies within 400 days."))
    if given.received is not None and (not 0 <= given.received <= MOST_RECEIVED or given.held_on > day):
        raise Invalid(N_("The number received is known when the day has come."))
    refuse(about, outcome)
    return about, outcome


def found_as_seen(session: Session, viewer: Viewer, meeting: int, seen: int | None) -> Any:
    """Return the row of a meeting, locked; raises Conflict when it is not any more as it was seen."""
    model: Any = CouncilMeeting if meeting % 2 else ReceptionDay
    query = select(model).where(model.id == meeting // 2).with_for_update()
    found = session.scalar(query.execution_options(populate_existing=True))
    if found is None or not viewer.territory.holds(found.area_code):
        raise NotFound(N_("There is no such meeting in your territory."))
    if found.revision != seen:
        raise Conflict(N_("Somebody else changed this meeting meanwhile. Look at it again."))
    if found.cancelled is not None:
        raise Conflict(N_("This meeting was cancelled: %(reason)s."), reason=found.cancelled)
    return found


def refuse_known(session: Session, given: Meeting, about: str) -> None:
    """Raise Conflict when the same meeting is in the calendar: sent twice, it is held once."""
    hold_name(session, f"meetings/{given.code}")
    model: Any = ReceptionDay if given.kind == "reception" else CouncilMeeting
    known = model.area_code == given.code, model.held_on == given.held_on, model.cancelled.is_(None)
    same = (model.site if model is ReceptionDay else model.topic) == about
    if session.scalar(select(model.id).where(*known, same).limit(1)) is not None:
        raise Conflict(N_("This meeting is in the calendar already."))


def begun(session: Session, viewer: Viewer, given: Meeting) -> Any:
    """Return a new row of a meeting in its village; raises NotFound outside the territory."""
    model: Any = ReceptionDay if given.kind == "reception" else CouncilMeeting
    area = session.get(Area, given.code) if level(given.code.ljust(12, "0")) == "village" else None
    if area is None or not viewer.territory.holds(given.code):
        raise NotFound(N_("There is no area %(code)s in your territory."), code=given.code)
    made = model(area_code=given.code, territory=key(given.code))
    if model is ReceptionDay:
        middle = session.scalar(
            select(func.st_astext(func.st_pointonsurface(Area.outline))).where(Area.code == given.code)
        )
        made.point, made.host_role = f"SRID={SRID};{middle}", given.host
    session.add(made)
    return made


def case_of(session: Session, case_no: str) -> int | None:
    """Return the case with a number that the viewer sees; raises NotFound for another number."""
    if not case_no.strip():
        return None
    found = session.scalar(select(facts.c.id).where(facts.c.case_no == case_no.strip()))
    if found is None:
        raise NotFound(N_("There is no case %(number)s in your territory."), number=case_no)
    return int(found)
