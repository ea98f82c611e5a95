"""What becomes of enrolments: the tally of a month, which the figures read, and the purge of those that ended."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta

from sqlalchemy import Select, and_, case, delete, func, insert, literal, or_, select
from sqlalchemy.orm import Session

from gis import audit
from gis.care.tables import DAYS, CareVisit, Enrolment
from gis.coverage import CareTally
from gis.errors import Invalid
from gis.viewer import Viewer
from gis.words import N_

KEPT = timedelta(days=30)
"""How long an enrolment stays after its end."""


def tally(session: Session, viewer: Viewer, month: date) -> tuple[int, int]:
    """Count the enrolments of a month by grid and tier as at its last day, or as at today; return all and in time.

    In time is one whose last visit, or whose beginning, is not longer ago than its tier. A month that ended more than
    30 days ago is closed, because the enrolments behind it may be purged: raises Invalid.
    """
    viewer.require("care.lead")
    first = month.replace(day=1)
    last = min(first.replace(day=monthrange(first.year, first.month)[1]), viewer.day)
    if first > viewer.day or last < viewer.day - KEPT:
        raise Invalid(N_("Only this month and one that ended within 30 days can be counted."))
    session.execute(delete(CareTally).where(CareTally.month == first))
    counted = standing(last).subquery("counted")
    rows = select(
        counted.c.territory, counted.c.grid_id, literal(first), counted.c.tier, func.count(),
        func.count().filter(counted.c.in_time),
    ).group_by(counted.c.territory, counted.c.grid_id, counted.c.tier)  # fmt: skip
    columns = ["territory", "grid_id", "month", "tier", "enrolled", "in_time"]
    session.execute(insert(CareTally).from_select(columns, rows))
    sums = func.coalesce(func.sum(CareTally.enrolled), 0), func.coalesce(func.sum(CareTally.in_time), 0)
    enrolled, in_time = session.execute(select(*sums).where(CareTally.month == first)).one()
    audit.record(session, viewer, "care.tally", f"{first:%Y-%m}", enrolled=int(enrolled), in_time=int(in_time))
    return int(enrolled), int(in_time)


def standing(day: date) -> Select[int, int, str, bool]:
    """Select each enrolment in force on a day with its grid and tier, and whether it was visited in time."""
    days = case(DAYS, value=Enrolment.tier)
    met = and_(CareVisit.enrolment_id == Enrolment.id, CareVisit.result != "not_in", CareVisit.visited_on <= day)
    newest = select(func.max(CareVisit.visited_on)).where(met).correlate(Enrolment).scalar_subquery()
    since = func.coalesce(newest, Enrolment.enrolled_on)
    in_time = (since + days >= day).label("in_time")
    held = Enrolment.enrolled_on <= day, or_(Enrolment.ended_on.is_(None), Enrolment.ended_on > day)
    return select(Enrolment.territory, Enrolment.grid_id, Enrolment.tier, in_time).where(*held)


def purge(session: Session, viewer: Viewer) -> int:
    """Delete the enrolments that ended 30 days ago or earlier, with their visits, and return how many there were."""
    viewer.require("care.lead")
    gone = session.execute(delete(Enrolment).where(Enrolment.ended_on <= viewer.day - KEPT)).rowcount  # type: ignore[attr-defined]
    audit.record(session, viewer, "care.purge", None, enrolments=gone)
    return int(gone)
