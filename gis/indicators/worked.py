"""Working time inside PostgreSQL: two arrays carry the calendar, so that a span costs two look-ups and no row."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import accumulate
from typing import Any

from sqlalchemy import ARRAY, Date, Integer, cast, extract, func, literal, select
from sqlalchemy.orm import Session
from sqlalchemy.sql.selectable import Subquery

from gis import deadlines
from gis.deadlines import SHIFTS

YEARS = 3
"""How far back a case may have begun; what began earlier is counted from there."""


def clock(session: Session, until: date) -> Subquery:
    """Return one row that holds the calendar's days up to one: worked seconds before each day, and whether it works."""
    calendar = deadlines.calendar(session)
    first = date(until.year - YEARS, 1, 1)
    days = [first + timedelta(days=step) for step in range((until - first).days + 370)]
    works = [int(calendar.works(day)) for day in days]
    whole = round(calendar.hours * 3600)
    before = list(accumulate((whole * each for each in works[:-1]), initial=0))
    return select(
        cast(literal(first), Date).label("first"),
        cast(literal(before, ARRAY(Integer)), ARRAY(Integer)).label("before"),
        cast(literal(works, ARRAY(Integer)), ARRAY(Integer)).label("works"),
    ).subquery("clock")


def hours(clock: Subquery, start: Any, end: Any) -> Any:
    """Return the working hours between two moments, as `gis.deadlines.elapsed` counts them."""
    return (at(clock, end) - at(clock, start)) / 3600.0


def at(clock: Subquery, moment: Any) -> Any:
    """Return the worked seconds before a moment, counted from the first day of the clock."""
    local = func.timezone("Asia/Shanghai", moment)
    day = func.greatest(cast(local, Date) - clock.c.first, 0) + 1
    seconds = extract("epoch", local) - extract("epoch", func.date_trunc("day", local))
    return clock.c.before[day] + clock.c.works[day] * within(seconds)


def within(seconds: Any) -> Any:
    """Return how much of the shifts has passed so many seconds after midnight."""
    total: Any = literal(0)
    for opens, closes in SHIFTS:
        low, high = opens.hour * 3600 + opens.minute * 60, closes.hour * 3600 + closes.minute * 60
        total = total + func.least(func.greatest(seconds - low, 0), high - low)
    return total
