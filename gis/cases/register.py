"""The list of cases: what is asked for, the rows that answer, and how many there are of each state."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, false, func, or_, select
from sqlalchemy.orm import Session

from gis import stages
from gis.boundaries import Grid
from gis.cases.facts import facts, is_due_soon, is_due_today, is_open, is_overdue, not_suspended
from gis.cases.pauses import awaited
from gis.cases.tables import CaseEvent
from gis.database import SRID
from gis.errors import NotFound
from gis.scope import ZONE, Scope
from gis.staffing import Staff
from gis.viewer import Viewer
from gis.words import N_

STATES = {
    "open": N_("open"),
    "overdue": N_("overdue"),
    "due_today": N_("due today"),
    "due_soon": N_("due soon"),
    "suspended": N_("suspended"),
    "pause_asked": N_("pause asked for"),
    "ended": N_("ended"),
    "all": N_("all"),
}

URGENT_FIRST = ("suspended", "overdue", "due_today", "due_soon", "open")
SEARCHED = ("case_no", "title", "address")
AT_A_TIME = 500
"""Rows that are fetched at a time."""


@dataclass(frozen=True)
class Wanted:
    """What is asked for; empty words ask for everything.

    Days are the days of reporting, both included; `late` is a stage whose limit is over, `bbox` west,south,east,north.
    """

    state: str = "open"
    category: str = ""
    status: str = ""
    source: str = ""
    urgency: str = ""
    mine: bool = False
    text: str = ""
    since: date | None = None
    until: date | None = None
    late: str = ""
    bbox: str = ""


def conditions(scope: Scope) -> dict[str, ColumnElement[bool]]:
    """Return the condition of each state at the scope's moment: the same that map, header and badges count by."""
    moment, opened = scope.moment, is_open(scope.moment)
    return {
        "open": opened,
        "overdue": and_(opened, is_overdue(moment)),
        "due_today": and_(opened, is_due_today(moment, scope.midnight)),
        "due_soon": and_(opened, is_due_soon(moment)),
        "suspended": and_(opened, ~not_suspended(moment)),
        "pause_asked": and_(opened, awaited(facts.c.id)),
        "ended": ~opened,
    }


def found(session: Session, viewer: Viewer, case_no: str) -> Any:
    """Return what the viewer may know of a case; raises NotFound for one outside the territory."""
    viewer.require("case.view")
    case = session.execute(select(facts).where(facts.c.case_no == case_no)).first()
    if case is None:
        raise NotFound(N_("There is no case %(number)s in your territory."), number=case_no)
    return case


def listed(scope: Scope, viewer: Viewer, wanted: Wanted, *also: ColumnElement[bool]) -> Select[Any]:
    """Select the cases that are asked for, the open ones before the ended, those with the oldest limit first."""
    viewer.require("case.view")
    held = conditions(scope)
    state = case(*((held[name], name) for name in URGENT_FIRST), else_="ended")
    columns = (facts.c.id, facts.c.case_no, facts.c.category, facts.c.title, facts.c.address, facts.c.status)
    more = (facts.c.urgency, facts.c.source, facts.c.lead_body, facts.c.reported_at, facts.c.due_at, facts.c.closed_at)
    found = select(*columns, *more, facts.c.clear, facts.c.revision, facts.c.closure_reason, state.label("state"),
                   held["pause_asked"].label("pause_asked"),
                   Grid.code.label("grid_code"), Grid.name.label("grid_name"))  # fmt: skip
    found = found.outerjoin(Grid, Grid.id == facts.c.grid_id).where(*narrowed(scope, viewer, wanted), *also)
    first = case((is_open(scope.moment), facts.c.due_at), else_=None)
    return found.order_by(~is_open(scope.moment), first.nulls_last(), facts.c.reported_at.desc(), facts.c.id)


def page(
    session: Session, scope: Scope, viewer: Viewer, wanted: Wanted, *, start: int = 0, most: int | None = None
) -> tuple[list[Any], bool]:
    """Return the cases that are asked for from a place in the list on, so many or all; and whether there are more."""
    found = listed(scope, viewer, wanted, *behind(session, scope, viewer, wanted))
    rows = list(session.execute(found.offset(start).limit(None if most is None else most + 1)))
    return rows[:most], most is not None and len(rows) > most


def streamed(session: Session, scope: Scope, viewer: Viewer, wanted: Wanted) -> Iterator[Any]:
    """Return the cases that are asked for as they come, each with the `total` of them."""
    found = listed(scope, viewer, wanted, *behind(session, scope, viewer, wanted))
    counted = found.add_columns(func.count().over().label("total"))
    return iter(session.execute(counted, execution_options={"yield_per": AT_A_TIME}))


def narrowed(scope: Scope, viewer: Viewer, wanted: Wanted) -> list[ColumnElement[bool]]:
    """Return the conditions of what is asked for."""
    where = [scope.holds(facts.c.territory)]
    if wanted.state in (held := conditions(scope)):
        where.append(held[wanted.state])
    for column in ("category", "status", "source", "urgency"):
        if value := getattr(wanted, column):
            where.append(facts.c[column] == value)
    if wanted.mine:
        where.append(or_(facts.c.handler_id == (viewer.staff_id or -1), facts.c.reporter_id == (viewer.user_id or -1)))
    if wanted.since:
        where.append(facts.c.reported_at >= datetime.combine(wanted.since, time.min, ZONE))
    if wanted.until:
        where.append(facts.c.reported_at < datetime.combine(wanted.until + timedelta(days=1), time.min, ZONE))
    if wanted.bbox:
        west, south, east, north = map(float, wanted.bbox.split(","))
        where.append(func.st_intersects(facts.c.point, func.st_makeenvelope(west, south, east, north, SRID)))
    if wanted.text:
        words = wanted.text.strip()
        where.append(or_(*(facts.c[name].icontains(words, autoescape=True) for name in SEARCHED)))
    return where


def behind(session: Session, scope: Scope, viewer: Viewer, wanted: Wanted) -> list[ColumnElement[bool]]:
    """Return the condition that the limit of a stage is over, when that is asked for."""
    return [stages.late(session, viewer, scope.moment).get(wanted.late, false())] if wanted.late else []


def late(session: Session, scope: Scope, viewer: Viewer, wanted: Wanted) -> dict[str, int]:
    """Return stage → how many cases are over its limit, with the other filters as they are."""
    viewer.require("case.view")
    held = stages.late(session, viewer, scope.moment)
    rest = narrowed(scope, viewer, replace(wanted, state="open", late=""))
    counted = [func.count().filter(condition).label(stage) for stage, condition in held.items()]
    row = session.execute(select(func.count(), *counted).select_from(facts).where(*rest)).one()
    return {stage: int(getattr(row, stage)) for stage in held}


def counts(session: Session, scope: Scope, viewer: Viewer, wanted: Wanted) -> dict[str, int]:
    """Return how many cases there are in each state, with the other filters as they are."""
    viewer.require("case.view")
    rest = narrowed(scope, viewer, replace(wanted, state="all")) + behind(session, scope, viewer, wanted)
    held = conditions(scope)
    counted = [func.count().filter(condition).label(name) for name, condition in held.items()]
    row = session.execute(select(func.count().label("all"), *counted).select_from(facts).where(*rest)).one()
    return {name: int(getattr(row, name)) for name in STATES}


def pressing(session: Session, scope: Scope, viewer: Viewer) -> dict[str, int]:
    """Return how many cases are overdue, and how many are due soon."""
    viewer.require("case.view")
    held = conditions(scope)
    counted = [func.count().filter(held[name]).label(name) for name in ("overdue", "due_soon")]
    row = session.execute(select(*counted).select_from(facts).where(scope.holds(facts.c.territory))).one()
    return dict(row._mapping)


def timeline(session: Session, viewer: Viewer, case_id: int) -> list[CaseEvent]:
    """Return the log of a case, the oldest first; of a restricted one only to who may read it."""
    viewer.require("case.view")
    return list(session.scalars(select(CaseEvent).where(CaseEvent.case_id == case_id).order_by(CaseEvent.id)))


def repeats(session: Session, viewer: Viewer, found: Any) -> tuple[Any, list[Any]]:
    """Return the case that this one repeats, if any, and those that repeat it."""
    viewer.require("case.view")
    columns = (facts.c.case_no, facts.c.title, facts.c.status)
    parent = session.execute(select(*columns).where(facts.c.id == found.duplicate_of)).first()
    children = session.execute(select(*columns).where(facts.c.duplicate_of == found.id).order_by(facts.c.id))
    return parent, list(children)


def handler(session: Session, viewer: Viewer, found: Any) -> Any:
    """Return name and work phone of who handles a case."""
    viewer.require("case.view")
    return session.execute(select(Staff.name, Staff.work_phone).where(Staff.id == found.handler_id)).first()
