"""From rows in PostGIS to counts: the published month, the edges of a month, and what counts once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, literal, select
from sqlalchemy.orm import Session

from gis import deadlines
from gis.cases import facts
from gis.errors import Invalid
from gis.indicators import periods, worked
from gis.indicators.kpis import BY_CODE, Times
from gis.indicators.measuring import SIZES, measure
from gis.indicators.periods import Month
from gis.scope import ZONE, Scope, moment_of
from gis.viewer import Viewer, system
from layers import figures
from layers.query import Asked
from tests.conftest import DAY, NOW
from tests.gis.indicators.town import RANGE, Town, at


def percent(code: str, counts: object) -> float:
    value = BY_CODE[code].of(counts, Times()).value  # type: ignore[arg-type]
    assert value is not None
    return round(100 * value, 2)


def december(town: Town) -> None:
    """The month of Tianmen as rows: 1,054 accepted, 996 filed, 972 due, 911 closed, 737 of them on time."""
    for number in range(996):
        kind = "environment" if number < 956 else "public_facility"
        closed = number < 902 or 956 <= number < 956 + 9
        late = not number < 737
        given = {"closed_at": at(9) if late else at(5), "status": "closed"}
        if number >= 972 or not closed:
            given = {"closed_at": None, "status": "in_progress"}
        due = at(6) if number < 972 else at(4, month=1, year=2017)
        town.case(category=kind, source="grid_patrol" if number < 953 else "resident_app", due_at=due, **given)
    for _number in range(58):
        town.case(status="rejected", filed_at=None, dispatched_at=None, due_at=None, closed_at=at(3),
                  closure_reason="not_responsible")  # fmt: skip


def test_the_published_month_comes_out_of_rows(town: Town) -> None:
    december(town)
    found = town.measured()
    city = found.whole()
    assert (city.accepted, city.filed, city.due, city.closed, city.closed_on_time) == (1054, 996, 972, 911, 737)
    codes = ("filing_rate", "closure_rate", "on_time_closure_rate", "proactive_rate")
    assert [percent(code, city) for code in codes] == [94.50, 93.72, 75.82, 95.68]
    assert percent("closure_rate", found.by_category["environment"]) == 94.35
    assert percent("closure_rate", found.by_category["public_facility"]) == 56.25
    assert (found.by_source["grid_patrol"], found.by_source["resident_app"]) == (953, 43)
    assert round(100 * found.by_source["resident_app"] / 996, 2) == 4.32
    assert sum(each.due for each in found.by_category.values()) == city.due
    assert sum(each.closed for each in found.by_category.values()) == city.closed


def test_a_month_begins_and_ends_at_midnight_in_the_district(town: Town) -> None:
    second = timedelta(seconds=1)
    came = {"reported_at": at(2, month=11), "accepted_at": at(2, month=11), "filed_at": at(2, month=11)}
    for limit in (at(1, 0), at(1, 0) - second, at(1, 0, month=1, year=2017) - second, at(1, 0, month=1, year=2017)):
        town.case(due_at=limit, **came)
    assert town.counts().due == 2
    assert town.counts(Month(2016, 11)).due == 1
    assert town.counts(Month(2017, 1)).due == 1
    assert (town.counts().reported, town.counts(Month(2016, 11)).reported) == (0, 4)


def test_what_is_suspended_leaves_and_what_is_a_duplicate_counts_once(town: Town) -> None:
    town.case()
    town.case(status="suspended", closed_at=None, suspended_from=at(4))
    town.case(status="duplicate", closed_at=at(3), closure_reason="duplicate")
    town.case(status="voided", closed_at=at(3))
    counts = town.counts()
    assert (counts.due, counts.closed, counts.suspended_due) == (1, 1, 1)
    assert (counts.accepted, counts.filed, counts.reported) == (2, 2, 2)


def test_as_at_a_day_what_came_later_does_not_count(town: Town) -> None:
    town.case(closed_at=at(3, month=1, year=2017), due_at=at(6))
    then = town.counts()
    assert (then.open, then.overdue, then.closed, then.over_longer) == (1, 1, 0, 1)
    later = town.counts(Month(2017, 1))
    assert (later.open, later.closed_in_period) == (0, 1)


def test_working_hours_are_those_of_the_limits(session: Session) -> None:
    calendar = deadlines.calendar(session)
    clock = worked.clock(session, system(DAY), DAY).row
    moments = [datetime(2026, 9, 28, 7, 0, tzinfo=ZONE) + timedelta(hours=5.3 * step) for step in range(60)]
    for start, end in zip(moments, moments[7:], strict=False):
        took = session.scalar(select(worked.hours(clock, literal(start), literal(end))))
        assert float(took) == pytest.approx(deadlines.elapsed(start, end, "working_hour", calendar), abs=1e-6)


def test_the_numbers_are_those_of_the_map(session: Session, admitted: Callable[[str], Viewer]) -> None:
    viewer = admitted("town_manager")
    asked = Asked(DAY, NOW)
    header = figures.totals(session, viewer, asked)
    found = measure(session, viewer, asked.scope(viewer), periods.month_of(DAY), RANGE, (SIZES["all"],)).whole()
    assert (found.grids, found.households, found.full_time) == (header.grids, header.households, header.full_time)
    assert (found.open, found.overdue, found.due_today) == (
        header.open_cases, header.overdue_cases, header.due_today_cases)  # fmt: skip
    assert (found.visited, found.households_listed) == (header.visited, header.households_listed)
    assert (found.linked_grids, found.volunteers, found.teams) == (header.linked, header.volunteers, header.teams)
    assert (found.care_enrolled, found.care_in_time) == (header.care_enrolled, header.care_in_time)


def test_parts_add_up_and_medians_are_those_of_sql(session: Session, admitted: Callable[[str], Viewer]) -> None:
    viewer = admitted("district_manager")
    month = periods.month_of(DAY).back(1)
    scope = Scope(month.last, moment_of(month.last, NOW), viewer.territory.spans, live=False)
    found = measure(session, viewer, scope, month, RANGE, SIZES.values())
    whole = found.whole()
    for size in SIZES.values():
        assert sum(each.due for each in found.of(size).values()) == whole.due
    f = facts.c
    cohort = (f.due_at >= month.start, f.due_at < month.end, f.status.not_in(("rejected", "duplicate", "voided")))
    due, on_time = session.execute(
        select(func.count(), func.count().filter(f.closed_at <= f.due_at)).where(*cohort, f.suspended_from.is_(None))
    ).one()
    assert (whole.due, whole.closed_on_time) == (due, on_time)
    assert found.took(SIZES["all"], 0).closing.n == whole.closed_in_period > 5
    assert found.took(SIZES["all"], 0) == found.took(SIZES["district"], 999901000000000)


@pytest.mark.parametrize("text", ["2026-13", "2026-1", "x", "2026-12", "0001-01"])
def test_what_is_no_month_or_lies_ahead_is_said(text: str) -> None:
    with pytest.raises(Invalid):
        periods.read(text, DAY)


def test_months_run_over_the_year() -> None:
    assert str(Month(2026, 1).back(1)) == "2025-12"
    assert str(Month(2026, 12).back(-1)) == "2027-01"
    assert Month(2026, 12).after.isoformat() == "2027-01-01"
    assert Month(2026, 2).last.day == 28
    assert not Month(2026, 11).closed(DAY)
