"""Projects and their outlines: from buildings, drawn, or brought in as GeoJSON; shown first, all or nothing."""

from __future__ import annotations

import io
import json
import re
from datetime import timedelta
from typing import Any

import pytest
import shapely
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.orm import Session

from gis.areas import Area
from gis.premises import Building, Project
from tests.conftest import DAY
from tests.webapp.desk import Enter


@pytest.fixture
def square(session: Session) -> dict[str, Any]:
    """A square of some 20 m in the middle of a village."""
    middle = func.st_astext(func.st_pointonsurface(Area.outline))
    at = shapely.from_wkt(session.scalar(select(middle).where(Area.level == "village").order_by(Area.code).limit(1)))
    return dict(shapely.geometry.mapping(at.buffer(0.0001, cap_style="square")))


def feature(geometry: Any, **told: Any) -> dict[str, Any]:
    return {
        "type": "Feature",
        "properties": {"name": "北苑改造", "lead_body": "住建部门", **told},
        "geometry": geometry,
    }


def sent(client: FlaskClient, features: list[Any], take: bool = False, **more: Any) -> Any:
    text = json.dumps({"type": "FeatureCollection", "features": features, **more})
    data = {"file": (io.BytesIO(text.encode()), "projects.geojson"), **({} if take else {"try": "1"})}
    return client.post("/projects/bring", data=data, content_type="multipart/form-data")


def stored(session: Session) -> list[Project]:
    return list(session.scalars(select(Project).where(Project.name.in_(["北苑改造", "南苑改造"])).order_by(Project.id)))


def test_a_project_comes_from_buildings_and_its_stage_is_changed_once(enter: Enter, session: Session) -> None:
    client = enter("town_manager")
    codes = list(
        session.scalars(select(Building.code).where(Building.code.is_not(None)).order_by(Building.code).limit(3))
    )
    given = {"name": "海棠苑改造", "lead_body": "住建办", "buildings": "，".join(codes)}
    answer = client.post("/projects/", data=given)
    assert answer.status_code == 302, answer.text
    made = session.scalars(select(Project).order_by(Project.id.desc())).first()
    assert made is not None
    stage = {"seen": "planned", "stage": "under_way"}
    assert client.post(f"/projects/{made.id}/stage", data=stage).status_code == 302
    assert client.post(f"/projects/{made.id}/stage", data=stage).status_code == 409
    assert client.post("/projects/", data={**given, "buildings": "nowhere"}).status_code == 404
    assert client.post("/projects/", data=given).status_code == 409, "sent twice"
    tomorrow = str(DAY + timedelta(days=1))
    assert client.post(f"/projects/{made.id}/end", data={"seen": "", "ends_on": tomorrow}).status_code == 302
    assert client.post("/projects/", data=given).status_code == 409, "it goes on until then"
    made.valid = Range(made.valid.lower, DAY)
    session.flush()
    assert client.post("/projects/", data=given).status_code == 302, "it is over"


def test_a_file_is_shown_first_and_then_taken_whole(enter: Enter, session: Session, square: dict[str, Any]) -> None:
    client = enter("town_manager")
    two = [feature(square), feature({"type": "MultiPolygon", "coordinates": [square["coordinates"]]}, name="南苑改造",
                                    stage="under_way", budget_band="500万元以下")]  # fmt: skip
    page = sent(client, two)
    assert page.status_code == 200
    assert "将导入 2 个项目" in page.text
    assert page.text.count('class="project"') == 2, "on a map"
    assert stored(session) == [], "shown and not taken"
    assert sent(client, two, take=True).status_code == 302
    first, second = stored(session)
    assert (first.stage, second.stage, second.budget_band) == ("planned", "under_way", "500万元以下")
    assert first.area_code == session.scalar(select(func.min(Area.code)).where(Area.level == "village"))
    assert "南苑改造" in client.get("/projects/").text


def test_what_is_wrong_is_told_with_row_and_field_and_nothing_is_written(
    enter: Enter, session: Session, square: dict[str, Any]
) -> None:
    client = enter("town_manager")
    far = json.loads(json.dumps(square).replace("120.", "115."))
    bow = {
        "type": "Polygon",
        "coordinates": [[[121.1, 28.1], [121.2, 28.2], [121.2, 28.1], [121.1, 28.2], [121.1, 28.1]]],
    }
    metres = {"type": "Polygon", "coordinates": [[[4e5, 3e6], [4e5 + 9, 3e6], [4e5, 3e6 + 9], [4e5, 3e6]]]}
    rows = [feature(square), feature(far), feature(bow), feature(metres), feature(square, name=""),
            feature(square, stage="done"), feature(square, lead_body="张三 13912345678"),
            feature({"type": "Point", "coordinates": [121, 28]}), "x",
            feature({"type": "Polygon", "coordinates": [[]]})]  # fmt: skip
    page = sent(client, rows, take=True).text
    told = page[page.index('id="result"') :]
    for row, field in ((2, "geometry"), (3, "geometry"), (4, "geometry"), (5, "name"), (6, "stage"), (7, "lead_body"),
                       (8, "geometry"), (9, "name"), (10, "geometry")):  # fmt: skip
        assert any(f'<td class="number">{row}</td>' in line and field in line for line in told.splitlines()), row
    assert '<td class="number">1</td>' not in told
    assert stored(session) == []


def test_an_outline_that_crosses_itself_is_told_where_in_the_language_of_the_page(
    enter: Enter, square: dict[str, Any]
) -> None:
    client = enter("town_manager")
    (ring,) = square["coordinates"]
    bow = {"type": "Polygon", "coordinates": [[ring[0], ring[2], ring[1], ring[3], ring[0]]]}
    middle = (ring[0][0] + ring[2][0]) / 2
    drawn = client.post("/projects/", data={"name": "北苑改造", "lead_body": "住建部门", "drawn": json.dumps(bow)})
    assert drawn.status_code == 400
    for page in (sent(client, [feature(bow)]).text, drawn.text):
        assert "自相交" in page
        assert f"{middle:.6f}"[:8] in page
        assert "intersection" not in page


def test_the_help_tells_each_code_with_its_word(enter: Enter) -> None:
    page = enter("town_manager").get("/projects/bring").text
    help_text = re.sub(r"<[^>]+>", "", page[page.index('id="b-file"') :].split("</form>")[0])
    for code, word in (("name", "名称"), ("lead_body", "牵头单位"), ("planned", "拟建"), ("under_way", "在建")):
        assert f"{word} {code}" in help_text, code


@pytest.mark.parametrize("named", ["EPSG:3857", "urn:ogc:def:crs:EPSG::4549"])
def test_another_coordinate_system_is_refused(named: str, enter: Enter, square: dict[str, Any]) -> None:
    client = enter("town_manager")
    crs = {"type": "name", "properties": {"name": named}}
    assert sent(client, [feature(square)], crs=crs).status_code == 400
    for good in ("urn:ogc:def:crs:EPSG::4490", "urn:ogc:def:crs:OGC:1.3:CRS84"):
        assert sent(client, [feature(square)], crs={"type": "name", "properties": {"name": good}}).status_code == 200


def test_a_file_that_is_none_is_refused(enter: Enter) -> None:
    client = enter("town_manager")
    for text in (b"{", b"[]", b'{"type": "FeatureCollection", "features": []}', b"\xff\xfe"):
        data = {"file": (io.BytesIO(text), "x.geojson")}
        assert client.post("/projects/bring", data=data, content_type="multipart/form-data").status_code == 400
    assert client.post("/projects/bring", data={}).status_code == 400
    assert enter("village_manager").get("/projects/bring").status_code == 403


def test_a_project_begins_over_a_drawn_outline(enter: Enter, session: Session, square: dict[str, Any]) -> None:
    client = enter("town_manager")
    drawn = json.dumps({"type": "MultiPolygon", "coordinates": [square["coordinates"]]})
    given = {"name": "北苑改造", "lead_body": "住建部门", "drawn": drawn}
    assert client.post("/projects/", data={**given, "buildings": "x"}).status_code == 400, "one of the two"
    assert client.post("/projects/", data={**given, "drawn": "{}"}).status_code == 400
    assert client.post("/projects/", data={**given, "drawn": ""}).status_code == 400
    assert client.post("/projects/", data=given).status_code == 302
    (made,) = stored(session)
    area = session.scalar(select(func.st_area(Project.outline)).where(Project.id == made.id))
    assert area == pytest.approx(0.0002**2)


def test_the_same_file_brings_nothing_a_second_time(enter: Enter, session: Session, square: dict[str, Any]) -> None:
    client = enter("town_manager")
    assert "已有同名且未结束的项目" in sent(client, [feature(square), feature(square)]).text, "twice in one file"
    assert sent(client, [feature(square)], take=True).status_code == 302
    again = sent(client, [feature(square)])
    assert "已有同名且未结束的项目" in again.text
    sent(client, [feature(square)], take=True)
    assert len(stored(session)) == 1
