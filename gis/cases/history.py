"""What happened to a case and to its place: the grid when it was filed, each one that a plan gave it, today's."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from gis.boundaries import Grid, GridOutline
from gis.cases.facts import facts
from gis.cases.filing import similar
from gis.cases.tables import Case, CaseEvent
from gis.plans.tables import Plan
from gis.relinks import PlanCase
from gis.scope import ZONE
from gis.viewer import Viewer


@dataclass(frozen=True)
class Place:
    """A grid that a case belonged to from a day on, and the plan that gave it; who sees no plans sees no `plan`."""

    day: date
    name: str | None
    code: str | None
    by_plan: int | None = None
    plan: str | None = None


def places(session: Session, viewer: Viewer, case: Any) -> list[Place]:
    """Return the grids that a case belonged to, from the day of its report to today."""
    viewer.require("case.view")
    filed = session.execute(
        select(GridOutline.name, GridOutline.code).where(GridOutline.id == (case.outline_id or 0))
    ).first()
    found = [Place(local(case.reported_at), filed and filed.name, filed and filed.code)]
    moves = (
        select(PlanCase.until, PlanCase.plan_id, Grid.name, Grid.code, Plan.name.label("plan"))
        .outerjoin(Grid, Grid.id == PlanCase.grid_id)
        .outerjoin(Plan, Plan.id == PlanCase.plan_id)
        .where(PlanCase.case_id == case.id)
        .order_by(PlanCase.until, PlanCase.id)
    )
    found += [Place(local(row.until), row.name, row.code, row.plan_id, row.plan) for row in session.execute(moves)]
    return found


def local(moment: datetime) -> date:
    """Return the day of a moment in the district."""
    return moment.astimezone(ZONE).date()


def said(session: Session, viewer: Viewer, case: Any) -> Any:
    """Return what the follow-up heard and which number another system gave; None for who may not read the case."""
    viewer.require("case.view")
    columns = (Case.satisfied, Case.external_source, Case.external_ref)
    return session.execute(select(*columns).where(Case.id == case.id)).first()


def newest(events: Iterable[CaseEvent], step: str) -> CaseEvent | None:
    """Return the last entry of a step, with who decided it and why."""
    return next((event for event in reversed(list(events)) if event.step == step), None)


def near(session: Session, viewer: Viewer, case: Any, now: datetime) -> list[Any]:
    """Return the open cases of its category within 50 m of a case that may be the same."""
    viewer.require("case.view")
    if case.closed_at is not None or not case.clear or case.point is None:
        return []
    spot = session.execute(
        select(func.st_x(facts.c.point), func.st_y(facts.c.point)).where(facts.c.id == case.id)
    ).one()
    return similar(session, viewer, (float(spot[0]), float(spot[1])), case.category, now, but=case.id)
