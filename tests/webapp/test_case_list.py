"""The list of cases: badge, map, list and CSV say the same; views, many at a time, bringing cases in; rolled back."""

from __future__ import annotations

import csv
import io
import re
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from gis.boundaries import Grid
from gis.cases import Case, facts
from gis.staffing import Assignment
from tests.conftest import DAY
from tests.webapp.desk import Enter
from tests.webapp.test_cases import act, reported, shown, spot  # noqa: F401  (spot is a fixture)

STATES = ("open", "overdue", "due_today", "due_soon", "suspended")


def table(client: FlaskClient, query: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(client.get(f"/cases/list.csv?{query}").get_data().decode("utf-8-sig"))))


@pytest.mark.parametrize("name", ["town_manager", "dispatcher", "grid_worker"])
def test_badge_list_and_table_count_alike(enter: Enter, name: str) -> None:
    client = enter(name)
    counts = shown(client.get("/cases/?state=open").text)
    pressing = {name: counts[name] for name in ("overdue", "due_soon")}
    assert client.get("/cases/pressing").get_json() == pressing
    page = client.get("/cases/?state=open").text
    assert all(f'data-badge="/cases/pressing" data-count="{name}"' in page for name in pressing)
    for state in STATES:
        assert len(table(client, f"state={state}")) == counts[state], state


def test_the_badge_is_for_who_sees_cases(enter: Enter) -> None:
    assert enter("auditor").get("/cases/pressing").status_code == 403
    assert "data-badge" not in enter("auditor").get("/audit").text


def test_what_is_in_view_is_the_list_and_the_table(enter: Enter, session: Session) -> None:
    client = enter("town_manager")
    client.get("/cases/?state=open")
    west, south, east, north = session.execute(select(
        func.min(func.st_x(facts.c.point)), func.min(func.st_y(facts.c.point)),
        func.avg(func.st_x(facts.c.point)), func.max(func.st_y(facts.c.point)),
    ).where(facts.c.closed_at.is_(None))).one()  # fmt: skip
    box = f"bbox={west:.5f},{south:.5f},{east:.5f},{north:.5f}"
    page = client.get(f"/cases/?state=open&{box}").text
    inside, everything = shown(page)["open"], shown(client.get("/cases/?state=open").text)["open"]
    assert 0 < inside < everything
    assert len(table(client, f"state=open&{box}")) == inside
    assert "地图视野内" in page
    assert client.get("/cases/?bbox=1,2,3").status_code == 400


def test_a_view_is_kept_shared_renamed_opened_first_and_deleted(enter: Enter) -> None:
    client = enter("dispatcher")
    kept = client.post(
        "/cases/views", data={"label": "隐患", "f.state": "open", "f.category": "safety_hazard", "f.x": "y"}
    )
    assert kept.status_code == 302
    assert "category=safety_hazard" in kept.location
    page = client.get(kept.location).text
    assert re.search(r'class="view"[^>]*aria-current="true">(<span[^<]*</span> )?隐患', page)
    assert "隐患" not in re.findall(r'class="view"[^>]*>([^<]*)', enter("town_manager").get(kept.location).text)
    (number,) = re.findall(r"/cases/views/(\d+)/drop", page)
    assert client.post("/cases/views", data={"label": "隐患", "f.state": "open"}).status_code == 409
    for wrong in ({"label": ""}, {"label": "长" * 41}, {"label": "x", "f.state": "nothing"}):
        assert client.post("/cases/views", data=wrong).status_code == 400
    assert client.post(f"/cases/views/{number}/label", data={"label": "安全隐患"}).status_code == 302
    assert client.post(f"/cases/views/{number}/first", data={"first": "1"}).status_code == 302
    first = client.get("/cases/")
    assert first.status_code == 302
    assert first.location == kept.location
    assert client.get("/cases/?state=open").status_code == 200, "everything else stays within reach"
    assert enter("town_manager").get("/cases/").status_code == 200
    assert enter("town_manager").post(f"/cases/views/{number}/drop").status_code == 404
    assert client.post(f"/cases/views/{number}/drop").status_code == 302
    assert client.get("/cases/").status_code == 200


def many(client: FlaskClient, step: str, chosen: list[str], **given: str) -> Any:
    data = {"step": step, "chosen": chosen, "back": "/cases/?state=open", **given}
    return client.post("/cases/together", data=data)


def test_many_are_handed_over_and_urged(enter: Enter, spot: dict[str, str]) -> None:  # noqa: F811
    numbers = [reported(enter("grid_worker"), spot, title=f"垃圾 {n}").rsplit("/", 1)[1] for n in range(3)]
    client = enter("dispatcher")
    boxes = re.findall(r'name="chosen" value="(\d+:\d+)"', client.get("/cases/?state=open&text=垃圾 ").text)
    chosen = [box for box in boxes if box.split(":")[0] in numbers]
    assert len(chosen) == 3
    done = many(client, "assign", chosen, body="街道城管中队")
    assert (done.status_code, done.location) == (302, "/cases/?state=open")
    late = many(client, "urge", chosen, reason="请尽快办理")
    assert late.status_code == 409, "the page is older than the hand-over"
    assert numbers[0] in late.text
    fresh = [f"{number}:2" for number in numbers]
    assert many(client, "urge", fresh, reason="请尽快办理").status_code == 302
    page = client.get(f"/cases/{numbers[0]}").text
    assert "街道城管中队" in page
    assert "催办" in page
    assert "请尽快办理" in page
    assert many(client, "urge", [], reason="请尽快办理").status_code == 400
    assert many(client, "urge", ["x"], reason="请尽快办理").status_code == 400
    assert many(client, "void", fresh, reason="误报").status_code == 400
    assert many(enter("grid_worker"), "urge", fresh, reason="请尽快办理").status_code == 403
    newest = [f"{number}:3" for number in numbers]
    assert many(client, "urge", newest, reason="再催", back="https://example.org/").location.startswith("/")


def test_the_page_tells_follow_up_stage_grids_and_both_ways_of_a_repeat(enter: Enter, spot: dict[str, str]) -> None:  # noqa: F811
    worker, centre = enter("grid_worker"), enter("dispatcher")
    first, second = reported(worker, spot, title="第一件"), reported(worker, spot, title="第二件")
    page = centre.get(second).text
    assert "受理：" in page
    assert "所属网格沿革" in page
    assert "50 米内同类在办案件" in page
    assert "第一件" in page
    assert act(centre, second, "duplicate", parent=first.rsplit("/", 1)[1]).status_code == 302
    assert first in centre.get(second).text
    assert second in centre.get(first).text
    assert act(centre, second, "part", reason="是另一处").status_code == 302
    assert f'href="{second}"' not in centre.get(first).text.split("重复")[0]
    for step, given in (("accept", {}), ("self_close", {"closure": "resolved"})):
        assert act(centre, first, step, **given).status_code == 302
    assert "未回访" in centre.get(first).text


def test_cases_are_brought_in_through_the_page(enter: Enter, spot: dict[str, str]) -> None:  # noqa: F811
    client = enter("dispatcher")
    heads, row = "编号,类别,标题,经度,纬度,上报时间", f"X1,环境,路口垃圾,{spot['lng']},{spot['lat']},2026-11-16 08:00"

    def sent(text: str, **given: str) -> Any:
        data = {"file": (io.BytesIO(text.encode()), "a.csv"), "source": "12345", "crs": "4490", **given}
        return client.post("/cases/bring", data=data)

    looked = sent(f"{heads}\n{row}\n", **{"try": "1"})
    assert "将导入 1 个案件" in looked.text
    wrong = sent(f"{heads}\n{row.replace('环境', '怪事')}\n")
    assert wrong.status_code == 200
    assert "未写入任何内容" in wrong.text
    assert "怪事" in wrong.text
    person = sent(f"{heads},联系电话\n{row},13812345678\n")
    assert "13812345678" not in person.text
    assert sent(f"{heads}\n{row}\n").status_code == 302
    assert "路口垃圾" in client.get("/cases/?state=all&source=dept_transfer&since=2026-11-16").text
    assert "此前已导入" in sent(f"{heads}\n{row}\n", **{"try": "1"}).text
    assert client.post("/cases/bring", data={"source": "x"}).status_code == 400
    assert enter("grid_worker").get("/cases/bring").status_code == 403


def test_who_works_in_the_grid_of_a_case_is_offered_first(enter: Enter, session: Session) -> None:
    client = enter("dispatcher")
    case = session.execute(select(Case.case_no, Grid.id, Grid.name).join(Grid, Grid.id == Case.grid_id).where(
        Case.status == "dispatched", Case.visibility == "internal").order_by(Case.id)).first()  # fmt: skip
    assert case is not None
    form = client.get(f"/cases/{case.case_no}").text.split('id="handler"')[1].split("</select>")[0]
    own = form.split('<optgroup label="案件所在网格">')[1].split("</optgroup>")[0]
    offered = {int(number) for number in re.findall(r'value="(\d+)"', own)}
    posted = select(Assignment.staff_id).where(
        Assignment.grid_id == case.id,
        Assignment.role.in_(("grid_worker", "grid_leader")),
        Assignment.valid.contains(DAY),
    )
    assert offered == set(session.scalars(posted))
    assert len(re.findall(r'value="(\d+)"', form)) == len(set(re.findall(r'value="(\d+)"', form))), "nobody twice"
