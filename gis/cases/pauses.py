"""Requests for a pause: which cases wait for an answer to one, the request itself, and its refusal."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, column, select, table
from sqlalchemy.orm import Session

from gis.cases.tables import CaseEvent
from gis.errors import Conflict
from gis.viewer import Viewer
from gis.words import N_

ASK = "ask_pause"
ANSWERS = ("suspend", "refuse_pause", "extend", "resume", "return", "dispatch", "assign", "report_done", "self_close",
           "pass", "reject", "duplicate", "void")  # fmt: skip
"""Steps after which a request waits no more: it is answered, or the case has left the hands of who asked."""
waiting = table("case_pauses", column("case_id", BigInteger()))
"""The cases of the viewer's territory in which a request waits, restricted ones too: the view tells no word of it."""


def awaited(case_id: Any) -> ColumnElement[bool]:
    """Return the condition that a pause is asked for and nobody has answered yet."""
    found: ColumnElement[bool] = case_id.in_(select(waiting.c.case_id))
    return found


def is_awaited(session: Session, viewer: Viewer, case: Any) -> bool:
    """Tell whether a pause is asked for in a case; why is told by its log, to who may read it."""
    viewer.require("case.view")
    return session.scalar(select(waiting.c.case_id).where(waiting.c.case_id == case.id).limit(1)) is not None


def request(events: Iterable[CaseEvent]) -> CaseEvent | None:
    """Return the request in a log that nobody has answered yet."""
    found = [event for event in events if event.step in (ASK, *ANSWERS)]
    return found[-1] if found and found[-1].step == ASK else None


def refuse(session: Session, viewer: Viewer, case: Any, _given: Any, _now: datetime) -> dict[str, Any]:
    """Leave the case as it is; raises Conflict when no request waits for an answer."""
    if not is_awaited(session, viewer, case):
        raise Conflict(N_("No pause is asked for, or somebody has answered already."))
    return {}
