"""Where buildings stand: footprints that do not overlap, towers in their units, each in the enclosure it belongs to."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from gis.fabric.material import Ints
from gis.fabric.skeleton import Skeleton, holding, rounded
from gis.geometry import Floats, Shapes

LEAST_M2 = 0.5
"""Footprint below which a building counts as swallowed by those it overlaps, or as outside the village."""
STEP_OUT = 0.2


@dataclass(frozen=True)
class Seeds:
    """Footprints that share no ground, one per building or per part of a tower, in the order of their buildings.

    `building` points into the buildings, `part` counts the parts of a tower from 1 (0: whole). `enclosure` is -1 for a
    footprint without land of its own.
    """

    shapes: Shapes
    building: Ints
    part: Ints
    enclosure: Ints

    def __len__(self) -> int:
        return len(self.shapes)


def planted(village: Any, shapes: Shapes) -> tuple[Seeds, Ints]:
    """Return the footprints inside a village without what they overlap, and which buildings stand outside it."""
    shapes = _valid(shapes)
    shapely.prepare(village)
    whole = shapely.covers(village, shapes)
    shapes[~whole] = _polygonal(shapely.intersection(shapes[~whole], village))
    inside = shapely.area(shapes) >= np.minimum(LEAST_M2, 0.5 * shapely.area(shapes) + 1e-9)
    inside &= ~shapely.is_empty(shapes)
    at = np.flatnonzero(inside)
    apart = _apart(shapes[at])
    none = np.full(len(at), -1)
    return Seeds(apart, at, np.zeros(len(at), np.int64), none), np.flatnonzero(~inside)


def _valid(shapes: Shapes) -> Shapes:
    shapes = rounded(shapes)
    wrong = ~shapely.is_valid(shapes)
    shapes[wrong] = _polygonal(shapely.make_valid(shapes[wrong], method="structure"))
    return shapes


def _polygonal(shapes: Shapes) -> Shapes:
    """Return shapes without the points and lines that an overlay leaves in them."""
    mixed = shapely.get_type_id(shapes) > 6
    found = shapes.copy()
    for at in np.flatnonzero(mixed):
        parts = shapely.get_parts(shapes[at])
        found[at] = shapely.multipolygons([each for each in parts if each.geom_type == "Polygon"])
    found[shapely.get_dimensions(found) < 2] = shapely.from_wkt("POLYGON EMPTY")
    return found


def _apart(shapes: Shapes) -> Shapes:
    """Take from each footprint what a smaller one covers; one that is swallowed shares the other's footprint."""
    found = shapes.copy()
    one, other = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    size = shapely.area(shapes)
    before = (size[other] < size[one]) | ((size[other] == size[one]) & (other < one))
    one, other = one[before], other[before]
    overlapping = shapely.area(shapely.intersection(shapes[one], shapes[other])) > 1e-6
    one, other = one[overlapping], other[overlapping]
    for at in sorted(set(one.tolist()), key=lambda at: (size[at], at)):
        smaller = other[one == at]
        left = _polygonal(np.array([shapely.difference(shapes[at], shapely.union_all(shapes[smaller]))]))[0]
        if shapely.area(left) >= min(LEAST_M2, 0.5 * size[at]):
            found[at] = rounded(left)
        else:
            host = int(smaller[np.argmax(shapely.area(found[smaller]))])
            found[host], found[at] = halves(found[host])
    return found


def halves(shape: Any) -> tuple[Any, Any]:
    """Return a footprint cut in two through its middle, across its longer side."""
    corners = shapely.get_coordinates(shapely.minimum_rotated_rectangle(shape))[:4]
    along, across = corners[1] - corners[0], corners[2] - corners[1]
    if np.hypot(*along) < np.hypot(*across):
        along, across = across, along
    middle = corners.mean(axis=0)
    far = [middle - across, middle + across, middle + across + along, middle - across + along]
    side = shapely.polygons(far)
    cut = _polygonal(np.array([shapely.intersection(shape, side), shapely.difference(shape, side)], object))
    return rounded(cut[0]), rounded(cut[1])


def divided(seeds: Seeds, middles: Mapping[int, Floats]) -> Seeds:
    """Return the seeds with the footprint of each tower cut between the middles of its units (building → n × 2).

    A tower stays whole when a unit would get no ground that way.
    """
    pieces = [[shape] for shape in seeds.shapes]
    for at, building in enumerate(seeds.building.tolist()):
        if building in middles:
            cut = between(seeds.shapes[at], middles[building])
            if shapely.area(cut).min() >= LEAST_M2:
                pieces[at] = list(cut)
    often = np.array([len(each) for each in pieces], np.int64)
    of = np.repeat(np.arange(len(seeds)), often)
    part = np.where(often[of] > 1, np.arange(len(of)) - (np.cumsum(often) - often)[of] + 1, 0)
    shapes = np.array(list(itertools.chain.from_iterable(pieces)), object)
    return Seeds(shapes, seeds.building[of], part, np.full(len(of), -1))


def between(shape: Any, middles: Floats) -> Shapes:
    """Return a footprint cut halfway between some points, in their order."""
    points = shapely.multipoints(middles)
    cells = shapely.get_parts(shapely.voronoi_polygons(points, extend_to=shapely.envelope(shape), ordered=True))
    return np.asarray(rounded(_polygonal(np.asarray(shapely.intersection(shape, cells)))))


def housed(seeds: Seeds, crossing: NDArray[np.bool_], frame: Skeleton) -> Seeds:
    """Return the seeds with the enclosure that each stands in, or mostly stands at when a barrier crosses it.

    Water has no land to give: what stands in it keeps its footprint.
    """
    found = np.full(len(seeds), -1)
    inside = np.flatnonzero(~crossing)
    enclosure, at = holding(frame.enclosures, shapely.point_on_surface(seeds.shapes[inside]))
    found[inside[at]] = enclosure
    around = np.flatnonzero(crossing)
    rings = shapely.boundary(shapely.buffer(seeds.shapes[around], STEP_OUT, join_style="mitre"))
    points, of = shapely.get_coordinates(shapely.segmentize(rings, 1.0), return_index=True)
    enclosure, at = holding(frame.enclosures, np.asarray(shapely.points(points)))
    touched, often = np.unique(np.column_stack([of[at], enclosure]), axis=0, return_counts=True)
    dry = ~frame.water[touched[:, 1]] if len(touched) else np.empty(0, bool)
    touched, often = touched[dry], often[dry]
    order = np.lexsort([-often, touched[:, 0]])
    first = np.unique(touched[order, 0], return_index=True)[1]
    found[around[touched[order[first], 0]]] = touched[order[first], 1]
    wet = (found >= 0) & np.append(frame.water, False)[found]
    return replace(seeds, enclosure=np.where(wet, -1, found))
