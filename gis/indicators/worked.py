"""Working time inside PostgreSQL: two arrays carry the calendar, so that a span costs two look-ups and no row."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from itertools import accumulate
from typing import Any

from sqlalchemy import ARRAY, Date, Integer, and_, cast, extract, false, func, literal, or_, select
from sqlalchemy.orm import Session
from sqlalchemy.sql.selectable import Subquery

from gis import deadlines, stages
from gis.deadlines import SHIFTS
from gis.viewer import Viewer

YEARS = 3
"""How far back a case may have begun; what began earlier is counted from there."""
_STEP = timedelta(microseconds=1)


@dataclass(frozen=True)
class Clock:
    """The calendar up to a day as one row (worked seconds before each day, whether it works), and that day's limits."""

    row: Subquery
    limits: stages.Standing

    def kept(self, stage: str, urgency: Any, start: Any, end: Any) -> Any:
        """Return the condition that a stage took no longer than its limit."""
        held = [(named, limit) for (name, named), limit in self.limits.items() if name == stage]
        parts = [and_(urgency == named, kept(self.row, start, end, limit.amount, limit.unit)) for named, limit in held]
        return or_(false(), *parts)

    def limited(self, stage: str, urgency: Any) -> Any:
        """Return the condition that a stage has a limit for a case."""
        return urgency.in_([named for name, named in self.limits if name == stage])


def clock(session: Session, viewer: Viewer, until: date) -> Clock:
    """Return the calendar up to a day, with the limits of the stages that are in force on it."""
    calendar = deadlines.calendar(session)
    first = date(until.year - YEARS, 1, 1)
    days = [first + timedelta(days=step) for step in range((until - first).days + 370)]
    works = [int(calendar.works(day)) for day in days]
    whole = round(calendar.hours * 3600)
    before = list(accumulate((whole * each for each in works[:-1]), initial=0))
    row = select(
        cast(literal(first), Date).label("first"),
        cast(literal(before, ARRAY(Integer)), ARRAY(Integer)).label("before"),
        cast(literal(works, ARRAY(Integer)), ARRAY(Integer)).label("works"),
    ).subquery("clock")
    return Clock(row, stages.standing(session, viewer, until))


def hours(row: Subquery, start: Any, end: Any) -> Any:
    """Return the working hours between two moments, as `gis.deadlines.elapsed` counts them."""
    return (at(row, end) - at(row, start)) / 3600.0


def kept(row: Subquery, start: Any, end: Any, amount: int, unit: str) -> Any:
    """Return the condition that a limit from one moment on was not over at another: what `gis.deadlines.due` says.

    Of a limit in working days each end of work after the first day counts.
    """
    if unit == "natural_hour":
        return end - start <= timedelta(hours=amount)
    if unit == "working_hour":
        return hours(row, start, end - _STEP) < amount
    return days(row, end, False) - days(row, start, True) <= amount


def days(row: Subquery, moment: Any, at_its_end: bool) -> Any:
    """Return how many working days have ended before a moment; one that ends at it counts where that is asked for."""
    day, seconds = placed(row, moment)
    closes = SHIFTS[-1][1].hour * 3600 + SHIFTS[-1][1].minute * 60
    over = seconds >= closes if at_its_end else seconds > closes
    return row.c.before[day] / round(deadlines.Calendar().hours * 3600) + row.c.works[day] * cast(over, Integer)


def at(row: Subquery, moment: Any) -> Any:
    """Return the worked seconds before a moment, counted from the first day of the clock."""
    day, seconds = placed(row, moment)
    return row.c.before[day] + row.c.works[day] * within(seconds)


def placed(row: Subquery, moment: Any) -> tuple[Any, Any]:
    """Return the place of a moment's day in the arrays, and its seconds since midnight."""
    local = func.timezone("Asia/Shanghai", moment)
    day = func.greatest(cast(local, Date) - row.c.first, 0) + 1
    return day, extract("epoch", local) - extract("epoch", func.date_trunc("day", local))


def within(seconds: Any) -> Any:
    """Return how much of the shifts has passed so many seconds after midnight."""
    total: Any = literal(0)
    for opens, closes in SHIFTS:
        low, high = opens.hour * 3600 + opens.minute * 60, closes.hour * 3600 + closes.minute * 60
        total = total + func.least(func.greatest(seconds - low, 0), high - low)
    return total
