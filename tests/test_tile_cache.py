"""A tile is fetched once and asked again cheaply; it is never stale, and never someone else's."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from datetime import date

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine, func, select
from werkzeug.test import TestResponse

from gis.boundaries import GridOutline
from gis.cases import Case
from gis.database import transaction
from gis.premises import Building
from tests import builders
from tests.outputs import decoded, tile_of

ZOOM = 14


@pytest.fixture(scope="module")
def address(engine: Engine) -> str:
    """The middle of the grid leader's grid, for the name of a layer."""
    with transaction(engine) as session:
        outline = select(func.st_x(GridOutline.centre), func.st_y(GridOutline.centre))
        lon, lat = session.execute(outline.where(GridOutline.code == "999901100001001")).one()
    z, x, y = tile_of(lon, lat, ZOOM)
    return f"/tiles/{{}}/{z}/{x}/{y}.mvt"


def content(answer: TestResponse) -> dict[int, str]:
    """Return the features of a tile by their ids: their order is nobody's business."""
    layers = decoded(gzip.decompress(answer.get_data())) if answer.get_data() else {}
    return {each.get("id", n): str(each) for one in layers.values() for n, each in enumerate(one["features"])}


def test_the_second_time_nothing_is_sent(address: str, client_as: Callable[[str], FlaskClient]) -> None:
    client = client_as("town_manager")
    first = client.get(address.format("grids"))
    assert first.status_code == 200
    assert first.headers["Content-Encoding"] == "gzip"
    assert first.mimetype == "application/vnd.mapbox-vector-tile"
    again = client.get(address.format("grids"), headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304
    assert again.get_data() == b""
    assert again.headers["ETag"] == first.headers["ETag"]


def test_it_is_kept_privately_and_asked_again(address: str, client_as: Callable[[str], FlaskClient]) -> None:
    client = client_as("town_manager")
    plain, wrong = client.get(address.format("grids")), client.get(address.format("grids") + "?v=abc")
    versioned = client.get(address.format("grids") + f"?v={plain.get_etag()[0]}")
    for answer in (plain, wrong, versioned):
        assert "private" in answer.headers["Cache-Control"]
        assert "Cookie" in answer.headers["Vary"]
    for answer in (plain, wrong):
        assert "no-cache" in answer.headers["Cache-Control"], "a version that is not this one may not be kept"
    assert "immutable" in versioned.headers["Cache-Control"]


@pytest.mark.parametrize(
    ("layer", "model", "change"),
    [
        ("buildings", Building, {"kind": "school"}),
        ("grids", GridOutline, {"name": "改了名的网格"}),
        ("cases", Case, {"urgency": "urgent"}),
    ],
)
def test_a_write_is_seen_by_the_next_request(
    layer: str,
    model: type,
    change: dict[str, str],
    address: str,
    engine: Engine,
    client_as: Callable[[str], FlaskClient],
) -> None:
    client = client_as("town_manager")
    first = client.get(address.format(layer))
    held = {"If-None-Match": first.headers["ETag"]}
    assert client.get(address.format(layer), headers=held).status_code == 304
    with transaction(engine) as session:
        query = select(model).where(model.territory == 999901100001001)
        open_ = query.where(Case.closed_at.is_(None)) if model is Case else query
        row = session.scalars(open_.limit(1)).one()
    with builders.changed(engine, row, **change):
        after = client.get(address.format(layer), headers=held)
        assert after.status_code == 200, "the tile is stale after a write"
        assert after.headers["ETag"] != first.headers["ETag"]
        if layer != "cases":
            assert content(after) != content(first)
    undone = client.get(address.format(layer), headers={"If-None-Match": after.headers["ETag"]})
    assert undone.status_code == 200
    assert content(undone) == content(first)


def test_the_page_names_the_new_version_after_a_write(engine: Engine, client_as: Callable[[str], FlaskClient]) -> None:
    client = client_as("town_manager")
    first = client.get("/map/figures").get_json()
    assert "versions" in first, first
    before = first["versions"]
    with transaction(engine) as session:
        row = session.scalars(select(Building).limit(1)).one()
    with builders.changed(engine, row, floors=row.floors + 1):
        after = client.get("/map/figures").get_json()["versions"]
    assert before["buildings"] != after["buildings"]
    assert before["volunteers"] == after["volunteers"]


def test_two_users_never_share(address: str, client_as: Callable[[str], FlaskClient]) -> None:
    town = client_as("town_manager").get(address.format("grids"))
    leader = client_as("grid_leader").get(address.format("grids"), headers={"If-None-Match": town.headers["ETag"]})
    assert leader.status_code == 200
    assert leader.headers["ETag"] != town.headers["ETag"]
    assert leader.get_data() != town.get_data()


def test_who_sees_the_same_shares(address: str, client_as: Callable[[str], FlaskClient]) -> None:
    one, other = (client_as(name).get(address.format("grids")) for name in ("town_manager", "dispatcher"))
    assert one.headers["ETag"] == other.headers["ETag"]
    assert one.get_data() == other.get_data()


def test_another_day_is_another_tile(address: str, client_as: Callable[[str], FlaskClient]) -> None:
    client = client_as("town_manager")
    today, before = (
        client.get(address.format("grids")),
        client.get(address.format("grids") + f"?date={date(2022, 1, 1)}"),
    )
    assert before.status_code == 204, "no grid was in force in 2022"
    assert before.headers["ETag"] != today.headers["ETag"]


@pytest.mark.parametrize("place", ["7/0/0", "19/0/0", "14/16384/0", "14/0/16384"])
def test_outside_the_square_of_its_zoom_there_is_no_tile(place: str, client_as: Callable[[str], FlaskClient]) -> None:
    assert client_as("town_manager").get(f"/tiles/grids/{place}.mvt").status_code == 404


def test_a_tile_of_an_unknown_layer_is_not_found(client_as: Callable[[str], FlaskClient]) -> None:
    assert client_as("town_manager").get("/tiles/residents/14/1/1.mvt").status_code == 404
