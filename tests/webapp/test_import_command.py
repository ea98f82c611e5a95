"""`wangge import`: what it prints, when it fails, and that a dry run or an error writes nothing."""

import csv
from types import SimpleNamespace

import pytest
from click.testing import CliRunner
from sqlalchemy import func, select

from gis.audit import ImportBatch
from gis.database import transaction
from tests.gis.imports.drawing import bow_tie, square, write
from webapp.commands import imports


@pytest.fixture
def run(monkeypatch, engine, settings):
    monkeypatch.setattr(imports, "here", lambda: SimpleNamespace(engine=engine, settings=settings))
    return lambda *words: CliRunner().invoke(imports.group, [str(word) for word in words])


def batches(engine):
    with transaction(engine) as session:
        return session.scalar(select(func.count()).select_from(ImportBatch))


def test_an_error_is_printed_with_row_and_remedy_and_fails(run, engine, tmp_path):
    before = batches(engine)
    path = write(tmp_path / "b.geojson", [bow_tie()], {"kind": ["other"]})
    result = run("buildings", path, "--report", tmp_path / "r.csv")
    assert result.exit_code == 1
    assert "error" in result.output
    report = (tmp_path / "r.csv").read_text("utf-8-sig")
    assert "shape_invalid" in report
    assert "--repair" in report
    assert batches(engine) == before


def test_no_cell_of_the_report_is_a_formula(run, tmp_path):
    path = write(tmp_path / "b.geojson", [square()], {"=cmd|' /C calc'!A0": ["x"], "kind": ["[bold]x"]})
    run("buildings", path, "--report", tmp_path / "r.csv")
    with (tmp_path / "r.csv").open(encoding="utf-8-sig", newline="") as file:
        cells = [cell for row in csv.reader(file) for cell in row]
    assert "'=cmd|' /C calc'!A0" in cells
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]
    assert not [cell for cell in cells if r"\[" in cell], "a table's brackets need no escape"


def test_a_dry_run_writes_nothing(run, engine, tmp_path):
    before = batches(engine)
    path = write(tmp_path / "a.geojson", [square()], {"code": ["999904000000"], "name": ["演练区"]})
    result = run("areas", path, "--dry-run")
    assert result.exit_code == 0, result.output
    assert "1 row " in result.output
    assert batches(engine) == before


def test_the_totals_are_in_the_language_of_the_findings(run, tmp_path):
    path = write(tmp_path / "a.geojson", [square()], {"code": ["999904000000"], "name": ["演练区"]})
    said = run("areas", path, "--dry-run", "--language", "zh").output
    assert "共 1 行" in said
    assert "错误 0" in said
    assert not [word for word in ("rows", "errors", "Nothing", "Looking", "district") if word in said], said


def test_a_file_about_persons_is_refused_in_words(run, tmp_path):
    result = run("buildings", write(tmp_path / "b.geojson", [square()], {"身份证号": ["x"]}))
    assert result.exit_code == 1
    assert "private_column" not in result.output


def test_a_file_that_is_not_there_is_a_usage_error(run, tmp_path):
    assert run("areas", tmp_path / "none.geojson").exit_code == 2


@pytest.mark.parametrize("kind", ["areas", "grids", "buildings", "households", "barriers"])
def test_every_kind_has_help(run, kind):
    assert "--crs" in run(kind, "--help").output
