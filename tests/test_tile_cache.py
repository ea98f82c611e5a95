"""A tile is fetched once and asked again cheaply; it is never stale, and never someone else's."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from datetime import date, timedelta
from functools import partial

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, event, func, select
from werkzeug.test import TestResponse

from gis import users
from gis.boundaries import GridOutline
from gis.cases import Case
from gis.database import transaction
from gis.premises import Building
from gis.settings import Settings
from gis.viewer import system
from tests import builders
from tests.conftest import DAY, NOW, PASSWORD
from tests.outputs import decoded, tile_of
from webapp import create_app

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


def test_who_sees_the_same_shares(
    address: str, client_as: Callable[[str], FlaskClient], app: Flask, engine: Engine
) -> None:
    deputy = app.test_client()
    with transaction(engine) as session:
        users.create(session, system(DAY), name="deputy", role="town_manager", password=PASSWORD,
                     codes=["999901100000"], since=DAY)  # fmt: skip
    assert deputy.post("/login", data={"name": "deputy", "password": PASSWORD}).status_code == 302
    one, other = (client.get(address.format("grids")) for client in (client_as("town_manager"), deputy))
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


def test_who_may_not_see_a_layer_is_not_told_that_it_is_unchanged(client_as: Callable[[str], FlaskClient]) -> None:
    client = client_as("town_manager")
    assert client.get("/tiles/grids/14/1/1.mvt", headers={"If-None-Match": "*"}).status_code == 304
    assert client.get("/tiles/households/14/1/1.mvt", headers={"If-None-Match": "*"}).status_code == 403


def test_a_tile_of_an_unknown_layer_is_not_found(client_as: Callable[[str], FlaskClient]) -> None:
    assert client_as("town_manager").get("/tiles/residents/14/1/1.mvt").status_code == 404


@pytest.fixture
def flask_is_away(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """From the call on, whatever reaches Flask fails."""

    def away(*_given: object) -> None:
        raise AssertionError("Flask was asked")

    return lambda: monkeypatch.setattr(app, "full_dispatch_request", away)


def test_a_kept_tile_is_answered_before_flask_as_flask_answers_it(
    address: str, client_as: Callable[[str], FlaskClient], flask_is_away: Callable[[], None]
) -> None:
    client, path = client_as("town_manager"), address.format("grids")
    client.get(path + f"?date={date(2026, 6, 1)}")  # another one, so that the user is known
    made = client.get(path, headers={"Accept-Encoding": "gzip"})
    stamp = made.get_etag()[0]
    flask_is_away()
    kept, held = client.get(path), client.get(f"{path}?v={stamp}", headers={"If-None-Match": made.headers["ETag"]})
    assert (kept.status_code, held.status_code) == (200, 304)
    assert kept.get_data() == made.get_data()
    assert "immutable" in held.headers["Cache-Control"]
    changing = {"Content-Security-Policy"}
    assert {k: v for k, v in kept.headers if k not in changing} == {k: v for k, v in made.headers if k not in changing}
    for answer in (kept, held):
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "Set-Cookie" not in answer.headers
    with pytest.raises(AssertionError, match="Flask was asked"):
        client.application.test_client().get(path)


def test_a_kept_tile_takes_one_round_trip(
    address: str, client_as: Callable[[str], FlaskClient], app_engine: Engine
) -> None:
    client, path = client_as("town_manager"), address.format("buildings")
    client.get(path)
    met: list[str] = []
    notes = {name: partial(noted, met, name) for name in ("checkout", "begin", "commit", "before_cursor_execute")}
    for name, note in notes.items():
        event.listen(app_engine, name, note)
    try:
        assert client.get(path).status_code == 200
    finally:
        for name, note in notes.items():
            event.remove(app_engine, name, note)
    assert met == ["checkout"]


def noted(met: list[str], name: str, *_given: object) -> None:
    met.append(name)


@pytest.mark.parametrize("ended", ["logged out", "closed", "another password", "another territory"])
def test_a_kept_tile_is_not_for_who_may_no_longer_see_it(ended: str, address: str, app: Flask, engine: Engine) -> None:
    client, path, somebody = app.test_client(), address.format("grids"), f"soon {ended}"
    with transaction(engine) as session:
        users.create(session, system(DAY), name=somebody, role="grid_leader", password=PASSWORD,
                     codes=["999901100001001"], since=DAY)  # fmt: skip
    assert client.post("/login", data={"name": somebody, "password": PASSWORD}).status_code == 302
    kept = client.get(path).headers["ETag"]
    cookie = client.get_cookie("session")
    assert cookie is not None
    thief = app.test_client()
    thief.set_cookie("session", cookie.value)
    assert thief.get(path, headers={"If-None-Match": kept}).status_code == 304
    with transaction(engine) as session:
        if ended == "closed":
            users.set_active(session, system(DAY), somebody, False)
        elif ended == "another password":
            users.set_password(session, system(DAY), somebody, "quite another one")
        elif ended == "another territory":
            users.set_territory(session, system(DAY), somebody, "999901100001001", until=DAY)
    if ended == "logged out":
        assert client.post("/logout").status_code == 302
    answer = thief.get(path, headers={"If-None-Match": kept})
    with transaction(engine) as session:
        users.set_active(session, system(DAY), somebody, True)  # a closed account stays in nobody's way
    assert answer.status_code == (204 if ended == "another territory" else 401)
    assert answer.headers.get("ETag") != kept


def test_a_cookie_that_somebody_changed_opens_nothing(address: str, client_as: Callable[[str], FlaskClient]) -> None:
    client, path = client_as("town_manager"), address.format("grids")
    kept = client.get(path).headers["ETag"]
    cookie = client.get_cookie("session")
    assert cookie is not None
    for value in (cookie.value[:-2], f"x{cookie.value}", ""):
        client.set_cookie("session", value)
        assert client.get(path, headers={"If-None-Match": kept}).status_code == 401


def test_a_session_ends_on_kept_tiles_too(settings: Settings, app_engine: Engine, address: str) -> None:
    clock, path = [NOW], address.format("grids")
    app = create_app(settings, app_engine, now=lambda: clock[0])
    app.config.update(WTF_CSRF_ENABLED=False)
    client = app.test_client()
    assert client.post("/login", data={"name": "town_manager", "password": PASSWORD}).status_code == 302
    kept = client.get(path).headers["ETag"]
    for hours, status in ((11, 304), (12, 401)):
        clock[0] = NOW + timedelta(hours=hours)
        assert client.get(path, headers={"If-None-Match": kept}).status_code == status
