"""A file for a plan through the pages: shown first, taken as one step, and only by who was shown it."""

from __future__ import annotations

import html
import io
import re
from typing import Any

import geopandas
import pytest
import shapely
from sqlalchemy import select

from gis.audit import AuditEntry
from gis.plans.tables import Plan
from tests import fabrics
from tests.webapp.desk import Desk, sums
from webapp.plans import exchange

SEALED = re.compile(r'name="sealed" value="([^"]*)"')


def sent(desk: Desk, plan: int, body: bytes, name: str, client: str = "planner") -> Any:
    data = {"file": (io.BytesIO(body), name), "crs": "", "layer": ""}
    return desk.client(client).post(f"/plans/{plan}/import", data=data, content_type="multipart/form-data")


def take(desk: Desk, plan: int, sealed: str, client: str = "planner") -> Any:
    return desk.client(client).post(f"/plans/{plan}/import/take", data={"sealed": sealed})


def seal_of(page: str) -> str:
    found = SEALED.search(page)
    assert found
    return html.unescape(found[1])


def pushed(desk: Desk) -> bytes:
    """Return a list of cells that gives the three buildings on the border of 清河03 to 清河04."""
    plan = desk.plan("样本")
    cells = [int(cell) for cell in desk.village.cells[14, :3]]
    desk.send(plan, cells=cells, after=[desk.draft(plan)["grids"][3]["id"]] * 3)
    return desk.client().get(f"/plans/{plan}/file.csv").get_data()


def test_a_list_is_shown_and_then_taken_as_one_step(desk: Desk) -> None:
    body, plan = pushed(desk), desk.plan()
    before = desk.draft(plan)
    page = sent(desk, plan, body, "方案.csv")
    assert page.status_code == 200
    assert "3 个地块" in page.text
    assert desk.draft(plan)["of"] == before["of"], "shown, not taken"
    assert take(desk, plan, seal_of(page.text)).status_code == 302
    after = desk.draft(plan)
    third, fourth = before["grids"][2]["id"], before["grids"][3]["id"]
    assert (sums(after)[third], sums(after)[fourth]) == (416, 423)
    assert desk.send(plan, "undo").status_code == 200
    assert desk.draft(plan)["of"] == before["of"]
    desk.session.connection().exec_driver_sql("RESET ROLE")
    logged = desk.session.scalars(select(AuditEntry).where(AuditEntry.action == "plan.import")).one()
    assert logged.detail["cells"] == 3


@pytest.mark.parametrize("form", ["csv", "geojson", "gpkg", "shp.zip"])
def test_what_went_out_is_what_the_plan_already_says(desk: Desk, form: str) -> None:
    plan = desk.plan()
    body = desk.client().get(f"/plans/{plan}/file.{form}").get_data()
    page = sent(desk, plan, body, f"plan.{form}")
    assert "方案与文件已经一致" in page.text
    assert "/import/take" in page.text
    assert ">采用<" not in page.text, "there is nothing to take"


def test_a_drawn_line_through_buildings_is_shown_with_the_side_that_each_takes(desk: Desk) -> None:
    plan = desk.plan()
    body = desk.client().get(f"/plans/{plan}/file.geojson").get_data()
    frame = geopandas.read_file(io.BytesIO(body))
    third, fourth = (frame.index[frame["name"] == f"清河{number}网格"][0] for number in ("03", "04"))
    west, south, east, _north = frame.geometry[fourth].bounds
    strip = shapely.box(west, south - 0.4 * fabrics.STEP, east, south)
    frame.loc[fourth, "geometry"] = frame.geometry[fourth].union(strip)
    beyond = shapely.box(west, south - 0.35 * fabrics.STEP, east, south)
    frame.loc[third, "geometry"] = frame.geometry[third].difference(beyond)
    page = sent(desk, plan, frame.to_json().encode(), "drawn.geojson").text
    assert "被切开的楼" in page
    assert "重叠" in page
    assert 'class="shape-cut"' in page
    assert "清河03网格 75.0%、清河04网格 25.0%" in page


def test_a_name_in_the_file_renames_the_grid(desk: Desk) -> None:
    plan = desk.plan()
    frame = geopandas.read_file(io.BytesIO(desk.client().get(f"/plans/{plan}/file.geojson").get_data()))
    frame.loc[frame["name"] == "清河03网格", "name"] = "河畔网格"
    page = sent(desk, plan, frame.to_json().encode(), "renamed.geojson").text
    take(desk, plan, seal_of(page))
    assert desk.draft(plan)["grids"][2]["name"] == "河畔网格"


def test_nobody_takes_what_he_was_not_shown(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    body, plan, other = pushed(desk), desk.plan(), desk.plan("另一方案")
    seal, before = seal_of(sent(desk, plan, body, "a.csv").text), desk.draft(plan)["of"]
    assert take(desk, plan, seal[:-2] + "xx").status_code == 400
    assert take(desk, other, seal).status_code == 400
    assert take(desk, plan, "").status_code == 400
    assert take(desk, plan, seal, "town_manager").status_code == 403
    monkeypatch.setattr(exchange, "LASTS", -1)
    told = take(desk, plan, seal)
    assert told.status_code == 400
    assert "重新导入" in told.text
    assert desk.draft(plan)["of"] == before


def test_a_file_that_cannot_be_read_is_told_beside_the_form(desk: Desk) -> None:
    plan = desk.plan()
    for body, name in ((b"nonsense", "a.gpkg"), (b"a,b\n1,2\n", "a.csv"), (b"", "a.geojson"), (b"PK\x03\x04", "a.zip")):
        answer = sent(desk, plan, body, name)
        assert answer.status_code == 400, name
        assert 'role="alert"' in answer.text, name
        assert 'type="file"' in answer.text, name
        assert "driver" not in answer.text, "the library's words are for the log"
    assert "不是有效的 GeoPackage 文件" in sent(desk, plan, b"nonsense", "a.gpkg").text
    assert desk.client().post(f"/plans/{plan}/import").status_code == 400


def test_only_a_draft_takes_a_file_and_only_from_who_draws(desk: Desk) -> None:
    body, plan = pushed(desk), desk.changed()
    assert sent(desk, plan, body, "a.csv", "town_manager").status_code == 403
    seal = seal_of(sent(desk, plan, body, "a.csv").text)
    assert desk.client().post(f"/plans/{plan}/submit").status_code == 302
    assert 'type="file"' not in desk.client().get(f"/plans/{plan}/import").text
    assert take(desk, plan, seal).status_code in (400, 409, 422)
    assert "只有草稿才能导入文件。" in sent(desk, plan, body, "a.csv").text
    desk.session.expire_all()
    assert desk.session.get_one(Plan, plan).status == "submitted"
