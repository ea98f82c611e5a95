"""A project on a day: its stage of that day, the day it was completed, and off map and list from its end on."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.orm import Session

from gis.premises import Building, Project
from gis.scope import moment_of
from gis.viewer import Viewer
from layers.forces import PROJECTS
from layers.query import Asked, rows
from tests.conftest import DAY, NOW
from tests.webapp.desk import Enter

NAME = "海棠苑改造"


@pytest.fixture
def client(enter: Enter) -> FlaskClient:
    """Who keeps projects."""
    return enter("town_manager")


@pytest.fixture
def project(client: FlaskClient, session: Session) -> Project:
    """A project that begins today."""
    codes = session.scalars(select(Building.code).where(Building.code.is_not(None)).order_by(Building.code).limit(3))
    given = {"name": NAME, "lead_body": "住建办", "buildings": "，".join(map(str, codes))}
    assert client.post("/projects/", data=given).status_code == 302
    return session.scalars(select(Project).order_by(Project.id.desc())).first()  # type: ignore[return-value]


def row(client: FlaskClient, day: date = DAY) -> str:
    """Return what the list says of the project on a day, nothing when it is not there."""
    found = next((each for each in client.get(f"/projects/?date={day}").text.split("<tr>") if NAME in each), "")
    return re.sub("<[^>]*>", " ", found)


@pytest.fixture
def on_map(session: Session, viewer_as: Callable[[str], Viewer], project: Project) -> Callable[[date], str | None]:
    """Return the project's stage on the map of a day, None when it is not there."""
    viewer = viewer_as("town_manager")

    def stage(day: date) -> str | None:
        found = session.execute(rows(PROJECTS, viewer, Asked(day, moment_of(day, NOW)))).all()
        return next((each.stage for each in found if each.id == project.id), None)

    return stage


def test_a_completed_project_tells_its_day(client: FlaskClient, project: Project, session: Session) -> None:
    for seen, stage in (("planned", "under_way"), ("under_way", "accepted")):
        answer = client.post(f"/projects/{project.id}/stage", data={"seen": seen, "stage": stage})
        assert answer.status_code == 302
    session.refresh(project)
    assert (project.started_on, project.completed_on) == (DAY, DAY)
    assert "2026-11-18" in row(client)
    assert "已竣工验收" in client.get(f"/projects/{project.id}").text
    client.post(f"/projects/{project.id}/stage", data={"seen": "accepted", "stage": "under_way"})
    assert "2026-11-18" not in row(client), "it was not completed after all"


def test_a_day_in_the_past_shows_the_stage_of_that_day(
    client: FlaskClient, project: Project, session: Session, on_map: Callable[[date], str | None]
) -> None:
    project.valid, project.stage = Range(date(2026, 10, 1), None, bounds="[)"), "accepted"
    project.started_on, project.completed_on = date(2026, 10, 10), date(2026, 11, 1)
    session.flush()
    told = {date(2026, 9, 30): None, date(2026, 10, 9): "planned", date(2026, 10, 10): "under_way",
            date(2026, 10, 31): "under_way", date(2026, 11, 1): "accepted"}  # fmt: skip
    assert {day: on_map(day) for day in told} == told
    assert "拟建" in row(client, date(2026, 10, 9))
    assert "2026-11-01" not in row(client, date(2026, 10, 31)), "nobody knew then"
    page = client.get(f"/projects/{project.id}?date=2026-10-31").text
    assert "2026-11-01" not in page


def test_a_project_whose_beginning_nobody_knows_was_not_planned_yesterday(
    client: FlaskClient, project: Project, session: Session, on_map: Callable[[date], str | None]
) -> None:
    project.valid, project.stage = Range(date(2026, 10, 1), None, bounds="[)"), "under_way"
    session.flush()
    client.post(f"/projects/{project.id}/stage", data={"seen": "under_way", "stage": "accepted"})
    assert (on_map(DAY - timedelta(days=1)), on_map(DAY)) == ("under_way", "accepted")


def test_an_ended_project_leaves_map_and_list_on_its_day_and_keeps_its_page(
    client: FlaskClient, project: Project, session: Session, on_map: Callable[[date], str | None]
) -> None:
    address, tomorrow = f"/projects/{project.id}/end", DAY + timedelta(days=1)
    project.valid = Range(date(2026, 10, 1), None, bounds="[)")
    session.flush()
    assert client.post(address, data={"seen": "", "ends_on": "2026-11-17"}).status_code == 400
    assert client.post(address, data={"seen": "", "ends_on": "9999-12-31"}).status_code == 400
    assert client.post(address, data={"seen": "", "ends_on": str(tomorrow)}).status_code == 302
    assert row(client), "it is there until its last day is over"
    assert client.post(address, data={"seen": "", "ends_on": str(DAY)}).status_code == 409
    assert client.post(address, data={"seen": str(tomorrow), "ends_on": ""}).status_code == 302, "taken back"
    assert client.post(address, data={"seen": "", "ends_on": str(DAY)}).status_code == 302
    assert (row(client), on_map(DAY)) == ("", None)
    assert (row(client, date(2026, 11, 17)) != "", on_map(date(2026, 11, 17))) == (True, "planned")
    page = client.get(f"/projects/{project.id}")
    assert page.status_code == 200
    assert "2026-11-18 起已结束" in page.text
    assert client.post(address, data={"seen": str(DAY), "ends_on": ""}).status_code == 409
    stage = {"seen": "planned", "stage": "under_way"}
    assert client.post(f"/projects/{project.id}/stage", data=stage).status_code == 409


def test_a_project_drawn_by_mistake_is_taken_back_on_its_first_day(client: FlaskClient, project: Project) -> None:
    address = f"/projects/{project.id}"
    assert "整项撤回" in client.get(address).text
    answer = client.post(f"{address}/end", data={"seen": "", "ends_on": str(DAY)}, follow_redirects=True)
    assert "项目已撤回" in answer.text
    assert (row(client), client.get(address).status_code) == ("", 404)
    assert client.post(f"{address}/end", data={"seen": "", "ends_on": str(DAY)}).status_code == 404
    stage = {"seen": "planned", "stage": "under_way"}
    assert client.post(f"{address}/stage", data=stage).status_code == 404


def test_only_who_keeps_projects_ends_one(enter: Enter, project: Project) -> None:
    answer = enter("grid_leader").post(f"/projects/{project.id}/end", data={"seen": "", "ends_on": str(DAY)})
    assert answer.status_code == 403
