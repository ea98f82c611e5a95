"""Outlines as the drawing of a page: GeoJSON to paths, so that a map is read and printed without scripts."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

WIDTH = 1000.0


@dataclass(frozen=True)
class Shape:
    """A feature as it is drawn: its path, its name and where that is written, and whether the plan changes it."""

    path: str
    name: str
    x: float
    y: float
    changed: bool


@dataclass(frozen=True)
class Sheet:
    """A frame that several collections share, so that a pair of maps can be laid side by side."""

    west: float
    north: float
    scale: float
    squeeze: float
    height: float

    def shapes(self, collection: dict[str, Any]) -> list[Shape]:
        """Return the features of a collection as shapes."""
        return [self.shape(feature) for feature in collection["features"]]

    def shape(self, feature: dict[str, Any]) -> Shape:
        """Return one feature as a shape."""
        rings = [[self.place(*point[:2]) for point in ring] for ring in rings_of(feature["geometry"])]
        told = feature["properties"]
        outer = max(rings, key=len, default=[(0.0, 0.0)])
        x, y = middle(outer)
        path = " ".join("M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in ring) + "Z" for ring in rings)
        return Shape(path, told.get("name") or "", x, y, bool(told.get("changed")))

    def place(self, lon: float, lat: float) -> tuple[float, float]:
        """Return where a place lies on the sheet."""
        return (lon - self.west) * self.squeeze * self.scale, (self.north - lat) * self.scale


def sheet(collections: Iterable[dict[str, Any]]) -> Sheet:
    """Return the frame of all features of some collections, with a little air."""
    points = [
        point
        for collection in collections
        for feature in collection["features"]
        for ring in rings_of(feature["geometry"])
        for point in ring
    ]
    west, east = min(point[0] for point in points), max(point[0] for point in points)
    south, north = min(point[1] for point in points), max(point[1] for point in points)
    squeeze = math.cos(math.radians((south + north) / 2))
    air = 0.02 * max((east - west) * squeeze, north - south)
    wide = (east - west) * squeeze + 2 * air
    scale = WIDTH / wide
    return Sheet(west - air / squeeze, north + air, scale, squeeze, (north - south + 2 * air) * scale)


def rings_of(geometry: dict[str, Any] | None) -> Iterator[Any]:
    """Yield the rings of a polygon or multipolygon."""
    if geometry is None:
        return
    polygons = [geometry["coordinates"]] if geometry["type"] == "Polygon" else geometry["coordinates"]
    for polygon in polygons:
        yield from polygon


def middle(ring: list[tuple[float, float]]) -> tuple[float, float]:
    """Return the centre of a ring's box."""
    xs, ys = [point[0] for point in ring], [point[1] for point in ring]
    return (min(xs) + max(xs)) / 2, (min(ys) + max(ys)) / 2
