"""`wangge indicators snapshot`: keeps a closed month once, and refuses the one that runs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import Engine, func, select, text

from gis.audit import AuditEntry
from gis.database import transaction
from gis.errors import Conflict, Invalid
from gis.indicators import periods
from gis.indicators.snapshots import KpiSnapshot
from gis.settings import Settings
from webapp.commands import indicators

Run = Callable[..., Result]
RUNNING = periods.month_of(indicators.today(datetime.now(UTC)))


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, engine: Engine, settings: Settings) -> Iterator[Run]:
    monkeypatch.setattr(indicators, "here", lambda: SimpleNamespace(engine=engine, settings=settings))
    yield lambda *words: CliRunner().invoke(indicators.indicators, [str(word) for word in words])
    with transaction(engine) as session:  # what nobody may do, the owner does for the tests after this one
        for statement in ("DISABLE TRIGGER kpi_snapshots_append_only", "ENABLE TRIGGER kpi_snapshots_append_only"):
            session.execute(text(f"ALTER TABLE kpi_snapshots {statement}"))
            if statement.startswith("DIS"):
                session.execute(text("DELETE FROM kpi_snapshots"))


def test_a_closed_month_is_kept_once(run: Run, engine: Engine) -> None:
    month = RUNNING.back(1)
    assert "figures kept" in run("snapshot", month).output
    with transaction(engine) as session:
        count = session.scalar(select(func.count()).select_from(KpiSnapshot))
        logged = select(func.count()).where(AuditEntry.action == "figure.keep", AuditEntry.subject == str(month))
        assert session.scalar(logged) == 1
    assert "nothing was changed" in run("snapshot", month).output
    with transaction(engine) as session:
        assert session.scalar(select(func.count()).select_from(KpiSnapshot)) == count > 500
        assert session.scalar(logged) == 1


def test_the_running_month_and_what_is_none_are_refused(run: Run) -> None:
    assert isinstance(run("snapshot", RUNNING).exception, Conflict)
    assert isinstance(run("snapshot", "october").exception, Invalid)
