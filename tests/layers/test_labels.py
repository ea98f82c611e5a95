"""A file says what it is: in itself where it can, beside it where it cannot."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from urllib.parse import unquote

import pyogrio
import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from gis.audit import ExportEntry
from gis.database import transaction
from gis.premises import Building
from gis.resources import ServicePoint
from layers.catalogue import CATALOGUE, SERVICE_POINTS
from layers.files.table import FORMULA_STARTS
from tests import builders

ASKED = "purpose=防汛 “一”&area=999901100201&kind=homestead&kind=residential,other&bbox=120,31,122,33&date=2026-11-17"
SAID = {
    "layer": "buildings",
    "taken_by": "town_manager",
    "purpose": "防汛 “一”",
    "as_at": "2026-11-18",
    "asked_day": "2026-11-17",
    "area": "999901100201",
    "territory": ["999901100201"],
    "bbox": [120.0, 31.0, 122.0, 33.0],
    "filter": {"kind": ["homestead", "residential", "other"]},
    "mask_level": "L0",
    "synthetic": True,
}


def newest(engine: Engine) -> ExportEntry:
    with Session(engine) as session:
        return session.scalars(select(ExportEntry).order_by(ExportEntry.id.desc()).limit(1)).one()


def check(said: dict[str, object]) -> None:
    assert {name: said[name] for name in SAID} == SAID
    assert str(said["taken_at"]).startswith("2026-11-18")
    assert "CGCS2000" in str(said["datum"])


def test_geojson_says_it_in_a_member_of_its_own(client_as: Callable[[str], FlaskClient], engine: Engine) -> None:
    client = client_as("town_manager")
    client.post("/language/en")
    found = json.loads(client.get(f"/layers/buildings.geojson?{ASKED}").get_data())
    check(found["wangge"])
    fields = {f["name"]: f for f in found["wangge"]["fields"]}
    assert list(fields) == list(found["features"][0]["properties"])
    assert fields["floors"] == {"name": "floors", "title": "Floors", "kind": "integer", "unit": ""}
    assert found["numberReturned"] == len(found["features"]) == newest(engine).rows
    assert {each["properties"]["kind"] for each in found["features"]} <= set(SAID["filter"]["kind"])
    assert newest(engine).filter["kind"] == SAID["filter"]["kind"]


def test_a_geopackage_says_it_in_its_metadata(
    client_as: Callable[[str], FlaskClient], tmp_path: Path, engine: Engine
) -> None:
    path = tmp_path / "b.gpkg"
    path.write_bytes(client_as("town_manager").get(f"/layers/buildings.gpkg?{ASKED}").get_data())
    told = pyogrio.read_info(path)["dataset_metadata"]
    check(
        {
            name: json.loads(told[name]) if isinstance(SAID.get(name), (bool, list, dict)) else told[name]
            for name in told
        }
    )
    assert {"name": "floors", "title": "层数", "kind": "integer", "unit": ""} in json.loads(told["fields"])
    rows = pyogrio.read_info(path)["features"]
    assert int(told["numberReturned"]) == rows == newest(engine).rows


@pytest.mark.parametrize("form", ["csv", "geojsonl"])
def test_the_other_formats_say_it_in_headers(form: str, client_as: Callable[[str], FlaskClient]) -> None:
    headers = client_as("town_manager").get(f"/layers/buildings.{form}?{ASKED}").headers
    told = {name.lower()[9:].replace("-", "_"): value for name, value in headers if name.startswith("X-Wangge-")}
    assert all(value.isascii() for value in told.values())
    said = {name: unquote(value) for name, value in told.items()}
    check(
        {
            name: json.loads(said[name]) if isinstance(SAID.get(name), (bool, list, dict)) else said[name]
            for name in said
        }
    )
    assert "floors=层数; " in said["fields"]


@pytest.mark.parametrize(
    ("name", "day"),
    [("grids", "2026-06-01"), ("staffing", "2026-06-01"), ("cases", "2026-06-01"),
     ("volunteers", "2026-06-01"), ("service_points", "2026-06-01"), ("buildings", "2026-11-18"),
     ("gaps", "2026-11-18"), ("areas", "2026-11-18"), ("barriers", "2026-11-18")],
)  # fmt: skip
def test_a_layer_without_a_past_says_that_it_is_of_today(
    name: str, day: str, client_as: Callable[[str], FlaskClient]
) -> None:
    answer = client_as("town_manager").get(f"/layers/{name}.geojson?purpose=x&date=2026-06-01")
    said = json.loads(answer.get_data())["wangge"]
    assert (said["as_at"], said["asked_day"]) == (day, "2026-06-01")
    assert f"-{day}.geojson" in answer.headers["Content-Disposition"]


def test_a_file_of_a_larger_area_names_the_part_that_it_holds(client_as: Callable[[str], FlaskClient]) -> None:
    client = client_as("grid_leader")
    for area, part in (("999901100000", "999901100001001"), ("999901100001001", "999901100001001"), ("", None)):
        said = json.loads(client.get(f"/layers/grids.geojson?purpose=x&area={area}").get_data())["wangge"]
        held = {"999901100001001"} if part else set(said["territory"])
        assert set(said["territory"]) == held
        assert said["territory"], "the file says where it ends"


def test_a_table_names_its_characters_once(client_as: Callable[[str], FlaskClient]) -> None:
    assert client_as("town_manager").get("/layers/gaps.csv?purpose=x").headers["Content-Type"].count("charset") == 1


def test_a_purpose_never_becomes_a_header(client_as: Callable[[str], FlaskClient]) -> None:
    answer = client_as("town_manager").get("/layers/gaps.csv?purpose=a%0d%0aSet-Cookie:%20x=1%25")
    assert unquote(answer.headers["X-Wangge-Purpose"]) == "a Set-Cookie: x=1%"
    assert "x=1" not in str(answer.headers.getlist("Set-Cookie"))


def test_lines_are_newline_delimited_json(client_as: Callable[[str], FlaskClient]) -> None:
    assert client_as("town_manager").get("/layers/gaps.geojsonl?purpose=x").mimetype == "application/x-ndjson"


@pytest.mark.parametrize("name", [layer.name for layer in CATALOGUE if layer.permission == "map.view"])
def test_who_gets_less_than_there_is_is_told_so(
    name: str, client_as: Callable[[str], FlaskClient], engine: Engine
) -> None:
    masked = {"coverage": "L1"}.get(name, "L0")
    for role in ("town_manager", "grid_leader"):
        found = json.loads(client_as(role).get(f"/layers/{name}.geojson?purpose=x").get_data())
        assert found["wangge"]["mask_level"] == newest(engine).mask_level == masked


def test_cases_are_masked_for_who_does_not_handle_them(client_as: Callable[[str], FlaskClient]) -> None:
    assert client_as("town_manager").get("/layers/cases.csv?purpose=x").headers["X-Wangge-Mask-Level"] == "L1"


@pytest.mark.parametrize("sign", FORMULA_STARTS)
def test_no_cell_of_a_table_is_a_formula(sign: str, client_as: Callable[[str], FlaskClient], engine: Engine) -> None:
    with transaction(engine) as session:
        building = session.scalars(select(Building).order_by(Building.id).limit(1)).one()
        point = session.scalars(select(ServicePoint).order_by(ServicePoint.id).limit(1)).one()
    evil = f"{sign}HYPERLINK(1)"
    client = client_as("town_manager")

    def cells(name: str, id_: int) -> dict[str, str]:
        body = client.get(f"/layers/{name}.csv?purpose=x").get_data().decode("utf-8-sig")
        return next(row for row in csv.DictReader(io.StringIO(body, newline="")) if int(row["id"]) == id_)

    with builders.changed(engine, building, name=evil, code=evil, address=f"1{sign}2", compound=""):
        row = cells("buildings", building.id)
        assert (row["name"], row["code"], row["address"], row["compound"]) == (f"'{evil}", f"'{evil}", f"1{sign}2", "")
    with builders.changed(engine, point, items=[evil, "b"]):
        assert cells(SERVICE_POINTS.name, point.id)["items"] == f"'{evil}; b"


def test_a_line_break_in_a_cell_is_no_row(client_as: Callable[[str], FlaskClient], engine: Engine) -> None:
    client = client_as("town_manager")
    client.get("/layers/buildings.csv?purpose=x").get_data()
    before = newest(engine).rows
    with transaction(engine) as session:
        building = session.scalars(select(Building).order_by(Building.id).limit(1)).one()
    with builders.changed(engine, building, name="a\nb\nc"):
        client.get("/layers/buildings.csv?purpose=x").get_data()
    assert newest(engine).rows == before
