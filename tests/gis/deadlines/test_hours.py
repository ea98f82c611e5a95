"""Limits across midnights, holidays, make-up days and the turn of the year."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.deadlines import Calendar, carried, due, elapsed, extended, near, resumed
from gis.scope import ZONE

NATIONAL = {date(2026, 10, day): False for day in (1, 2, 5, 6, 7)} | {
    date(2026, 9, 20): True, date(2026, 10, 10): True, date(2027, 1, 1): False,
}  # fmt: skip
CALENDAR = Calendar(NATIONAL)
"""National Day 2026: off from Thursday the 1st to Wednesday the 7th, and two days of weekends are worked."""


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


@pytest.mark.parametrize(("start", "amount", "unit", "end"), [
    ("2026-09-30 16:30", 4, "working_hour", "2026-10-08 11:30"),
    ("2026-09-30 16:30", 2, "natural_hour", "2026-09-30 18:30"),
    ("2026-09-30 23:30", 2, "natural_hour", "2026-10-01 01:30"),
    ("2026-09-30 10:00", 1, "working_day", "2026-10-08 17:30"),
    ("2026-09-30 10:00", 3, "working_day", "2026-10-10 17:30"),
    ("2026-09-30 18:00", 1, "working_day", "2026-10-09 17:30"),
    ("2026-10-10 09:00", 2, "working_hour", "2026-10-10 11:00"),
    ("2026-10-11 09:00", 2, "working_hour", "2026-10-12 10:30"),
    ("2026-10-09 11:00", 2, "working_hour", "2026-10-09 14:30"),
    ("2026-10-09 17:30", 1, "working_hour", "2026-10-10 09:30"),
    ("2026-12-31 17:00", 1, "working_hour", "2027-01-04 09:00"),
    ("2026-12-31 10:00", 1, "working_day", "2027-01-04 17:30"),
])  # fmt: skip
def test_a_limit_ends(start: str, amount: int, unit: str, end: str) -> None:
    assert due(at(start), amount, unit, CALENDAR) == at(end)


def test_a_moment_of_another_zone_is_the_same_moment() -> None:
    start = at("2026-09-30 16:30")
    utc = datetime.fromisoformat("2026-09-30T08:30+00:00")
    assert due(utc, 4, "working_hour", CALENDAR) == due(start, 4, "working_hour", CALENDAR)


@pytest.mark.parametrize(("limit", "suspended", "now", "unit", "end"), [
    ("2026-10-09 11:30", "2026-10-09 09:30", "2026-10-12 14:00", "working_hour", "2026-10-12 16:00"),
    ("2026-10-12 17:30", "2026-10-09 09:30", "2026-10-13 09:30", "working_day", "2026-10-15 17:30"),
    ("2026-10-09 12:00", "2026-10-09 10:00", "2026-10-11 10:00", "natural_hour", "2026-10-11 12:00"),
    ("2026-10-12 17:30", "2026-10-09 09:30", "2026-10-09 09:31", "working_day", "2026-10-12 17:30"),
    ("2026-10-12 17:30", "2026-10-09 17:00", "2026-10-10 09:00", "working_day", "2026-10-13 17:30"),
    ("2026-10-12 17:30", "2026-10-09 20:00", "2026-10-10 07:00", "working_day", "2026-10-12 17:30"),
    ("2026-10-12 17:30", "2026-10-12 16:00", "2026-10-13 09:00", "working_day", "2026-10-13 17:30"),
    ("2026-10-12 12:00", "2026-10-12 10:00", "2026-10-12 10:30", "working_day", "2026-10-12 12:00"),
])  # fmt: skip
def test_what_was_left_when_it_stood_still_is_left_when_it_runs_on(
    limit: str, suspended: str, now: str, unit: str, end: str
) -> None:
    assert resumed(at(limit), at(suspended), at(now), unit, CALENDAR) == at(end)


@pytest.mark.parametrize(("fresh", "plain", "granted", "unit", "end"), [
    ("2026-10-10 17:30", "2026-10-09 17:30", "2026-10-09 17:30", "working_day", "2026-10-10 17:30"),
    ("2026-10-10 17:30", "2026-10-09 17:30", "2026-10-12 17:30", "working_day", "2026-10-13 17:30"),
    ("2026-10-10 17:30", "2026-10-09 10:00", "2026-10-09 11:00", "working_day", "2026-10-12 17:30"),
    ("2026-10-09 11:00", "2026-10-09 10:00", "2026-10-09 12:00", "working_hour", "2026-10-09 14:30"),
    ("2026-10-09 11:00", "2026-10-09 10:00", "2026-10-10 10:00", "natural_hour", "2026-10-10 11:00"),
])  # fmt: skip
def test_another_limit_takes_over_what_was_granted_to_the_one_before(
    fresh: str, plain: str, granted: str, unit: str, end: str
) -> None:
    assert carried(at(fresh), at(plain), at(granted), unit, CALENDAR) == at(end)


@pytest.mark.parametrize(("limit", "amount", "unit", "end"), [
    ("2026-10-09 17:30", 2, "working_day", "2026-10-12 17:30"),
    ("2026-09-30 17:30", 1, "working_day", "2026-10-08 17:30"),
    ("2026-10-09 11:30", 1, "working_hour", "2026-10-09 14:00"),
])  # fmt: skip
def test_a_limit_that_is_put_off_by_days_counts_from_its_last_day(limit: str, amount: int, unit: str, end: str) -> None:
    assert extended(at(limit), amount, unit, CALENDAR) == at(end)


@pytest.mark.parametrize(("end", "amount", "unit", "soon"), [
    ("2026-10-12 10:00", 5, "working_hour", "2026-10-12 09:00"),
    ("2026-10-12 09:00", 5, "working_hour", "2026-10-10 17:00"),
    ("2026-10-12 17:30", 5, "working_day", "2026-10-12 08:30"),
    ("2026-10-12 17:30", 10, "working_day", "2026-10-10 08:30"),
    ("2026-10-11 10:00", 10, "natural_hour", "2026-10-11 08:00"),
])  # fmt: skip
def test_a_limit_is_near_when_less_than_a_fifth_is_left_in_its_own_time(
    end: str, amount: int, unit: str, soon: str
) -> None:
    assert near(at(end), amount, unit, CALENDAR) == at(soon)


MOMENTS = st.datetimes(datetime(2026, 9, 1), datetime(2026, 12, 31)).map(lambda each: each.replace(tzinfo=ZONE))
UNITS = st.sampled_from(["natural_hour", "working_hour", "working_day"])


@settings(max_examples=300, deadline=None)
@given(MOMENTS, st.integers(1, 60), UNITS)
def test_more_time_or_a_later_start_never_ends_earlier(start: datetime, amount: int, unit: str) -> None:
    end = due(start, amount, unit, CALENDAR)
    assert end > start
    assert due(start, amount + 1, unit, CALENDAR) > end
    assert due(start + timedelta(hours=5), amount, unit, CALENDAR) >= end


@settings(max_examples=300, deadline=None)
@given(MOMENTS, st.integers(1, 60))
def test_the_hours_that_a_limit_has_are_the_hours_that_pass(start: datetime, amount: int) -> None:
    for unit in ("natural_hour", "working_hour"):
        assert elapsed(start, due(start, amount, unit, CALENDAR), unit, CALENDAR) == pytest.approx(amount)


@settings(max_examples=200, deadline=None)
@given(MOMENTS, st.integers(1, 20), UNITS, st.integers(1, 200))
def test_a_pause_never_shortens_a_limit(start: datetime, amount: int, unit: str, pause: int) -> None:
    end = due(start, amount, unit, CALENDAR)
    again = resumed(end, start, start + timedelta(hours=pause), unit, CALENDAR)
    assert again >= end
