"""The fabric of a village: the land of each building, open land and water, tiling it, with the borders between them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

from gis.fabric import bridges, faces, halfway, pieces, seeds, skeleton
from gis.fabric.borders import Borders, Lines, meet
from gis.fabric.material import Ints, Material, Words
from gis.fabric.towers import Tower, towers
from gis.geometry import Floats, Plane, Shapes, alike, degrees, derive, metres, plane

CAP = 500
"""Households above which a tower is split by its units."""
MARGIN_M = 10.0


@dataclass(frozen=True)
class Built:
    """The cells of a village: those of buildings in their order, then land and water from north to south.

    `building` points into the buildings, -1 for none; `part` counts the parts of a tower from 1, 0 for a whole one.
    `outside` are the ids of the buildings that stand on no ground of the village.
    """

    kinds: Words
    building: Ints
    part: Ints
    towers: dict[int, Tower]
    outlines: Shapes
    area_m2: Floats
    perimeter_m: Floats
    borders: Borders
    outside: Ints


def build(material: Material, srid: int | None = None, cap: int = CAP) -> Built:
    """Return the fabric of a village; m² and metres are those of the metric zone `srid`, else of the nearest one."""
    on = around(material.outline)
    village = skeleton.rounded(metres(material.outline, on))
    lines, water = barriers(material, village, on)
    sown, outside = seeds.planted(village, metres(material.buildings.outlines, on))
    tall = towers(material.buildings, material.units, on, cap)
    sown = seeds.divided(sown, {at: tower.middles for at, tower in tall.items()})
    crossing = skeleton.crossed(sown.shapes, lines.shapes)
    seams = shapely.boundary(metres(material.seams, on))
    if len(material.buildings):
        seams = shapely.intersection(seams, shapely.union_all(water))
    seams = skeleton.rounded(seams[~shapely.is_empty(seams)])
    frame = skeleton.frame(village, np.append(lines.shapes, seams), sown.shapes[crossing], water)
    sown = seeds.housed(sown, crossing, frame)
    found = faces.owned(village, sown, frame, halfway.between(sown, frame))
    wet = np.append(np.zeros(len(sown), bool), frame.water)
    open_land = np.append(np.zeros(len(sown), bool), ~frame.water)
    owner = pieces.settled(found, open_land, wet)
    owners, cell = np.unique(owner, return_inverse=True)
    shapes = np.asarray(shapely.normalize(derive(found.shapes, cell, len(owners))))
    order = _order(shapes, owners, len(sown))
    shapes, owners = shapes[order], owners[order]
    with ThreadPoolExecutor(1) as pool:
        measured = pool.submit(_measured, shapes, material.outline, on, srid or zone(on.lon))
        meeting = _borders(shapes, owners, sown, frame, lines, water)
    outside = material.buildings.ids[outside]
    return Built(*_identity(owners, sown, frame), tall, *measured.result(), meeting, outside)


def _identity(owners: Ints, sown: seeds.Seeds, frame: skeleton.Skeleton) -> tuple[Words, Ints, Ints]:
    """Return kind, building and part of each owner."""
    of_building = owners < len(sown)
    kinds = np.array(["building", "land", "water"], object)
    wet = frame.water[owners[~of_building] - len(sown)]
    kind = np.zeros(len(owners), np.int64)
    kind[~of_building] = np.where(wet, 2, 1)
    building, part = np.full(len(owners), -1), np.zeros(len(owners), np.int64)
    building[of_building], part[of_building] = sown.building[owners[of_building]], sown.part[owners[of_building]]
    return kinds[kind], building, part


def _measured(shapes: Shapes, outline: Any, on: Plane, srid: int) -> tuple[Shapes, Floats, Floats]:
    """Return outlines in degrees, with the vertices of the village as they are stored, their m² and their metres."""
    at = shapely.get_coordinates(shapes)
    own = shapely.get_coordinates(outline)
    number, count = alike(np.concatenate([shapely.get_coordinates(skeleton.rounded(metres(outline, on))), at]))
    fixed = np.full(count, -1)
    fixed[number[: len(own)]] = np.arange(len(own))
    stored = at / (on.east, on.north) + (on.lon, on.lat)
    of_village = fixed[number[len(own) :]]
    stored[of_village >= 0] = own[of_village[of_village >= 0]]
    outlines = np.asarray(shapely.set_coordinates(shapes.copy(), stored))
    if not (shapely.coverage_is_valid(outlines) and shapely.is_valid(outlines).all()):
        outlines = np.asarray(degrees(shapes, on))
    from gis import crs  # a worker starts without the library of coordinate systems

    on_ground = crs.to_metres(outlines, srid)
    return outlines, shapely.area(on_ground), shapely.length(on_ground)


def _borders(
    shapes: Shapes, owners: Ints, sown: seeds.Seeds, frame: skeleton.Skeleton, lines: Lines, water: Shapes
) -> Borders:
    """Return where cells meet; one that has no enclosure is a quarter of its own."""
    alone = -1 - np.arange(len(sown))
    quarter = np.append(np.where(sown.enclosure < 0, alone, sown.enclosure), np.arange(len(frame.enclosures)))[owners]
    wet = np.append(np.zeros(len(sown), bool), frame.water)[owners]
    road = lines.kinds[lines.barrier] == "road"
    stream = (lines.kinds[lines.barrier] == "river") & ~lines.surface[lines.barrier]
    ends = bridges.crossings(lines.shapes[road], shapely.union_all(water), lines.shapes[stream])
    return meet(shapes, quarter, wet, frame, lines, bridges.joins(ends, shapes, ~wet))


def around(outline: Any) -> Plane:
    """Return the plane of a village, which stays the same when its outline is mended here and there."""
    west, south, east, north = shapely.bounds(outline)
    return plane(round((west + east) / 2, 2), round((south + north) / 2, 2))


def zone(lon: float) -> int:
    """Return the EPSG code of the CGCS2000 zone of three degrees whose middle is nearest."""
    return 4534 + min(max(int(np.floor((lon - 75) / 3 + 0.5)), 0), 20)


def barriers(material: Material, village: Any, on: Plane) -> tuple[Lines, Shapes]:
    """Return the barriers near a village as single lines, with bridges where a road stops at water, and the waters."""
    west, south, east, north = shapely.bounds(village)
    box = (west - MARGIN_M, south - MARGIN_M, east + MARGIN_M, north + MARGIN_M)
    shapes = metres(material.barriers.shapes, on)
    kinds = material.barriers.kinds
    surfaces = shapes[(kinds == "river") & (shapely.get_dimensions(shapes) == 2)]
    water = np.asarray(shapely.clip_by_rect(surfaces, *box))
    water = skeleton.rounded(water[~shapely.is_empty(water)])
    single, of = skeleton.lines_of(shapes, box)
    single = skeleton.rounded(single)
    road = kinds[of] == "road"
    if len(water) and road.any():
        over, whose = bridges.spans(single[road], of[road], shapely.union_all(water))
        single, of = np.append(single, over), np.append(of, whose)
    return Lines(single, of, kinds, material.barriers.ranks, shapely.get_dimensions(shapes) == 2), water


def _order(shapes: Shapes, owners: Ints, buildings: int) -> Ints:
    """Return the cells of buildings in their order, then the others in bands from north to south, west to east."""
    middle = shapely.get_coordinates(shapely.point_on_surface(shapes))
    band = np.where(owners < buildings, 0.0, -np.floor(middle[:, 1] / 100))
    west = np.where(owners < buildings, 0.0, middle[:, 0])
    return np.lexsort([owners, west, band, owners >= buildings])
