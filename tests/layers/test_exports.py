"""The last gate: what leaves is written down, what must not leave is stopped, a broken stream looks broken."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from gis.audit import ExportEntry
from gis.cases import Case
from gis.database import transaction
from gis.demo.stories import impossible_id
from layers import geojson
from layers.catalogue import CATALOGUE
from layers.files import FORMATS
from tests import builders


def newest(engine: Engine) -> ExportEntry:
    with Session(engine) as session:
        return session.scalars(select(ExportEntry).order_by(ExportEntry.id.desc()).limit(1)).one()


def taken(engine: Engine) -> int:
    with Session(engine) as session:
        return session.scalars(select(func.count()).select_from(ExportEntry)).one()


@pytest.mark.parametrize("form", FORMATS)
def test_an_export_is_written_down_with_purpose_filter_rows_and_bytes(
    form: str, engine: Engine, client_as: Callable[[str], FlaskClient]
) -> None:
    address = f"/layers/buildings.{form}?area=999901100201&kind=homestead&purpose=防汛排查"
    body = client_as("town_manager").get(address).get_data()
    entry = newest(engine)
    assert (entry.user_name, entry.layer, entry.format, entry.purpose) == (
        "town_manager",
        "buildings",
        form,
        "防汛排查",
    )
    assert entry.filter["area"] == "999901100201"
    assert entry.filter["kind"] == ["homestead"]
    assert entry.bytes == len(body)
    assert entry.mask_level
    assert entry.ended_at is not None
    if form in ("geojsonl", "csv"):
        assert entry.rows == body.count(b"\n") - (form == "csv")
    assert (entry.rows or 0) > 10


@pytest.mark.parametrize("purpose", ["", "?purpose=", "?purpose=%20%09"])
def test_an_export_without_a_purpose_is_refused(
    purpose: str, engine: Engine, client_as: Callable[[str], FlaskClient]
) -> None:
    before = taken(engine)
    client = client_as("town_manager")
    client.post("/language/en")
    answer = client.get(f"/layers/gaps.csv{purpose}")
    assert answer.status_code == 400
    assert "purpose" in answer.get_json()["error"]
    assert taken(engine) == before


def test_a_purpose_about_a_person_or_without_end_is_refused_and_never_written_down(
    engine: Engine, client_as: Callable[[str], FlaskClient]
) -> None:
    before, client = taken(engine), client_as("town_manager")
    client.post("/language/en")
    for purpose in (f"核查{impossible_id()}", "联系１３８１２３４５６７８"):
        answer = client.get("/layers/gaps.csv", query_string={"purpose": purpose})
        assert answer.status_code == 422
        assert "Purpose" in answer.get_json()["error"]
        assert impossible_id() not in answer.text
    answer = client.get("/layers/buildings.csv", query_string={"purpose": "x", "code": impossible_id()})
    assert answer.status_code == 422
    answer = client.get("/layers/gaps.csv", query_string={"purpose": "长" * 201})
    assert answer.status_code == 400
    assert "201" in answer.get_json()["error"]
    assert taken(engine) == before
    assert client.get("/layers/gaps.csv", query_string={"purpose": "长" * 199 + "\0"}).status_code == 400
    assert client.get("/layers/gaps.csv", query_string={"purpose": "长" * 200}).status_code == 200
    assert newest(engine).purpose == "长" * 200


def test_a_person_gets_the_form_again_with_what_was_wrong(client_as: Callable[[str], FlaskClient]) -> None:
    client, browser = client_as("town_manager"), {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
    client.post("/language/en")
    answer = client.get("/layers/grids.csv?area=12345&purpose=monthly+report", headers=browser)
    assert answer.status_code == 400
    assert "12345 is not a code" in answer.text
    assert 'value="monthly report"' in answer.text
    assert 'formaction="/layers/grids.csv"' in answer.text
    assert client.get("/layers/grids.csv?area=12345&purpose=x").get_json()["error"]
    assert client.get("/map/card/999901100001999", headers=browser).mimetype == "text/html"


def test_an_error_in_chinese_can_be_read_by_eye(client_as: Callable[[str], FlaskClient]) -> None:
    assert "编码" in client_as("town_manager").get("/layers/grids.csv?area=12345&purpose=x").get_data(as_text=True)


@pytest.fixture
def with_an_id_number(engine: Engine) -> Iterator[None]:
    """An open case of the leader's grid whose title holds what looks like an identity-card number."""
    with transaction(engine) as session:
        open_ = Case.closed_at.is_(None) & (Case.visibility != "restricted") & (Case.territory == 999901100001003)
        case = session.scalars(select(Case).where(open_).limit(1)).one()
    with builders.changed(engine, case, title=f"户主证件{impossible_id()}"):
        yield


@pytest.mark.parametrize("form", FORMATS)
def test_an_id_number_in_a_text_stops_the_export(
    form: str, with_an_id_number: None, engine: Engine, client_as: Callable[[str], FlaskClient]
) -> None:
    before = taken(engine)
    client = client_as("town_manager")
    client.post("/language/en")
    answer = client.get(f"/layers/cases.{form}?purpose=test")
    assert answer.status_code == 422
    assert "Title of row" in answer.get_json()["error"]
    assert "identity numbers" in answer.get_json()["error"]
    assert impossible_id() not in answer.text
    assert taken(engine) == before
    elsewhere = client_as("village_manager").get(f"/layers/cases.{form}?purpose=test&area=999901100001001")
    assert elsewhere.status_code == 200, "rows outside the request do not stop it"


@pytest.mark.parametrize("role", ["auditor", "sys_admin"])
def test_who_may_not_export_is_told_so_and_nothing_is_written_down(
    role: str, engine: Engine, client_as: Callable[[str], FlaskClient]
) -> None:
    before = taken(engine)
    client = client_as(role)
    for layer in CATALOGUE:
        for form in FORMATS:
            answer = client.get(f"/layers/{layer.name}.{form}")
            assert answer.status_code == 403
            assert answer.get_json()["error"]
    assert client.get("/exports").status_code == 403
    assert taken(engine) == before


def test_a_stream_that_breaks_off_never_ends_well_and_stays_unfinished_in_the_log(
    engine: Engine, client_as: Callable[[str], FlaskClient], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_given: Any, **_more: Any) -> Iterator[bytes]:
        yield b',{"type":"Feature"'
        raise RuntimeError("the database went away")

    monkeypatch.setattr(geojson, "copied", broken)
    with pytest.raises(RuntimeError, match="went away"):
        client_as("town_manager").get("/layers/gaps.geojson?purpose=test").get_data()
    entry = newest(engine)
    assert entry.layer == "gaps"
    assert entry.ended_at is None
    assert entry.rows is None


def test_a_reader_that_leaves_stays_unfinished_in_the_log(
    engine: Engine, client_as: Callable[[str], FlaskClient], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(geojson, "BLOCK", 256)
    answer = client_as("town_manager").get("/layers/buildings.geojson?purpose=abgebrochen", buffered=False)
    parts = answer.iter_encoded()
    next(parts)
    answer.close()
    entry = newest(engine)
    assert entry.purpose == "abgebrochen"
    assert entry.ended_at is None
    assert client_as("town_manager").get("/layers/gaps.csv?purpose=x").status_code == 200, (
        "the connection is usable again"
    )


def test_the_page_of_exports_names_every_layer_the_role_may_take(client_as: Callable[[str], FlaskClient]) -> None:
    page = client_as("planner").get("/exports").text
    for layer in CATALOGUE:
        for form in FORMATS:
            assert (f"/layers/{layer.name}.{form}" in page) is (layer.permission in ("map.view", "building.view"))


def test_the_auditor_sees_what_was_taken(client_as: Callable[[str], FlaskClient]) -> None:
    client_as("town_manager").get("/layers/gaps.csv?purpose=<b>看看</b>").get_data()
    page = client_as("auditor").get("/audit/exports").text
    assert "town_manager" in page
    assert "&lt;b&gt;看看&lt;/b&gt;" in page
