"""How long something may take: hours, working hours and working days over a calendar with holidays and make-up days."""

from __future__ import annotations

from gis.deadlines.days import KINDS, YEARS, CalendarDay, calendar, export, fill, filled, named, put, replace
from gis.deadlines.hours import SHIFTS, Calendar, carried, due, elapsed, extended, near, resumed

__all__ = [
    "KINDS",
    "SHIFTS",
    "YEARS",
    "Calendar",
    "CalendarDay",
    "calendar",
    "carried",
    "due",
    "elapsed",
    "export",
    "extended",
    "fill",
    "filled",
    "named",
    "near",
    "put",
    "replace",
    "resumed",
]
