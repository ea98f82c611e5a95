"""A figure equals the list behind it, whoever asks and on whatever day."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine, delete, func, select
from sqlalchemy.orm import Session

from gis.boundaries import Grid
from gis.cases import Case
from gis.coverage import Visit
from gis.database import transaction
from gis.scope import ZONE
from gis.viewer import Viewer
from layers import figures
from layers.catalogue import CATALOGUE, COVERAGE, GRIDS
from layers.query import Asked, rows
from layers.themes import THEMES, Measure
from tests import builders
from tests.conftest import DAY, NOW

LAYERS = {layer.name: layer for layer in CATALOGUE}
MEASURES = [measure for theme in THEMES for measure in theme.measures]
DAYS = [DAY, date(2026, 6, 1), date(2026, 5, 31), DAY - timedelta(days=1)]
AREAS = [None, "999901100000", "999901100201", "999901100001003"]


@pytest.fixture(scope="module")
def outside(engine: Engine) -> Iterator[int]:
    """An open case of a village that lies in none of its grids."""
    with transaction(engine) as session:
        grid = session.scalars(select(Grid).where(Grid.code == "999901100201001")).one()
        case = builders.case(grid, None, builders.spot(120.86, 32.4), case_no="9999012026110001", grid_id=None,
                             territory=999901100201000, due_at=builders.REPORTED)  # fmt: skip
        session.add(case)
        session.flush()
        id_ = case.id
    yield id_
    with transaction(engine) as session:
        session.execute(delete(Case).where(Case.id == id_))


def listed(session: Session, viewer: Viewer, name: str, day: date, area: str | None) -> list[Any]:
    return list(session.execute(rows(LAYERS[name], viewer, Asked(day, NOW, area=area))).mappings())


@pytest.mark.parametrize("day", DAYS)
@pytest.mark.parametrize("area", AREAS)
def test_open_cases_in_the_header_are_the_rows_are_the_grids_and_those_outside(
    area: str | None, day: date, outside: int, session: Session, viewer: Viewer
) -> None:
    totals = figures.totals(session, viewer, Asked(day, NOW, area=area))
    cases = listed(session, viewer, "cases", day, area)
    grids = listed(session, viewer, "grids", day, area)
    states = Counter(row["state"] for row in cases)
    assert totals.open_cases == len(cases) == sum(states.values())
    assert totals.overdue_cases == states["overdue"]
    assert totals.due_today_cases == (states["due_today"] if day == DAY else None)
    assert totals.due_soon_cases == sum(row["due_soon_cases"] for row in grids)
    assert totals.open_cases == sum(row["open_cases"] for row in grids) + totals.outside_cases
    assert totals.outside_cases == len([row for row in cases if row["grid_code"] is None])
    assert "ended" not in states


def test_a_case_outside_every_grid_is_counted_and_named(outside: int, session: Session, viewer: Viewer) -> None:
    assert figures.totals(session, viewer, Asked(DAY, NOW)).outside_cases == 1
    assert figures.totals(session, viewer, Asked(DAY, NOW, area="999901100202")).outside_cases == 0


@pytest.mark.parametrize("day", DAYS)
@pytest.mark.parametrize("area", AREAS)
def test_the_other_totals_are_sums_over_the_lists(
    area: str | None, day: date, session: Session, viewer: Viewer
) -> None:
    totals = figures.totals(session, viewer, Asked(day, NOW, area=area))
    grids = listed(session, viewer, "grids", day, area)
    coverage = listed(session, viewer, "coverage", day, area)
    assert totals.grids == len(grids) == len(coverage)
    assert totals.households == sum(row["households"] for row in grids)
    assert totals.linked == len([row for row in coverage if row["link_cadres"]])
    assert (totals.visited or 0) == sum(row["visited"] for row in coverage if row["households_listed"])
    assert (totals.households_listed or 0) == sum(row["households_listed"] or 0 for row in coverage)
    in_grids = [row for row in listed(session, viewer, "volunteers", day, area) if row["grid_code"]]
    assert totals.teams == len(in_grids)
    assert totals.volunteers == sum(row["active_count"] for row in in_grids)


@pytest.mark.parametrize("measure", MEASURES, ids=lambda measure: measure.name)
def test_every_grid_has_one_figure_and_falls_in_one_class(measure: Measure, session: Session, viewer: Viewer) -> None:
    found = figures.figures(session, measure, viewer, Asked(DAY, NOW))
    dedicated = {row["code"] for row in listed(session, viewer, "grids", DAY, None) if row["kind"] == "dedicated"}
    assert dedicated
    assert [f.code for f in found] == sorted(row["code"] for row in listed(session, viewer, "grids", DAY, None))
    for figure in found:
        if measure.axes is not None:
            continue  # two figures in one: tests/layers/test_bivariate.py
        if measure.indicator.denominator is None:
            assert figure.value == figure.numerator
            assert (figure.value is None) is (measure.general_only and figure.code in dedicated)
        elif figure.denominator and figure.numerator is not None:
            assert figure.value == pytest.approx(figure.numerator * measure.indicator.per / figure.denominator)
        else:
            assert figure.value is None
    bounds = [each.upto for each in measure.classes]
    assert bounds[-1] is None
    assert bounds[:-1] == sorted(bound for bound in bounds if bound is not None)


def test_visits_are_counted_once_a_household_within_the_window(session: Session, viewer: Viewer) -> None:
    session.execute(select(func.set_config("role", "none", True)))
    since = DAY - timedelta(days=183)
    met = Visit.result != "not_in"
    seen = select(Visit.household_id, Visit.grid_id).where(met, Visit.visited_on > since, Visit.visited_on <= DAY)
    pairs = {tuple(row) for row in session.execute(seen.where(Visit.household_id.is_not(None)))}
    by_grid = Counter(grid for _household, grid in pairs)
    found = {row["id"]: row["visited"] for row in listed(session, viewer, "coverage", DAY, None)}
    assert found == {id_: by_grid.get(id_, 0) for id_ in found}
    assert sum(found.values()) > 0


def test_figures_of_a_past_day_do_not_move(session: Session, viewer: Viewer) -> None:
    before, after = date(2026, 5, 31), date(2026, 6, 1)
    size = {
        day: {r["code"]: r["households"] for r in listed(session, viewer, "grids", day, None)}
        for day in (before, after)
    }
    assert size[before]["999901100201002"] == 10
    assert size[after]["999901100201002"] == 13
    assert size[before]["999901100201004"] == 20
    assert size[after]["999901100201004"] == 17


def test_the_page_shows_the_numbers_of_the_core(
    client_as: Callable[[str], FlaskClient], session: Session, viewer: Viewer
) -> None:
    answer = client_as("district_manager").get("/map/figures?theme=cases&measure=open").get_json()
    totals = figures.totals(session, viewer, Asked(DAY, NOW))
    shown = {entry["name"]: entry["value"] for entry in answer["header"]}
    assert shown["open"] == str(totals.open_cases)
    assert shown["overdue"] == str(totals.overdue_cases)
    assert shown["grids"] == str(totals.grids)
    assert sum(each["n"] for each in answer["legend"]) == totals.grids == len(answer["values"])
    opened = {code: numerator for _value, numerator, _denominator, code in answer["values"].values()}
    assert opened == {row["code"]: row["open_cases"] for row in listed(session, viewer, "grids", DAY, None)}


def test_a_card_says_what_the_lists_say(
    client_as: Callable[[str], FlaskClient], session: Session, viewer: Viewer
) -> None:
    code = "999901100001003"
    card = client_as("town_manager").get(f"/map/card/{code}").text
    grid = next(row for row in listed(session, viewer, "grids", DAY, code))
    cases = listed(session, viewer, "cases", DAY, code)
    assert grid["open_cases"] == len(cases) >= 4
    numbers = [row["case_no"] for row in sorted(cases, key=lambda row: row["reported_at"])]
    places = [card.index(number) for number in numbers[:10]]
    assert places == sorted(places), "the oldest comes first"
    covered = next(row for row in listed(session, viewer, "coverage", DAY, code))
    assert str(covered["visited"]) in card
    assert str(covered["households_listed"]) in card


def test_the_day_ends_at_midnight_in_the_district(session: Session, viewer: Viewer) -> None:
    scope = Asked(DAY - timedelta(days=1), NOW).scope(viewer)
    assert scope.moment.astimezone(ZONE).isoformat() == "2026-11-18T00:00:00+08:00"
    assert Asked(DAY, NOW).scope(viewer).moment == NOW


def test_layers_and_measures_stand_on_the_same_rows() -> None:
    assert {measure.layer.name for measure in MEASURES} <= {GRIDS.name, COVERAGE.name}
    for measure in MEASURES:
        names = {f.name for f in measure.layer.fields}
        assert {measure.indicator.numerator, measure.indicator.denominator} - {None} <= names
        assert set(measure.companions) <= set(LAYERS)
