"""Cases through the pages: list, table and header agree; reporting, steps, pictures; everything is rolled back."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from gis.boundaries import GridOutline
from gis.cases import CasePhoto, facts
from gis.viewer import Viewer
from tests.conftest import DAY, NOW
from tests.webapp.desk import Enter

COUNTS = re.compile(r'class="state state-(\w+)"[^>]*><span>[^<]*</span><strong>([\d,]+)</strong>')
EVIL = "<script>alert(1)</script>"


@pytest.fixture
def spot(session: Session, viewer_as: Callable[[str], Viewer]) -> dict[str, str]:
    """The middle of the worker's grid."""
    code = viewer_as("grid_worker").territory.codes[0]
    middle = select(func.st_x(GridOutline.centre), func.st_y(GridOutline.centre))
    lon, lat = session.execute(middle.where(GridOutline.code == code, GridOutline.valid.contains(DAY))).one()
    return {"lng": str(lon), "lat": str(lat)}


def sent(client: FlaskClient, spot: dict[str, str], **given: Any) -> Any:
    words = {"category": "environment", "title": "路口垃圾", "source": "grid_patrol", "urgency": "normal", **spot}
    return client.post("/cases/", data={**words, **given}, headers={"Accept": "application/json"})


def reported(client: FlaskClient, spot: dict[str, str], **given: Any) -> str:
    answer = sent(client, spot, **given)
    assert answer.status_code == 200, answer.text
    return str(answer.get_json()["to"])


def act(client: FlaskClient, address: str, step: str, **given: Any) -> Any:
    revision = re.search(r'name="revision" value="(\d+)"', client.get(address).text)
    assert revision
    return client.post(f"{address}/steps", data={"step": step, "revision": revision[1], **given})


def shown(page: str) -> dict[str, int]:
    return {name: int(count.replace(",", "")) for name, count in COUNTS.findall(page)}


def test_the_list_its_table_the_map_and_sql_say_the_same(enter: Enter, session: Session) -> None:
    client = enter("town_manager")
    counts = shown(client.get("/cases/").text)
    figures = client.get("/map/figures?theme=cases&measure=open").get_json()["header"]
    header = {each["name"]: each["value"] for each in figures}
    for state in ("open", "overdue", "due_today"):
        table = client.get(f"/cases/list.csv?state={state}").get_data().decode("utf-8-sig")
        assert len(list(csv.reader(io.StringIO(table)))) - 1 == counts[state]
        assert int(header[state]) == counts[state]
    assert counts["open"] + counts["ended"] == counts["all"]
    stored = select(func.count()).select_from(facts).where(facts.c.closed_at.is_(None), facts.c.reported_at <= NOW)
    assert session.scalar(stored) == counts["open"], "as the session is left: under the town's territory"


def test_filters_live_in_the_address_and_narrow_what_is_shown(enter: Enter) -> None:
    client = enter("town_manager")
    everything = shown(client.get("/cases/?state=all").text)["all"]
    parts = [shown(client.get(f"/cases/?state=all&category={name}").text)["all"] for name in (
        "environment", "public_facility", "safety_hazard", "dispute", "livelihood", "property_repair",
        "unauthorized_building", "inquiry", "suggestion")]  # fmt: skip
    assert sum(parts) == everything
    page = client.get("/cases/?state=all&category=environment&since=2026-11-01&until=2026-11-18")
    assert 'value="2026-11-01"' in page.text
    assert shown(page.text)["all"] <= parts[0]
    for wrong in ("state=x", "category=persons", "since=2026-13-01"):
        assert client.get(f"/cases/?{wrong}").status_code == 400
    assert client.get("/cases/?area=999902000000").status_code == 404


def test_a_worker_reports_and_the_centre_closes(enter: Enter, spot: dict[str, str]) -> None:
    address = reported(enter("grid_worker"), spot, title=EVIL[:30], description="三袋")
    page = enter("grid_worker").get(address).text
    assert "<script>alert" not in page
    assert "三袋" in page
    centre = enter("dispatcher")
    for step in ("accept", "file"):
        assert act(centre, address, step).status_code == 302
    duty = re.findall(r'name="duty" value="(\d+)"', centre.get(address).text)
    assert len(duty) == 4, "one entry of the duty list for each level"
    assert act(centre, address, "dispatch", duty=duty[2]).status_code == 302
    assert "镇街环境卫生部门" in centre.get(address).text
    for step, given in (("start", {}), ("report_done", {}), ("verify", {}), ("pass", {"closure": "resolved"})):
        assert act(centre, address, step, **given).status_code == 302, step
    assert "已解决" in centre.get(address).text
    assert "现在可以办理" not in centre.get(address).text


def test_a_report_is_stored_once_however_often_it_is_sent(enter: Enter, spot: dict[str, str]) -> None:
    client = enter("grid_worker")
    assert reported(client, spot, key="a") == reported(client, spot, key="a") != reported(client, spot, key="b")
    assert reported(enter("dispatcher"), spot, key="a") != reported(client, spot, key="a"), "another's key is another's"


def test_the_place_is_told_before_anything_is_written(enter: Enter, spot: dict[str, str]) -> None:
    client = enter("grid_worker")
    address = reported(client, spot)
    there = client.get("/cases/place", query_string={**spot, "category": "environment"}).text
    assert "海棠苑社区第二网格" in there
    assert "个工作日" in there
    assert address in there, "an open case of the category within 50 m"
    far = client.get("/cases/place", query_string={"lng": float(spot["lng"]) + 0.2, "lat": spot["lat"]}).text
    assert 'data-outside="yes"' in far
    assert "最近的是" in far
    assert client.get("/cases/place?lng=x&lat=1").status_code == 400


def test_what_is_wrong_is_a_sentence_and_nothing_is_written(enter: Enter, spot: dict[str, str]) -> None:
    client = enter("grid_worker")
    before = shown(client.get("/cases/?state=all").text)["all"]
    for given in ({"title": ""}, {"category": "x"}, {"title": "电话13812345678"}, {"lng": "1", "lat": "1"}):
        answer = sent(client, spot, **given)
        assert answer.status_code in (400, 422), given
        assert answer.get_json()["error"]
    assert sent(enter("town_manager"), spot).status_code == 403
    assert shown(client.get("/cases/?state=all").text)["all"] == before


def test_the_second_of_two_is_told_what_the_first_did(enter: Enter, spot: dict[str, str]) -> None:
    address = reported(enter("grid_worker"), spot)
    assert act(enter("dispatcher"), address, "accept").status_code == 302
    late = enter("dispatcher").post(f"{address}/steps", data={"step": "reject", "revision": 1, "reason": "不受理"})
    assert late.status_code == 409
    assert "dispatcher 已办理“受理”" in late.text


def picture(where: bool = True) -> bytes:
    """A photograph as a telephone makes it, with its place in it."""
    image, out = Image.new("RGB", (3000, 2000), (90, 120, 60)), io.BytesIO()
    exif = Image.Exif()
    exif[0x010F] = "MAKER-OF-TELEPHONES"
    if where:
        exif.get_ifd(0x8825)[2] = (31.0, 14.0, 0.0)
    image.save(out, "JPEG", exif=exif)
    return out.getvalue()


def test_a_picture_comes_in_without_its_place(enter: Enter, session: Session, spot: dict[str, str]) -> None:
    assert b"MAKER-OF-TELEPHONES" in picture()
    address = reported(enter("grid_worker"), spot, photo=(io.BytesIO(picture()), "a.jpg"))
    image = re.search(r'src="(/cases/photos/\d+\.jpg)"', enter("dispatcher").get(address).text)
    assert image
    body = enter("dispatcher").get(image[1]).get_data()
    assert b"MAKER" not in body
    with Image.open(io.BytesIO(body)) as opened:
        assert max(opened.size) == 1600
        assert not opened.getexif()
    assert enter("planner").get(image[1]).status_code == 403
    session.execute(text("RESET ROLE"))
    assert session.scalar(select(func.count()).select_from(CasePhoto)) == 1


def test_what_is_no_picture_is_refused(enter: Enter, spot: dict[str, str]) -> None:
    client = enter("grid_worker")
    address = reported(client, spot)
    for body in (b"GIF89a", b"<svg/>", b"", picture()[:200]):
        answer = client.post(f"{address}/photos", data={"photo": (io.BytesIO(body), "x.jpg")})
        assert answer.status_code == 400
    huge = io.BytesIO()
    Image.new("1", (9000, 9000)).save(huge, "PNG")
    assert client.post(f"{address}/photos", data={"photo": (huge, "bomb.png")}).status_code == 400


def test_a_dispute_is_wordless_for_everyone_else(enter: Enter, spot: dict[str, str]) -> None:
    address = reported(enter("grid_worker"), spot, category="dispute", title="楼上漏水纠纷",
                       photo=(io.BytesIO(picture()), "a.jpg"))  # fmt: skip
    image = re.search(r'src="(/cases/photos/\d+\.jpg)"', enter("grid_worker").get(address).text)
    assert image
    for name in ("dispatcher", "town_manager", "district_manager"):
        page = enter(name).get(address)
        assert page.status_code == 200
        assert "楼上漏水" not in page.text
        assert "（受限案件）" in page.text
        assert enter(name).get(image[1]).status_code == 404
        assert "楼上漏水" not in enter(name).get("/cases/list.csv?state=all").get_data().decode("utf-8-sig")
    assert enter("grid_leader").get(address).status_code == 404, "another grid"
