"""A team or a service point that is closed from a day on: in no map and figure from then, and before as it was."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from gis.audit import AuditEntry
from gis.boundaries import Grid
from gis.resources import ServicePoint, VolunteerTeam
from tests.conftest import DAY
from tests.webapp.desk import Enter

YESTERDAY = DAY - timedelta(days=1)


def spot(client: FlaskClient, layer: str, row: Any, day: date) -> list[str]:
    query = f"/map/identify?lat={row.lat}&lng={row.lng}&z=18&layers={layer}&date={day}"
    return [hit["name"] for hit in client.get(query).get_json()["hits"]]


def figure(client: FlaskClient, grid: str, day: date) -> Any:
    values = client.get(f"/map/figures?theme=volunteers&measure=density&date={day}").get_json()["values"].values()
    return next(each for each in values if each[3] == grid)


def placed(session: Session, model: Any) -> Any:
    point = model.point
    query = select(model, Grid.code.label("grid"), point.ST_X().label("lng"), point.ST_Y().label("lat"))
    query = query.join(Grid, Grid.id == model.grid_id)
    query = query.where(model.active_count > 0, model.open_calls == 0) if model is VolunteerTeam else query
    return session.execute(query.order_by(model.id).limit(1)).one()


def test_a_closed_team_leaves_map_list_and_figures_and_yesterday_stays(enter: Enter, session: Session) -> None:
    client = enter("town_manager")
    row = placed(session, VolunteerTeam)
    team, address = row.VolunteerTeam, f"/volunteers/teams/{row.VolunteerTeam.id}"
    before = figure(client, row.grid, DAY)
    assert team.name in spot(client, "volunteers", row, DAY)
    assert (
        client.post(f"{address}/close", data={"revision": team.revision, "closed_on": str(YESTERDAY)}).status_code
        == 400
    )
    given = {"revision": str(team.revision), "closed_on": str(DAY)}
    assert client.post(f"{address}/close", data=given).status_code == 302
    assert client.post(f"{address}/close", data=given).status_code == 409, "the second of two is told"
    assert team.name not in spot(client, "volunteers", row, DAY)
    assert team.name in spot(client, "volunteers", row, YESTERDAY)
    assert figure(client, row.grid, DAY)[1] < before[1]
    assert figure(client, row.grid, YESTERDAY)[1] == before[1]
    shown = rf'class="case-name" href="[^"]*/{team.id}"'
    assert not re.search(shown, client.get("/volunteers/").text)
    assert re.search(shown, client.get("/volunteers/?closed=1").text)
    assert str(DAY) in client.get(address).text
    done = {"held_on": str(DAY), "name": "清扫", "site": "公园", "participants": "5", "hours": "10"}
    assert client.post(f"{address}/activities", data=done).status_code == 400
    assert client.post(f"{address}/activities", data={**done, "held_on": str(YESTERDAY)}).status_code == 302
    session.execute(text("RESET ROLE"))
    assert "team.close" in set(session.scalars(select(AuditEntry.action)))


def test_a_closing_that_lies_ahead_is_taken_back(enter: Enter, session: Session) -> None:
    client = enter("town_manager")
    row = placed(session, ServicePoint)
    point, address = row.ServicePoint, f"/volunteers/points/{row.ServicePoint.id}/close"
    later = {"revision": str(point.revision), "closed_on": str(DAY + timedelta(days=30))}
    assert client.post(address, data=later).status_code == 302
    assert point.name in spot(client, "service_points", row, DAY), "it is open until then"
    back = {"revision": str(point.revision + 1), "closed_on": ""}
    assert client.post(address, data=back).status_code == 302
    session.refresh(point)
    assert point.closed_on is None
    assert client.post(address, data={"revision": str(point.revision), "closed_on": str(DAY)}).status_code == 302
    assert point.name not in spot(client, "service_points", row, DAY)
    assert point.name in spot(client, "service_points", row, YESTERDAY)
    again = {"revision": str(point.revision + 1), "closed_on": ""}
    assert client.post(address, data=again).status_code == 409, "what has come into force stays"
    assert enter("grid_worker").post(address, data=again).status_code == 403


def test_a_new_point_is_in_no_figure_of_yesterday(enter: Enter, session: Session) -> None:
    client = enter("town_manager")
    row = placed(session, ServicePoint)
    given = {"kind": "station", "name": "新设站点", "workdays": "08:30-12:00", "lon": row.lng, "lat": row.lat}
    assert client.post("/volunteers/points", data=given).status_code == 302
    assert "新设站点" in spot(client, "service_points", row, DAY)
    assert "新设站点" not in spot(client, "service_points", row, YESTERDAY)


def test_the_form_shows_the_place_on_a_map(enter: Enter, session: Session) -> None:
    client = enter("town_manager")
    for model, kind in ((VolunteerTeam, "teams"), (ServicePoint, "points")):
        number = session.scalar(select(model.id).order_by(model.id).limit(1))
        page = client.get(f"/volunteers/{kind}/{number}/edit").text
        assert "report-pin" in page
        assert 'name="closed_on"' in page
        assert "report-pin" in client.get(f"/volunteers/{kind}/new").text
