"""Every indicator is a pure function of counts; the published month of a city comes out as it was published."""

from __future__ import annotations

from copy import copy

import pytest

from gis.indicators.counts import NAMES, Counts, total
from gis.indicators.kpis import ALL, BY_CODE, GROUPS, Spread, Times, results

WANTED = {
    "filing_rate", "closure_rate", "on_time_closure_rate", "urgent_closure_rate", "rework_rate", "extension_rate",
    "acceptance_timeliness", "dispatch_timeliness", "overdue_open", "time_to_close", "proactive_rate",
    "village_resolution_rate", "town_resolution_rate", "response_rate", "solution_rate", "satisfaction_rate",
    "visit_coverage", "care_visit_compliance", "org_coverage", "functional_branch_coverage", "link_coverage",
    "legal_adviser_coverage", "staffing_rate", "grid_size_compliance", "spatial_coverage", "volunteer_density",
    "open_case_density",
}  # fmt: skip
EVENTS = Counts(due=956, closed=902)
COMPONENTS = Counts(due=16, closed=9)
MONTH = Counts(accepted=1054, filed=996, filed_in_period=996, patrol_filed=953, closed_on_time=737)
"""December 2016 of Tianmen, as its city-management centre published it; due and closed are told by class."""


def of(code: str, counts: Counts) -> float | None:
    return BY_CODE[code].of(counts, Times()).value


def test_the_published_month_comes_out() -> None:
    city = total([MONTH, EVENTS, COMPONENTS])
    assert (city.due, city.closed) == (972, 911)
    published = {"filing_rate": 94.50, "closure_rate": 93.72, "on_time_closure_rate": 75.82, "proactive_rate": 95.68}
    assert {code: round(100 * (of(code, city) or 0), 2) for code in published} == published
    assert round(100 * (of("closure_rate", EVENTS) or 0), 2) == 94.35
    assert round(100 * (of("closure_rate", COMPONENTS) or 0), 2) == 56.25
    assert round(100 * (1 - (of("proactive_rate", city) or 0)), 2) == 4.32


def test_every_indicator_of_the_field_is_there_and_says_how_it_is_made() -> None:
    assert {kpi.code for kpi in ALL} >= WANTED
    assert len(BY_CODE) == len(ALL)
    for kpi in ALL:
        assert kpi.title
        assert kpi.formula.endswith(".")
        assert kpi.unit
        assert kpi.version >= 1
        assert kpi.group in GROUPS


@pytest.mark.parametrize("code", sorted({kpi.code for kpi in ALL} - {"overdue_open"}))
def test_nothing_over_nothing_is_no_figure(code: str) -> None:
    assert BY_CODE[code].of(Counts(), Times()).value is None


def test_none_overdue_is_a_figure() -> None:
    assert of("overdue_open", Counts()) == 0


def test_an_indicator_changes_no_count() -> None:
    counts = Counts(**{name: number + 1 for number, name in enumerate(NAMES)})
    before = copy(counts)
    first = results(counts, Times(Spread(5, 1.0, 2.0, 3.0, 4.0, 5.0), 2.5))
    assert counts == before
    assert results(counts, Times(Spread(5, 1.0, 2.0, 3.0, 4.0, 5.0), 2.5)) == first
    assert first["time_to_close"].value == 3.0
    assert first["time_to_close_p90"].value == 5.0


def test_levels_are_nested() -> None:
    counts = Counts(closed_at_grid=62, closed_at_village=23, closed_at_town=12, closed_at_district=3)
    assert of("village_resolution_rate", counts) == pytest.approx(0.85)
    assert of("town_resolution_rate", counts) == pytest.approx(0.97)
