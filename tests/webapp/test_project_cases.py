"""The cases of a project: what is reported on its ground is told by both, what is restricted by neither."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
import shapely
from flask.testing import FlaskClient
from geoalchemy2.shape import to_shape
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from gis.boundaries import Grid, GridOutline
from gis.cases.tables import Case
from gis.premises import Project
from tests import builders
from tests.conftest import DAY
from tests.webapp.desk import Enter

NAME = "海棠苑改造"


@pytest.fixture
def client(enter: Enter) -> FlaskClient:
    """Who keeps projects, and reads cases."""
    return enter("town_manager")


@pytest.fixture
def middle(session: Session) -> shapely.Point:
    """A place in a grid where no case was reported."""
    outline = session.scalars(select(GridOutline).where(GridOutline.valid.contains(DAY)).order_by(GridOutline.code))
    return to_shape(outline.first().centre)  # type: ignore[union-attr]


@pytest.fixture
def project(client: FlaskClient, session: Session, middle: shapely.Point) -> Project:
    """A project that was drawn around it, some 2 m wide."""
    drawn = json.dumps(shapely.geometry.mapping(middle.buffer(1e-5, cap_style="square")))
    given = {"name": NAME, "lead_body": "住建办", "drawn": drawn}
    assert client.post("/projects/", data=given).status_code == 302
    return session.scalars(select(Project).order_by(Project.id.desc())).first()  # type: ignore[return-value]


def put(session: Session, number: str, place: shapely.Point, **given: Any) -> str:
    """Store a case at a place, as the owner of the tables, and return its number."""
    session.execute(text("RESET ROLE"))
    grid = session.scalars(select(Grid).order_by(Grid.code)).first()
    assert grid is not None
    session.add(builders.case(grid, None, builders.spot(place.x, place.y), case_no=number, **given))
    session.flush()
    return number


def told(client: FlaskClient, project: Project) -> tuple[int, int]:
    """Return the open cases and the cases that the list of projects tells of one."""
    row = next(each for each in client.get("/projects/").text.split("<tr>") if f"/projects/{project.id}" in each)
    first, second = re.findall(r'<td class="number">(\d+)</td>', row)
    return int(first), int(second)


def test_what_is_reported_on_the_ground_of_a_project_is_told_by_both(
    client: FlaskClient, session: Session, project: Project, middle: shapely.Point
) -> None:
    assert told(client, project) == (0, 0)
    inside = put(session, "9999012026119901", middle)
    beside = put(session, "9999012026119902", shapely.Point(middle.x + 1e-4, middle.y))
    assert told(client, project) == (1, 1)
    page = client.get(f"/projects/{project.id}").text
    assert f"/cases/{inside}" in page
    assert f"/cases/{beside}" not in page
    assert f"/projects/{project.id}" in client.get(f"/cases/{inside}").text
    assert NAME not in client.get(f"/cases/{beside}").text


def test_one_that_ended_is_a_case_and_no_open_one(
    client: FlaskClient, session: Session, project: Project, middle: shapely.Point
) -> None:
    number = put(session, "9999012026119901", middle, status="closed", closed_at=builders.REPORTED)
    assert session.scalar(select(Case.closed_at).where(Case.case_no == number))
    assert told(client, project) == (0, 1)


def test_who_sees_no_case_is_told_no_number_of_them(
    client: FlaskClient, enter: Enter, session: Session, project: Project, middle: shapely.Point
) -> None:
    put(session, "9999012026119901", middle)
    planner = enter("planner")
    row = next(each for each in planner.get("/projects/").text.split("<tr>") if f"/projects/{project.id}" in each)
    assert re.findall(r'<td class="number">(.*?)</td>', row) == ["—", "—"]
    assert "受限案件不计入" not in planner.get(f"/projects/{project.id}").text


def test_a_restricted_case_is_told_by_neither(
    client: FlaskClient, session: Session, project: Project, middle: shapely.Point
) -> None:
    number = put(session, "9999012026119901", middle, category="dispute", visibility="restricted")
    assert told(client, project) == (0, 0)
    assert number not in client.get(f"/projects/{project.id}").text
    assert NAME not in client.get(f"/cases/{number}").text
