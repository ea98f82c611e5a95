"""Cutting land into parts of given weights along bent lines, and noding the parts so that edges are shared exactly."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import LineString, Polygon
from shapely.geometry.base import BaseGeometry

GRID_SIZE = 0.001
"""Metres: every vertex of the made-up land lies on this grid."""


@dataclass(frozen=True)
class Cut:
    """Two sides of a polygon and the line between them (metric CRS)."""

    left: Polygon
    right: Polygon
    line: LineString


def wave(length: float, height: float, step: float, rng: np.random.Generator, octaves: int = 5) -> NDArray[np.float64]:
    """Return the sideways offsets (metres) of a bent line sampled every `step` metres along `length`."""
    count = max(int(length / step), 8)
    along = np.linspace(0, 1, count + 1)
    offset = np.zeros(count + 1)
    for octave in range(octaves):
        turns = 2.0**octave * rng.uniform(0.6, 1.1)
        offset += 0.55**octave * np.sin(2 * np.pi * (turns * along + rng.random())) * rng.uniform(0.6, 1.2)
    return np.asarray(height * offset / 2)


def long_axis(polygon: Polygon) -> float:
    """Return the direction (radians) of the longer side of the smallest rectangle around a polygon."""
    corners = shapely.get_coordinates(shapely.minimum_rotated_rectangle(polygon))
    sides = np.diff(corners[:3], axis=0)
    longest = sides[np.argmax(np.hypot(sides[:, 0], sides[:, 1]))]
    return float(np.arctan2(longest[1], longest[0]))


def cut(
    polygon: Polygon, fraction: float, angle: float, bend: float, rng: np.random.Generator, samples: int = 24
) -> Cut:
    """Cut off `fraction` of a polygon's area by a bent line running at `angle`; the left side is the smaller offset.

    `bend` is the height of the bends as a share of the square root of the area; when a side would fall apart, a calmer
    line is tried, and then one that runs another way.
    """
    size = float(np.sqrt(polygon.area))
    ways = [(angle + turn, calm) for turn in (0, 0.3, -0.3, 0.7, -0.7, 1.2, -1.2, 1.57) for calm in (1.0, 0.4, 0.0)]
    for way, calm in ways:
        found = _cut_once(polygon, fraction, way, bend * calm * size, rng, samples)
        if found is not None:
            return found
    raise ValueError("the polygon cannot be cut into two whole sides")


def _cut_once(
    polygon: Polygon, fraction: float, angle: float, height: float, rng: np.random.Generator, samples: int
) -> Cut | None:
    centre = shapely.get_coordinates(polygon.centroid)[0]
    ring = shapely.get_coordinates(polygon) - centre
    along, across = np.array([np.cos(angle), np.sin(angle)]), np.array([-np.sin(angle), np.cos(angle)])
    reach = float(np.abs(ring @ along).max()) * 1.1 + 10
    far = float(np.abs(ring @ across).max()) * 2 + 4 * height + 10
    offsets = wave(2 * reach, height, max(reach / samples, 25.0), rng)
    base = centre + np.linspace(-reach, reach, len(offsets))[:, None] * along + offsets[:, None] * across
    corners = np.array([reach * along - far * across, -reach * along - far * across]) + centre

    def below(shift: float) -> Polygon:
        return Polygon(np.vstack([base + shift * across, corners]))

    shift = _balance(polygon, fraction, below, far / 2)
    side = below(shift)
    left, right = shapely.intersection(polygon, side), shapely.difference(polygon, side)
    line: Any = shapely.intersection(LineString(base + shift * across), polygon)
    return Cut(left, right, line) if isinstance(left, Polygon) and isinstance(right, Polygon) else None


def _balance(polygon: Polygon, fraction: float, below: Callable[[float], Polygon], reach: float) -> float:
    """Find the shift of the line at which the side below it holds the wanted share (regula falsi, Illinois)."""
    want, low, high = fraction * polygon.area, -reach, reach
    at_low, at_high = -want, polygon.area - want
    for _ in range(40):
        shift = (low * at_high - high * at_low) / (at_high - at_low)
        gap = shapely.intersection(polygon, below(shift)).area - want
        if abs(gap) < 1e-5 * polygon.area:
            return float(shift)
        if gap > 0:
            high, at_high, at_low = shift, gap, at_low / 2
        else:
            low, at_low, at_high = shift, gap, at_high / 2
    return float(shift)


def partition(polygon: Polygon, weights: Sequence[float], bend: float, rng: np.random.Generator) -> list[Polygon]:
    """Cut a polygon into parts with areas in proportion to the weights, halving across the long axis each time."""
    if len(weights) == 1:
        return [polygon]
    running = np.cumsum(weights) / np.sum(weights)
    middle = int(np.argmin(np.abs(running[:-1] - 0.5))) + 1
    angle = long_axis(polygon) + np.pi / 2 + rng.normal(0, 0.16)
    if np.cos(angle) < 0:
        angle += np.pi
    sides = cut(polygon, float(running[middle - 1]), angle, bend, rng)
    return [
        *partition(sides.left, weights[:middle], bend, rng),
        *partition(sides.right, weights[middle:], bend, rng),
    ]


def node(parts: Sequence[Polygon]) -> NDArray[np.object_]:
    """Return the same parts with every vertex on the millimetre grid and every shared edge the same on both sides."""
    lines = shapely.unary_union(shapely.boundary(np.asarray(parts)), grid_size=GRID_SIZE)
    faces = np.asarray(shapely.get_parts(shapely.polygonize(shapely.get_parts(lines))))
    tree = shapely.STRtree(np.asarray(parts))
    face_at, part_at = tree.query(shapely.point_on_surface(faces), predicate="within")
    owner = np.full(len(faces), -1)
    owner[face_at] = part_at
    if (owner < 0).any() or len(np.unique(owner)) != len(parts):
        raise ValueError("the parts do not tile the land")
    return dissolve(faces, owner, len(parts))


def dissolve(polygons: NDArray[np.object_], owner: NDArray[np.int64], count: int) -> NDArray[np.object_]:
    """Merge noded polygons by owner (0 … count-1) without moving a vertex."""
    order = np.argsort(owner, kind="stable")
    bounds = np.searchsorted(owner[order], np.arange(count + 1))
    merged: list[BaseGeometry] = []
    for first, last in itertools.pairwise(bounds):
        group = polygons[order[first:last]]
        merged.append(group[0] if len(group) == 1 else shapely.coverage_union_all(group))
    whole = np.array(merged, dtype=object)
    single = shapely.get_type_id(whole) == 6
    whole[single] = [
        shapely.get_geometry(part, 0) if shapely.get_num_geometries(part) == 1 else part for part in whole[single]
    ]
    return whole
