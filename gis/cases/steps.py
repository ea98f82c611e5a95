"""A case takes a step: who may, what it needs, what it does to the clocks; state and log change together."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from psycopg2.errors import InsufficientPrivilege
from sqlalchemy import Integer, cast, func, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.orm import Session

from gis import audit
from gis.cases import register
from gis.cases.changes import CHANGES, Given, repeat
from gis.cases.states import BY_NAME, NEEDS, TITLES, Step, allowed, next_status
from gis.cases.tables import STATUSES, CaseEvent
from gis.database import hold_name
from gis.errors import Conflict, Invalid, NotAllowed, NotFound
from gis.private import refuse
from gis.staffing import Staff
from gis.viewer import Viewer
from gis.words import N_, Word

SEVERAL = "cases/several"
"""What is held by who acts on several cases at once: two who choose the same in another order wait for each other."""
LONGEST_REASON = 500


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
    if name == "duplicate":
        hold_name(session, SEVERAL)
    case = register.found(session, viewer, case_no)
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
    case, step = register.found(session, viewer, case_no), BY_NAME["duplicate"]
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
    with seen(case.case_no):
        made = session.scalar(select(stored))
    if made is None:
        # The case is as it was when the one that it shall repeat was ended meanwhile: that one is to be told of.
        same = register.found(session, viewer, case.case_no).revision == case.revision
        raise overtaken(session, register.found(session, viewer, parent.strip()) if same and parent else case)
    audit.record(session, viewer, "case.step", case.case_no, step=name, to=target)
    return int(made)


@contextmanager
def seen(cases: str) -> Iterator[None]:
    """Raise NotFound when the database refuses a step: the cases have left the territory since they were looked at."""
    try:
        yield
    except ProgrammingError as error:
        if not isinstance(error.orig, InsufficientPrivilege):
            raise
        raise NotFound(N_("These cases are not in your territory: %(cases)s."), cases=cases) from error


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
    refuse(reason)
    return reason or None


def noted(session: Session, given: Given, fields: dict[str, Any]) -> str | None:
    """Return what the log keeps besides the reason: to whom a case goes, or amount and unit that a limit grows by."""
    if "extension_count" in fields:
        return f"{given.amount} {given.unit}"
    name = session.scalar(select(Staff.name).where(Staff.id == fields.get("handler_id")))
    return "、".join(filter(None, (fields.get("lead_body"), *fields.get("helpers", ()), name))) or None
