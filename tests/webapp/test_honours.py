"""Honours of buildings through the pages: given once, ended once, one number in list, table, layer and card."""

from __future__ import annotations

import csv
import io
import re
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from gis.audit import AuditEntry
from gis.boundaries import Grid
from gis.premises import Building, Honour
from tests.conftest import DAY
from tests.webapp.desk import Enter


def table(client: FlaskClient, query: str = "") -> list[list[str]]:
    return list(csv.reader(io.StringIO(client.get(f"/honours.csv{query}").get_data().decode("utf-8-sig"))))[1:]


def bare(session: Session) -> Any:
    """A building of a grid of 老街 that bears no honour yet, with the code of its grid."""
    spot = Building.outline.ST_PointOnSurface()
    query = select(
        Building.id, Building.code, Grid.code.label("grid"), spot.ST_X().label("lng"), spot.ST_Y().label("lat")
    )
    query = query.join(Grid, Grid.id == Building.grid_id)
    borne = select(Honour.building_id)
    return session.execute(query.where(Building.id.not_in(borne), Building.code.is_not(None)).limit(1)).one()


def at(client: FlaskClient, building: Any, layer: str) -> list[dict[str, Any]]:
    """What the map says of a layer at a building."""
    query = f"/map/identify?lat={building.lat}&lng={building.lng}&z=18&layers={layer}"
    hits: list[dict[str, Any]] = client.get(query).get_json()["hits"]
    return hits


def test_a_given_honour_shows_in_list_table_layer_and_on_the_card_and_is_gone_when_it_ends(
    enter: Enter, session: Session
) -> None:
    client, building = enter("village_manager"), bare(session)
    given = {"building": building.code, "kind": "model_building", "year": str(DAY.year)}
    assert client.post("/honours/", data=given).status_code == 302
    one = f"?building={building.code}"
    assert [row[:3] for row in table(client, one)] == [["文明楼栋", str(DAY.year), building.code]]
    assert building.code in client.get(f"/honours/{one}").text
    assert ["荣誉", "文明楼栋"] in at(client, building, "honours")[0]["rows"]
    assert ["荣誉", "文明楼栋"] in at(client, building, "buildings")[0]["rows"]
    assert "获评楼栋" in client.get(f"/map/card/{building.grid}").text
    made = session.scalars(select(Honour).where(Honour.building_id == building.id)).one()
    assert client.post(f"/honours/{made.id}/end").status_code == 302
    assert client.post(f"/honours/{made.id}/end").status_code == 409, "the second of two is told"
    assert table(client, one) == []
    assert len(table(client, f"{one}&state=ended")) == 1
    assert at(client, building, "honours") == []
    assert "荣誉" not in str(at(client, building, "buildings")[0]["rows"])
    session.execute(text("RESET ROLE"))
    actions = session.scalars(select(AuditEntry.action).where(AuditEntry.action.like("honour.%"))).all()
    assert sorted(actions) == ["honour.end", "honour.give"]
    assert client.post("/honours/", data=given).status_code == 302, "it can be given anew"


def test_an_honour_is_not_given_twice_outside_or_for_a_year_to_come(enter: Enter, session: Session) -> None:
    client, building = enter("village_manager"), bare(session)
    given = {"building": building.code, "kind": "model_building", "year": str(DAY.year)}
    assert client.post("/honours/", data={**given, "year": str(DAY.year + 1)}).status_code == 400
    assert client.post("/honours/", data={**given, "kind": "model_family"}).status_code == 400
    assert client.post("/honours/", data={**given, "building": "nowhere"}).status_code == 404
    assert client.post("/honours/", data=given).status_code == 302
    assert client.post("/honours/", data=given).status_code == 409
    assert enter("grid_worker").post("/honours/", data=given).status_code == 403


def test_the_filters_of_the_address_narrow_list_and_table_alike(client_as: Enter) -> None:
    client = client_as("town_manager")
    everything = table(client)
    years = {row[1] for row in everything}
    assert everything
    for year in years:
        assert table(client, f"?year={year}") == [row for row in everything if row[1] == year]
    assert all(row[0] == "文明小区" for row in table(client, "?kind=model_compound"))
    assert client.get("/honours/?year=old").status_code == 400
    assert client.get("/honours/?area=999902000000").status_code == 404
    shown = client.get("/layers/honours.geojson?purpose=x").get_json()["features"]
    assert len(shown) == len(everything), "the map shows what the list does"


def test_the_card_of_a_building_leads_to_its_honours(enter: Enter, session: Session) -> None:
    client = enter("village_manager")
    building = bare(session)
    assert [hit["act"]["href"] for hit in at(client, building, "buildings")] == [f"/honours/?building={building.code}"]
    assert all(hit["act"] is None for hit in at(enter("grid_worker"), building, "buildings"))


def test_a_building_and_its_honour_say_each_thing_once_on_the_map(enter: Enter, session: Session) -> None:
    client, building = enter("village_manager"), bare(session)
    given = {"building": building.code, "kind": "model_building", "year": str(DAY.year)}
    assert client.post("/honours/", data=given).status_code == 302
    hits = at(client, building, "buildings,honours")
    assert {hit["layer"] for hit in hits} == {"buildings", "honours"}
    lines = [tuple(line) for hit in hits for line in hit["rows"]]
    assert len(lines) == len(set(lines))
    assert "荣誉" not in dict(lines)
    assert not [hit["name"] for hit in hits if hit["name"] in [value for _title, value in hit["rows"]]]
    honour = next(hit for hit in hits if hit["layer"] == "honours")
    assert (honour["name"], honour["rows"]) == ("文明楼栋", [["年份", str(DAY.year)]])


def test_ending_an_honour_is_asked_once_more(enter: Enter, session: Session) -> None:
    client, building = enter("village_manager"), bare(session)
    client.post("/honours/", data={"building": building.code, "kind": "model_building", "year": str(DAY.year)})
    page = client.get(f"/honours/?building={building.code}").text
    assert re.search(r"<details[^>]*><summary[^>]*>终止荣誉…</summary>(?:(?!</details>).)*/end", page, re.S)
