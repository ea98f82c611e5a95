"""Requests for a pause: which cases wait for an answer to one, the request itself, and its refusal."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.orm import Session, aliased

from gis.cases.tables import CaseEvent
from gis.errors import Conflict
from gis.viewer import Viewer
from gis.words import N_

ASK = "ask_pause"
ANSWERS = ("suspend", "refuse_pause", "extend", "resume")
"""Steps after which a request waits no more."""


def awaited(case_id: Any) -> ColumnElement[bool]:
    """Return the condition that a pause was asked for and nobody has answered yet."""
    ask, answer = aliased(CaseEvent), aliased(CaseEvent)
    answered = exists().where(answer.case_id == ask.case_id, answer.id > ask.id, answer.step.in_(ANSWERS))
    return exists().where(ask.case_id == case_id, ask.step == ASK, ~answered)


def request(events: Iterable[CaseEvent]) -> CaseEvent | None:
    """Return the request in a log that nobody has answered yet."""
    found = [event for event in events if event.step in (ASK, *ANSWERS)]
    return found[-1] if found and found[-1].step == ASK else None


def refuse(session: Session, _viewer: Viewer, case: Any, _given: Any, _now: datetime) -> dict[str, Any]:
    """Leave the case as it is; raises Conflict when no request waits for an answer."""
    if not session.scalar(select(awaited(case.id))):
        raise Conflict(N_("No pause is asked for, or somebody has answered already."))
    return {}
