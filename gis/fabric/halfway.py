"""The lines halfway between the buildings of an enclosure: where the land of one ends and that of the next begins."""

from __future__ import annotations

import itertools
import os
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import shapely
from numpy.typing import NDArray

from gis.fabric.seeds import Seeds
from gis.fabric.skeleton import GRID, NEAR, Skeleton, segments
from gis.geometry import Floats, Shapes, steps, twins

Ints = NDArray[np.int64]

CLOSEST, WIDEST = 1.0, 5.0
"""Metres between two points on a wall: half the distance to the next building, within these."""
WALL = 0.4
"""Metres that points keep from a wall which another building comes close to, so that the two walls stay apart."""
TOUCHING = 2.0
"""Metres between the points of such a wall: the wall itself is drawn, only the ground before it is shared out."""
APART = 1e5
"""Metres that enclosures are moved from each other when the nearest building of the same one is asked for."""
CALM, CALMEST = 0.05, 0.5
"""Bounds in metres of how far a line may be straightened: a seventh of the distance between its buildings."""


def between(seeds: Seeds, frame: Skeleton) -> Shapes:
    """Return the lines between the seeds that share an enclosure, clipped to it; they end in nodes of its sides."""
    sharing = np.bincount(seeds.enclosure[seeds.enclosure >= 0], minlength=len(frame.enclosures)) > 1
    at = np.flatnonzero((seeds.enclosure >= 0) & sharing[seeds.enclosure])
    if len(at) == 0:
        return np.empty(0, object)
    at = at[np.argsort(seeds.enclosure[at], kind="stable")]

    def block(part: slice) -> tuple[Shapes, Shapes]:
        shapes, home = seeds.shapes[at[part]], seeds.enclosure[at[part]]
        points, of, gap = sites(shapes, home)
        lines, enclosure = halfway(points, of, home[of], gap, frame.enclosures)
        return clipped(lines, enclosure, frame.enclosures)

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        whole, cut = zip(*pool.map(block, blocks(seeds.enclosure[at])), strict=True)
    return np.concatenate([*whole, ended(np.concatenate(cut), frame)])


def blocks(home: Ints) -> list[slice]:
    """Return some slices of seeds about as long as each other, none of which parts an enclosure."""
    starts = np.append(np.flatnonzero(np.append(True, home[1:] != home[:-1])), len(home))
    size = max(len(home) // (4 * (os.cpu_count() or 1)), 1)
    bounds = np.unique(np.searchsorted(starts, np.append(np.arange(0, len(home), size), len(home))))
    return [slice(starts[low], starts[high]) for low, high in itertools.pairwise(bounds)]


def moved(shapes: Shapes, enclosure: Ints) -> Shapes:
    """Return shapes moved far apart by their enclosure."""
    at, of = shapely.get_coordinates(shapes, return_index=True)
    at[:, 0] += APART * enclosure[of]
    return np.asarray(shapely.set_coordinates(shapes.copy(), at))


def sites(shapes: Shapes, home: Ints) -> tuple[Floats, Ints, Floats]:
    """Return points along the walls of footprints, the footprint of each, and the gap before each footprint in metres.

    Points are closer where another footprint of the same enclosure is near; no two are the same.
    """
    far = moved(shapes, home)
    one, other = shapely.STRtree(far).query(far, predicate="dwithin", distance=2 * WIDEST)
    apart = one != other
    one, other = one[apart], other[apart]
    gap = np.full(len(shapes), 2 * WIDEST)
    np.minimum.at(gap, one, shapely.distance(shapes[one], shapes[other]))
    walls = shrunk(shapes, gap < 2 * WALL)
    at, of = shapely.get_coordinates(walls, return_index=True)
    ring = shapely.get_coordinates(shapely.get_parts(walls), return_index=True)[1]
    follows = np.flatnonzero((ring[1:] == ring[:-1]) & (at[1:] != at[:-1]).any(axis=1))
    start, way, of_wall = at[follows], at[follows + 1] - at[follows], of[follows]
    step = _steps(start, way, of_wall, shapes, one, other)
    pieces = np.maximum(np.ceil(np.hypot(way[:, 0], way[:, 1]) / step), 1).astype(np.int64)
    wall = np.repeat(np.arange(len(follows)), pieces)
    share = (np.arange(len(wall)) - np.repeat(np.cumsum(pieces) - pieces, pieces)) / pieces[wall]
    alone = np.flatnonzero(shapely.get_dimensions(walls) == 0)
    points = np.concatenate([start[wall] + way[wall] * share[:, None], shapely.get_coordinates(walls[alone])])
    return *_distinct(points, np.append(of_wall[wall], alone), home), gap


def shrunk(shapes: Shapes, tight: NDArray[np.bool_]) -> Shapes:
    """Return the walls of footprints, drawn inwards where another one is near; a point for one that is too narrow."""
    inner = shapes.copy()
    for share in (1.0, 0.1, 0.01):
        at = np.flatnonzero(tight if share == 1.0 else shapely.is_empty(inner))
        inner[at] = shapely.buffer(shapes[at], -WALL * share, join_style="mitre")
    gone = np.flatnonzero(shapely.is_empty(inner))
    inner[gone] = shapely.point_on_surface(shapes[gone])
    surface = shapely.get_dimensions(inner) == 2
    inner[surface] = shapely.boundary(inner[surface])
    return inner


def _steps(start: Floats, way: Floats, of: Ints, shapes: Shapes, one: Ints, other: Ints) -> Floats:
    """Return the metres between the points of each wall: half its distance to the next footprint."""
    walls = np.asarray(shapely.linestrings(np.stack([start, start + way], axis=1)))
    first = np.searchsorted(of, np.arange(len(shapes) + 1))
    often = np.diff(first)[one]
    pair = np.repeat(np.arange(len(one)), often)
    wall = first[one][pair] + np.arange(len(pair)) - np.repeat(np.cumsum(often) - often, often)
    gap = np.full(len(walls), 2 * WIDEST)
    np.minimum.at(gap, wall, shapely.distance(walls[wall], shapes[other[pair]]))
    return np.where(gap < 2 * WALL, TOUCHING, np.clip(gap / 2, CLOSEST, WIDEST))


def _distinct(points: Floats, of: Ints, home: Ints) -> tuple[Floats, Ints]:
    """Return points by enclosure and place, each once."""
    order = np.lexsort([of, points[:, 1], points[:, 0], home[of]])
    points, of = points[order], of[order]
    kept = np.append(True, (points[1:] != points[:-1]).any(axis=1) | (home[of][1:] != home[of][:-1]))
    return points[kept], of[kept]


def halfway(points: Floats, of: Ints, home: Ints, gap: Floats, enclosures: Shapes) -> tuple[Shapes, Ints]:
    """Return the lines between the points of different seeds within each of some enclosures."""
    which, number = np.unique(home, return_inverse=True)
    together = shapely.multipoints(points, indices=number)
    around = shapely.envelope(enclosures[which])
    diagrams = shapely.voronoi_polygons(together, extend_to=around, ordered=True)
    cells = shapely.get_parts(diagrams)
    at, cell = shapely.get_coordinates(cells, return_index=True)
    # Two neighbours are clipped one by one, so the ends of their common side may differ in the last bit.
    found = steps(np.round(at / GRID) * GRID, cell, cell)
    one, other = twins(found.ends)
    low, high = of[found.owner[one]], of[found.owner[other]]
    apart = low != high
    one, low, high = one[apart], np.minimum(low, high)[apart], np.maximum(low, high)[apart]
    return straightened(found.ends[one], low, high, home[found.owner[one]], gap)


def straightened(ends: Floats, low: Ints, high: Ints, home: Ints, gap: Floats) -> tuple[Shapes, Ints]:
    """Return the sides between each two seeds as straightened lines, and the enclosure of each."""
    order = np.lexsort([high, low])
    ends, low, high, home = ends[order], low[order], high[order], home[order]
    fresh = np.append(True, (low[1:] != low[:-1]) | (high[1:] != high[:-1]))[: len(low)]
    pair = np.cumsum(fresh) - 1
    merged = shapely.line_merge(shapely.multilinestrings(segments(ends), indices=pair))
    lines, of = shapely.get_parts(merged, return_index=True)
    first = np.flatnonzero(fresh)
    calm = np.clip(np.minimum(gap[low[first]], gap[high[first]])[of] / 7, CALM, CALMEST)
    ring = shapely.is_closed(lines)
    lines[~ring] = shapely.simplify(lines[~ring], calm[~ring], preserve_topology=False)
    return lines, home[first][of]


def clipped(lines: Shapes, enclosure: Ints, enclosures: Shapes) -> tuple[Shapes, Shapes]:
    """Return the lines that lie inside their enclosure, and the others without what of them lies outside."""
    shapely.prepare(enclosures[np.unique(enclosure)])
    inside = shapely.contains_properly(enclosures[enclosure], lines)
    which, number = np.unique(enclosure[~inside], return_inverse=True)
    if len(which) == 0:
        return lines, lines[:0]
    order = np.argsort(number, kind="stable")
    together = shapely.multilinestrings(lines[~inside][order], indices=number[order])
    parts = np.asarray(shapely.get_parts(shapely.intersection(together, enclosures[which])))
    parts = np.asarray(shapely.get_parts(parts))
    return lines[inside], parts[shapely.get_dimensions(parts) == 1]


def ended(lines: Shapes, frame: Skeleton) -> Shapes:
    """Return lines whose ends on a side with fixed nodes are moved to the nearest of them."""
    if len(lines) == 0:
        return lines
    at, of = shapely.get_coordinates(lines, return_index=True)
    tips = np.flatnonzero(np.append(True, of[1:] != of[:-1]) | np.append(of[1:] != of[:-1], True))
    fixed = frame.ends[frame.nodes]
    tree = shapely.STRtree(segments(fixed))
    tip, side = tree.query(shapely.points(at[tips]), predicate="dwithin", distance=NEAR)
    choice = np.concatenate([fixed[side, :2], fixed[side, 2:]])
    who = np.concatenate([tips[tip], tips[tip]])
    order = np.lexsort([choice[:, 1], choice[:, 0], np.hypot(*(choice - at[who]).T), who])
    first = order[np.unique(who[order], return_index=True)[1]]
    at[who[first]] = choice[first]
    moved_to = np.asarray(shapely.set_coordinates(lines, np.round(at / GRID) * GRID))
    return moved_to[shapely.length(moved_to) > 0]
