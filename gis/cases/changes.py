"""What each step changes of a case besides its state: plain functions, and the list of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from gis import deadlines, duties
from gis.cases import pauses, register
from gis.cases.states import ENDED, NEEDS
from gis.cases.tables import LEVELS, REASONS
from gis.duties import DutyItem
from gis.errors import Conflict, Invalid, NotFound
from gis.private import refuse
from gis.scope import ZONE
from gis.staffing import Staff
from gis.viewer import Viewer, level
from gis.words import N_, Word

LONGEST_BODY = 60
SATISFIED = {"yes": True, "no": False}
"""What the follow-up heard; anything else says that nobody was asked."""


@dataclass(frozen=True)
class Given:
    """What is said with a step; which of it is needed stands in the step."""

    reason: str = ""
    duty: int | None = None
    handler: int | None = None
    closure: str = ""
    level: str = ""
    amount: int | None = None
    unit: str = "working_day"
    parent: str = ""
    body: str = ""
    satisfied: str = ""


def accept(_session: Session, _viewer: Viewer, case: Any, _given: Given, now: datetime) -> dict[str, Any]:
    """Stop the clock of acceptance, which does not run for a case that comes back."""
    return {"accepted_at": now} if case.status == "reported" else {}


def file(session: Session, viewer: Viewer, case: Any, given: Given, now: datetime) -> dict[str, Any]:
    """Start the limit of the duty list, once; a pause from before is none of it."""
    if case.filed_at is not None:
        return {}
    item = entry(session, viewer, case, given, now)
    return {"filed_at": now, "suspended_ms": 0, **({} if item is None else limit(session, case, item, now))}


def dispatch(session: Session, viewer: Viewer, case: Any, given: Given, now: datetime) -> dict[str, Any]:
    """Give the case to the body that an entry of the duty list names, with its limit."""
    item = entry(session, viewer, case, given, now)
    if item is None:
        raise Invalid(N_("This step needs %(what)s."), what=Word(NEEDS["body"]))
    handler = taker(session, given)
    told = {"lead_body": item.lead_body, "helpers": list(item.helpers), "dispatched_at": case.dispatched_at or now}
    return {**told, **handler, **limit(session, case, item, case.filed_at or now)}


def entry(session: Session, viewer: Viewer, case: Any, given: Given, now: datetime) -> DutyItem | None:
    """Return the entry that was chosen, or without a choice the lowest level's."""
    day = now.astimezone(ZONE).date()
    items = duties.offered(session, viewer, case.category, case.urgency, day)
    if given.duty is None:
        return items[0] if items else None
    chosen = [item for item in items if item.id == given.duty]
    if not chosen:
        raise Invalid(N_("This entry of the duty list is not in force for such a case."))
    return chosen[0]


def limit(session: Session, case: Any, item: DutyItem, start: datetime) -> dict[str, Any]:
    """Return amount, unit and end of an entry's limit: the same one stands, another takes over what was granted."""
    calendar, told = deadlines.calendar(session), {"limit_amount": item.amount, "limit_unit": item.unit}
    if case.due_at and (case.limit_amount, case.limit_unit) == (item.amount, item.unit):
        return told
    ends = deadlines.due(start, item.amount, item.unit, calendar)
    if case.due_at and case.limit_amount and (case.extension_count or case.suspended_ms):
        plain = deadlines.due(start, case.limit_amount, case.limit_unit, calendar)
        ends = deadlines.carried(ends, plain, case.due_at, item.unit, calendar)
    return {**told, "due_at": ends, "soon_at": deadlines.near(ends, item.amount, item.unit, calendar)}


def moved(case: Any, ends: datetime, calendar: deadlines.Calendar) -> dict[str, Any]:
    """Return the end of a limit that was put off, and from when on it is near."""
    known = case.limit_amount and case.limit_unit
    soon = deadlines.near(ends, case.limit_amount, case.limit_unit, calendar) if known else None
    return {"due_at": ends, "soon_at": soon}


def handled(_session: Session, _viewer: Viewer, _case: Any, _given: Given, now: datetime) -> dict[str, Any]:
    """Say when the work was done."""
    return {"handled_at": now}


def close(session: Session, viewer: Viewer, case: Any, given: Given, now: datetime) -> dict[str, Any]:
    """End a case with how it ended; closed is not the same as solved."""
    return {**solve(session, viewer, case, given, now), "verified_at": now}


def solve(_session: Session, viewer: Viewer, case: Any, given: Given, now: datetime) -> dict[str, Any]:
    """End a case with how it ended and at which level, that of who ends it when nothing is said; nobody verified it."""
    closing = given.level or level(viewer.territory.codes[0])
    if given.closure not in REASONS or given.closure == "duplicate" or closing not in LEVELS:
        raise Invalid(N_("This step needs %(what)s."), what=Word(NEEDS["closure"]))
    done = {"closed_at": now, "closure_reason": given.closure, "closing_level": closing}
    return {**done, "satisfied": SATISFIED.get(given.satisfied), "handled_at": case.handled_at or now}


def fail(_session: Session, _viewer: Viewer, case: Any, _given: Given, _now: datetime) -> dict[str, Any]:
    """Count a round of rework."""
    return {"rework_count": case.rework_count + 1}


def give_back(_session: Session, _viewer: Viewer, case: Any, _given: Given, _now: datetime) -> dict[str, Any]:
    """Count a return."""
    return {"return_count": case.return_count + 1}


def suspend(_session: Session, _viewer: Viewer, case: Any, _given: Given, now: datetime) -> dict[str, Any]:
    """Stop the clock, and remember where the case was."""
    return {"suspended_from": now, "before_suspension": case.status}


def resume(session: Session, _viewer: Viewer, case: Any, _given: Given, now: datetime) -> dict[str, Any]:
    """Let the clock run on with what was left."""
    paused = (now - case.suspended_from) // timedelta(milliseconds=1)
    told = {"suspended_from": None, "before_suspension": None, "suspended_ms": case.suspended_ms + paused}
    if case.due_at is None:
        return told
    calendar, unit = deadlines.calendar(session), case.limit_unit or "working_day"
    ends = deadlines.resumed(case.due_at, case.suspended_from, now, unit, calendar)
    return {**told, **moved(case, ends, calendar)}


def extend(session: Session, _viewer: Viewer, case: Any, given: Given, _now: datetime) -> dict[str, Any]:
    """Put the end of the limit off by so much."""
    if not given.amount or not 0 < given.amount <= 365 or given.unit not in duties.UNITS or case.due_at is None:
        raise Invalid(N_("This step needs %(what)s."), what=Word(NEEDS["limit"]))
    calendar = deadlines.calendar(session)
    ends = deadlines.extended(case.due_at, given.amount, given.unit, calendar)
    return {**moved(case, ends, calendar), "extension_count": case.extension_count + 1}


def reject(_session: Session, _viewer: Viewer, _case: Any, _given: Given, now: datetime) -> dict[str, Any]:
    """End a case that nobody here is responsible for."""
    return {"closed_at": now, "closure_reason": "not_responsible"}


def repeat(session: Session, viewer: Viewer, case: Any, given: Given, now: datetime) -> dict[str, Any]:
    """End a case that repeats another; a chain of repeats leads to the first."""
    parent = register.found(session, viewer, given.parent.strip()) if given.parent.strip() else None
    if parent is None:
        raise Invalid(N_("This step needs %(what)s."), what=Word(NEEDS["parent"]))
    if parent.id == case.id:
        raise Invalid(N_("A case cannot repeat itself."))
    first = parent.duplicate_of or parent.id
    if first == case.id:
        raise Conflict(N_("Case %(number)s repeats this one already."), number=parent.case_no)
    if parent.status in ENDED and parent.duplicate_of is None:
        raise Conflict(N_("Case %(number)s has ended; it cannot be repeated."), number=parent.case_no)
    return {"closed_at": now, "closure_reason": "duplicate", "duplicate_of": first}


def assign(session: Session, _viewer: Viewer, _case: Any, given: Given, _now: datetime) -> dict[str, Any]:
    """Hand a case over to another member of staff, another lead body, or both."""
    body = " ".join(given.body.split())
    if not body and given.handler is None:
        raise Invalid(N_("This step needs %(what)s."), what=Word(NEEDS["assignee"]))
    if len(body) > LONGEST_BODY:
        raise Invalid(N_("That is too long: at most %(most)s characters."), most=LONGEST_BODY)
    refuse(body)
    return {**({"lead_body": body} if body else {}), **taker(session, given)}


def taker(session: Session, given: Given) -> dict[str, Any]:
    """Return who takes a case over, nothing when nobody is named; raises NotFound for staff that is not seen."""
    if given.handler is None:
        return {}
    if session.scalar(select(Staff.id).where(Staff.id == given.handler)) is None:
        raise NotFound(N_("There is nobody of that number in your territory."))
    return {"handler_id": given.handler}


def part(_session: Session, _viewer: Viewer, _case: Any, _given: Given, _now: datetime) -> dict[str, Any]:
    """Open a case again that turned out to repeat no other."""
    return {"closed_at": None, "closure_reason": None, "duplicate_of": None}


def void(_session: Session, _viewer: Viewer, _case: Any, _given: Given, now: datetime) -> dict[str, Any]:
    """End a case that was none."""
    return {"closed_at": now, "closure_reason": "withdrawn"}


CHANGES = {
    "accept": accept, "file": file, "dispatch": dispatch, "report_done": handled, "pass": close, "self_close": solve,
    "fail": fail, "return": give_back, "suspend": suspend, "refuse_pause": pauses.refuse, "resume": resume,
    "extend": extend, "reject": reject, "duplicate": repeat, "void": void, "assign": assign, "part": part,
}  # fmt: skip
"""Step → what it changes besides the state."""
