"""What is written of a project is mended: its name, its lead body, its outline; never by two at once."""

from __future__ import annotations

import json
from typing import Any

import pytest
import shapely
from flask.testing import FlaskClient
from geoalchemy2.shape import to_shape
from sqlalchemy import select
from sqlalchemy.orm import Session

from gis.areas import Area
from gis.premises import Project
from tests.webapp.desk import Enter

CALLED = {"name": "海棠苑改造", "lead_body": "住建办"}
SEEN = {f"seen_{name}": value for name, value in CALLED.items()}


@pytest.fixture
def client(enter: Enter) -> FlaskClient:
    return enter("town_manager")


@pytest.fixture
def spots(session: Session) -> list[Any]:
    """A square in the middle of each of two villages."""
    villages = session.scalars(select(Area).where(Area.level == "village").order_by(Area.code).limit(2))
    return [to_shape(each.outline).representative_point().buffer(1e-4, cap_style="square") for each in villages]


@pytest.fixture
def project(client: FlaskClient, session: Session, spots: list[Any]) -> Project:
    assert client.post("/projects/", data={**CALLED, "drawn": drawn(spots[0])}).status_code == 302
    return session.scalars(select(Project).order_by(Project.id.desc())).first()  # type: ignore[return-value]


def drawn(shape: Any) -> str:
    return json.dumps(shapely.geometry.mapping(shape))


def test_a_name_is_mended_once_and_its_outline_stays(
    client: FlaskClient, session: Session, project: Project, spots: list[Any]
) -> None:
    given = {**SEEN, "name": "海棠苑一期改造", "lead_body": "住建局"}
    assert client.post(f"/projects/{project.id}", data=given).status_code == 302
    session.expire_all()
    assert (project.name, project.lead_body) == ("海棠苑一期改造", "住建局")
    assert to_shape(project.outline).equals(spots[0])
    assert client.post(f"/projects/{project.id}", data={**given, "name": "又一名"}).status_code == 409


def test_an_outline_is_drawn_anew_in_another_village(
    client: FlaskClient, session: Session, project: Project, spots: list[Any]
) -> None:
    before = project.area_code
    given = {**CALLED, **SEEN, "drawn": drawn(spots[1])}
    assert client.post(f"/projects/{project.id}", data=given).status_code == 302
    session.expire_all()
    assert to_shape(project.outline).equals(spots[1])
    assert project.area_code != before
    assert project.territory // 1000 == int(project.area_code)


@pytest.mark.parametrize(
    ("given", "status"),
    [
        ({"name": "改"}, 400),
        ({"lead_body": ""}, 400),
        ({"name": "13800138000"}, 422),
        ({"drawn": '{"type":"Polygon","coordinates":[[[1,1],[1,2],[2,2],[1,1]]]}'}, 400),
        ({"drawn": "no outline"}, 400),
    ],
)
def test_what_is_none_is_refused_and_nothing_is_changed(
    client: FlaskClient, session: Session, project: Project, given: dict[str, str], status: int
) -> None:
    assert client.post(f"/projects/{project.id}", data={**CALLED, **SEEN, **given}).status_code == status
    session.expire_all()
    assert (project.name, project.lead_body) == tuple(CALLED.values())


def test_the_name_of_another_project_that_goes_on_there_is_refused(
    client: FlaskClient, project: Project, spots: list[Any]
) -> None:
    other = {"name": "南苑改造", "lead_body": "住建办", "drawn": drawn(spots[0])}
    assert client.post("/projects/", data=other).status_code == 302
    assert client.post(f"/projects/{project.id}", data={**SEEN, **CALLED, "name": "南苑改造"}).status_code == 409
    assert client.post(f"/projects/{project.id}", data={**SEEN, **CALLED}).status_code == 302, "its own is none"


def test_who_keeps_no_projects_mends_none(enter: Enter, project: Project) -> None:
    for account in ("grid_worker", "dispatcher"):
        assert enter(account).post(f"/projects/{project.id}", data={**CALLED, **SEEN}).status_code == 403
