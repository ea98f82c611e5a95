"""Cases: what is stored and counted of them, how they come in, and the steps that they go through."""

from __future__ import annotations

from gis.cases.facts import (
    facts,
    is_due_soon,
    is_due_today,
    is_open,
    is_overdue,
    not_suspended,
    rows,
    state,
    status_at,
    tally,
)
from gis.cases.tables import CATEGORIES, LEVELS, REASONS, SOURCES, STATUSES, Case, CaseEvent, CasePhoto

__all__ = [
    "CATEGORIES",
    "LEVELS",
    "REASONS",
    "SOURCES",
    "STATUSES",
    "Case",
    "CaseEvent",
    "CasePhoto",
    "facts",
    "is_due_soon",
    "is_due_today",
    "is_open",
    "is_overdue",
    "not_suspended",
    "rows",
    "state",
    "status_at",
    "tally",
]
