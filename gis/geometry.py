"""Pure geometry on whole arrays: the plane of a village, outlines out of cells."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from gis.words import N_, Word

Shapes = NDArray[np.object_]
Floats = NDArray[np.float64]

_AXIS, _FLATTENING = 6378137.0, 1 / 298.257222101
_SQUASH = _FLATTENING * (2 - _FLATTENING)
"""CGCS2000: the half axis in metres, the flattening, and the square of the eccentricity."""
REASONS = {
    "Self-intersection": Word(N_("it crosses itself")),
    "Ring Self-intersection": Word(N_("it touches itself")),
    "Hole lies outside shell": Word(N_("a hole lies outside the outline")),
    "Holes are nested": Word(N_("a hole lies in another hole")),
    "Nested shells": Word(N_("a part lies in another part")),
    "Interior is disconnected": Word(N_("holes cut it into pieces")),
    "Too few points in geometry component": Word(N_("it has too few points")),
    "Invalid Coordinate": Word(N_("a coordinate is not a number")),
}
_REASON = re.compile(r"([^\[]+)(?:\[(\S+) (\S+?)\])?")


@dataclass(frozen=True)
class Plane:
    """A local plane in metres around a point: straight lines in degrees stay straight, so what tiles here tiles there.

    `east` and `north` are the metres of a degree of longitude and of latitude at the point (CGCS2000).
    """

    lon: float
    lat: float
    east: float
    north: float


def plane(lon: float, lat: float) -> Plane:
    """Return the plane around a point in degrees; 5 km away its lengths are right to about one in a thousand."""
    bend = 1 - _SQUASH * np.sin(np.radians(lat)) ** 2
    east = np.pi / 180 * _AXIS * np.cos(np.radians(lat)) / np.sqrt(bend)
    north = np.pi / 180 * _AXIS * (1 - _SQUASH) / bend**1.5
    return Plane(lon, lat, float(east), float(north))


def metres(shapes: Any, on: Plane) -> Any:
    """Return copies of shapes in degrees as shapes on the plane, in metres."""
    return shapely.transform(shapes, lambda at: (at - (on.lon, on.lat)) * (on.east, on.north))


def degrees(shapes: Any, on: Plane) -> Any:
    """Return copies of shapes on the plane as shapes in degrees."""
    return shapely.transform(shapes, lambda at: at / (on.east, on.north) + (on.lon, on.lat))


def derive(cells: Shapes, group: NDArray[np.integer[Any]], count: int) -> Shapes:
    """Return one polygon or multipolygon for each group 0 … count-1 of cells of a valid coverage; no vertex moves.

    A group without a cell is None; cells of group -1 are left out.
    """
    order = np.argsort(group, kind="stable")
    bounds = np.searchsorted(group[order], np.arange(count + 1))
    arranged = np.asarray(cells, dtype=object)[order]
    outlines = np.empty(count, dtype=object)
    for number in np.flatnonzero(np.diff(bounds)):
        part = arranged[bounds[number] : bounds[number + 1]]
        outlines[number] = part[0] if len(part) == 1 else shapely.coverage_union_all(part)
    return outlines


@dataclass(frozen=True)
class Sides:
    """The sides of polygons: from x, y to x, y (n × 4) with the lower end first, and the polygon each belongs to."""

    ends: Floats
    owner: NDArray[np.int64]


def sides(polygons: Shapes) -> Sides:
    """Return every side of some (multi)polygons, holes included."""
    parts, polygon = shapely.get_parts(polygons, return_index=True)
    rings, part = shapely.get_rings(parts, return_index=True)
    at, ring = shapely.get_coordinates(rings, return_index=True)
    return steps(at, polygon[part[ring]], ring)


def steps(at: Floats, owner: NDArray[np.int64], ring: NDArray[np.int64]) -> Sides:
    """Return the sides between points that follow each other in the same ring."""
    same = (ring[1:] == ring[:-1]) & (at[1:] != at[:-1]).any(axis=1)
    start, end = at[:-1][same] + 0.0, at[1:][same] + 0.0
    swap = (start[:, 0] > end[:, 0]) | ((start[:, 0] == end[:, 0]) & (start[:, 1] > end[:, 1]))
    ends = np.hstack([start, end])
    ends[swap] = ends[swap][:, [2, 3, 0, 1]]
    return Sides(ends, owner[:-1][same])


_MIX = np.array([0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9, 0xD6E8FEB86659FD93], np.uint64)


def printed(rows: Floats) -> NDArray[np.uint64]:
    """Return a hash of each row of a table of numbers; of a million different rows two agree once in 10⁷ tables."""
    bits = np.ascontiguousarray(rows).view(np.uint64)
    mixed = np.zeros(len(bits), np.uint64)
    for column in range(bits.shape[1]):
        mixed ^= bits[:, column]
        mixed *= _MIX[column]
        mixed ^= mixed >> np.uint64(29)
    return mixed


def twins(rows: Floats) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the pairs of rows that are equal, in a table where no more than two are: the earlier and the later one.

    One sort over hashes instead of one per column: a tenth of the time for millions of rows.
    """
    mixed = printed(rows)
    order = np.argsort(mixed, kind="stable")
    arranged = mixed[order]
    twice = np.flatnonzero(arranged[1:] == arranged[:-1])
    return order[twice], order[twice + 1]


def alike(rows: Floats) -> tuple[NDArray[np.int64], int]:
    """Number the rows of a table so that equal rows, and no others, have the same number."""
    distinct, number = np.unique(printed(rows), return_inverse=True)
    return number, len(distinct)


@dataclass(frozen=True)
class Repaired:
    """Outlines that tile what they covered, and what was wrong with the ones that were given; metres and m².

    `shapes` keep the order of the input, None where nothing was left. `broken` are the places of outlines that crossed
    themselves or were no polygons. `overlaps` are the shared pieces with the two places of each (`pairs`). `gaps` are
    the pieces that no outline covered, `wide` tells which were left. `moved` is the ground that each outline won
    or lost.
    """

    shapes: Shapes
    broken: NDArray[np.int64]
    overlaps: Shapes
    pairs: NDArray[np.int64]
    gaps: Shapes
    wide: NDArray[np.bool_]
    moved: Floats


LEAST_M2 = 0.01
"""Overlaps below this are rounding."""


def repair(shapes: Shapes, ground: Any, *, gap_width: float = 5.0, snapping: float = 0.01) -> Repaired:
    """Return hand-drawn outlines (metres on a plane) as a valid coverage inside a ground.

    Overlaps, and gaps up to a width, go to the neighbour with the longest border; wider gaps stay. Vertices closer than
    `snapping` become one.
    """
    given, broken = _polygons(shapes)
    overlaps, pairs = _overlaps(given)
    inside = _polygons(np.asarray(shapely.intersection(given, ground)))[0]
    there = np.flatnonzero(~shapely.is_empty(inside))
    clean = _cleaned(inside[there], snapping)
    rest = _surfaces(shapely.difference(ground, shapely.union_all(clean)))
    whole = _cleaned(np.concatenate([clean, rest]), snapping)
    wide = ~shapely.is_empty(shapely.buffer(rest, -gap_width / 2, quad_segs=1))
    group = _taken(whole, len(there), wide)
    kept = np.empty(len(given), dtype=object)
    kept[there] = derive(whole, group, len(there))
    moved = shapely.area(shapely.symmetric_difference(given, _filled(kept)))
    real = shapely.area(rest) >= LEAST_M2
    return Repaired(kept, broken, overlaps, pairs, rest[real], wide[real], moved)


def _cleaned(shapes: Shapes, snapping: float) -> Shapes:
    if len(shapes) == 0:
        return shapes
    clean = shapely.coverage_clean(shapes, snapping_distance=snapping)  # type: ignore[attr-defined]
    return np.asarray(clean, dtype=object)


def _taken(whole: Shapes, count: int, wide: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Return the outline that each piece joins: itself, the neighbour of a narrow gap, or none (-1)."""
    group = np.append(np.arange(count), np.full(len(wide), -1))
    found = sides(whole)
    one, other = twins(found.ends)
    length = np.hypot(*(found.ends[one, 2:] - found.ends[one, :2]).T)
    for gap in count + np.flatnonzero(~wide):
        shared = np.zeros(count)
        for here, there in ((one, other), (other, one)):
            beside = (found.owner[here] == gap) & (found.owner[there] < count)
            np.add.at(shared, found.owner[there][beside], length[beside])
        group[gap] = int(shared.argmax()) if shared.any() else -1
    return group


def _polygons(shapes: Shapes) -> tuple[Shapes, NDArray[np.int64]]:
    """Return shapes as valid flat polygons, empty where there is none, and the places of those that were not."""
    given = np.asarray(shapely.force_2d(_filled(shapes)), dtype=object)
    surface = np.isin(shapely.get_type_id(given), (3, 6)) & shapely.is_valid(given)
    wrong = np.flatnonzero(~surface & ~shapely.is_empty(given))
    for at in wrong:
        parts = _surfaces(shapely.make_valid(given[at], method="structure", keep_collapsed=False))
        given[at] = shapely.union_all(parts) if len(parts) else shapely.Polygon()
    return given, wrong


def _surfaces(shape: Any) -> Shapes:
    """Return the polygons of a shape, which may be a collection of collections."""
    parts = np.asarray(shapely.get_parts(np.asarray(shapely.get_parts(shape))))
    return parts[shapely.get_dimensions(parts) == 2] if len(parts) else np.empty(0, dtype=object)


def _filled(shapes: Shapes) -> Shapes:
    """Return shapes with an empty polygon for each None."""
    found = np.array(shapes, dtype=object)
    found[shapely.is_missing(found)] = shapely.Polygon()
    return found


def _overlaps(shapes: Shapes) -> tuple[Shapes, NDArray[np.int64]]:
    one, other = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    one, other = one[one < other], other[one < other]
    shared = _polygons(np.asarray(shapely.intersection(shapes[one], shapes[other])))[0]
    real = shapely.area(shared) >= LEAST_M2
    return shared[real], np.column_stack([one[real], other[real]])


def invalidity(shape: Any) -> tuple[Word, tuple[float, float] | None]:
    """Return why an outline is not valid, and where, in its own coordinates."""
    match = _REASON.match(shapely.is_valid_reason(shape))
    text, x, y = match.groups() if match else ("", None, None)
    place = (round(float(x), 6), round(float(y), 6)) if x and y else None
    return REASONS.get(text.strip(), Word(text.strip())), place
