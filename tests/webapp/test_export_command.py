"""`wangge export`: the same gate, mask and log as the web, and no half file."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import datetime, tzinfo
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from flask.testing import FlaskClient
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from gis.audit import ExportEntry
from gis.errors import Invalid
from layers import geojson
from tests.conftest import NOW
from webapp.cli import wangge
from webapp.commands import exports as commands

Run = Callable[..., Result]


@pytest.fixture
def run(engine: Engine, urls: Any, monkeypatch: pytest.MonkeyPatch) -> Run:
    class Clock(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:
            return NOW.astimezone(tz)

    monkeypatch.setattr(commands, "datetime", Clock)
    monkeypatch.setenv("DATABASE_URL", urls.owner)

    def export(layer: str, path: Path, *more: str) -> Result:
        words = ["export", layer, str(path), "--user", "grid_leader", "--purpose", "备份", *more]
        return CliRunner().invoke(wangge, words)

    return export


def newest(engine: Engine) -> ExportEntry:
    with Session(engine) as session:
        return session.scalars(select(ExportEntry).order_by(ExportEntry.id.desc()).limit(1)).one()


def test_it_is_the_file_of_the_web(
    run: Run, tmp_path: Path, engine: Engine, client_as: Callable[[str], FlaskClient]
) -> None:
    path = tmp_path / "buildings.csv"
    assert run("buildings", path, "--date", "2026-11-18").exit_code == 0
    page = client_as("grid_leader").get("/layers/buildings.csv?purpose=x").get_data()
    assert sorted(path.read_bytes().splitlines()) == sorted(page.splitlines())
    assert newest(engine).user_name == "grid_leader"


def test_what_a_table_cannot_say_stands_beside_it(run: Run, tmp_path: Path, engine: Engine) -> None:
    assert run("buildings", tmp_path / "b.csv").exit_code == 0
    told = json.loads((tmp_path / "b.csv.meta.json").read_text(encoding="utf-8"))
    assert (told["purpose"], told["taken_by"], told["synthetic"]) == ("备份", "grid_leader", True)
    assert (told["rows"], told["bytes"]) == (newest(engine).rows, (tmp_path / "b.csv").stat().st_size)
    assert run("buildings", tmp_path / "b.geojson").exit_code == 0
    assert sorted(each.name for each in tmp_path.iterdir()) == ["b.csv", "b.csv.meta.json", "b.geojson"]


def test_a_filter_given_twice_means_both(run: Run, tmp_path: Path, engine: Engine) -> None:
    path = tmp_path / "b.geojsonl"
    assert run("organisations", path).exit_code == 0
    tiers = [json.loads(line)["properties"]["tier"] for line in path.read_text(encoding="utf-8").splitlines()]
    assert {4, 5} <= set(tiers)
    assert run("organisations", path, "--filter", "tier=4", "--filter", "tier=5").exit_code == 0
    assert newest(engine).rows == tiers.count(4) + tiers.count(5)


@pytest.mark.parametrize(
    "wrong", ["area=999901100001", "bbox=1,2,3,4", "date=2020-01-01", "purpose=x", "kind", "kind="]
)
def test_what_has_an_option_is_no_filter(wrong: str, run: Run, tmp_path: Path) -> None:
    found = run("buildings", tmp_path / "b.csv", "--filter", wrong)
    assert isinstance(found.exception, Invalid)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_there_is_said_before_anything_is_written_down(
    run: Run, tmp_path: Path, engine: Engine
) -> None:
    before = newest(engine).id
    found = run("buildings", tmp_path / "none" / "b.csv")
    assert isinstance(found.exception, Invalid)
    assert str(tmp_path / "none") in str(found.exception)
    assert newest(engine).id == before


@pytest.mark.parametrize("broken_off", [RuntimeError("the database went away"), KeyboardInterrupt()])
def test_nothing_is_left_of_what_breaks_off_but_its_row_in_the_log(
    broken_off: BaseException, run: Run, tmp_path: Path, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_given: Any, **_more: Any) -> Iterator[bytes]:
        yield b',{"type":"Feature"'
        raise broken_off

    assert run("buildings", tmp_path / "b.geojson").exit_code == 0
    whole, before = (tmp_path / "b.geojson").read_bytes(), newest(engine).id
    monkeypatch.setattr(geojson, "copied", broken)
    assert run("buildings", tmp_path / "b.geojson").exit_code != 0
    assert [each.name for each in tmp_path.iterdir()] == ["b.geojson"]
    assert (tmp_path / "b.geojson").read_bytes() == whole
    entry = newest(engine)
    assert entry.id > before
    assert (entry.rows, entry.ended_at) == (None, None)
