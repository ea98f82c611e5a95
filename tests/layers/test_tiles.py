"""Tiles hold everything once: features where they fit, counts where they do not, never a silent part."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from datetime import date

import mapbox_vector_tile
import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from gis.areas import Area
from gis.boundaries import GridOutline
from gis.errors import NotAllowed, NotFound
from gis.prepared import Kept
from gis.viewer import Viewer
from layers import tiles
from layers.catalogue import CATALOGUE
from layers.layer import Layer
from layers.query import Asked, rows, total
from tests.conftest import DAY, NOW
from tests.outputs import counted, tile_of

LAYERS = {layer.name: layer for layer in CATALOGUE}
DEEPEST = 16


@pytest.fixture
def box(session: Session, viewer: Viewer) -> tuple[float, float, float, float]:
    extent = func.st_extent(Area.outline)
    edges = select(func.st_xmin(extent), func.st_ymin(extent), func.st_xmax(extent), func.st_ymax(extent))
    west, south, east, north = session.execute(edges).one()
    return west - 0.01, south - 0.01, east + 0.01, north + 0.01


def zooms(layer: Layer) -> list[int]:
    """The zooms around which a layer changes its mind."""
    turn = layer.counts_below
    wanted = {layer.minzoom, layer.minzoom + 2, turn - 1, turn, turn + 1, 12, 14}
    return sorted(z for z in wanted if layer.minzoom <= z <= min(layer.maxzoom, DEEPEST))


def summed(session: Session, layer: Layer, viewer: Viewer, box: tuple[float, float, float, float], z: int) -> int:
    """Return how many rows the tiles of a zoom hold together: each feature once, and every count."""
    west, south, east, north = box
    _z, left, top = tile_of(west, north, z)
    _z, right, bottom = tile_of(east, south, z)
    ids: set[int] = set()
    number = 0
    for x in range(left, right + 1):
        for y in range(top, bottom + 1):
            found = tiles.tile(session, layer, viewer, Asked(DAY, NOW, tile=(z, x, y)))
            features, counts = counted(found.body, layer.name)
            assert not (features and counts), "a tile is either features or counts"
            ids |= features
            number += counts
    return len(ids) + number


def in_table(session: Session, layer: Layer, viewer: Viewer, z: int) -> int:
    asked = Asked(DAY, NOW, filters=layer.kept_at(z))
    return session.scalars(total(layer, viewer, asked)).one()


CASES = [(name, z) for name, layer in LAYERS.items() for z in zooms(layer)]


@pytest.mark.parametrize(("name", "z"), CASES)
def test_the_tiles_of_a_zoom_add_up_to_the_table(
    name: str, z: int, session: Session, viewer: Viewer, box: tuple[float, float, float, float]
) -> None:
    layer = LAYERS[name]
    whole = in_table(session, layer, viewer, z)
    assert whole > 0 or name == "barriers"
    assert summed(session, layer, viewer, box, z) == whole


@pytest.mark.parametrize("name", LAYERS)
def test_a_tile_that_is_too_heavy_holds_counts_that_add_up(
    name: str, session: Session, viewer: Viewer, box: tuple[float, float, float, float], monkeypatch: pytest.MonkeyPatch
) -> None:
    layer, z = LAYERS[name], 14
    monkeypatch.setattr(tiles, "MOST_FEATURES", -1)
    monkeypatch.setattr(tiles, "KEPT", Kept())
    assert summed(session, layer, viewer, box, z) == in_table(session, layer, viewer, z)


def test_at_the_limit_a_tile_still_holds_features(
    session: Session, viewer: Viewer, box: tuple[float, float, float, float], monkeypatch: pytest.MonkeyPatch
) -> None:
    layer = LAYERS["grids"]
    z, x, y = tile_of((box[0] + box[2]) / 2, (box[1] + box[3]) / 2, 10)
    asked = Asked(DAY, NOW, tile=(z, x, y))
    there = len(counted(tiles.tile(session, layer, viewer, asked).body, "grids")[0])
    assert there > 3
    for most, is_counted in ((there, False), (there - 1, True)):
        monkeypatch.setattr(tiles, "MOST_FEATURES", most)
        monkeypatch.setattr(tiles, "KEPT", Kept())
        assert tiles.tile(session, layer, viewer, asked).counted is is_counted


def a_tile(session: Session, layer: Layer, viewer: Viewer, z: int) -> dict:
    """Return the decoded tile over the first row of a layer."""
    found = rows(layer, viewer, Asked(DAY, NOW)).subquery()
    spot = func.st_pointonsurface(found.c.geom)
    lon, lat = session.execute(select(func.st_x(spot), func.st_y(spot)).limit(1)).one()
    tile = tiles.tile(session, layer, viewer, Asked(DAY, NOW, tile=tile_of(lon, lat, z)))
    return mapbox_vector_tile.decode(gzip.decompress(tile.body))


@pytest.mark.parametrize("name", LAYERS)
def test_a_tile_bears_only_what_it_declares(name: str, session: Session, viewer: Viewer) -> None:
    layer = LAYERS[name]
    decoded = a_tile(session, layer, viewer, layer.maxzoom)
    declared = {f.name for f in layer.fields if f.in_tiles}
    for feature in decoded[name]["features"]:
        assert set(feature["properties"]) <= declared
        assert feature["id"] > 0
    assert decoded[name]["extent"] == 4096


PERSONAL = {"title", "address", "name", "contact_phone", "work_phone", "label"}


@pytest.mark.parametrize("name", ["cases", "households", "staffing", "buildings"])
def test_tiles_carry_no_words_about_people_or_homes(name: str) -> None:
    assert not {f.name for f in LAYERS[name].fields if f.in_tiles} & PERSONAL


def test_counts_of_cases_say_how_many_are_overdue(session: Session, viewer: Viewer) -> None:
    decoded = a_tile(session, LAYERS["cases"], viewer, 8)["cases_counts"]["features"]
    late = sum(feature["properties"]["overdue"] for feature in decoded)
    asked = Asked(DAY, NOW, filters={"state": ("overdue",)})
    assert late == session.scalars(total(LAYERS["cases"], viewer, asked)).one()


def test_a_day_before_the_boundary_change_shows_the_outlines_of_that_day(session: Session, viewer: Viewer) -> None:
    def outline(day: date) -> str:
        asked = Asked(day, NOW, filters={"code": ("999901100201002",)})
        found = rows(LAYERS["grids"], viewer, asked).subquery()
        return session.scalars(select(func.st_astext(found.c.geom))).one()

    assert outline(date(2026, 5, 31)) != outline(date(2026, 6, 1))
    assert outline(date(2026, 6, 1)) == outline(DAY)
    z, x, y = tile_of(*session.execute(centre_of("999901100201002")).one(), 14)
    bodies = {
        tiles.tile(session, LAYERS["grids"], viewer, Asked(day, NOW, tile=(z, x, y))).body
        for day in (date(2026, 5, 31), DAY)
    }
    assert len(bodies) == 2


def centre_of(code: str):
    return select(func.st_x(GridOutline.centre), func.st_y(GridOutline.centre)).where(
        GridOutline.code == code, GridOutline.valid.contains(DAY)
    )


@pytest.mark.parametrize("place", [(7, 0, 0), (19, 0, 0), (10, -1, 0), (10, 1024, 0), (10, 0, 1024)])
def test_there_is_no_tile_outside_the_zooms(place: tuple[int, int, int], session: Session, viewer: Viewer) -> None:
    with pytest.raises(NotFound):
        tiles.tile(session, LAYERS["grids"], viewer, Asked(DAY, NOW, tile=place))


def test_a_tile_asks_for_the_permission(session: Session, viewer_as: Callable[[str], Viewer]) -> None:
    with pytest.raises(NotAllowed):
        tiles.tile(session, LAYERS["households"], viewer_as("planner"), Asked(DAY, NOW, tile=(16, 1, 1)))


@pytest.mark.parametrize("name", LAYERS)
def test_the_same_tile_has_the_same_bytes(name: str, session: Session, viewer: Viewer) -> None:
    layer = LAYERS[name]
    asked = Asked(DAY, NOW, tile=tile_of(120.9, 32.4, layer.minzoom))
    assert tiles.tile(session, layer, viewer, asked).body == tiles.tile(session, layer, viewer, asked).body
