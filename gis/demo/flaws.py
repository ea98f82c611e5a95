"""The planted flaws of the land: a gap with a new estate, an overlap of two villages, and a moved border."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import Polygon
from shapely.geometry.base import BaseGeometry
from shapely.ops import substring

from gis.demo import cutting
from gis.demo.numbers import Frame, Profile

GAP_SHARE = 0.003
"""The gap is this share of its town, so that the town's spatial coverage shows 99.7 %."""
OVERLAP_M2 = 18_000.0
MOVED_SHARE = 0.3


@dataclass(frozen=True)
class Leaves:
    """The pieces that are noded together: grids, the gap (grid -1) and the strip that changed its grid."""

    shapes: list[Polygon]
    of_grid: NDArray[np.int64]
    gap: int
    strip: int
    gave: int
    took: int


@dataclass(frozen=True)
class Flaws:
    """Metric shapes with row numbers of the grids they concern."""

    gap: Polygon
    gap_village: str
    overlap: Polygon
    overlap_grid: int
    overlapped_grid: int
    strip: Polygon
    gave: int
    took: int


def plant(profile: Profile, grids: Frame, cells: list[Polygon], rng: np.random.Generator) -> Leaves:
    """Cut the gap and the strip that once belonged to the neighbour out of two grids."""
    town = profile.towns[-1] if len(profile.towns) == 1 else next(t for t in profile.towns if t.name == "望潮镇")
    shapes, of_grid = list(cells), np.arange(len(cells))
    holed = _general(grids, f"{town.code[:9]}202")[-1]
    part = cutting.cut(cells[holed], GAP_SHARE * town.km2 * 1e6 / cells[holed].area, 0.4, 0.02, rng)
    shapes[holed] = part.right
    took, gave = _neighbours(cells, _general(grids, f"{town.code[:9]}201"))
    strip, rest = _strip(cells[took], cells[gave], rng)
    shapes[took] = rest
    owner = np.append(of_grid, [-1, took])
    return Leaves([*shapes, part.left, strip], owner, len(cells), len(cells) + 1, gave, took)


def _general(grids: Frame, village: str) -> list[int]:
    found = grids.index[(grids["village"] == village) & (grids["kind"] == "general")]
    return [int(row) for row in found]


def _neighbours(cells: list[Polygon], rows: list[int]) -> tuple[int, int]:
    """Return the two of these grids that share the longest border."""
    pairs = [(a, b) for a in rows for b in rows if a < b]
    shared = [shapely.intersection(cells[a].buffer(0.5), cells[b].boundary).length for a, b in pairs]
    return pairs[int(np.argmax(shared))]


def _strip(owner: Polygon, other: Polygon, rng: np.random.Generator) -> tuple[Polygon, Polygon]:
    """Cut off the side of `owner` that lies against `other`; return the strip and the rest."""
    border = shapely.get_coordinates(shapely.intersection(owner.boundary, other.buffer(0.5)))
    spread = border - border.mean(axis=0)
    axis = np.linalg.svd(spread, full_matrices=False)[2][0]
    angle = float(np.arctan2(axis[1], axis[0]))
    for fraction in (MOVED_SHARE, 1 - MOVED_SHARE):
        sides = cutting.cut(owner, fraction, angle, 0.02, rng)
        small, large = sorted((sides.left, sides.right), key=lambda side: side.area)
        if (
            small.buffer(0.5).intersection(other.boundary).length
            > large.buffer(0.5).intersection(other.boundary).length
        ):
            break
    return small, large


def find(profile: Profile, grids: Frame, leaves: Leaves, noded: NDArray[np.object_]) -> Flaws:
    """Return the flaws as noded shapes, and choose where two villages overlap."""
    shapes = grids["geometry"].to_numpy()
    first, second = _across_villages(profile, grids, shapes)
    return Flaws(
        gap=noded[leaves.gap],
        gap_village=grids["village"][int(_general(grids, grids["village"][leaves.took][:9] + "202")[-1])],
        overlap=_overlap(shapes[first], shapes[second]),
        overlap_grid=first,
        overlapped_grid=second,
        strip=noded[leaves.strip],
        gave=leaves.gave,
        took=leaves.took,
    )


def _across_villages(profile: Profile, grids: Frame, shapes: NDArray[np.object_]) -> tuple[int, int]:
    """Choose the longest border between general grids of two villages in the town of the story."""
    town = profile.towns[0] if len(profile.towns) == 1 else next(t for t in profile.towns if t.name == "芦汀镇")
    rows = np.flatnonzero(((grids["town"] == town.code) & ~grids["urban"] & (grids["kind"] == "general")).to_numpy())
    tree = shapely.STRtree(shapes[rows])
    left, right = tree.query(shapes[rows], predicate="touches")
    villages = grids["village"].to_numpy()
    apart = (villages[rows[left]] != villages[rows[right]]) & (left < right)
    left, right = rows[left[apart]], rows[right[apart]]
    length = shapely.length(shapely.intersection(shapes[left], shapes[right]))
    longest = int(np.argmax(length))
    return int(left[longest]), int(right[longest])


def largest(shape: BaseGeometry) -> Polygon:
    """Return the largest part of a shape."""
    part: Polygon = max(shapely.get_parts(shape), key=lambda piece: piece.area)
    return part


def _overlap(first: Polygon, second: Polygon) -> Polygon:
    """Return a patch of the second grid along the border that measures the planted hectares."""
    border = shapely.line_merge(shapely.intersection(first, second))
    line = max(shapely.get_parts(border), key=lambda part: part.length)
    part = substring(line, 0.3, 0.7, normalized=True)
    low, high = 1.0, 400.0
    for _ in range(40):
        reach = (low + high) / 2
        patch = shapely.intersection(shapely.buffer(part, reach, cap_style="flat"), second)
        low, high = (low, reach) if patch.area > OVERLAP_M2 else (reach, high)
    return largest(patch)
