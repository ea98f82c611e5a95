"""The figures beside the map are made once; nobody gets another's, and none outlives a write or the minute."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine, Select, event, select, update
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import Session

from gis.boundaries import Grid
from gis.cases import Case
from gis.coverage import CareTally, Visit
from gis.database import Base, transaction
from gis.party import Organisation
from gis.premises import Building, Household
from gis.resources import VolunteerTeam
from gis.settings import Settings
from gis.staffing import Assignment
from gis.viewer import Viewer, span
from layers import figures
from layers.query import Asked
from layers.themes import THEMES, Measure
from tests import builders
from tests.conftest import DAY, NOW
from webapp import create_app

MEASURES = [measure for theme in THEMES for measure in theme.measures]
FIGURES = "/map/figures?theme=cases&measure=overdue"
Ask = Callable[..., dict[str, Any]]


@pytest.fixture
def statements(app_engine: Engine) -> Iterator[list[str]]:
    """What the application sends while a test runs, without the one round trip that is made each time."""
    sent: list[str] = []

    def note(_connection: object, _cursor: object, text: str, *_rest: object) -> None:
        sent.append(text)

    event.listen(app_engine, "before_cursor_execute", note)
    yield sent
    event.remove(app_engine, "before_cursor_execute", note)


@pytest.fixture
def clock() -> list[datetime]:
    return [NOW]


@pytest.fixture
def ask(settings: Settings, app_engine: Engine, clock: list[datetime], client_as: Callable[[str], FlaskClient],
        cookies: dict[str, str]) -> Ask:  # fmt: skip
    """Ask a process of its own, which has kept nothing yet, for figures."""
    app, clients = create_app(settings, app_engine, now=lambda: clock[0]), dict[str, FlaskClient]()

    def get(path: str = FIGURES, role: str = "town_manager") -> dict[str, Any]:
        if role not in clients:
            client_as(role)
            clients[role] = app.test_client()
            clients[role].set_cookie("session", cookies[role])
        answer = clients[role].get(path)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.get_json()
        return found

    return get


def test_the_second_time_nothing_is_computed(ask: Ask, statements: list[str]) -> None:
    first = ask()
    assert len(statements) > 5
    statements.clear()
    assert ask() == first
    assert not statements


def test_another_measure_shares_the_line_on_top(ask: Ask, statements: list[str]) -> None:
    ask("/map/figures?theme=grids&measure=size")
    every = len(statements)
    statements.clear()
    ask("/map/figures?theme=volunteers&measure=density")
    assert 0 < len(statements) < every / 2


@pytest.mark.parametrize(
    "model", [Grid, Case, Visit, CareTally, Organisation, Building, Household, VolunteerTeam, Assignment]
)
def test_every_write_makes_them_anew(model: type[Base], ask: Ask, statements: list[str], engine: Engine) -> None:
    ask()
    statements.clear()
    key: Any = model.__mapper__.primary_key[0]
    with transaction(engine) as session:
        session.execute(update(model).where(key == select(key).limit(1).scalar_subquery()).values({key.name: key}))
    ask()
    assert len(statements) > 5, "kept figures outlived a write"


def test_a_write_is_seen_by_the_next_request(ask: Ask, engine: Engine) -> None:
    def on_top(name: str) -> int:
        return int(next(each["value"] for each in ask()["header"] if each["name"] == name).replace(",", ""))

    cases, volunteers = on_top("open"), on_top("volunteers")
    with transaction(engine) as session:
        inside = Case.territory == 999901100001001
        case = session.scalars(select(Case).where(inside, Case.closed_at.is_(None)).limit(1)).one()
        low, high = span("999901100000")
        inside = VolunteerTeam.territory.between(low, high) & VolunteerTeam.grid_id.is_not(None)
        team = session.scalars(select(VolunteerTeam).where(inside).limit(1)).one()
    with builders.changed(engine, case, status="closed", closed_at=NOW - timedelta(hours=1)):
        assert on_top("open") == cases - 1
    with builders.changed(engine, team, active_count=team.active_count + 7):
        assert on_top("volunteers") == volunteers + 7
    assert (on_top("open"), on_top("volunteers")) == (cases, volunteers)


def test_a_past_day_says_which_figures_are_of_today(ask: Ask) -> None:
    def aside(path: str) -> str:
        return str(next(each["n"] for each in ask(path)["header"] if each["name"] == "volunteers"))

    assert "·" not in aside(FIGURES)
    assert "·" in aside(f"{FIGURES}&date=2026-11-17"), "the teams, and that they are those of today"


def test_nobody_gets_the_figures_of_another(ask: Ask) -> None:
    town, leader, town_again = (ask(role=role) for role in ("town_manager", "grid_leader", "town_manager"))
    assert set(leader["values"]) < set(town["values"])
    assert leader["header"] != town["header"]
    assert town_again == town
    assert "care" not in {each["name"] for each in leader["header"]}


def test_area_and_day_are_told_apart(ask: Ask) -> None:
    everything, part = ask(), ask(f"{FIGURES}&area=999901100201")
    assert set(part["values"]) < set(everything["values"])
    sizes = "/map/figures?theme=grids&measure=size"
    before, after = (ask(f"{sizes}&date={day}") for day in (date(2026, 5, 31), date(2026, 6, 1)))
    assert before["values"] != after["values"]
    assert ask() == everything


def test_a_limit_that_passes_is_seen_within_the_minute(ask: Ask, engine: Engine, clock: list[datetime]) -> None:
    def overdue() -> int:
        return sum(numerator for _value, numerator, _denominator, _code in ask()["values"].values())

    with transaction(engine) as session:
        inside = Case.territory == 999901100001001
        case = session.scalars(select(Case).where(inside, Case.closed_at.is_(None)).limit(1)).one()
    due = NOW + timedelta(seconds=30)
    with builders.changed(engine, case, due_at=due, suspended_from=None):
        before, top = overdue(), ask()["header"]
        clock[0] = NOW + timedelta(minutes=1)
        assert overdue() == before + 1
        assert ask()["header"] != top


def moments(statement: Select[Any]) -> list[datetime]:
    """Return the moments that a statement asks with."""
    compiled = statement.compile(dialect=postgresql.dialect())
    return [value for value in compiled.params.values() if isinstance(value, datetime)]


@pytest.mark.parametrize("measure", MEASURES, ids=lambda measure: measure.name)
def test_what_asks_with_the_clock_says_so(measure: Measure, viewer_as: Callable[[str], Viewer]) -> None:
    viewer = viewer_as("village_manager")
    asks = moments(figures.values(measure, viewer, Asked(DAY, NOW)))
    assert bool(asks) == figures.clocked(measure)


def test_the_sums_of_the_day_do_not_ask_with_the_clock(
    session: Session, viewer_as: Callable[[str], Viewer], engine: Engine
) -> None:
    viewer, given = viewer_as("village_manager"), []

    def note(_connection: object, _cursor: object, _text: str, values: Any, *_rest: object) -> None:
        given.extend(values.values() if isinstance(values, dict) else values)

    event.listen(engine, "before_cursor_execute", note)
    try:
        figures.standing(session, viewer, Asked(DAY, NOW))
        assert not [value for value in given if isinstance(value, datetime)]
        figures.running(session, viewer, Asked(DAY, NOW))
        assert [value for value in given if isinstance(value, datetime)]
    finally:
        event.remove(engine, "before_cursor_execute", note)
