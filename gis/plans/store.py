"""The plans there are: begun, branched, named, dated, carried over to new cells and lines, and dropped."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from gis import audit
from gis.errors import Invalid
from gis.plans.beginning import branch, create
from gis.plans.carrying import carry
from gis.plans.following import follow
from gis.plans.held import find, in_hand, in_order, plain, prose
from gis.plans.log import history, replay
from gis.plans.tables import Plan, PlanGrid
from gis.viewer import Viewer
from gis.words import N_

__all__ = [
    "branch",
    "carry",
    "create",
    "drop",
    "find",
    "follow",
    "grid_names",
    "history",
    "limit",
    "listed",
    "relatives",
    "rename",
    "replay",
    "take_effect",
]


def listed(session: Session, viewer: Viewer) -> Select[Plan]:
    """Select the plans of the viewer's territory that were not dropped, the newest first."""
    viewer.require("plan.view")
    return select(Plan).where(Plan.status != "dropped").order_by(Plan.created_at.desc(), Plan.id.desc())


def relatives(session: Session, viewer: Viewer, plan: Plan) -> Sequence[Plan]:
    """Return the other plans of the same area, the newest first."""
    viewer.require("plan.view")
    own = Plan.area_code == plan.area_code, Plan.id != plan.id
    return session.scalars(listed(session, viewer).where(*own)).all()


def grid_names(session: Session, viewer: Viewer, plan_id: int) -> dict[int, str]:
    """Return the names of a plan's grids by its numbers for them."""
    viewer.require("plan.view")
    found = select(PlanGrid.id, PlanGrid.name).where(PlanGrid.plan_id == plan_id)
    return dict(session.execute(found).all())


def rename(session: Session, viewer: Viewer, plan_id: int, name: str, *, note: str | None = None) -> Plan:
    """Give a draft another name, and a note when there is one."""
    plan = in_hand(session, viewer, plan_id)
    plan.name = plain(name)
    plan.note = plan.note if note is None else prose(note)
    return _changed(session, viewer, plan, name=plan.name)


def limit(session: Session, viewer: Viewer, plan_id: int, low: int, high: int) -> Plan:
    """Choose how many households the grids of a draft should have, at least and at most."""
    plan = in_hand(session, viewer, plan_id)
    plan.households_min, plan.households_max = in_order(low, high)
    return _changed(session, viewer, plan, low=low, high=high)


def take_effect(session: Session, viewer: Viewer, plan_id: int, day: date | None) -> Plan:
    """Choose the day from which a draft is to be in force, today or later; None leaves it open."""
    plan = in_hand(session, viewer, plan_id)
    if day is not None and day < viewer.day:
        raise Invalid(N_("%(day)s has passed; choose today or a day ahead."), day=day)
    plan.effective_from = day
    return _changed(session, viewer, plan, day=None if day is None else day.isoformat())


def drop(session: Session, viewer: Viewer, plan_id: int, now: datetime) -> Plan:
    """Put a draft away: it is not listed any more, and its log stays."""
    plan = in_hand(session, viewer, plan_id)
    plan.status = "dropped"
    session.flush()
    audit.record(session, viewer, "plan.drop", plan.area_code, plan=plan.id, name=plan.name)
    return plan


def _changed(session: Session, viewer: Viewer, plan: Plan, **detail: Any) -> Plan:
    session.flush()
    audit.record(session, viewer, "plan.change", plan.area_code, plan=plan.id, **detail)
    return plan
