"""A case takes a step: who may, what it needs, what it does to the clocks; state and log change together."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Integer, cast, func, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session

from gis import audit, deadlines, duties
from gis.cases import pauses
from gis.cases.facts import facts
from gis.cases.states import BY_NAME, ENDED, NEEDS, TITLES, Step, allowed, next_status
from gis.cases.tables import LEVELS, REASONS, STATUSES, CaseEvent
from gis.duties import DutyItem
from gis.errors import Conflict, Invalid, NotAllowed, NotFound, Refused
from gis.private import found_in_line
from gis.scope import ZONE
from gis.staffing import Staff
from gis.viewer import Viewer
from gis.words import N_, Word

LONGEST_REASON = 500
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
    level: str = "grid"
    amount: int | None = None
    unit: str = "working_day"
    parent: str = ""
    body: str = ""
    satisfied: str = ""


def found(session: Session, viewer: Viewer, case_no: str) -> Any:
    """Return what the viewer may know of a case; raises NotFound for one outside the territory."""
    viewer.require("case.view")
    case = session.execute(select(facts).where(facts.c.case_no == case_no)).first()
    if case is None:
        raise NotFound(N_("There is no case %(number)s in your territory."), number=case_no)
    return case


def offered(viewer: Viewer, case: Any) -> list[Step]:
    """Return the steps that the viewer can take with a case now."""
    return [step for step in allowed(case.status, viewer.permissions) if not closed_to(viewer, case, step)]


def closed_to(viewer: Viewer, case: Any, step: Step) -> bool:
    """Tell whether a restricted case is not the viewer's to handle."""
    own = viewer.staff_id is not None and case.handler_id == viewer.staff_id
    return case.visibility == "restricted" and step.permission == "case.handle" and not own


def act(session: Session, viewer: Viewer, case_no: str, name: str, revision: int, now: datetime, given: Given) -> int:
    """Take a step, and return the case's new revision.

    Raises Conflict when the state does not allow it or somebody acted since that revision, Invalid for what is missing.
    """
    step = BY_NAME.get(name)
    if step is None:
        raise Invalid(N_("There is no such step."))
    viewer.require(step.permission)
    case = found(session, viewer, case_no)
    if closed_to(viewer, case, step):
        raise NotAllowed(N_("This case is restricted: only who is assigned to it handles it."))
    if case.revision != revision:
        raise overtaken(session, case)
    target = next_status(case.status, step, former(session, case, name))
    reason = reason_of(step, given)
    fields = CHANGES[name](session, viewer, case, given, now) if name in CHANGES else {}
    return store(session, viewer, case, name, target, now, reason, fields, given.parent, noted(session, given, fields))


def repeated(session: Session, viewer: Viewer, case_no: str, parent: str, now: datetime) -> int:
    """Mark the viewer's own report as a repeat of a case, as it is reported, and return its new revision."""
    viewer.require("case.report")
    case, step = found(session, viewer, case_no), BY_NAME["duplicate"]
    if case.reporter_id != viewer.user_id or case.status != "reported":
        raise NotAllowed(N_("Only a report of one's own can be linked as it is reported."))
    if case.visibility == "restricted" and (viewer.staff_id is None or case.handler_id != viewer.staff_id):
        raise NotAllowed(N_("This case is restricted: only who is assigned to it handles it."))
    fields = repeat(session, viewer, case, Given(parent=parent), now)
    return store(session, viewer, case, step.name, "duplicate", now, None, fields, parent)


def store(
    session: Session, viewer: Viewer, case: Any, name: str, target: str, now: datetime, reason: str | None,
    fields: dict[str, Any], parent: str | None, note: str | None = None,
) -> int:  # fmt: skip
    """Change state and log together; raises Conflict when somebody acted since the revision that was seen."""
    told = cast({field: str(value) if isinstance(value, datetime) else value for field, value in fields.items()}, JSONB)
    stored = func.wangge_case_step(case.id, case.revision, name, target, now, reason, note, told, type_=Integer)
    made = session.scalar(select(stored))
    if made is None:
        # The case is as it was when the one that it shall repeat was ended meanwhile: that one is to be told of.
        same = found(session, viewer, case.case_no).revision == case.revision
        raise overtaken(session, found(session, viewer, parent.strip()) if same and parent else case)
    audit.record(session, viewer, "case.step", case.case_no, step=name, to=target)
    return int(made)


def former(session: Session, case: Any, name: str) -> str | None:
    """Return the state that a step leads back to."""
    if name != "part":
        return str(case.before_suspension) if case.before_suspension else None
    return session.scalar(select(func.wangge_before_repeat(case.id)))  # The log of a restricted case is its handler's.


def overtaken(session: Session, case: Any) -> Conflict:
    """Return the refusal that says what somebody else did meanwhile."""
    last = select(CaseEvent).where(CaseEvent.case_id == case.id).order_by(CaseEvent.id.desc()).limit(1)
    event = session.scalars(last).first()
    if event is None:
        return Conflict(N_("Somebody else has worked on this case meanwhile. Look at it again."))
    message = N_("%(actor)s took the step “%(step)s” meanwhile; the case is “%(status)s”. Look at it again.")
    step = Word(TITLES.get(event.step or "", STATUSES[event.to_status]))
    return Conflict(message, actor=event.actor, step=step, status=Word(STATUSES[event.to_status]))


def reason_of(step: Step, given: Given) -> str | None:
    """Return the reason, trimmed; raises Invalid when the step needs one, Refused for a person's number in it."""
    reason = " ".join(given.reason.split())
    if "reason" in step.needs and len(reason) < 2:
        raise Invalid(N_("This step needs %(what)s."), what=Word(NEEDS["reason"]))
    if len(reason) > LONGEST_REASON:
        raise Invalid(N_("That is too long: at most %(most)s characters."), most=LONGEST_REASON)
    if what := found_in_line(reason):
        raise Refused(N_("Take out %(what)s: they are never stored here."), what=what)
    return reason or None


def noted(session: Session, given: Given, fields: dict[str, Any]) -> str | None:
    """Return what the log keeps besides the reason: to whom a case goes, or amount and unit that a limit grows by."""
    if "extension_count" in fields:
        return f"{given.amount} {given.unit}"
    name = session.scalar(select(Staff.name).where(Staff.id == fields.get("handler_id")))
    return "、".join(filter(None, (fields.get("lead_body"), *fields.get("helpers", ()), name))) or None


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
    handler = {} if given.handler is None else {"handler_id": given.handler}
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
    """Return amount, unit and end of an entry's limit; pauses and extensions that the case was granted stay granted."""
    calendar, told = deadlines.calendar(session), {"limit_amount": item.amount, "limit_unit": item.unit}
    ends = deadlines.due(start, item.amount, item.unit, calendar)
    if case.due_at and case.limit_amount and (case.extension_count or case.suspended_ms):
        if (case.limit_amount, case.limit_unit) == (item.amount, item.unit):
            return told
        plain = deadlines.due(start, case.limit_amount, case.limit_unit, calendar)
        ends = deadlines.carried(ends, plain, case.due_at, item.unit, calendar)
    return {**told, "due_at": ends}


def handled(_session: Session, _viewer: Viewer, _case: Any, _given: Given, now: datetime) -> dict[str, Any]:
    """Say when the work was done."""
    return {"handled_at": now}


def close(_session: Session, _viewer: Viewer, case: Any, given: Given, now: datetime) -> dict[str, Any]:
    """End a case with how it ended; closed is not the same as solved."""
    if given.closure not in REASONS or given.closure == "duplicate" or given.level not in LEVELS:
        raise Invalid(N_("This step needs %(what)s."), what=Word(NEEDS["closure"]))
    done = {"closed_at": now, "closure_reason": given.closure, "closing_level": given.level}
    done["satisfied"] = SATISFIED.get(given.satisfied)
    return {**done, "handled_at": case.handled_at or now, "verified_at": now}


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
    ends, paused = case.due_at, now - case.suspended_from
    if ends is not None:
        unit = case.limit_unit or "working_day"
        ends = deadlines.resumed(ends, case.suspended_from, now, unit, deadlines.calendar(session))
    told = {"suspended_from": None, "before_suspension": None, "due_at": ends}
    return {**told, "suspended_ms": case.suspended_ms + paused // timedelta(milliseconds=1)}


def extend(session: Session, _viewer: Viewer, case: Any, given: Given, _now: datetime) -> dict[str, Any]:
    """Put the end of the limit off by so much."""
    if not given.amount or not 0 < given.amount <= 365 or given.unit not in duties.UNITS or case.due_at is None:
        raise Invalid(N_("This step needs %(what)s."), what=Word(NEEDS["limit"]))
    ends = deadlines.extended(case.due_at, given.amount, given.unit, deadlines.calendar(session))
    return {"due_at": ends, "extension_count": case.extension_count + 1}


def reject(_session: Session, _viewer: Viewer, _case: Any, _given: Given, now: datetime) -> dict[str, Any]:
    """End a case that nobody here is responsible for."""
    return {"closed_at": now, "closure_reason": "not_responsible"}


def repeat(session: Session, viewer: Viewer, case: Any, given: Given, now: datetime) -> dict[str, Any]:
    """End a case that repeats another; a chain of repeats leads to the first."""
    parent = found(session, viewer, given.parent.strip()) if given.parent.strip() else None
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
    if what := found_in_line(body):
        raise Refused(N_("Take out %(what)s: they are never stored here."), what=what)
    if given.handler is not None and session.scalar(select(Staff.id).where(Staff.id == given.handler)) is None:
        raise NotFound(N_("There is nobody of that number in your territory."))
    told = {"lead_body": body} if body else {}
    return told if given.handler is None else {**told, "handler_id": given.handler}


def part(_session: Session, _viewer: Viewer, _case: Any, _given: Given, _now: datetime) -> dict[str, Any]:
    """Open a case again that turned out to repeat no other."""
    return {"closed_at": None, "closure_reason": None, "duplicate_of": None}


def void(_session: Session, _viewer: Viewer, _case: Any, _given: Given, now: datetime) -> dict[str, Any]:
    """End a case that was none."""
    return {"closed_at": now, "closure_reason": "withdrawn"}


CHANGES = {
    "accept": accept, "file": file, "dispatch": dispatch, "report_done": handled, "pass": close, "self_close": close,
    "fail": fail, "return": give_back, "suspend": suspend, "refuse_pause": pauses.refuse, "resume": resume,
    "extend": extend, "reject": reject, "duplicate": repeat, "void": void, "assign": assign, "part": part,
}  # fmt: skip
"""Step → what it changes besides the state."""
