"""Every layer in every format opens in GDAL and geopandas with the right count, place, types and characters."""

from __future__ import annotations

import csv
import io
import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas
import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from gis.viewer import Viewer
from layers.catalogue import CATALOGUE
from layers.files import FORMATS, gate, geopackage, label
from layers.query import Asked, total
from tests.conftest import DAY, NOW

LAYERS = {layer.name: layer for layer in CATALOGUE}
ASKED = Asked(DAY, NOW)
DRIVERS = {"geojson": "GeoJSON", "geojsonl": "GeoJSONSeq", "gpkg": "GPKG", "csv": "CSV"}
OGR_TYPES = {
    "text": {"String"}, "integer": {"Integer", "Integer64"}, "number": {"Real", "Integer", "Integer64"},
    "date": {"Date"}, "time": {"DateTime"}, "boolean": {"Integer", "Boolean"},
    "list": {"StringList", "String"},
}  # fmt: skip
BOX = (120.0, 31.5, 122.0, 33.5)
"""Somewhere around the made-up district: a file with its axes swapped lies elsewhere."""


@pytest.fixture
def taken(session: Session, viewer: Viewer, tmp_path: Path) -> Callable[..., Path]:
    def take(name: str, form: str, asked: Asked = ASKED) -> Path:
        extent = gate.inspect(session, LAYERS[name], viewer, asked)
        about = label.about(LAYERS[name], viewer, asked, "Prüfung 测试", extent=extent, synthetic=True)
        path = tmp_path / f"{name}.{form}"
        path.write_bytes(b"".join(FORMATS[form].write(session, LAYERS[name], viewer, asked, about)))
        return path

    return take


def ogrinfo(path: Path) -> dict[str, Any]:
    """Return what GDAL's own program says of the only layer of a file."""
    program = shutil.which("ogrinfo")
    assert program is not None, "gdal-bin is not installed"
    command = [program, "-ro", "-so", "-al", str(path)]
    told = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    assert "ERROR" not in told.stderr, told.stderr
    fields: dict[str, str] = {}
    found: dict[str, Any] = {"fields": fields, "text": told.stdout}
    for line in told.stdout.splitlines():
        name, _colon, rest = line.partition(": ")
        if name == "Feature Count":
            found["count"] = int(rest)
        elif name == "Extent":
            found["extent"] = [
                float(part) for part in rest.replace("(", "").replace(")", "").replace(" - ", ", ").split(", ")
            ]
        elif rest.endswith(")") and "(" in rest:
            fields[name] = rest.split("(")[0].split(" ")[0]
    found["driver"] = told.stdout.split("using driver `")[1].split("'")[0]
    return found


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("name", LAYERS)
def test_gdal_reads_it(name: str, form: str, taken: Callable[..., Path], session: Session, viewer: Viewer) -> None:
    layer = LAYERS[name]
    found = ogrinfo(taken(name, form))
    assert found["driver"] == DRIVERS[form]
    assert found["count"] == session.scalar(total(layer, viewer, ASKED))
    for f in layer.fields:
        assert f.name in found["fields"], found["text"]
        if form != "csv":
            assert found["fields"][f.name] in OGR_TYPES[f.kind], (f.name, found["fields"][f.name])
    if form != "csv":
        west, south, east, north = found["extent"]
        assert BOX[0] < west <= east < BOX[2]
        assert BOX[1] < south <= north < BOX[3]
    if form == "gpkg":
        assert "CGCS" in found["text"] or "China Geodetic Coordinate System 2000" in found["text"]


@pytest.mark.parametrize("form", ["geojson", "geojsonl", "gpkg"])
@pytest.mark.parametrize("name", LAYERS)
def test_geopandas_reads_it(name: str, form: str, taken: Callable[..., Path], session: Session, viewer: Viewer) -> None:
    frame = geopandas.read_file(taken(name, form))
    assert len(frame) == session.scalar(total(LAYERS[name], viewer, ASKED))
    assert frame.crs is not None
    assert frame.crs.to_epsg() == (4490 if form == "gpkg" else 4326)
    assert frame.geometry.is_valid.all()
    west, south, east, north = frame.total_bounds
    assert BOX[0] < west <= east < BOX[2]
    assert BOX[1] < south <= north < BOX[3]


@pytest.mark.parametrize("form", ["geojson", "geojsonl", "gpkg"])
def test_the_characters_survive(form: str, taken: Callable[..., Path]) -> None:
    frame = geopandas.read_file(taken("areas", form))
    assert set(frame["name"]) == {"澜湾区", "望潮镇", "海棠苑社区", "石圩村", "南灶村"}
    assert set(frame["code"]) == {"999901000000", "999901100000", "999901100001", "999901100201", "999901100202"}


def test_a_table_opens_in_a_spreadsheet(taken: Callable[..., Path]) -> None:
    body = taken("areas", "csv").read_bytes()
    assert body.startswith(b"\xef\xbb\xbf")
    found = list(csv.DictReader(io.StringIO(body.decode("utf-8-sig"))))
    assert {row["name"] for row in found} == {"澜湾区", "望潮镇", "海棠苑社区", "石圩村", "南灶村"}
    assert all(row["wkt"].startswith("MULTIPOLYGON((") or row["wkt"].startswith("MULTIPOLYGON ((") for row in found)


def test_the_formats_say_the_same(taken: Callable[..., Path]) -> None:
    written = [each["properties"] for each in json.loads(taken("buildings", "geojson").read_text())["features"]]
    expected = {each["code"]: (each["kind"], each["floors"]) for each in written if each["code"]}
    for form in ("geojsonl", "gpkg"):
        frame = geopandas.read_file(taken("buildings", form)).dropna(subset="code")
        assert dict(zip(frame["code"], zip(frame["kind"], frame["floors"], strict=True), strict=True)) == expected
    table = csv.DictReader(io.StringIO(taken("buildings", "csv").read_text("utf-8-sig")))
    assert {row["code"]: (row["kind"], int(row["floors"])) for row in table if row["code"]} == expected


def test_a_geopackage_says_who_took_it_and_what_for(taken: Callable[..., Path]) -> None:
    told = ogrinfo(taken("grids", "gpkg"))["text"]
    assert "Prüfung 测试" in told
    assert "district_manager" in told


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("name", LAYERS)
def test_an_empty_layer_is_a_file_too(name: str, form: str, taken: Callable[..., Path]) -> None:
    found = (
        ogrinfo(taken(name, form, Asked(DAY, NOW, bbox=(0.0, 0.0, 1.0, 1.0)))) if form != "geojsonl" else {"count": 0}
    )
    assert found["count"] == 0


def test_many_chunks_make_one_geopackage(taken: Callable[..., Path], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(geopackage, "CHUNK", 50)
    frame = geopandas.read_file(taken("buildings", "gpkg"))
    assert len(frame) == 251
    assert frame["code"].dropna().is_unique


def test_a_column_that_starts_empty_keeps_its_type(taken: Callable[..., Path], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(geopackage, "CHUNK", 4)
    types = ogrinfo(taken("organisations", "gpkg"))["fields"]
    for f in LAYERS["organisations"].fields:
        assert types[f.name] in OGR_TYPES[f.kind], (f.name, types[f.name])


@pytest.mark.parametrize("form", FORMATS)
def test_the_download_is_the_file(form: str, client_as: Callable[[str], FlaskClient]) -> None:
    answer = client_as("town_manager").get(f"/layers/volunteers.{form}?purpose=test")
    assert answer.status_code == 200
    assert answer.headers["Content-Disposition"].endswith(f'.{form}"')
    assert answer.mimetype == FORMATS[form].media_type.split(";")[0]
    assert len(answer.get_data()) > 100


def test_a_worker_starts_without_the_libraries_of_files() -> None:
    heavy = "pandas", "geopandas", "pyogrio", "pyproj"
    told = f"import sys, webapp.wsgi; print([name for name in {heavy} if name in sys.modules])"
    found = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True, timeout=60)
    assert found.stdout.strip() == "[]", "each of them costs every worker tens of megabytes"
