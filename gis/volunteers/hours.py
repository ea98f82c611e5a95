"""Opening hours over the working calendar: hours of working days and of days off, and what follows for a moment."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from gis.deadlines import Calendar
from gis.errors import Invalid
from gis.scope import ZONE
from gis.words import N_

SPAN = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)[-–—~至]([01]?\d|2[0-4]):([0-5]\d)")
LOOKS_AHEAD = 30
"""Days after which nobody is told any more when a place opens or closes."""
Shift = tuple[time, time]


@dataclass(frozen=True)
class Standing:
    """Whether a place is open at a moment, and when that changes; `until` is empty where it does not."""

    open: bool
    until: datetime | None


def read(text: str) -> tuple[Shift, ...]:
    """Return the spans of a text like 08:30-12:00,13:30-17:30; raises Invalid for one that is none or overlaps."""
    parts = [part.strip() for part in re.split("[,，;；、]", text.replace("：", ":")) if part.strip()]
    spans: list[Shift] = []
    for part in parts:
        found = SPAN.fullmatch(part.replace(" ", ""))
        if found is None:
            raise Invalid(N_("“%(value)s” are no opening hours; write them as 08:30-12:00,13:30-17:30."), value=part)
        if found[3] == "24" and found[4] != "00":
            raise Invalid(N_("“%(value)s” goes past midnight; write 24:00 at the latest."), value=part)
        opens, closes = time(int(found[1]), int(found[2])), _end(int(found[3]), int(found[4]))
        if closes <= opens or (spans and opens < spans[-1][1]):
            raise Invalid(N_("The opening hours “%(value)s” end before they begin, or overlap."), value=part)
        spans.append((opens, closes))
    return tuple(spans)


def _end(hour: int, minute: int) -> time:
    return time(hour, minute) if hour < 24 else time(23, 59, 59)


def written(spans: Iterable[Shift]) -> str:
    """Return spans as they are stored: 08:30-12:00,13:30-17:30."""
    return ",".join(f"{opens:%H:%M}-{'24:00' if closes.second else format(closes, '%H:%M')}" for opens, closes in spans)


def standing(workdays: str | None, days_off: str | None, now: datetime, calendar: Calendar) -> Standing:
    """Return whether a place is open, and until or from when; a make-up working day has the hours of a working day.

    Midnight closes nothing where the next day begins open.
    """
    local = now.astimezone(ZONE)
    known = {True: read(workdays or ""), False: read(days_off or "")}
    days = [local.date() + timedelta(days=step) for step in range(LOOKS_AHEAD)]
    until = None
    for first, last in (span for day in days for span in moments(known[calendar.works(day)], day)):
        if until is None and first > local:
            return Standing(False, first)
        if until not in (None, first):
            break
        if local < last:
            until = last
    end = datetime.combine(days[-1] + timedelta(days=1), time(), ZONE)
    return Standing(until is not None, None if until == end else until)


def moments(spans: Iterable[Shift], day: date) -> Iterable[tuple[datetime, datetime]]:
    """Yield the spans of a day as moments; one that ends with the day ends at midnight."""
    for opens, closes in spans:
        last = datetime.combine(day, closes, ZONE)
        yield datetime.combine(day, opens, ZONE), last + timedelta(seconds=1) if closes.second else last


def told(workdays: str, days_off: str) -> str | None:
    """Return the hours as a notice board tells them, in the language of the board."""
    parts = [("工作日", workdays), ("休息日", days_off)]
    if workdays == days_off:
        parts = [("每日", workdays)]
    return ";".join(f"{name} {hours.replace(',', ' ')}" for name, hours in parts if hours) or None
