"""Real buildings and roads: towers on podiums, roads through buildings, slivers, islets, a river."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely

from gis import geometry
from gis.fabric.build import Built, around, build
from gis.fabric.material import Barriers, Buildings, Material, no_units
from tests.gis.fabric.drawing import sound

MAJOR = ("motorway", "trunk", "primary")


def features(folder: Path, name: str) -> tuple[Any, list[dict[str, Any]]]:
    read = json.loads((folder / f"{name}.geojson").read_text(encoding="utf-8"))["features"]
    return np.array([shapely.geometry.shape(each["geometry"]) for each in read], object), [
        e["properties"] for e in read
    ]


@pytest.fixture(scope="module", params=["999902001001", "999902001002"])
def community(request: pytest.FixtureRequest, lujiazui: Path) -> tuple[Material, Built]:
    """One of the two communities, and its fabric."""
    areas, told = features(lujiazui, "areas")
    outline = next(area for area, about in zip(areas, told, strict=True) if about["code"] == request.param)
    houses, told = features(lujiazui, "buildings")
    at = np.flatnonzero(shapely.intersects(outline, shapely.point_on_surface(houses)))
    homes = np.array([told[n]["households"] or 0 for n in at], np.int64)
    codes = np.array([str(told[n]["osm_id"]) for n in at], object)
    roads, told = features(lujiazui, "roads")
    water, _ = features(lujiazui, "water")
    ranks = ["arterial" if about["kind_detail"].startswith(MAJOR) else "minor" for about in told]
    kinds = np.array(["road"] * len(roads) + ["river"] * len(water), object)
    barriers = Barriers(np.concatenate([roads, water]), kinds, np.array(ranks + ["major"] * len(water), object))
    buildings = Buildings(at + 1, codes, homes, 3 * homes, houses[at])
    material = Material(request.param, outline, buildings, no_units(), barriers)
    return material, build(material)


def test_it_tiles_and_cuts_no_building_but_those_that_overlap(community: tuple[Material, Built]) -> None:
    material, built = community
    sound(material, built, cut=np.inf)
    on = around(material.outline)
    shapes = geometry.metres(material.buildings.outlines, on)
    own = geometry.metres(geometry.derive(built.outlines, built.building, len(shapes)), on)
    inside = shapely.intersection(material.buildings.outlines, material.outline)
    left = shapely.difference(geometry.metres(inside, on), own)
    cut = np.flatnonzero(shapely.area(left) > 0.01)
    others = [np.delete(shapes, at)[shapely.intersects(np.delete(shapes, at), shapes[at])] for at in cut]
    bare = [shapely.difference(left[at], shapely.union_all(other)).area for at, other in zip(cut, others, strict=True)]
    assert max(bare, default=0) < 0.01


def test_every_building_stands_in_one_cell_of_one_piece(community: tuple[Material, Built]) -> None:
    material, built = community
    assert len(built.outside) == 0
    assert (built.building >= 0).sum() == len(material.buildings)
    apart = shapely.get_num_geometries(built.outlines) > 1
    assert apart.sum() <= 1, "only what lies apart because of its neighbours"


def test_no_open_land_is_a_sliver_or_hangs_on_less_than_a_metre(community: tuple[Material, Built]) -> None:
    _, built = community
    bare = built.building < 0
    assert built.area_m2[bare].min() >= 0.99
    longest = np.zeros(len(built.kinds))
    for side in (built.borders.a, built.borders.b):
        np.maximum.at(longest, side, built.borders.length_m)
    assert longest[bare].min() >= 1
    assert (longest == 0).sum() == 0


def test_borders_lie_along_the_roads(community: tuple[Material, Built]) -> None:
    material, built = community
    on, along = around(material.outline), built.borders.along == "road"
    assert along.mean() > 0.4
    assert set(built.borders.rank[along]) == {"arterial", "minor"}
    roads = shapely.union_all(material.barriers.shapes[material.barriers.kinds == "road"])
    roads, cells = geometry.metres(roads, on), geometry.metres(built.outlines, on)
    some = np.flatnonzero(along)[:40]
    shared = shapely.intersection(cells[built.borders.a[some]], cells[built.borders.b[some]])
    near = shapely.length(shapely.intersection(shared, shapely.buffer(roads, 0.1)))
    assert (near >= 0.45 * shapely.length(shared)).all()
