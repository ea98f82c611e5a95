"""Whether a plan still stands on what is in force: its cells are those of today, and nobody published in between."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from gis.boundaries import Grid, GridOutline
from gis.errors import Conflict
from gis.plans.tables import Plan
from gis.scope import ZONE
from gis.words import N_


def refuse_stale(session: Session, plan: Plan, *, overtaken: bool) -> None:
    """Raise Conflict when new cells have overtaken the plan, or another publication or imported grids did."""
    if overtaken:
        message = N_(
            "The cells of the village were built anew since “%(name)s” was drawn. As a draft it can be carried over "
            "to the new cells."
        )
        raise Conflict(message, name=plan.name)
    began = based_on(session, plan)
    other = later(session, plan, began)
    if other is not None:
        message = N_(
            "“%(other)s” was published after “%(name)s” was begun. Draw the plan anew on what is in force now."
        )
        raise Conflict(message, other=other.name, name=plan.name)
    newest = newest_outline(session, sorted(plan.fabrics))
    if newest is not None and newest > began.astimezone(ZONE).date():
        message = N_(
            "Grids of the village changed on %(day)s, after “%(name)s” was begun. Draw the plan anew on what is in "
            "force now."
        )
        raise Conflict(message, day=newest, name=plan.name)


def refuse_taken(session: Session, plan: Plan, day: date) -> None:
    """Raise Conflict when the grids of a village change on a day already: no day has two divisions."""
    newest = newest_outline(session, sorted(plan.fabrics))
    if newest == day:
        message = N_("The grids of the village changed on %(day)s already; choose a later day.")
        raise Conflict(message, day=day)
    approved = select(Plan).where(Plan.status == "approved", Plan.effective_from == day, Plan.id != plan.id)
    for other in session.scalars(approved):
        if not plan.fabrics.keys().isdisjoint(other.fabrics):
            message = N_("“%(other)s” is approved for %(day)s already; choose another day, or give that one back.")
            raise Conflict(message, other=other.name, day=day)


def based_on(session: Session, plan: Plan) -> datetime:
    """Return the moment whose boundaries the plan was drawn on: a branch stands on what its parent stood on.

    What was branched after its parent was in force stands on its parent.
    """
    while plan.parent_id is not None:
        parent = session.get_one(Plan, plan.parent_id)
        if parent.published_at is not None and parent.published_at <= plan.created_at:
            break
        plan = parent
    return plan.created_at


def later(session: Session, plan: Plan, moment: datetime) -> Plan | None:
    """Return the newest other plan that was published for one of the villages after a moment."""
    published = select(Plan).where(Plan.published_at > moment, Plan.id != plan.id)
    for other in session.scalars(published.order_by(Plan.published_at.desc())):
        if not plan.fabrics.keys().isdisjoint(other.fabrics):
            return other
    return None


def newest_outline(session: Session, villages: Sequence[str]) -> date | None:
    """Return the day on which the newest outline of the villages began."""
    begun = select(func.max(func.lower(GridOutline.valid))).join(Grid, Grid.id == GridOutline.grid_id)
    newest: date | None = session.scalar(begun.where(Grid.village_code.in_(villages)))
    return newest
