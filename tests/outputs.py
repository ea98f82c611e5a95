"""Asks one layer of the product through each of its doors, and says what came out."""

from __future__ import annotations

import csv
import gzip
import io
import json
import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import quote

import mapbox_vector_tile
import pyogrio
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from gis.database import admit
from gis.errors import NotAllowed
from gis.viewer import Viewer
from layers.layer import Layer
from layers.query import Asked, rows
from layers.themes import THEMES
from tests import builders
from tests.conftest import DAY, NOW


@dataclass(frozen=True)
class Answer:
    """Whether the door stayed shut, every text that came out, and the ids in it (None: the output bears none)."""

    refused: bool
    told: str = ""
    ids: set[int] | None = None
    whole: bool = True
    count: int | None = None


REFUSED = Answer(refused=True)


def ask(
    output: str, layer: Layer, viewer: Viewer, beyond: builders.Neighbour, client: FlaskClient, session: Session
) -> Answer:
    """Return what the layer says through the output to the viewer who is logged in on the client."""
    if output == "rows":
        return from_rows(layer, viewer, session)
    return OUTPUTS[output](layer, viewer, beyond, client)


def from_rows(layer: Layer, viewer: Viewer, session: Session) -> Answer:
    """The one door itself, without a page in front."""
    admit(session, viewer)
    try:
        found = session.execute(select(rows(layer, viewer, Asked(DAY, NOW)).subquery())).mappings().all()
    except NotAllowed:
        return REFUSED
    return Answer(False, str(found), {row["id"] for row in found})


def tile_of(lon: float, lat: float, z: int) -> tuple[int, int, int]:
    """Return the address of the tile that holds a spot at a zoom."""
    n = 2**z
    y = (1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2
    return z, int((lon + 180) / 360 * n), int(y * n)


def decoded(body: bytes) -> dict[str, Any]:
    """Return a tile's layers; an empty body has none."""
    return mapbox_vector_tile.decode(body) if body else {}


def counted(body: bytes, name: str) -> tuple[set[int], int]:
    """Return the ids of a tile's features, and the sum of its counts."""
    tile = decoded(gzip.decompress(body) if body else b"")
    ids = {feature["id"] for feature in tile.get(name, {"features": []})["features"]}
    counts = tile.get(f"{name}_counts", {"features": []})["features"]
    return ids, sum(feature["properties"]["n"] for feature in counts)


def said(answer: TestResponse) -> str:
    """Return what a JSON answer says with its characters as such."""
    return json.dumps(answer.get_json(), ensure_ascii=False)


def _refused(status: int) -> bool:
    return status in (403, 404)


def _file(suffix: str, read: Callable[[bytes], set[int] | int]) -> Callable[..., Answer]:
    def take(layer: Layer, viewer: Viewer, beyond: builders.Neighbour, client: FlaskClient) -> Answer:
        answer = client.get(f"/layers/{layer.name}.{suffix}?purpose=test")
        if _refused(answer.status_code):
            return REFUSED
        assert answer.status_code == 200, answer.text
        told, found = answer.get_data().decode(errors="replace"), read(answer.get_data())
        return Answer(False, told, None, count=found) if isinstance(found, int) else Answer(False, told, found)

    return take


def geojson_ids(body: bytes) -> set[int]:
    return {feature["id"] for feature in json.loads(body)["features"]}


def geojsonl_ids(body: bytes) -> set[int]:
    return {json.loads(line)["id"] for line in body.decode().splitlines()}


def csv_ids(body: bytes) -> set[int]:
    return {int(row["id"]) for row in csv.DictReader(io.StringIO(body.decode("utf-8-sig")))}


def gpkg_rows(body: bytes) -> int:
    """A GeoPackage numbers its rows by itself, so they are counted."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "layer.gpkg"
        path.write_bytes(body)
        return len(pyogrio.read_dataframe(path, read_geometry=False))


def tile(layer: Layer, viewer: Viewer, beyond: builders.Neighbour, client: FlaskClient) -> Answer:
    """Tiles over the neighbour at every zoom of the layer: no feature and no count of what lies there."""
    ids: set[int] = set()
    told = ""
    for z in range(layer.minzoom, layer.maxzoom + 1, 2):
        z, x, y = tile_of(beyond.lon, beyond.lat, z)
        answer = client.get(f"/tiles/{layer.name}/{z}/{x}/{y}.mvt")
        if _refused(answer.status_code):
            return REFUSED
        assert answer.status_code in (200, 204), answer.text
        found, number = counted(answer.get_data(), layer.name)
        ids |= found
        told += str(decoded(gzip.decompress(answer.get_data()) if answer.get_data() else b""))
        assert z < 16 or (not found and not number), "the neighbour's tile is not empty"
    return Answer(False, told, ids, whole=False)


def figures(layer: Layer, viewer: Viewer, beyond: builders.Neighbour, client: FlaskClient) -> Answer:
    """Every figure that is taken from the layer."""
    ids: set[int] = set()
    told = ""
    seen = [(theme, each) for theme in THEMES for each in theme.measures if each.layer.name == layer.name]
    for theme, measure in seen:
        answer = client.get(f"/map/figures?theme={theme.name}&measure={measure.name}")
        may = viewer.may(layer.permission) and viewer.may(measure.permission)
        assert _refused(answer.status_code) is not may, f"{measure.name}: {answer.status_code}"
        if may:
            ids |= {int(id_) for id_ in answer.get_json()["values"]}
            told += said(answer)
    return Answer(False, told, ids) if told else REFUSED


def identify(layer: Layer, viewer: Viewer, beyond: builders.Neighbour, client: FlaskClient) -> Answer:
    """A click into the middle of the neighbour."""
    spot = f"lng={beyond.lon}&lat={beyond.lat}&z=17"
    answer = client.get(f"/map/identify?{spot}&layers={layer.name}")
    if _refused(answer.status_code):
        return REFUSED
    hits = answer.get_json()["hits"]
    assert answer.get_json()["grid"] is None
    assert hits == []
    return Answer(not viewer.may(layer.permission), said(answer), {hit["id"] for hit in hits}, whole=False)


def search(layer: Layer, viewer: Viewer, beyond: builders.Neighbour, client: FlaskClient) -> Answer:
    """The neighbour's names, codes and case numbers typed into the search box."""
    told = ""
    for words in (builders.MARK, builders.DISTRICT[:6]):
        answer = client.get(f"/map/search?q={quote(words)}")
        if _refused(answer.status_code):
            return REFUSED
        told += said(answer)
        assert answer.get_json()["hits"] == []
    return Answer(not viewer.may(layer.permission), told)


def card(layer: Layer, viewer: Viewer, beyond: builders.Neighbour, client: FlaskClient) -> Answer:
    """The neighbour's card, which does not exist, and the viewer's own, which does."""
    answer = client.get(f"/map/card/{builders.GRID}")
    assert answer.status_code in (403, 404)
    own = client.get("/map/search?q=999901").get_json() if viewer.may("map.view") else {"hits": []}
    grids = [hit["code"] for hit in own["hits"] if hit["kind"] == "grid"]
    cards = [client.get(f"/map/card/{code}") for code in grids]
    assert all(each.status_code == 200 for each in cards)
    return Answer(False, "".join(each.text for each in cards)) if cards else REFUSED


OUTPUTS: dict[str, Callable[..., Any]] = {
    "rows": from_rows,
    "tile": tile,
    "geojson": _file("geojson", geojson_ids),
    "geojsonl": _file("geojsonl", geojsonl_ids),
    "csv": _file("csv", csv_ids),
    "gpkg": _file("gpkg", gpkg_rows),
    "figures": figures,
    "identify": identify,
    "search": search,
    "card": card,
}
"""Every door that rows leave through."""
