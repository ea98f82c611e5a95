"""Cells as a browser draws them: arcs that neighbours share, in whole numbers, and the rings they close to."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

STEP_M = 0.1
"""One unit of the whole numbers on the ground, in metres."""
SMOOTH_M = 0.2
"""How far a drawn arc may leave the stored one, in metres: less than a pixel at the closest zoom."""
METRES_PER_DEGREE = 111_320.0
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Mesh:
    """Points int64[n, 2] of all arcs one after the other, and how many each has; a point lies at origin + point * step.

    `sides`: the cells left and right of each arc, -1 for none. `rings`: per cell the rings, each a list of arcs in
    order, ~i (that is -1-i) for arc i backwards.
    """

    origin: tuple[float, float]
    step: tuple[float, float]
    points: Ints
    lengths: Ints
    sides: list[list[int]]
    rings: list[list[list[int]]]


def mesh(shapes: NDArray[Any]) -> Mesh:
    """Return the shared arcs of the (multi)polygons of a coverage, EPSG:4490."""
    origin, step = raster(shapes)
    parts, part_cell = shapely.get_parts(shapely.orient_polygons(shapes), return_index=True)
    outlines, outline_part = shapely.get_rings(parts, return_index=True)
    coords, coord_ring = shapely.get_coordinates(outlines, return_index=True)
    whole = np.rint((coords - origin) / step).astype(np.int64)
    spots, vertex = np.unique(whole[:, 0] << 32 | whole[:, 1], return_inverse=True)
    walks = list(rings_of(vertex, coord_ring, len(outlines)))
    weaver = Weaver(branching(walks, len(spots)))
    rings: list[list[list[int]]] = [[] for _ in shapes]
    for cell, walk in zip(part_cell[outline_part].tolist(), walks, strict=True):
        if len(walk) > 2:
            rings[cell].append(weaver.weave(cell, walk.tolist()))
    points, lengths = thinned(weaver.arcs, np.stack([spots >> 32, spots & 0xFFFFFFFF], axis=1))
    return Mesh(tuple(origin.tolist()), tuple(step.tolist()), points, lengths, weaver.sides, rings)


def raster(shapes: NDArray[Any]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the south-west corner of the shapes, and one unit in degrees east and north."""
    west, south, _east, north = shapely.total_bounds(shapes)
    east_m = METRES_PER_DEGREE * np.cos(np.radians((south + north) / 2))
    return np.array([west, south]), np.array([STEP_M / east_m, STEP_M / METRES_PER_DEGREE])


def rings_of(vertex: Ints, ring: Ints, count: int) -> Iterator[Ints]:
    """Yield the vertices of each ring once, without the repeated last one and without repetitions."""
    # the last point of a ring is its first: left out, and with it every point that fell onto the one before
    fresh = np.append(vertex[:-1] != vertex[1:], True) & (np.append(ring[:-1] == ring[1:], False))
    starts = np.searchsorted(ring[fresh], np.arange(count + 1)).tolist()
    kept = vertex[fresh]
    for first, last in pairwise(starts):
        yield kept[first:last]


def branching(walks: list[Ints], count: int) -> NDArray[np.bool_]:
    """Tell of each vertex whether arcs end there: another number of edges than two meet in it."""
    here = np.concatenate(walks)
    there = np.roll(here, -1)
    lengths = np.array([len(walk) for walk in walks])
    firsts = np.cumsum(lengths) - lengths
    there[np.cumsum(lengths)[lengths > 0] - 1] = here[firsts[lengths > 0]]
    edges = np.unique(np.minimum(here, there) * count + np.maximum(here, there))
    ends: NDArray[np.bool_] = np.bincount(np.concatenate([edges // count, edges % count]), minlength=count) != 2
    return ends


class Weaver:
    """Cuts rings into arcs, and gives the arc that another ring has brought already."""

    def __init__(self, ends: NDArray[np.bool_]) -> None:
        self.ends: list[bool] = ends.tolist()
        self.arcs: list[list[int]] = []
        self.sides: list[list[int]] = []
        self.known: dict[tuple[int, int], int] = {}

    def weave(self, cell: int, walk: list[int]) -> list[int]:
        """Return the arcs of a ring that has the cell on its left."""
        cuts = [i for i, vertex in enumerate(walk) if self.ends[vertex]] or [walk.index(min(walk))]
        path = walk[cuts[0] :] + walk[: cuts[0] + 1]
        stops = [cut - cuts[0] for cut in cuts] + [len(walk)]
        return [self.arc(cell, path[a : b + 1]) for a, b in pairwise(stops)]

    def arc(self, cell: int, points: list[int]) -> int:
        """Return the number of an arc, ~number when it was first brought the other way round."""
        found = self.known.get((points[0], points[1]))
        if found is not None:
            return found
        back = self.known.get((points[-1], points[-2]))
        if back is not None:
            self.sides[back][1] = cell
            return ~back
        self.known[points[0], points[1]] = number = len(self.arcs)
        self.arcs.append(points)
        self.sides.append([cell, -1])
        return number


def thinned(arcs: list[list[int]], spots: Ints) -> tuple[Ints, Ints]:
    """Return the points of all arcs without those that nobody would see, and how many each keeps; the ends stay."""
    owner = np.repeat(np.arange(len(arcs)), [len(arc) for arc in arcs])
    lines = np.asarray(shapely.linestrings(spots[np.concatenate(arcs)], indices=owner))
    plain = np.asarray(shapely.simplify(lines, SMOOTH_M / STEP_M, preserve_topology=False))
    lost = shapely.is_closed(lines) & (shapely.get_num_coordinates(plain) < 4)
    plain[lost] = lines[lost]
    return shapely.get_coordinates(plain).astype(np.int64), shapely.get_num_coordinates(plain).astype(np.int64)


def written(made: Mesh, **more: Any) -> bytes:
    """Return the mesh as JSON: each arc is its first point and the steps from there, all in one flat list."""
    steps = np.diff(made.points, axis=0, prepend=0)
    firsts = np.cumsum(made.lengths) - made.lengths
    steps[firsts] = made.points[firsts]
    told = {
        "origin": made.origin,
        "step": made.step,
        "lengths": made.lengths.tolist(),
        "points": steps.ravel().tolist(),
        "sides": [side for pair in made.sides for side in pair],
        "rings": made.rings,
        **more,
    }
    return json.dumps(told, separators=(",", ":")).encode()
