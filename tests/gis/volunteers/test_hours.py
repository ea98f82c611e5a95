"""Opening hours over the working calendar: noon breaks, weekends, holidays, make-up days and midnight."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from gis.deadlines import Calendar
from gis.errors import Invalid
from gis.scope import ZONE
from gis.volunteers import hours, reach

CALENDAR = Calendar({date(2026, 10, 1): False, date(2026, 10, 2): False, date(2026, 10, 10): True})
OFFICE = "08:30-12:00,13:30-17:30"


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


@pytest.mark.parametrize(
    ("now", "opened", "until"),
    [
        ("2026-11-18 09:30", True, "2026-11-18 12:00"),
        ("2026-11-18 12:00", False, "2026-11-18 13:30"),
        ("2026-11-18 17:30", False, "2026-11-19 08:30"),
        ("2026-11-20 18:00", False, "2026-11-23 08:30"),  # over a weekend
        ("2026-10-01 09:00", False, "2026-10-05 08:30"),  # over a holiday and a weekend
        ("2026-10-10 09:00", True, "2026-10-10 12:00"),  # a Saturday that is worked
    ],
)
def test_an_office_is_open_on_working_days(now: str, opened: bool, until: str) -> None:
    found = hours.standing(OFFICE, None, at(now), CALENDAR)
    assert (found.open, found.until) == (opened, at(until))


def test_a_place_that_never_opens_says_so_and_one_that_closes_at_midnight_too() -> None:
    assert hours.standing(None, "", at("2026-11-18 09:30"), CALENDAR) == hours.Standing(False, None)
    late = hours.standing("18:00-24:00", None, at("2026-11-18 23:59"), CALENDAR)
    assert (late.open, late.until) == (True, at("2026-11-19 00:00"))


def test_a_place_that_is_open_round_the_clock_never_closes() -> None:
    found = hours.standing("00:00-24:00", "00:00-24:00", at("2026-11-18 09:30"), CALENDAR)
    assert found == hours.Standing(True, None)
    workdays = hours.standing("00:00-24:00", None, at("2026-11-18 09:30"), CALENDAR)
    assert (workdays.open, workdays.until) == (True, at("2026-11-21 00:00")), "until the weekend"
    night = hours.standing("00:00-06:00,18:00-24:00", "00:00-06:00", at("2026-11-18 23:59"), CALENDAR)
    assert (night.open, night.until) == (True, at("2026-11-19 06:00")), "midnight closes nothing"


def test_no_span_goes_past_the_end_of_the_day() -> None:
    with pytest.raises(Invalid, match="24:00 at the latest"):
        hours.read("08:00-24:30")


@pytest.mark.parametrize("text", ["morning", "25:00-26:00", "12:00-08:00", "08:00-12:00,11:00-13:00", "08:00"])
def test_what_are_no_hours_is_refused(text: str) -> None:
    with pytest.raises(Invalid):
        hours.read(text)


def test_hours_are_stored_in_one_way() -> None:
    assert hours.written(hours.read("8:30—12:00，13:30 - 24:00")) == "08:30-12:00,13:30-24:00"


def test_a_team_is_free_by_its_availability_in_the_clock_of_the_district() -> None:
    assert reach.free("any_time", at("2026-11-18 03:00"), CALENDAR)
    assert [reach.free("evenings", at(f"2026-11-18 {hour}"), CALENDAR) for hour in ("17:59", "18:00", "22:00")] == [
        False, True, False,
    ]  # fmt: skip
    assert reach.free("weekends", at("2026-10-01 10:00"), CALENDAR), "a holiday"
    assert not reach.free("weekends", at("2026-10-10 10:00"), CALENDAR), "a Saturday that is worked"
