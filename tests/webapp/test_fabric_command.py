"""`wangge fabric`: what it prints and writes, and that an unknown village is refused in words."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import Engine, delete, select

from gis.areas import Area
from gis.database import transaction
from gis.errors import Invalid
from gis.fabric.tables import Cell, CellBorder, Fabric
from gis.settings import Settings
from webapp.commands import fabric

Run = Callable[..., Result]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, engine: Engine, settings: Settings) -> Iterator[Run]:
    monkeypatch.setattr(fabric, "here", lambda: SimpleNamespace(engine=engine, settings=settings))
    yield lambda *words: CliRunner().invoke(fabric.fabric, [str(word) for word in words])
    with transaction(engine) as session:
        for table in (CellBorder, Cell, Fabric):
            session.execute(delete(table))


@pytest.fixture
def village(engine: Engine) -> str:
    with transaction(engine) as session:
        code = session.scalar(select(Area.code).where(Area.level == "village").order_by(Area.code).limit(1))
    assert code is not None
    return code


def test_it_builds_once_and_says_what_changed(run: Run, village: str, tmp_path: Path) -> None:
    out = tmp_path / "cells.geojson"
    result = run("build", village, "--out", out)
    assert result.exit_code == 0, result.output
    told = json.loads(out.read_text(encoding="utf-8"))
    cells = len(told["features"])
    assert f"{village}: version 1, 0 cells kept, {cells} new, 0 no more" in result.output
    assert {each["properties"]["village_code"] for each in told["features"]} == {village}
    assert list(tmp_path.iterdir()) == [out]
    assert f"version 1, {cells} cells kept, 0 new" in run("build", village).output


def test_a_code_that_is_no_village_is_refused(run: Run) -> None:
    result = run("build", "999901000000")
    assert isinstance(result.exception, Invalid)
