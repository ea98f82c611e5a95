"""Visits in the field: what is due in a worker's grids, a visit recorded once, and one taken back on its day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import Date, DateTime, Select, Subquery, Text, case, cast, delete, func, select
from sqlalchemy.dialects.postgresql import ARRAY, aggregate_order_by, insert
from sqlalchemy.orm import Session

from gis import audit, doubles
from gis.boundaries import Grid
from gis.coverage import PURPOSES, RESULTS, Visit, WithdrawnVisit
from gis.database import hold_name
from gis.errors import Conflict, Invalid, NotFound
from gis.indicators.parts import VISIT_WINDOW
from gis.premises import Building, Household
from gis.relinks import moved_households
from gis.scope import ZONE, Scope
from gis.viewer import Viewer
from gis.words import N_

LATEST = timedelta(days=7)
"""How long a visit may wait on a device before it is sent."""
KEPT = timedelta(days=731)
"""How long a visit is kept: two years; the counts of its time stay in the months that were kept."""
STATES = {
    "never": N_("not visited yet"),
    "overdue": N_("visit overdue"),
    "again": N_("visit again"),
    "fine": N_("visited"),
}
UNVISITED = ("never", "overdue")
"""States of the households that the coverage does not count."""
DUE = (*UNVISITED, "again")
MOST_DUE = 400


@dataclass(frozen=True)
class Given:
    """A visit as a device tells it, `again` for a second one on purpose; the place is a household or a building."""

    key: str
    result: str
    purpose: str
    day: date
    household: int | None = None
    building: int | None = None
    again: bool = False


def record(session: Session, viewer: Viewer, given: Given, now: datetime) -> int | None:
    """Store a visit and return its number; the same key again returns the number of the visit that it made.

    One that was taken back has no number and is not stored.
    Raises Invalid for a day that cannot be, NotFound for a place that is not the viewer's, Conflict for a second time.
    """
    viewer.require("visit.record")
    check(given, now.astimezone(ZONE).date())
    key = key_of(viewer, given.key)
    if withdrawn(session, key):
        return None
    place = place_of(session, viewer, given)
    if not given.again:
        same = {"household_id": given.household, "building_id": place.building_id, "visited_on": given.day,
                "purpose": given.purpose}  # fmt: skip
        doubles.refuse(session, viewer, Visit, key, given.result, same)
    made = (
        insert(Visit)
        .values(
            household_id=given.household, building_id=place.building_id, grid_id=place.grid_id,
            territory=place.territory, visited_on=given.day, purpose=given.purpose, result=given.result,
            recorded_by=viewer.user_id, recorded_at=now, visit_key=key,
        )
        .on_conflict_do_nothing(index_elements=["visit_key"])
        .returning(Visit.id)
    )  # fmt: skip
    number = session.scalar(made)
    if number is None:
        return int(session.scalars(select(Visit.id).where(Visit.visit_key == key)).one())
    audit.record(session, viewer, "visit.record", str(place.territory), visit=number, result=given.result)
    return int(number)


def undo(session: Session, viewer: Viewer, key: str, now: datetime) -> bool:
    """Take a visit of the viewer's back on the day it was recorded, and tell whether there was one.

    Raises Conflict on a later day; what it said stays in the audit log.
    """
    viewer.require("visit.record")
    today = now.astimezone(ZONE).date()
    withdraw(session, key_of(viewer, key), today)
    mine = Visit.visit_key == key_of(viewer, key), Visit.recorded_by == viewer.user_id
    found = session.scalars(select(Visit).where(*mine)).one_or_none()
    if found is None:
        return False
    if found.recorded_at is None or found.recorded_at.astimezone(ZONE).date() != today:
        raise Conflict(N_("A visit can be taken back on the day it was recorded, not later."))
    session.execute(delete(Visit).where(Visit.id == found.id))
    audit.record(
        session, viewer, "visit.undo", str(found.territory), visit=found.id, household=found.household_id,
        building=found.building_id, day=found.visited_on.isoformat(), result=found.result, purpose=found.purpose,
    )  # fmt: skip
    return True


def withdrawn(session: Session, key: str) -> bool:
    """Hold a key until the transaction ends, and tell whether its visit was taken back."""
    hold_name(session, f"visit/{key}")
    return session.scalar(select(WithdrawnVisit.visit_key).where(WithdrawnVisit.visit_key == key)) is not None


def withdraw(session: Session, key: str, today: date) -> None:
    """Let no visit come in under a key any more."""
    if not withdrawn(session, key):
        session.execute(insert(WithdrawnVisit).values(visit_key=key, withdrawn_on=today))


def purge(session: Session, viewer: Viewer) -> int:
    """Delete the visits of more than two years ago, and the keys that no device can send any more; return how many."""
    viewer.require("data.import")
    first = viewer.day - KEPT
    gone = session.execute(delete(Visit).where(Visit.visited_on < first)).rowcount  # type: ignore[attr-defined]
    session.execute(delete(WithdrawnVisit).where(WithdrawnVisit.withdrawn_on < viewer.day - LATEST))
    audit.record(session, viewer, "visit.purge", None, visits=gone, before=first.isoformat())
    return int(gone)


def check(given: Given, today: date) -> None:
    """Raise Invalid for a visit that cannot be."""
    if given.result not in RESULTS or given.purpose not in PURPOSES:
        raise Invalid(N_("Choose the result and the purpose of the visit from the lists."))
    check_day(given.day, today)
    if given.household is None and given.building is None:
        raise Invalid(N_("Say which household or building was visited."))


def check_day(day: date, today: date) -> None:
    """Raise Invalid for a day on which no visit is recorded any more, or not yet."""
    if not today - LATEST <= day <= today:
        raise Invalid(N_("A visit is recorded within 7 days, and not ahead."))


def key_of(viewer: Viewer, key: str) -> str:
    """Return the key of a visit under the user's number; raises Invalid for one that no page makes."""
    if not 8 <= len(key) <= 64 or not key.isascii():
        raise Invalid(N_("The key of a visit has 8 to 64 signs."))
    return f"{viewer.user_id}:{key}"


def place_of(session: Session, viewer: Viewer, given: Given) -> Any:
    """Return building_id, grid_id and territory of the place; raises NotFound outside the viewer's territory."""
    if given.household is not None:
        found = select(Household.building_id, Household.grid_id, Household.territory)
        found = found.where(Household.id == given.household)
    else:
        found = select(Building.id.label("building_id"), Building.grid_id, Building.territory)
        found = found.where(Building.id == given.building)
    place = session.execute(found).one_or_none()
    if place is None or not any(low <= place.territory <= high for low, high in viewer.territory.spans):
        raise NotFound(N_("There is no such household or building in your territory."))
    return place


def last_visits(scope: Scope) -> Subquery:
    """Per household, by the scope's day: when somebody was met and with which result, and the last try with its own."""
    newest_first = (Visit.result, Visit.visited_on.desc(), Visit.id.desc())
    results = func.array_agg(aggregate_order_by(*newest_first), type_=ARRAY(Text))
    met = results.filter(Visit.result != "not_in")
    tried = select(
        Visit.household_id,
        func.max(Visit.visited_on).filter(Visit.result != "not_in").label("last_met_on"),
        func.max(Visit.visited_on).label("last_try_on"),
        results[1].label("last_result"),
        met[1].label("met_with"),
    )
    kept = scope.holds(Visit.territory), Visit.visited_on <= scope.day, Visit.household_id.is_not(None)
    return tried.where(*kept).group_by(Visit.household_id).subquery("last")


def standing(scope: Scope) -> Subquery:
    """Every household of the scope with its last visit, when the next is due, and its state.

    A household that was given another grid brings along on which day somebody was met before. One that is to be seen
    again is due since the day on which that was said.
    """
    last, moved = last_visits(scope), moved_households(scope.day - VISIT_WINDOW, scope.day).subquery("moved")
    met = func.greatest(last.c.last_met_on, moved.c.last_met_on)
    lapses = cast(met + VISIT_WINDOW, Date)
    state = case(
        (met.is_(None), "never"),
        (lapses <= scope.day, "overdue"),
        (last.c.met_with == "revisit", "again"),
        else_="fine",
    )
    due = case((state == "again", last.c.last_met_on), else_=lapses)
    columns = (Household.id, Household.territory, Household.building_id, Household.grid_id)
    found = select(
        *columns, met.label("last_met_on"), last.c.last_try_on, last.c.last_result, due.label("due_on"),
        state.label("state"),
    )  # fmt: skip
    found = found.outerjoin(last, last.c.household_id == Household.id)
    return (
        found.outerjoin(moved, moved.c.household_id == Household.id)
        .where(scope.holds(Household.territory))
        .subquery("s")
    )


def unvisited_rows(scope: Scope) -> Select[Any]:
    """Select the households of the scope that nobody was met in within 183 days, with when a visit was due."""
    stands = standing(scope)
    return (
        select(
            Household.id,
            Household.territory,
            Household.outline.label("geom"),
            Household.outline_tile.label("tile"),
            Household.centre_tile.label("centre"),
            Household.label,
            Household.unit,
            Household.floor,
            Household.building_id,
            Grid.code.label("grid_code"),
            stands.c.state,
            stands.c.last_met_on,
            stands.c.last_try_on,
            stands.c.due_on,
        )
        .join_from(Household, stands, stands.c.id == Household.id)
        .outerjoin(Grid, Grid.id == Household.grid_id)
        .where(scope.holds(Household.territory), stands.c.state.in_(UNVISITED))
    )


def due(
    session: Session, viewer: Viewer, scope: Scope, *, states: Sequence[str] = DUE, most: int = MOST_DUE
) -> list[Any]:
    """Return the households of the scope in one of the states, by building, those that wait longest first.

    A building comes as early as its household that waits longest; inside it they come by unit, floor and label.
    """
    viewer.require("household.view")
    stands, place = standing(scope), func.st_transform(Building.centre_tile, 4490)
    waits = func.coalesce(stands.c.due_on, date(1949, 10, 1))
    longest = func.min(waits).over(partition_by=Building.id)
    found = select(
        stands.c.id, stands.c.state, stands.c.last_met_on, stands.c.last_try_on, stands.c.last_result, stands.c.due_on,
        Household.label, Household.unit, Household.floor, Building.id.label("building_id"),
        Building.name.label("building"),
        Building.compound, Building.address, Grid.code.label("grid_code"), Grid.name.label("grid"),
        func.st_x(place).label("lon"), func.st_y(place).label("lat"), longest.label("longest"),
    ).join_from(stands, Household, Household.id == stands.c.id)  # fmt: skip
    found = found.join(Building, Building.id == Household.building_id).outerjoin(Grid, Grid.id == Household.grid_id)
    found = found.where(stands.c.state.in_(states))
    order = (longest, Building.id, Household.unit, Household.floor, Household.label, Household.id)
    return list(session.execute(found.order_by(*order).limit(most)))


def counts(session: Session, viewer: Viewer, scope: Scope) -> Any:
    """Return how many households the scope has, how many are unvisited, and how many are due (some to see again)."""
    viewer.require("household.view")
    stands = standing(scope)
    unvisited, waiting = stands.c.state.in_(UNVISITED), stands.c.state.in_(DUE)
    counted = (func.count().filter(unvisited).label("unvisited"), func.count().filter(waiting).label("due"))
    return session.execute(select(func.count().label("households"), *counted).select_from(stands)).one()


def recorded_today(session: Session, viewer: Viewer, now: datetime) -> list[Any]:
    """Return what the viewer recorded today, the newest first: the visits that can be taken back."""
    viewer.require("visit.record")
    midnight = datetime.combine(now.astimezone(ZONE).date(), time.min, ZONE)
    found = select(
        Visit.id, Visit.household_id, Visit.building_id, Visit.result, Visit.purpose, Visit.visited_on,
        Visit.recorded_at,
        func.split_part(Visit.visit_key, ":", 2).label("key"), Household.label, Building.name.label("building"),
        Building.address,
    ).outerjoin(Household, Household.id == Visit.household_id)  # fmt: skip
    found = found.outerjoin(Building, Building.id == Visit.building_id)
    mine = Visit.recorded_by == viewer.user_id, Visit.recorded_at >= midnight
    return list(session.execute(found.where(*mine).order_by(Visit.recorded_at.desc(), Visit.id.desc())))


def made(session: Session, viewer: Viewer, scope: Scope, since: date) -> dict[date, Any]:
    """Return by first day of the month how many visits were made from a day on, and how they ended."""
    viewer.require("map.view")
    month = cast(func.date_trunc("month", cast(Visit.visited_on, DateTime)), Date).label("month")
    counted = [func.count().filter(Visit.result == result).label(result) for result in RESULTS]
    found = select(month, func.count().label("visits"), *counted).where(
        scope.holds(Visit.territory), Visit.visited_on >= since, Visit.visited_on <= scope.day
    )
    return {row.month: row for row in session.execute(found.group_by(month))}
