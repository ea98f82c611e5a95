"""One step with many chosen cases: handed over or urged, all of them or none, in one statement."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, Integer, Text, cast, column, func, select
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, aggregate_order_by
from sqlalchemy.orm import Session

from gis import audit
from gis.areas import Area
from gis.boundaries import Grid
from gis.cases.changes import Given, assign
from gis.cases.facts import facts
from gis.cases.states import BY_NAME, next_status
from gis.cases.steps import SEVERAL, noted, reason_of, seen
from gis.database import hold_name
from gis.errors import Conflict, Invalid, NotFound
from gis.scope import inside
from gis.staffing import Assignment, Staff
from gis.viewer import Viewer
from gis.words import N_

TOGETHER = ("assign", "urge")
MOST = 200
NAMED = 12
"""How many numbers of cases a refusal names."""


def act(
    session: Session, viewer: Viewer, name: str, chosen: Mapping[str, int], now: datetime, given: Given
) -> list[str]:
    """Take a step with the chosen cases (number → the revision that was seen), and return their numbers.

    Raises Conflict that names the cases that were changed meanwhile or that are in a state without this step.
    """
    step = BY_NAME.get(name)
    if step is None or name not in TOGETHER:
        raise Invalid(N_("There is no such step."))
    viewer.require(step.permission)
    if not 0 < len(chosen) <= MOST:
        raise Invalid(N_("Choose 1 to %(most)s cases."), most=MOST)
    hold_name(session, SEVERAL)
    reason = reason_of(step, given)
    fields = assign(session, viewer, None, given, now) if name == "assign" else {}
    found = {case.case_no: case for case in session.execute(select(facts).where(facts.c.case_no.in_(list(chosen))))}
    if missing := [number for number in chosen if number not in found]:
        raise NotFound(N_("These cases are not in your territory: %(cases)s."), cases=told(missing))
    if ended := [number for number, case in found.items() if case.status not in step.sources]:
        raise Conflict(N_("This is not possible with: %(cases)s. Nothing was done."), cases=told(ended))
    done = stepped(session, found, chosen, now, name, reason, fields, noted(session, given, fields))
    if stale := [number for number in chosen if done.get(number) is None]:
        raise Conflict(N_("Changed by somebody else meanwhile: %(cases)s. Nothing was done."), cases=told(stale))
    audit.record(session, viewer, "case.together", None, step=name, cases=sorted(chosen))
    return sorted(chosen)


def stepped(
    session: Session, found: dict[str, Any], chosen: Mapping[str, int], now: datetime, name: str, reason: str | None,
    fields: dict[str, Any], note: str | None,
) -> dict[str, int | None]:  # fmt: skip
    """Take the step with all of them in one statement; returns number → new revision, None for one that was changed.

    They are taken in the order of their ids, so that two who choose the same never wait for each other.
    """
    order = sorted(found.values(), key=lambda case: int(case.id))
    wanted = (
        func.unnest(
            cast([case.id for case in order], ARRAY(BigInteger)),
            cast([chosen[case.case_no] for case in order], ARRAY(Integer)),
            cast([next_status(case.status, BY_NAME[name]) for case in order], ARRAY(Text)),
        )
        .table_valued(column("id", BigInteger), column("seen", Integer), column("target", Text))
        .render_derived(name="wanted")
    )
    made = func.wangge_case_step(wanted.c.id, wanted.c.seen, name, wanted.c.target, now, reason, note,
                                 cast(fields, JSONB), type_=Integer)  # fmt: skip
    numbers = {case.id: number for number, case in found.items()}
    with seen(told(list(found))):
        return {numbers[row.id]: row.made for row in session.execute(select(wanted.c.id, made.label("made")))}


def told(numbers: list[str]) -> str:
    """Return case numbers for a sentence, the first of them when they are many."""
    return ", ".join(numbers[:NAMED]) + (" …" if len(numbers) > NAMED else "")


def takers(session: Session, viewer: Viewer, day: date) -> list[Any]:
    """Return who can take cases over: staff on duty in a grid, with their grids, by the village of the first one."""
    viewer.require("case.dispatch")
    roles = ("grid_worker", "grid_leader")
    first = [func.array_agg(aggregate_order_by(each, Grid.code), type_=ARRAY(Text))[1].label(name)
             for name, each in (("grid", Grid.name), ("of", Area.code), ("village", Area.name))]  # fmt: skip
    found = (
        select(Staff.id, Staff.name, *first, func.array_agg(Grid.id).label("grids"))
        .join(Assignment, Assignment.staff_id == Staff.id)
        .join(Grid, Grid.id == Assignment.grid_id)
        .join(Area, Area.code == Grid.village_code)
        .where(Assignment.role.in_(roles), Assignment.valid.contains(day), inside(viewer, Assignment.territory))
        .group_by(Staff.id, Staff.name)
    )  # fmt: skip
    return list(session.execute(found.order_by(func.min(Grid.code), Staff.id).limit(1000)))
