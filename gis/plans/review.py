"""A plan in review: handed in, given back or approved by somebody else, and talked about on the way."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from gis import audit, checks
from gis.errors import Conflict, Invalid, NotFound, Refused
from gis.plans.change import change, over
from gis.plans.draft import draft
from gis.plans.freshness import refuse_stale, refuse_taken
from gis.plans.held import LONGEST_TEXT, find, prose
from gis.plans.land import land
from gis.plans.tables import STATUSES, Plan, PlanComment, PlanEvent, PlanGrid
from gis.scope import ZONE
from gis.viewer import Viewer
from gis.words import N_, Word

FARTHEST = timedelta(days=366)


def submit(session: Session, viewer: Viewer, plan_id: int, now: datetime) -> Plan:
    """Hand a draft in for review, which freezes it; raises Invalid when a check finds an error."""
    viewer.require("plan.draw")
    plan = held(session, viewer, plan_id, "draft")
    drawn = draft(session, viewer, plan_id)
    refuse_stale(session, plan, rebuilt=bool(len(drawn.fresh) or drawn.gone))
    errors = [finding for finding in checks.check(drawn) if finding.severity == "error"]
    if errors:
        message = N_("Errors to mend first in “%(name)s”: %(count)s. The first one is %(code)s.")
        raise Invalid(message, name=plan.name, count=len(errors), code=errors[0].code)
    if change(session, viewer, plan_id).is_nothing:
        raise Invalid(N_("“%(name)s” changes nothing of what is in force. Draw something first."), name=plan.name)
    plan.status, plan.submitted_at = "submitted", now
    plan.reviewer_id = plan.reviewer_name = plan.reviewed_at = None
    return told(session, viewer, plan, "plan.submit", revision=plan.revision)


def withdraw(session: Session, viewer: Viewer, plan_id: int) -> Plan:
    """Take a plan back that was handed in and not yet decided on; it is a draft again."""
    viewer.require("plan.draw")
    plan = held(session, viewer, plan_id, "submitted")
    plan.status, plan.submitted_at = "draft", None
    return told(session, viewer, plan, "plan.withdraw")


def give_back(session: Session, viewer: Viewer, plan_id: int, reason: str, now: datetime) -> Plan:
    """Return a plan to its planners with a reason, which becomes a comment; an approval is taken back by it."""
    viewer.require("plan.review")
    plan = held(session, viewer, plan_id, "submitted", "approved")
    said = _say(session, viewer, plan, reason, None, now)
    plan.status, plan.submitted_at = "draft", None
    _decide(plan, viewer, now)
    return told(session, viewer, plan, "plan.give_back", comment=said.id)


def approve(session: Session, viewer: Viewer, plan_id: int, day: date, now: datetime) -> Plan:
    """Approve a plan for today or a day of the year ahead; who drew it cannot."""
    viewer.require("plan.review")
    plan = held(session, viewer, plan_id, "submitted")
    if plan.author_id == viewer.user_id or drew(session, plan, viewer):
        raise Refused(N_("You began or drew this plan; somebody else has to approve it."))
    today = now.astimezone(ZONE).date()
    if day < today:
        raise Invalid(N_("%(day)s has passed; choose today or a day ahead."), day=day)
    if day > today + FARTHEST:
        raise Invalid(N_("%(day)s is too far away: a plan is approved at most 366 days ahead."), day=day)
    ground = land(session, plan)
    refuse_stale(session, plan, rebuilt=ground.rebuilt)
    made = over(session, viewer, ground)
    refuse_taken(session, plan, sorted(set(ground.villages) - made.idle), day)
    plan.status, plan.effective_from = "approved", day
    _decide(plan, viewer, now)
    return told(session, viewer, plan, "plan.approve", day=day.isoformat(), revision=plan.revision)


def comment(
    session: Session, viewer: Viewer, plan_id: int, text: str, now: datetime, grid_id: int | None = None
) -> PlanComment:
    """Say something of a plan, or of one of its grids (`grid_id` is the plan's number for it)."""
    viewer.require("plan.view")
    plan = find(session, viewer, plan_id)
    said = _say(session, viewer, plan, text, grid_id, now)
    audit.record(session, viewer, "plan.comment", plan.area_code, plan=plan.id, comment=said.id)
    return said


def comments(session: Session, viewer: Viewer, plan_id: int) -> Sequence[PlanComment]:
    """Return what was said of a plan, the oldest first."""
    viewer.require("plan.view")
    said = select(PlanComment).where(PlanComment.plan_id == plan_id)
    return session.scalars(said.order_by(PlanComment.at, PlanComment.id)).all()


def drew(session: Session, plan: Plan, viewer: Viewer) -> bool:
    """Tell whether a stroke of a plan is the viewer's."""
    own = select(PlanEvent.id).where(PlanEvent.plan_id == plan.id, PlanEvent.user_id == viewer.user_id)
    return viewer.user_id is not None and session.scalar(own.limit(1)) is not None


def held(session: Session, viewer: Viewer, plan_id: int, *statuses: str) -> Plan:
    """Return a plan, locked until the transaction ends; raises Conflict unless it has one of the statuses."""
    plan = find(session, viewer, plan_id, locked=True)
    if plan.status not in statuses:
        message = N_("“%(name)s” is %(status)s; this cannot be done with it now.")
        raise Conflict(message, name=plan.name, status=Word(STATUSES[plan.status]))
    return plan


def told(session: Session, viewer: Viewer, plan: Plan, action: str, **detail: object) -> Plan:
    """Write a plan's new state and the audit row that tells of it."""
    session.flush()
    audit.record(session, viewer, action, plan.area_code, plan=plan.id, name=plan.name, **detail)
    return plan


def _decide(plan: Plan, viewer: Viewer, now: datetime) -> None:
    plan.reviewer_id, plan.reviewer_name, plan.reviewed_at = viewer.user_id, viewer.name, now


def _say(session: Session, viewer: Viewer, plan: Plan, text: str, grid_id: int | None, now: datetime) -> PlanComment:
    """Store a comment; raises Refused for a text with numbers of persons, Invalid for one that is empty or too long."""
    words = prose(text)
    if not words:
        raise Invalid(N_("Write 1 to %(most)s characters."), most=LONGEST_TEXT)
    grid = None if grid_id is None else session.get(PlanGrid, grid_id)
    if grid_id is not None and (grid is None or grid.plan_id != plan.id):
        raise NotFound(N_("There is no grid %(number)s in this plan."), number=grid_id)
    said = PlanComment(
        plan_id=plan.id, plan_grid_id=grid_id, at=now, user_id=viewer.user_id, user_name=viewer.name, text=words
    )
    session.add(said)
    session.flush()
    return said
