"""Volunteers and resources through the pages: lists, tables and forms; two editors; everything is rolled back."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select, text, update
from sqlalchemy.orm import Session

from gis.audit import AuditEntry
from gis.boundaries import GridOutline
from gis.coverage import CareTally
from gis.resources import VolunteerTeam
from gis.viewer import Viewer
from tests.conftest import DAY
from tests.webapp.desk import Enter

GRID = "999901100001001"


@pytest.fixture
def form(session: Session) -> dict[str, str]:
    """A team in the middle of a grid, as its form is sent."""
    middle = select(func.st_x(GridOutline.centre), func.st_y(GridOutline.centre))
    lon, lat = session.execute(middle.where(GridOutline.code == GRID, GridOutline.valid.contains(DAY))).one()
    return {"name": "保洁队", "skills": "environment", "availability": "any_time", "active": "9", "registered": "20",
            "radius_m": "800", "lon": str(lon), "lat": str(lat), "phone": "000-1"}  # fmt: skip


def table(client: FlaskClient, path: str) -> list[list[str]]:
    body = client.get(path).get_data().decode("utf-8-sig")
    return list(csv.reader(io.StringIO(body)))[1:]


@pytest.mark.parametrize(
    "query", ["", "?skill=environment", "?availability=weekends", f"?near={GRID}&within=1000", "?free=1"]
)
def test_the_list_and_its_table_are_the_same(query: str, enter: Enter) -> None:
    client = enter("town_manager")
    shown = re.findall(r'class="case-name" href="[^"]*">([^<]*)<', client.get(f"/volunteers/{query}").text)
    assert [row[0] for row in table(client, f"/volunteers/teams.csv{query}")] == shown


def test_the_table_of_points_and_density_are_what_is_shown(enter: Enter) -> None:
    client = enter("town_manager")
    shown = re.findall(r'class="case-name">([^<]*)<', client.get("/volunteers/points/").text)
    assert [row[1] for row in table(client, "/volunteers/points.csv")] == shown != []
    for level in ("grid", "village", "town"):
        page = client.get(f"/volunteers/density?level={level}").text
        codes = re.findall(r'<small class="code">(\d+)</small>', page)
        assert [row[0] for row in table(client, f"/volunteers/density.csv?level={level}")] == codes != []
    assert client.get("/volunteers/?skill=x").status_code == 400
    assert client.get("/volunteers/?area=999902000000").status_code == 404


def test_a_team_is_added_changed_and_the_second_editor_is_told(
    enter: Enter, session: Session, form: dict[str, str]
) -> None:
    client = enter("town_manager")
    address = client.post("/volunteers/teams", data=form).location
    page = client.get(address).text
    assert "保洁队" in page
    assert "000-1" in page
    changed = client.post(address, data={**form, "name": "清洁队", "revision": "1"})
    assert changed.status_code == 302
    late = client.post(address, data={**form, "name": "晚到", "revision": "1"}, headers={"Accept": "application/json"})
    assert late.status_code == 409
    assert "清洁队" in late.get_json()["error"]
    done = {"held_on": DAY.isoformat(), "name": "清扫", "site": "公园", "participants": "5", "hours": "10"}
    assert client.post(f"{address}/activities", data=done).status_code == 302
    assert client.post(f"{address}/activities", data=done).status_code == 409, "sent twice it is recorded once"
    assert "公园" in client.get(address).text
    session.execute(text("RESET ROLE"))
    actions = set(session.scalars(select(AuditEntry.action)))
    assert {"team.put", "team.activity"} <= actions
    team = session.scalars(select(VolunteerTeam).where(VolunteerTeam.name == "清洁队")).one()
    assert (team.revision, team.territory, team.area_code) == (2, int(GRID), GRID[:12])


def test_what_is_wrong_is_a_sentence_and_nothing_is_stored(enter: Enter, form: dict[str, str]) -> None:
    client = enter("town_manager")
    before = table(client, "/volunteers/teams.csv")
    for given in ({"name": "x"}, {"skills": "magic"}, {"active": "30"}, {"radius_m": "50000"}, {"lon": "121.9"},
                  {"lat": "north"}, {"phone": "13812345678"}, {"name": "找13812345678"}):  # fmt: skip
        answer = client.post("/volunteers/teams", data={**form, **given}, headers={"Accept": "application/json"})
        assert answer.status_code in (400, 422), given
        assert answer.get_json()["error"]
    assert table(client, "/volunteers/teams.csv") == before
    assert enter("dispatcher").post("/volunteers/teams", data=form).status_code == 403
    assert enter("dispatcher").get("/volunteers/teams/new").status_code == 403


def test_a_service_point_keeps_its_hours(enter: Enter, form: dict[str, str]) -> None:
    client = enter("town_manager")
    point = {"kind": "station", "name": "新驿站", "items": "代办、咨询", "days_off": "",
             "workdays": "8:30-12:00，13:30-17:30", "lon": form["lon"], "lat": form["lat"], "capacity": ""}  # fmt: skip
    assert client.post("/volunteers/points", data=point).status_code == 302
    page = client.get("/volunteers/points/?item=新驿站").text
    assert "开放至 12:00" in page
    assert "08:30-12:00,13:30-17:30" in page
    wrong = client.post(
        "/volunteers/points", data={**point, "workdays": "白天"}, headers={"Accept": "application/json"}
    )
    assert wrong.status_code == 400
    always = {**point, "name": "全天驿站", "workdays": "00:00-24:00", "days_off": "00:00-24:00"}
    assert client.post("/volunteers/points", data=always).status_code == 302
    assert "● 全天开放" in client.get("/volunteers/points/?item=全天驿站").text


def test_a_worker_of_one_grid_sees_no_other_team(
    enter: Enter, session: Session, viewer_as: Callable[[str], Viewer]
) -> None:
    territory = viewer_as("grid_worker").territory
    other = session.scalars(
        select(VolunteerTeam.id).where(~VolunteerTeam.territory.in_([int(c) for c in territory.codes]))
    ).all()
    client = enter("grid_worker")
    assert {client.get(f"/volunteers/teams/{id_}").status_code for id_ in other[:5]} == {404}
    assert client.get("/volunteers/teams/new").status_code == 403


def test_a_hidden_care_count_is_said_to_be_small_only_where_it_is(enter: Enter, session: Session) -> None:
    session.execute(update(CareTally).values(enrolled=20, in_time=10))
    alone = CareTally.territory == select(func.min(CareTally.territory)).scalar_subquery()
    session.execute(update(CareTally).where(alone).values(enrolled=1, in_time=1))
    session.commit()
    client = enter("district_manager")
    month = select(func.max(CareTally.month)).scalar_subquery()
    sums = select(CareTally.territory, func.sum(CareTally.enrolled)).where(CareTally.month == month)
    enrolled = {str(code): number for code, number in session.execute(sums.group_by(CareTally.territory))}
    page = client.get("/volunteers/density?level=grid").text
    rows = re.findall(r'<small class="code">(\d{15})</small>(.*?)</tr>', page, re.S)
    marks = {code: found[0] for code, row in rows if (found := re.findall(r'class="hidden-count"[^>]*>([^<]*)<', row))}
    assert set(marks.values()) == {"&lt;5", "—"}, "the small one, and one that keeps it"
    assert {code: mark == "&lt;5" for code, mark in marks.items()} == {code: enrolled[code] < 5 for code in marks}
    assert "因会透露过小的数而不显示" in page


@pytest.mark.parametrize("grid", ["999901101000001", "999901100001999"])
def test_teams_near_a_grid_that_is_not_there_are_not_found(enter: Enter, grid: str) -> None:
    assert enter("town_manager").get(f"/volunteers/?near={grid}").status_code == 404
