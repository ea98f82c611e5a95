"""When a limit ends and how much of it has passed: plain functions of a calendar; moments are aware of their zone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import islice, takewhile

from gis.scope import ZONE

Shift = tuple[time, time]
SHIFTS: tuple[Shift, ...] = ((time(8, 30), time(12, 0)), (time(13, 30), time(17, 30)))
"""The usual hours of an office; only they count as working hours."""
LONGEST = timedelta(days=3660)
NEAR = 0.2
"""The share of a limit that is left when it is called near."""
_NONE = timedelta(0)


@dataclass(frozen=True)
class Calendar:
    """Which days are worked: Monday to Friday, but for the days that differ, and between which hours."""

    days: Mapping[date, bool] = field(default_factory=dict)
    shifts: tuple[Shift, ...] = SHIFTS

    def works(self, day: date) -> bool:
        """Tell whether a day is worked."""
        return self.days.get(day, day.weekday() < 5)

    def spans(self, start: datetime) -> Iterator[tuple[datetime, datetime]]:
        """Yield what is worked from a moment on, span after span, for ten years."""
        local = start.astimezone(ZONE)
        day = local.date()
        while day - local.date() < LONGEST:
            if self.works(day):
                for opens, closes in self.shifts:
                    first, last = datetime.combine(day, opens, ZONE), datetime.combine(day, closes, ZONE)
                    if last > local:
                        yield max(first, local), last
            day += timedelta(days=1)

    def spans_before(self, end: datetime) -> Iterator[tuple[datetime, datetime]]:
        """Yield what is worked until a moment, the last span first, for ten years."""
        local = end.astimezone(ZONE)
        for step in range(LONGEST.days):
            day = local.date() - timedelta(days=step)
            if self.works(day):
                for opens, closes in reversed(self.shifts):
                    first, last = datetime.combine(day, opens, ZONE), datetime.combine(day, closes, ZONE)
                    if first < local:
                        yield first, min(last, local)

    @property
    def hours(self) -> float:
        """How many hours a working day has."""
        ends = ((closes.hour - opens.hour) * 60 + closes.minute - opens.minute for opens, closes in self.shifts)
        return sum(ends) / 60


def due(start: datetime, amount: float, unit: str, calendar: Calendar) -> datetime:
    """Return when a limit ends that begins at a moment.

    Hours run on; working hours run in the shifts; n working days end with the work of the n-th working day after the
    one on which they begin, and what begins outside the shifts begins with the next one.
    """
    if unit == "natural_hour":
        return start + timedelta(hours=amount)
    if unit == "working_hour":
        return after(start, timedelta(hours=amount), calendar)
    first = next(calendar.spans(start))[0].date()
    days = (span for span in ends(first, calendar) if span.date() > first)
    return next(moment for count, moment in enumerate(days, 1) if count >= amount)


def extended(end: datetime, amount: float, unit: str, calendar: Calendar) -> datetime:
    """Return when a limit ends that is put off: working days count from the day on which it ends now."""
    return due(end - timedelta(seconds=1) if unit == "working_day" else end, amount, unit, calendar)


def near(end: datetime, amount: float, unit: str, calendar: Calendar) -> datetime:
    """Return from when on less than a fifth of a limit of so much is left before its end."""
    if unit == "natural_hour":
        return end - timedelta(hours=amount) * NEAR
    left = timedelta(hours=amount * (calendar.hours if unit == "working_day" else 1)) * NEAR
    for first, last in calendar.spans_before(end):
        if last - first >= left:
            return last - left
        left -= last - first
    raise ValueError("the calendar has no working time before")


def after(start: datetime, worked: timedelta, calendar: Calendar) -> datetime:
    """Return the moment by which so much has been worked since a start."""
    left = worked
    for first, last in calendar.spans(start):
        if last - first >= left:
            return first + left
        left -= last - first
    raise ValueError("the calendar has no working time left")


def ends(first: date, calendar: Calendar) -> Iterator[datetime]:
    """Yield the end of work of each working day from a day on."""
    closes = max(closes for _opens, closes in calendar.shifts)
    for step in range(LONGEST.days):
        day = first + timedelta(days=step)
        if calendar.works(day):
            yield datetime.combine(day, closes, ZONE)


def worked(start: datetime, end: datetime, calendar: Calendar) -> timedelta:
    """Return how much is worked between two moments."""
    total = _NONE
    if end <= start:
        return total
    for first, last in calendar.spans(start):
        if first >= end:
            break
        total += min(last, end) - first
    return total


def elapsed(start: datetime, end: datetime, unit: str, calendar: Calendar) -> float:
    """Return how many of the unit lie between two moments; a working day is as many hours as the shifts have."""
    if unit == "natural_hour":
        return max((end - start).total_seconds() / 3600, 0.0)
    hours = worked(start, end, calendar).total_seconds() / 3600
    return hours if unit == "working_hour" else hours / calendar.hours


def resumed(limit: datetime, suspended: datetime, now: datetime, unit: str, calendar: Calendar) -> datetime:
    """Return the end of a limit that stood still since it was suspended: what was left then is left now.

    Of working days whole ones are left: those after the day on which it stopped.
    """
    left = worked(suspended, limit, calendar)
    if unit == "natural_hour" or left == _NONE:
        return limit + (now - suspended)
    if unit == "working_hour":
        return after(now, left, calendar)
    stopped, runs = (next(calendar.spans(each))[0].date() for each in (suspended, now))
    if runs == stopped:
        return limit
    days = sum(1 for _ in takewhile(lambda end: end.date() <= limit.astimezone(ZONE).date(), ends(stopped, calendar)))
    return next(islice(ends(runs, calendar), days - 1, None))


def carried(fresh: datetime, plain: datetime, granted: datetime, unit: str, calendar: Calendar) -> datetime:
    """Return the end of a fresh limit put off by what was granted to another one, from its plain end on."""
    if granted <= plain:
        return fresh
    if unit == "natural_hour":
        return fresh + (granted - plain)
    moment = after(fresh, worked(plain, granted, calendar), calendar)
    if unit == "working_hour":
        return moment
    return next(end for end in ends(moment.astimezone(ZONE).date(), calendar) if end >= moment)
