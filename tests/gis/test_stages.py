"""Limits of acceptance and dispatch: by the working calendar, with dates, as a table, and without a sum per row."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as any_of
from sqlalchemy.orm import Session

from gis import deadlines, stages
from gis.cases import register
from gis.deadlines import Calendar
from gis.errors import Invalid, NotAllowed
from gis.scope import ZONE, Scope
from gis.viewer import Viewer, system
from tests.conftest import DAY
from tests.gis.cases.counter import opened

HOLIDAYS = Calendar({date(2026, 10, day): False for day in (1, 2, 5, 6, 7)} | {date(2026, 10, 10): True})


@settings(max_examples=120, deadline=None)
@given(
    now=any_of.datetimes(datetime(2026, 9, 25), datetime(2026, 10, 14)), back=any_of.integers(0, 8 * 24 * 60),
    amount=any_of.integers(1, 12), unit=any_of.sampled_from(["natural_hour", "working_hour", "working_day"]),
)  # fmt: skip
def test_a_limit_is_over_exactly_when_its_end_has_passed(now: datetime, back: int, amount: int, unit: str) -> None:
    """Whether a case is late is told by one moment for all cases; the clock of each one says the same."""
    moment = now.replace(second=0, microsecond=0, tzinfo=ZONE)
    start = moment - timedelta(minutes=back)
    late = deadlines.due(start, amount, unit, HOLIDAYS) < moment
    assert (start < stages.begun(moment, amount, unit, HOLIDAYS)) == late


@pytest.mark.parametrize(("reported", "ends"), [
    ((2026, 11, 18, 9, 0), (2026, 11, 18, 11, 0)), ((2026, 11, 18, 11, 30), (2026, 11, 18, 15, 0)),
    ((2026, 11, 18, 17, 0), (2026, 11, 19, 10, 0)), ((2026, 11, 18, 23, 59), (2026, 11, 19, 10, 30)),
    ((2026, 11, 20, 16, 30), (2026, 11, 23, 9, 30)),
])  # fmt: skip
def test_acceptance_takes_two_working_hours_over_noon_midnight_and_weekend(
    reported: tuple[int, ...], ends: tuple[int, ...], session: Session, viewer_as: Callable[[str], Viewer]
) -> None:
    counter = opened(session, viewer_as)
    counter.now = datetime(*reported, tzinfo=ZONE)  # type: ignore[misc,arg-type]
    case = counter.look(counter.report().case_no)
    found = stages.due(session, counter.enter("dispatcher"), case, counter.now)
    assert found == ("accept", datetime(*ends, tzinfo=ZONE))  # type: ignore[misc,arg-type]


def test_what_is_late_is_counted_listed_and_ends_with_the_step(
    session: Session, viewer_as: Callable[[str], Viewer]
) -> None:
    counter = opened(session, viewer_as)
    number = counter.report().case_no

    def numbers(now: datetime, stage: str) -> list[str]:
        viewer = counter.enter("dispatcher")
        scope = Scope(now.astimezone(ZONE).date(), now, viewer.territory.spans)
        wanted = register.Wanted(late=stage)
        rows, _more = register.page(session, scope, viewer, wanted, most=5000)
        assert register.late(session, scope, viewer, wanted)[stage] == len(rows)
        assert register.counts(session, scope, viewer, wanted)["open"] == len(rows)
        return [row.case_no for row in rows]

    counter.now = counter.now + timedelta(hours=2)
    assert number not in numbers(counter.now, "accept"), "11:30, two working hours are just over"
    counter.now += timedelta(minutes=1)
    assert number in numbers(counter.now, "accept")
    counter.act(number, "accept")
    assert number not in numbers(counter.now, "accept")
    counter.walk(number, "file")
    counter.now += timedelta(hours=4)
    assert number in numbers(counter.now, "dispatch")
    counter.walk(number, "dispatch")
    assert number not in numbers(counter.now, "dispatch")


def test_a_table_comes_in_as_it_went_out_and_dates_hold(session: Session, viewer_as: Callable[[str], Viewer]) -> None:
    viewer = viewer_as("district_manager")
    before = stages.table(session, viewer, DAY)
    assert before.splitlines() == ["stage,urgency,amount,unit", "accept,,2,working_hour", "dispatch,,1,working_hour"]
    assert stages.replace(session, viewer, before.encode(), DAY) == (0, 0)
    changed = "stage,urgency,amount,unit\naccept,,4,working_hour\naccept,urgent,30,natural_hour\n"
    assert stages.replace(session, viewer, changed.encode(), DAY) == (2, 1)
    held = stages.standing(session, viewer, DAY)
    assert {(place, each.amount) for place, each in held.items()} == {
        (("accept", "normal"), 4),
        (("accept", "urgent"), 30),
    }
    assert stages.table(session, viewer, DAY - timedelta(days=1)) == before, "yesterday stays as it was"


@pytest.mark.parametrize("table", [
    "", "stage,amount\naccept,2\n", "stage,amount,unit\nclose,2,working_hour\n",
    "stage,amount,unit\naccept,0,working_hour\n",
    "stage,amount,unit\naccept,2,weeks\n", "stage,amount,unit\naccept,2,working_hour\naccept,3,working_hour\n",
])  # fmt: skip
def test_a_wrong_table_changes_nothing(table: str, session: Session) -> None:
    before = stages.table(session, system(DAY), DAY)
    with pytest.raises(Invalid):
        stages.replace(session, system(DAY), table.encode(), DAY)
    assert stages.table(session, system(DAY), DAY) == before


def test_only_who_keeps_the_list_changes_limits(session: Session, admitted: Callable[[str], Viewer]) -> None:
    with pytest.raises(NotAllowed):
        stages.put(session, admitted("dispatcher"), stages.Limit("accept", 9, "working_hour"), DAY)
