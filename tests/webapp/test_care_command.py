"""`wangge care`: what it prints, that counting again changes nothing, and that a closed month is refused in words."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import Engine, func, select

from gis.care import Enrolment
from gis.coverage import CareTally
from gis.database import transaction
from gis.errors import Invalid
from gis.viewer import system
from tests.conftest import DAY
from webapp.commands import care

Run = Callable[..., Result]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, engine: Engine) -> Run:
    monkeypatch.setattr(care, "here", lambda: SimpleNamespace(engine=engine))
    monkeypatch.setattr(care, "viewer", lambda: system(DAY))
    return lambda *words: CliRunner().invoke(care.care, list(words))


def counted(engine: Engine) -> tuple[int, int]:
    with transaction(engine) as session:
        sums = select(func.sum(CareTally.enrolled), func.sum(CareTally.in_time))
        enrolled, in_time = session.execute(sums.where(CareTally.month == DAY.replace(day=1))).one()
        return int(enrolled), int(in_time)


def test_the_month_is_counted_and_says_what_it_said(run: Run, engine: Engine) -> None:
    before = counted(engine)
    told = run("tally", "2026-11")
    assert told.output == f"2026-11: {before[0]} enrolled, {before[1]} visited in time\n"
    assert run("tally").output == told.output
    assert counted(engine) == before


def test_a_month_that_cannot_be_is_refused(run: Run) -> None:
    assert "write it as 2026-11" in run("tally", "last").output
    assert isinstance(run("tally", "2026-01").exception, Invalid)


def test_nothing_that_runs_is_purged(run: Run, engine: Engine) -> None:
    with transaction(engine) as session:
        before = session.scalar(select(func.count()).select_from(Enrolment))
    assert run("purge").output == "0 enrolments deleted\n"
    with transaction(engine) as session:
        assert session.scalar(select(func.count()).select_from(Enrolment)) == before
