"""`wangge visits purge`: what is older than two years goes, and the command says how much that was."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace

import pytest
from click.testing import CliRunner
from sqlalchemy import Engine, func, select

from gis import visits as field
from gis.coverage import Visit
from gis.database import transaction
from gis.viewer import system
from tests.conftest import DAY
from tests.leftovers import swept
from webapp.commands import visits


def test_what_is_younger_than_two_years_stays(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(visits, "here", lambda: SimpleNamespace(engine=engine))
    monkeypatch.setattr(visits, "viewer", lambda: system(DAY))
    count = select(func.count()).select_from(Visit)
    with swept(engine):
        with transaction(engine) as session:
            before = session.scalar(count)
            place = session.scalars(select(Visit).limit(1)).one()
            old = {name: getattr(place, name) for name in ("household_id", "building_id", "grid_id", "territory")}
            day = DAY - field.KEPT - timedelta(days=1)
            session.add(Visit(**old, visited_on=day, purpose="routine", result="met"))
        assert CliRunner().invoke(visits.visits, ["purge"]).output == "1 visits deleted\n"
        with transaction(engine) as session:
            assert session.scalar(count) == before
