"""GeoJSON as RFC 7946 asks for it, for every layer, from the database to the last byte."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from gis.boundaries import Grid
from gis.cases import Case
from gis.viewer import Viewer
from layers import geojson
from layers.catalogue import CASES, CATALOGUE, GRIDS
from layers.files import gate
from layers.query import Asked, total
from tests import builders
from tests.conftest import DAY, NOW

LAYERS = {layer.name: layer for layer in CATALOGUE}
ASKED = Asked(DAY, NOW)
KINDS = {"text": str, "integer": int, "number": (int, float), "date": str, "time": str, "boolean": bool, "list": list}
SHAPES = {"polygon": {"MultiPolygon"}, "point": {"Point"}, "line": {"MultiLineString", "MultiPolygon"}}


@pytest.fixture
def text(session: Session, viewer: Viewer) -> Callable[[str], str]:
    def write(name: str, asked: Asked = ASKED) -> str:
        about = {"purpose": "测试", "extent": gate.inspect(session, LAYERS[name], viewer, asked)}
        return b"".join(geojson.collection(session, LAYERS[name], viewer, asked, about)).decode()

    return write


def positions(geometry: dict[str, Any]) -> Iterator[list[float]]:
    def walk(part: Any) -> Iterator[list[float]]:
        if isinstance(part[0], (int, float)):
            yield part
        else:
            for inner in part:
                yield from walk(inner)

    yield from walk(geometry["coordinates"])


def signed_area(ring: list[list[float]]) -> float:
    x0, y0 = ring[0]  # relative to a corner, or the digits of a small ring are lost
    return sum((ax - x0) * (by - y0) - (bx - x0) * (ay - y0) for (ax, ay), (bx, by) in pairwise(ring)) / 2


@pytest.mark.parametrize("name", LAYERS)
def test_a_collection_is_what_the_standard_says(
    name: str, text: Callable[[str], str], session: Session, viewer: Viewer
) -> None:
    found = json.loads(text(name))
    layer, features = LAYERS[name], found["features"]
    assert found["type"] == "FeatureCollection"
    assert "crs" not in found
    assert found["name"] == name
    assert found["wangge"] == {"purpose": "测试"}
    assert len(features) == found["numberReturned"] == session.scalar(total(layer, viewer, ASKED))
    assert features
    assert len({feature["id"] for feature in features}) == len(features)
    for feature in features:
        assert feature["type"] == "Feature"
        assert isinstance(feature["id"], int)
        assert "crs" not in feature
        assert feature["geometry"]["type"] in SHAPES[layer.geometry]


@pytest.mark.parametrize("name", LAYERS)
def test_longitude_comes_first_with_at_most_seven_decimals_inside_the_bbox(
    name: str, text: Callable[[str], str]
) -> None:
    written = text(name)
    found = json.loads(written)
    west, south, east, north = found["bbox"]
    assert 73 < west <= east < 136
    assert 17 < south <= north < 54
    xs, ys = zip(*(xy for feature in found["features"] for xy in positions(feature["geometry"])), strict=True)
    assert (min(xs), min(ys), max(xs), max(ys)) == pytest.approx((west, south, east, north), abs=1.1e-7)
    for part in re.findall(r'"coordinates":([-\[\]\d.,eE+]+)', written):
        assert not re.search(r"\.\d{8,}|[eE]", part)


@pytest.mark.parametrize("name", ["areas", "grids", "coverage", "buildings", "households", "gaps", "barriers"])
def test_outer_rings_run_counter_clockwise_and_holes_clockwise(name: str, text: Callable[[str], str]) -> None:
    polygons = [
        f["geometry"]["coordinates"]
        for f in json.loads(text(name))["features"]
        if f["geometry"]["type"] == "MultiPolygon"
    ]
    assert polygons
    for outer, *holes in (rings for each in polygons for rings in each):
        assert outer[0] == outer[-1]
        assert signed_area(outer) > 0
        assert all(signed_area(hole) < 0 for hole in holes)


@pytest.mark.parametrize("name", LAYERS)
def test_properties_are_the_declared_fields_in_their_types(name: str, text: Callable[[str], str]) -> None:
    layer = LAYERS[name]
    for feature in json.loads(text(name))["features"]:
        assert list(feature["properties"]) == [f.name for f in layer.fields]
        for f in layer.fields:
            value = feature["properties"][f.name]
            assert value is None or isinstance(value, KINDS[f.kind]), f"{f.name}: {value!r}"
            if value is not None and f.kind == "date":
                assert re.fullmatch(r"\d{4}-\d\d-\d\d", value)
            if value is not None and f.kind == "time":
                assert re.match(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", value)


@pytest.mark.parametrize("name", LAYERS)
def test_one_feature_a_line_says_the_same(
    name: str, text: Callable[[str], str], session: Session, viewer: Viewer
) -> None:
    lines = b"".join(geojson.lines(session, LAYERS[name], viewer, ASKED)).decode().splitlines()
    by_id = {json.loads(line)["id"]: json.loads(line) for line in lines}
    assert by_id == {feature["id"]: feature for feature in json.loads(text(name))["features"]}


def test_an_empty_collection_is_still_one(text: Callable[..., str]) -> None:
    found = json.loads(text("grids", Asked(DAY.replace(year=2020), NOW)))
    assert found["features"] == []
    assert found["numberReturned"] == 0
    assert "bbox" not in found


def test_a_feature_without_a_place_has_a_null_geometry(
    session: Session, viewer: Viewer, text: Callable[..., str]
) -> None:
    session.execute(reset())
    grid = session.scalars(select(Grid).where(Grid.code == "999901100001001")).one()
    case = builders.case(grid, None, builders.spot(120.86, 32.4), visibility="restricted", grid_id=None,
                         territory=999901100001000)  # fmt: skip
    session.add(case)
    session.flush()
    found = json.loads(text("cases", Asked(DAY, NOW, ids=(case.id,))))
    assert [feature["geometry"] for feature in found["features"]] == [None]


def reset() -> Select[str]:
    """Give the session the owner's rights again."""
    return select(func.set_config("role", "none", True))


EVIL = '",\n\\ \t</script>"  \x7f ☃ \'; DROP TABLE cases; -- %s %(x)s'


def test_awkward_words_come_out_as_they_are(session: Session, viewer: Viewer, text: Callable[..., str]) -> None:
    session.execute(reset())
    case = session.scalars(select(Case).where(Case.closed_at.is_(None), Case.visibility != "restricted").limit(1)).one()
    case.title = EVIL
    session.flush()
    found = json.loads(text("cases", Asked(DAY, NOW, ids=(case.id,))))
    assert found["features"][0]["properties"]["title"] == EVIL
    lines = b"".join(geojson.lines(session, CASES, viewer, Asked(DAY, NOW, ids=(case.id,)))).decode()
    assert lines.count("\n") == 1


def test_many_blocks_make_one_file(session: Session, viewer: Viewer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(geojson, "BLOCK", 512)
    blocks = list(geojson.collection(session, LAYERS["buildings"], viewer, ASKED, {}))
    assert len(blocks) > 20
    found = json.loads(b"".join(blocks))
    assert (
        len(found["features"]) == found["numberReturned"] == session.scalar(total(LAYERS["buildings"], viewer, ASKED))
    )


def test_a_reader_that_leaves_early_stops_the_work(
    session: Session, viewer: Viewer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(geojson, "BLOCK", 512)
    stream = geojson.lines(session, LAYERS["buildings"], viewer, ASKED)
    next(stream)
    stream.close()
    with session.begin_nested() as nested:  # the connection is free again, whether or not its statement was cancelled
        nested.rollback()


def test_a_failure_on_the_way_leaves_a_file_that_no_reader_takes(
    session: Session, viewer: Viewer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_given: Any, **_more: Any) -> Iterator[bytes]:
        yield b',{"type":"Feature"'
        raise RuntimeError("the database went away")

    monkeypatch.setattr(geojson, "copied", broken)
    taken = []
    with pytest.raises(RuntimeError, match="went away"):
        taken.extend(geojson.collection(session, GRIDS, viewer, ASKED, {}))
    with pytest.raises(json.JSONDecodeError):
        json.loads(b"".join(taken))


def test_the_answer_says_what_it_is(client_as: Callable[[str], FlaskClient]) -> None:
    answer = client_as("town_manager").get("/layers/grids.geojson?area=999901100001&purpose=规划")
    assert answer.mimetype == "application/geo+json"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="grids-999901100001-2026-11-18.geojson"'
    assert "no-store" in answer.headers["Cache-Control"]
    about = answer.get_json(force=True)["wangge"]
    assert about["purpose"] == "规划"
    assert about["taken_by"] == "town_manager"
    assert about["as_at"] == "2026-11-18"
    assert about["area"] == "999901100001"
    assert about["mask_level"]
    assert about["taken_at"].startswith("2026-11-18")
