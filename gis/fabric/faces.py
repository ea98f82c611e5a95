"""The faces between all lines, each given to the footprint or the enclosure that it belongs to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from gis.fabric.halfway import moved
from gis.fabric.seeds import Seeds
from gis.fabric.skeleton import Ints, Skeleton, holding, inside, polygonized
from gis.geometry import Shapes

TIGHT = 0.001
"""Metres to the next line below which the walls of a footprint are drawn, so that no line can run through it."""


@dataclass(frozen=True)
class Faces:
    """Faces that tile a village, with the owner of each: a seed, or the number of seeds plus an enclosure.

    `anchored` marks those that lie in a footprint, or that are the land or water of an enclosure.
    """

    shapes: Shapes
    owner: Ints
    anchored: NDArray[np.bool_]


def owned(village: Any, seeds: Seeds, frame: Skeleton, lines: Shapes) -> Faces:
    """Return the faces of a village between sides, lines and the walls that they come close to."""
    walls = tight(seeds, np.concatenate([frame.lines, lines]))
    for _ in range(3):
        faces, standing = drawn(village, seeds, frame, lines, walls)
        mixed = together(*standing, len(seeds))
        if not mixed.any():
            break
        walls |= mixed
    return faces


def tight(seeds: Seeds, lines: Shapes) -> NDArray[np.bool_]:
    """Tell which footprints touch a line or another footprint, or are in no enclosure."""
    found = seeds.enclosure < 0
    found[shapely.STRtree(lines).query(seeds.shapes, predicate="dwithin", distance=TIGHT)[0]] = True
    one, other = shapely.STRtree(seeds.shapes).query(seeds.shapes, predicate="dwithin", distance=TIGHT)
    found[one[one != other]] = True
    return found


def together(face: Ints, seed: Ints, count: int) -> NDArray[np.bool_]:
    """Tell which of the footprints that stand in faces share one: no line between them was found."""
    pairs = np.unique(np.column_stack([face, seed]), axis=0)
    often = np.bincount(pairs[:, 0], minlength=1)
    found = np.zeros(count, bool)
    found[pairs[often[pairs[:, 0]] > 1, 1]] = True
    return found


def standing(seeds: Seeds, walls: NDArray[np.bool_], faces: Shapes) -> tuple[Ints, Ints]:
    """Return each pair of a face and a footprint without drawn walls of which a part stands in it."""
    free = np.flatnonzero(~walls)
    parts, of = shapely.get_parts(seeds.shapes[free], return_index=True)
    face, part = holding(faces, shapely.point_on_surface(parts))
    return face, free[of[part]]


def drawn(
    village: Any, seeds: Seeds, frame: Skeleton, lines: Shapes, walls: NDArray[np.bool_]
) -> tuple[Faces, tuple[Ints, Ints]]:
    """Return the faces between sides, lines and some walls with their owners, and what stands in them without walls."""
    shapes = polygonized(np.concatenate([frame.lines, lines, shapely.boundary(seeds.shapes[walls])]))
    shapes, points = inside(village, shapes, shapely.point_on_surface(shapes))
    owner, anchored, home = np.full(len(shapes), -1), np.zeros(len(shapes), bool), np.full(len(shapes), -1)
    enclosure, at = holding(frame.enclosures, points)
    home[at] = enclosure
    walled = np.flatnonzero(walls)
    seed, face = holding(seeds.shapes[walled], points)
    free = standing(seeds, walls, shapes)
    for faces, of in ((face, walled[seed]), free):
        fresh = owner[faces] < 0
        owner[faces[fresh]], anchored[faces[fresh]] = of[fresh], True
    sown = np.bincount(seeds.enclosure[seeds.enclosure >= 0], minlength=len(frame.enclosures)) > 0
    bare = np.flatnonzero((owner < 0) & (home >= 0) & ~np.append(sown, False)[home])
    owner[bare], anchored[bare] = len(seeds) + home[bare], True
    left = np.flatnonzero((owner < 0) & (home >= 0))
    owner[left] = nearest(points[left], home[left], seeds)
    return Faces(shapes, owner, anchored), free


def nearest(points: Shapes, home: Ints, seeds: Seeds) -> Ints:
    """Return the nearest seed in the enclosure of each point, the first of those that are equally near."""
    if len(points) == 0:
        return np.empty(0, np.int64)
    of = np.flatnonzero(seeds.enclosure >= 0)
    tree = shapely.STRtree(moved(seeds.shapes[of], seeds.enclosure[of]))
    point, seed = tree.query_nearest(moved(points, home), all_matches=True)
    found = np.full(len(points), len(seeds), np.int64)
    np.minimum.at(found, point, of[seed])
    return found
