"""The care visits of who is assigned: the own list, a visit recorded once, and one taken back on its day."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any

from sqlalchemy import and_, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from gis import audit, doubles
from gis.boundaries import Grid
from gis.care.tables import DAYS, CareVisit, Enrolment
from gis.coverage import RESULTS
from gis.errors import Conflict, Invalid, NotFound
from gis.premises import Building, Household
from gis.scope import ZONE, inside
from gis.viewer import Viewer
from gis.visits import check_day, key_of, withdraw, withdrawn
from gis.words import N_


def own(viewer: Viewer) -> Any:
    """Return the condition that an enrolment is the viewer's to serve on the day: the first lock."""
    mine = Enrolment.staff_id == viewer.staff_id
    return and_(Enrolment.ended_on.is_(None), mine, inside(viewer, Enrolment.territory))


def listed(session: Session, viewer: Viewer) -> list[Any]:
    """Return the viewer's own enrolments, what is due first, then by building and household."""
    viewer.require("care.serve")
    found = (
        select(
            Enrolment.id, Enrolment.consent_ref, Enrolment.tier, Enrolment.next_due, last().label("last_met_on"),
            Household.label, Household.unit, Building.id.label("building_id"), Building.name.label("building"),
            Building.address, Grid.code.label("grid_code"), Grid.name.label("grid"),
        )
        .join(Grid, Grid.id == Enrolment.grid_id)
        .outerjoin(Household, Household.id == Enrolment.household_id)
        .outerjoin(Building, Building.id == Household.building_id)
        .where(own(viewer))
    )  # fmt: skip
    return list(session.execute(found.order_by(Enrolment.next_due, Building.id, Household.label, Enrolment.id)))


def last() -> Any:
    """Return the last day on which somebody was met within an enrolment."""
    met = CareVisit.enrolment_id == Enrolment.id, CareVisit.result != "not_in"
    return select(func.max(CareVisit.visited_on)).where(*met).correlate(Enrolment).scalar_subquery()


def record(
    session: Session, viewer: Viewer, *, enrolment: int, key: str, result: str, day: date, now: datetime,
    again: bool = False,
) -> int | None:  # fmt: skip
    """Store a care visit and move the next one's day; the same key again returns the visit that it made.

    One that was taken back has no number and is not stored.
    Raises Invalid for a day or a result that cannot be, NotFound for an enrolment that is not the viewer's, Conflict
    for a second time that was not meant.
    """
    viewer.require("care.serve")
    if result not in RESULTS:
        raise Invalid(N_("Choose the result and the purpose of the visit from the lists."))
    check_day(day, now.astimezone(ZONE).date())
    whole = key_of(viewer, key)
    if withdrawn(session, whole):
        return None
    served = session.scalars(select(Enrolment).where(own(viewer), Enrolment.id == enrolment)).one_or_none()
    if served is None:
        raise NotFound(N_("There is no such enrolment among yours."))
    if not again:
        same = {"enrolment_id": enrolment, "visited_on": day}
        doubles.refuse(session, viewer, CareVisit, whole, result, same)
    made = (
        insert(CareVisit)
        .values(enrolment_id=enrolment, visited_on=day, result=result, recorded_by=viewer.user_id, recorded_at=now,
                visit_key=whole, territory=served.territory)
        .on_conflict_do_nothing(index_elements=["visit_key"])
        .returning(CareVisit.id)
    )  # fmt: skip
    number = session.scalar(made)
    if number is None:
        return int(session.scalars(select(CareVisit.id).where(CareVisit.visit_key == whole)).one())
    move(session, enrolment)
    audit.record(session, viewer, "care.visit", str(served.territory), visit=number, result=result)
    return int(number)


def undo(session: Session, viewer: Viewer, key: str, now: datetime) -> bool:
    """Take a care visit of the viewer's back on the day it was recorded, and tell whether there was one."""
    viewer.require("care.serve")
    today = now.astimezone(ZONE).date()
    withdraw(session, key_of(viewer, key), today)
    mine = CareVisit.visit_key == key_of(viewer, key), CareVisit.recorded_by == viewer.user_id
    found = session.scalars(select(CareVisit).where(*mine)).one_or_none()
    if found is None:
        return False
    if found.recorded_at is None or found.recorded_at.astimezone(ZONE).date() != today:
        raise Conflict(N_("A visit can be taken back on the day it was recorded, not later."))
    session.execute(delete(CareVisit).where(CareVisit.id == found.id))
    move(session, found.enrolment_id)
    audit.record(session, viewer, "care.undo", str(found.territory), visit=found.id, enrolment=found.enrolment_id,
                 day=found.visited_on.isoformat(), result=found.result)  # fmt: skip
    return True


def move(session: Session, enrolment: int) -> None:
    """Let the next visit be due a tier after the last one on which somebody was met, or after the enrolment."""
    days = func.greatest(last(), Enrolment.enrolled_on)
    for tier, length in DAYS.items():
        moved = update(Enrolment).where(Enrolment.id == enrolment, Enrolment.tier == tier)
        session.execute(moved.values(next_due=days + length).execution_options(synchronize_session=False))


def recorded_today(session: Session, viewer: Viewer, now: datetime) -> list[Any]:
    """Return key, enrolment and result of the care visits that the viewer recorded today."""
    viewer.require("care.serve")
    midnight = datetime.combine(now.astimezone(ZONE).date(), time.min, ZONE)
    key = func.split_part(CareVisit.visit_key, ":", 2).label("key")
    found = select(key, CareVisit.enrolment_id, CareVisit.result, CareVisit.visited_on)
    mine = CareVisit.recorded_by == viewer.user_id, CareVisit.recorded_at >= midnight
    return list(session.execute(found.where(*mine).order_by(CareVisit.recorded_at.desc())))
