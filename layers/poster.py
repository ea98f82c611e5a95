"""A grid as a printed map: paths on a sheet, with the roads and waters around it and a bar that tells the scale."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from geoalchemy2.shape import to_shape

from gis.geometry import Plane, metres, plane
from gis.notices import Notice

WIDTH = 1000.0
LONGEST_BAR = 0.25
"""The share of the width that the scale bar takes at most."""
LETTER = 18.0
"""How wide a letter of a name is."""
FINEST = 0.4
"""Corners nearer than this, in units of the sheet, are left out: nobody sees them in print."""


@dataclass(frozen=True)
class Stroke:
    """A road or a water: its path, its kind and its rank."""

    path: str
    kind: str
    rank: str


@dataclass(frozen=True)
class Label:
    """A name, or the number of a service point, and where it stands."""

    text: str
    x: float
    y: float


@dataclass(frozen=True)
class Poster:
    """A drawing 1,000 units wide: paths, labels, numbered points, and the length of the bar in units and metres."""

    height: float
    own: str
    neighbours: list[str]
    names: list[Label]
    strokes: list[Stroke]
    points: list[Label]
    bar: float
    bar_m: int


def poster(notice: Notice) -> Poster:
    """Return the drawing of a notice: north is up, the grid stands in the middle of what is around it."""
    west, south, east, north = notice.surroundings.bounds
    on = plane((west + east) / 2, (south + north) / 2)
    left, low, right, high = metres(notice.surroundings, on).bounds
    scale = WIDTH / (right - left)
    frame = shapely.box(0, 0, WIDTH, (high - low) * scale)

    def laid(shape: Any) -> Any:
        return drawn(shape, on, (left, high), scale)

    around = [(name.removeprefix(notice.areas[-1].name), laid(outline)) for name, outline in notice.neighbours]
    around = [(name, shape) for name, shape in around if shape.intersects(frame)]
    bar_m = round_length((right - left) * LONGEST_BAR)
    return Poster(
        height=frame.bounds[3],
        own=path(laid(notice.outline)),
        neighbours=[path(shape) for _, shape in around],
        names=[label for name, shape in around if (label := named(name, shapely.intersection(shape, frame)))],
        strokes=[Stroke(path(laid(each.shape)), each.kind, each.rank) for each in notice.lines],
        points=numbered(laid, notice.points, frame),
        bar=bar_m * scale,
        bar_m=bar_m,
    )


def numbered(laid: Any, points: Iterable[Any], frame: Any) -> list[Label]:
    """Return the places of the service points that lie on the sheet, numbered as they are listed."""
    found = [(number, laid(to_shape(point.point))) for number, point in enumerate(points, 1)]
    return [Label(str(number), at.x, at.y) for number, at in found if frame.covers(at)]


def drawn(shape: Any, on: Plane, corner: tuple[float, float], scale: float) -> Any:
    """Return a shape in degrees on the sheet, whose y runs down."""
    flat = metres(shape, on)
    return shapely.transform(flat, lambda at: (at - corner) * (scale, -scale))


def path(shape: Any) -> str:
    """Return the path of lines and polygons."""
    fine = shapely.simplify(shape, FINEST)
    parts = shapely.get_parts(fine)
    lines = np.where(shapely.get_dimensions(parts) == 2, shapely.boundary(parts), parts)
    singles = shapely.get_parts(lines[shapely.get_dimensions(lines) == 1])
    return " ".join(
        "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in shapely.get_coordinates(line).tolist()) for line in singles
    )


def named(name: str, shape: Any) -> Label | None:
    """Return the name of a neighbour where it stands in what is seen of it, None where there is no room for it."""
    at = shapely.point_on_surface(shape)
    half, high = len(name) * LETTER / 2, LETTER / 2
    room = shapely.box(at.x - half, at.y - high, at.x + half, at.y + high)
    return Label(name, at.x, at.y) if shapely.covers(shapely.buffer(shape, LETTER / 4), room) else None


def round_length(longest: float) -> int:
    """Return the longest of 1, 2, 5, 10 … metres that is not longer."""
    step = 10 ** int(np.floor(np.log10(max(longest, 1))))
    return int(max(each * step for each in (1, 2, 5) if each * step <= max(longest, 1)))
