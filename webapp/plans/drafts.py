"""What the editor's scripts read and write: the draft, its strokes, what others did, findings and suggestions."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import generate_csrf

from gis import areas, checks
from gis.database import join_by_hash
from gis.errors import Conflict, Invalid
from gis.plans import beginning, edits, log, standing, store
from gis.plans.draft import draft
from gis.plans.edits import Edit
from gis.plans.edits.back import reach
from gis.plans.edits.edit import outcome
from gis.words import N_
from webapp import access
from webapp.plans import answers, suggestions

bp = Blueprint("drafts", __name__)


@bp.get("/drafts/<int:plan_id>")
def show(plan_id: int) -> ResponseReturnValue:
    """Answer the cells and grids of one village of a plan."""
    session, viewer = access.database().session(), access.viewer()
    join_by_hash(session)
    found = draft(session, viewer, plan_id)
    before = standing.of_cells(session, found.ground, viewer.day)
    can = reach(session, viewer, plan_id)
    return {**answers.draft(found, village_of(found.plan.fabrics), before), "can": {"undo": can[0], "redo": can[1]}}


@bp.get("/drafts/<int:plan_id>/events")
def events(plan_id: int) -> ResponseReturnValue:
    """Answer what was drawn since a revision, and a fresh token."""
    session, viewer = access.database().session(), access.viewer()
    plan = store.find(session, viewer, plan_id)
    found = [answers.event(each) for each in log.since(session, plan, request.args.get("since", 0, int))]
    return {"revision": plan.revision, "status": plan.status, "events": found, "token": generate_csrf()}


@bp.post("/drafts/<int:plan_id>/edits")
def edit(plan_id: int) -> ResponseReturnValue:
    """Write one stroke; 409 with both sides when somebody else drew over the same cells."""
    session, viewer, given = access.database().session(), access.viewer(), asked()
    try:
        found = edits.apply(session, viewer, plan_id, stroke(given), access.now())
    except Conflict as error:
        return refused(plan_id, error, base_of(given)), 409
    return answers.outcome(found, reach(session, viewer, plan_id))


@bp.post("/drafts/<int:plan_id>/undo")
def undo(plan_id: int) -> ResponseReturnValue:
    """Take back the user's newest stroke."""
    return turned(plan_id, edits.undo)


@bp.post("/drafts/<int:plan_id>/redo")
def redo(plan_id: int) -> ResponseReturnValue:
    """Draw again what the user took back last."""
    return turned(plan_id, edits.redo)


@bp.post("/drafts/<int:plan_id>/fork")
def fork(plan_id: int) -> ResponseReturnValue:
    """Branch the plan as the browser saw it, and answer the numbers that its grids have there."""
    session, viewer, given = access.database().session(), access.viewer(), asked()
    name = f"{store.find(session, viewer, plan_id).name[:44]} · {viewer.name}"[:60]
    plan, numbers = beginning.branched(session, viewer, plan_id, name, access.now(), base_of(given), key_of(given))
    target = url_for("editor.show", plan_id=plan.id, village=request.args.get("village"))
    return {"plan": plan.id, "revision": plan.revision, "grids": numbers, "address": target}


@bp.get("/drafts/<int:plan_id>/findings")
def findings(plan_id: int) -> ResponseReturnValue:
    """Answer what the checks find in one village of a plan."""
    found = draft(access.database().session(), access.viewer(), plan_id)
    return {"findings": answers.findings(found, checks.check(found), village_of(found.plan.fabrics))}


@bp.get("/drafts/<int:plan_id>/suggestions")
def suggest(plan_id: int) -> ResponseReturnValue:
    """Answer suggestions: a new plan, the least change, a split or a merge of one grid."""
    found = draft(access.database().session(), access.viewer(), plan_id)
    village = village_of(found.plan.fabrics)
    wanted = suggestions.Wanted(request.args.get("grid", None, int), request.args.get("seed", 1, int) % 2**31)
    return suggestions.answer(found, village, request.args.get("kind", ""), wanted)


def turned(plan_id: int, turn: Any) -> ResponseReturnValue:
    """Undo or redo, and answer as a stroke is answered."""
    session, viewer, given = access.database().session(), access.viewer(), asked()
    base = base_of(given)
    try:
        found = turn(session, viewer, plan_id, base, key_of(given), access.now(), keep=numbers(given, "keep"))
    except Conflict as error:
        return refused(plan_id, error, base), 409
    own = [each for each in found.events if each.key == key_of(given)]
    others = set(log.villages(session, own)) - {request.args.get("village")}
    told = {"elsewhere": list(areas.names(session, others).values())}
    return answers.outcome(found, reach(session, viewer, plan_id)) | told


def refused(plan_id: int, error: Conflict, base: int) -> dict[str, Any]:
    """Return why a stroke was not written, and what became of the plan since the revision that the browser saw."""
    session, viewer = access.database().session(), access.viewer()
    plan = store.find(session, viewer, plan_id)
    return answers.clash(error, plan.status, outcome(session, plan, min(base, plan.revision)))


def asked() -> dict[str, Any]:
    """Return the JSON object of the request."""
    given = request.get_json(silent=True)
    if not isinstance(given, dict):
        raise Invalid(N_("Send a JSON object."))
    return given


def stroke(given: dict[str, Any]) -> Edit:
    """Return the edit that was sent; raises Invalid for lists that are none or hold other things than numbers."""
    grids = given.get("grids", [])
    if not isinstance(grids, list) or not all(isinstance(each, dict) for each in grids):
        raise Invalid(N_("An edit names each grid once, by its number."))
    after = [None if each is None else each for each in numbers(given, "after", none=True)]
    kind = str(given.get("kind", ""))
    return Edit(kind, base_of(given), key_of(given), numbers(given, "cells"), after, grids, known(given))


def known(given: dict[str, Any]) -> set[str]:
    """Return the keys of the strokes that one was drawn on top of."""
    found = given.get("known", [])
    if not isinstance(found, list) or not all(isinstance(each, str) for each in found):
        raise Invalid(N_("Say by their keys which strokes it was drawn on."))
    return set(found)


def numbers(given: dict[str, Any], name: str, *, none: bool = False) -> list[Any]:
    """Return a list of whole numbers, with None among them when that is allowed."""
    found = given.get(name, [])
    if not isinstance(found, list) or not all(whole(each) or (none and each is None) for each in found):
        raise Invalid(N_("An edit names each cell once, each with its grid."))
    return found


def whole(value: Any) -> bool:
    """Tell whether a value is a whole number that the database can hold."""
    return type(value) is int and abs(value) < 2**62


def base_of(given: dict[str, Any]) -> int:
    """Return the revision that the browser saw."""
    base = given.get("base")
    if not isinstance(base, int) or not whole(base):
        raise Invalid(N_("Say on which revision it was drawn."))
    return base


def key_of(given: dict[str, Any]) -> str:
    """Return the key of a stroke."""
    return str(given.get("key", ""))


def village_of(fabrics: dict[str, int]) -> str:
    """Return the village of the address, the plan's first one without it."""
    wanted = request.args.get("village") or min(fabrics)
    if wanted not in fabrics:
        raise Invalid(N_("The plan does not reach into %(code)s."), code=wanted)
    return wanted
