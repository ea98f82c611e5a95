"""What is decided about a plan: handed in, taken back, given back, approved, published, rolled back; and said of it."""

from __future__ import annotations

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from gis.errors import Invalid
from gis.plans import publish as publishing
from gis.plans import review, rollback
from gis.words import N_
from webapp import access
from webapp.plans.pages import back, day

bp = Blueprint("decisions", __name__)


@bp.post("/plans/<int:plan_id>/submit")
def submit(plan_id: int) -> ResponseReturnValue:
    """Hand a draft in for review."""
    review.submit(access.database().session(), access.viewer(), plan_id, access.now())
    return back(plan_id, N_("Handed in. Nobody can draw in it until it is given back."))


@bp.post("/plans/<int:plan_id>/withdraw")
def withdraw(plan_id: int) -> ResponseReturnValue:
    """Take a plan back that nobody has decided on."""
    review.withdraw(access.database().session(), access.viewer(), plan_id)
    return back(plan_id, N_("Taken back; it is a draft again."))


@bp.post("/plans/<int:plan_id>/give-back")
def give_back(plan_id: int) -> ResponseReturnValue:
    """Return a plan to its planners with a reason."""
    session, viewer = access.database().session(), access.viewer()
    review.give_back(session, viewer, plan_id, request.form.get("reason", ""), access.now())
    return back(plan_id, N_("Given back to the planners."))


@bp.post("/plans/<int:plan_id>/approve")
def approve(plan_id: int) -> ResponseReturnValue:
    """Approve a plan for a day."""
    session, viewer, since = access.database().session(), access.viewer(), day("effective")
    if since is None:
        raise Invalid(N_("Choose the day from which the plan is to be in force."))
    review.approve(session, viewer, plan_id, since, access.now())
    return back(plan_id, N_("Approved."))


@bp.post("/plans/<int:plan_id>/publish")
def publish(plan_id: int) -> ResponseReturnValue:
    """Put a plan in force."""
    session, viewer, zone = access.database().session(), access.viewer(), access.settings().metric_srid
    publishing.publish(session, viewer, plan_id, access.now(), metric_srid=zone)
    return back(plan_id, N_("Published: the new boundaries are in force."))


@bp.post("/plans/<int:plan_id>/roll-back")
def roll_back(plan_id: int) -> ResponseReturnValue:
    """Begin a draft with what a published plan replaced."""
    plan = rollback.roll_back(access.database().session(), access.viewer(), plan_id, access.now())
    return back(plan.id, N_("This draft holds what was in force before. Hand it in, and it goes the usual way."))


@bp.post("/plans/<int:plan_id>/comments")
def comment(plan_id: int) -> ResponseReturnValue:
    """Say something of a plan or of one of its grids."""
    session, viewer, form = access.database().session(), access.viewer(), request.form
    grid = form.get("grid", type=int) if form.get("grid") else None
    review.comment(session, viewer, plan_id, form.get("text", ""), access.now(), grid)
    return back(plan_id, N_("Your comment is there."))
