"""The barriers of a village as closed lines: the enclosures between them, and the fixed nodes along their sides."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from gis.geometry import Floats, Shapes, Sides, sides, twins

Ints = NDArray[np.int64]

GRID = 2.0**-20
"""Metres between two places on the plane, about a micrometre: a power of two, so rounding to it is exact."""
NODE_EVERY = 5.0
"""Metres between the nodes on a barrier where cell borders may end: fixed, so a cell on one side of a road stays as it
is when a building on the other side changes."""
NEAR = 1e-5
THIN = 1e-4
"""Metres of width below which a face lies between two lines that were meant to be one."""
TOUCHES = 0.01
"""Metres by which a barrier may run along a wall without crossing the building."""


@dataclass(frozen=True)
class Skeleton:
    """The enclosures of a village, and the sides (n × 4) of their borders; `nodes` marks those that end in fixed nodes.

    `footprints` are the parts of buildings that a barrier crosses; they lie in no enclosure. `lines` are the
    same sides from one junction to the next; `undivided` are the sides before nodes were put in, `of` which each is of.
    """

    enclosures: Shapes
    water: NDArray[np.bool_]
    footprints: Shapes
    ends: Floats
    nodes: NDArray[np.bool_]
    lines: Shapes
    undivided: Floats
    of: Ints


def rounded(shapes: Any) -> Any:
    """Return copies of shapes with every vertex on the grid."""
    return shapely.transform(shapes, lambda at: np.round(at / GRID) * GRID)


def lines_of(shapes: Shapes, box: tuple[float, float, float, float]) -> tuple[Shapes, Ints]:
    """Return the single lines of barriers within a box, surfaces by their borders, and the barrier of each."""
    clipped = shapely.clip_by_rect(shapes, *box)
    surface = shapely.get_dimensions(clipped) == 2
    clipped[surface] = shapely.boundary(clipped[surface])
    parts, of = shapely.get_parts(clipped, return_index=True)
    line = (shapely.get_dimensions(parts) == 1) & ~shapely.is_empty(parts)
    return parts[line], of[line]


def crossed(shapes: Shapes, lines: Shapes) -> NDArray[np.bool_]:
    """Tell which polygons a line runs through, and not just along."""
    found = np.zeros(len(shapes), bool)
    of, line = shapely.STRtree(lines).query(shapes, predicate="intersects")
    inside = shapely.buffer(shapes[of], -TOUCHES, quad_segs=1)
    found[of[shapely.intersects(inside, lines[line])]] = True
    return found


def frame(village: Any, lines: Shapes, crossing: Shapes, water: Shapes) -> Skeleton:
    """Return the enclosures that a village is cut into by lines and by the outlines of the buildings they cross."""
    drawn = np.concatenate([lines, shapely.boundary(crossing), [shapely.boundary(village)]])
    faces = polygonized(drawn)
    points = shapely.point_on_surface(faces)
    faces, points = inside(village, faces, points)
    footprint = _within(points, crossing)
    found = sides(faces)
    one, other = twins(found.ends)
    inner = np.zeros(len(found.owner), bool)
    inner[one] = ~footprint[found.owner[one]] & ~footprint[found.owner[other]]
    once = np.ones(len(found.owner), bool)
    once[other] = False
    once[one[spurious(faces, found, one, other)]] = False
    undivided = found.ends[once]
    ends, of = _divided(undivided, inner[once])
    whole = joined(ends)
    shapes = np.asarray(shapely.get_parts(shapely.polygonize(whole)))
    shapes, points = inside(village, shapes, shapely.point_on_surface(shapes))
    footprint, wet = _within(points, crossing), _within(points, water)
    return Skeleton(shapes[~footprint], wet[~footprint], shapes[footprint], ends, inner[once][of], whole, undivided, of)


def spurious(faces: Shapes, found: Sides, one: Ints, other: Ints) -> NDArray[np.bool_]:
    """Tell which shared sides part a face without width from the neighbour that it shares most with.

    They go: new nodes on one of two lines a micrometre apart would make them cross.
    """
    a, b = found.owner[one], found.owner[other]
    ends = found.ends[one]
    length = np.hypot(ends[:, 2] - ends[:, 0], ends[:, 3] - ends[:, 1])
    gone = np.zeros(len(one), bool)
    for face in np.flatnonzero(2 * shapely.area(faces) < THIN * shapely.length(faces)).tolist():
        beside = np.where(a == face, b, np.where(b == face, a, -1))
        shared = np.bincount(beside[beside >= 0], length[beside >= 0], minlength=1)
        gone |= beside == (shared.argmax() if shared.any() else len(faces))
    return gone


def polygonized(lines: Shapes) -> Shapes:
    """Return the faces between lines, which are cut where they meet."""
    noded = shapely.union_all(lines, grid_size=GRID)
    return np.asarray(shapely.get_parts(shapely.polygonize(shapely.get_parts(noded))))


def segments(ends: Floats) -> Shapes:
    """Return sides (n × 4) as lines of two points."""
    return np.asarray(shapely.linestrings(ends.reshape(-1, 2, 2)))


def joined(ends: Floats) -> Shapes:
    """Return sides (n × 4) as lines from one junction to the next: overlays take their time per line."""
    return np.asarray(shapely.get_parts(shapely.line_merge(shapely.multilinestrings(segments(ends)))))


def inside(village: Any, faces: Shapes, points: Shapes) -> tuple[Shapes, Shapes]:
    """Return the faces whose points lie in the village, and the points."""
    shapely.prepare(village)
    kept = shapely.intersects(village, points)
    return faces[kept], points[kept]


def _within(points: Shapes, surfaces: Shapes) -> NDArray[np.bool_]:
    found = np.zeros(len(points), bool)
    found[holding(surfaces, points)[1]] = True
    return found


def holding(surfaces: Shapes, points: Shapes) -> tuple[Ints, Ints]:
    """Return each pair of a surface and a point in it, or on its border."""
    surface, point = shapely.STRtree(points).query(surfaces, predicate="intersects")
    return surface, point


def _divided(ends: Floats, inner: NDArray[np.bool_]) -> tuple[Floats, Ints]:
    """Return sides with those inside the village cut into equal pieces between fixed nodes, and the side of each."""
    length = np.hypot(ends[:, 2] - ends[:, 0], ends[:, 3] - ends[:, 1])
    pieces = np.where(inner, np.maximum(np.ceil(length / NODE_EVERY), 1), 1).astype(np.int64)
    of = np.repeat(np.arange(len(ends)), pieces)
    step = np.arange(len(of)) - np.repeat(np.cumsum(pieces) - pieces, pieces)
    start, way = ends[of, :2], ends[of, 2:] - ends[of, :2]
    low = np.round((start + way * (step / pieces[of])[:, None]) / GRID) * GRID
    high = np.round((start + way * ((step + 1) / pieces[of])[:, None]) / GRID) * GRID
    last = step + 1 == pieces[of]
    high[last] = ends[of[last], 2:]
    return np.hstack([low, high]), of
