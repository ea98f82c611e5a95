"""Outlines as the drawing of a page: GeoJSON to paths, so that a map is read and printed without scripts."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import product
from typing import Any
from unicodedata import east_asian_width

import shapely

WIDTH = 1000.0
LETTER = 0.03
"""How high a letter is, in parts of the sheet's longer side."""
NARROW, LINE = 0.62, 1.3
"""How wide a Latin letter and how high a line is, in letters."""

NOWHERE = shapely.GeometryCollection()


@dataclass(frozen=True)
class Shape:
    """A feature as it is drawn: its path, its name, what is written in it (nothing without room) and where."""

    path: str
    name: str
    label: str
    x: float
    y: float
    changed: bool


@dataclass(frozen=True)
class Sheet:
    """A frame that several collections share; names lose that of a village where it alone is drawn, or for room."""

    west: float
    north: float
    scale: float
    squeeze: float
    height: float
    villages: tuple[str, ...] = ()

    @property
    def letter(self) -> float:
        """The height of a letter."""
        return LETTER * max(WIDTH, self.height)

    def shapes(self, collection: dict[str, Any], beside: Any = NOWHERE) -> list[Shape]:
        """Return the features of a collection as shapes; what is written stands beside some lines where it can."""
        return [self.shape(feature, beside) for feature in collection["features"]]

    def shape(self, feature: dict[str, Any], beside: Any) -> Shape:
        """Return one feature as a shape."""
        rings = [[self.place(*point[:2]) for point in ring] for ring in rings_of(feature["geometry"])]
        told = feature["properties"]
        label, x, y = self.label(feature["geometry"], told.get("name") or "", told.get("code") or "", beside)
        path = " ".join("M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in ring) + "Z" for ring in rings)
        return Shape(path, told.get("name") or "", label, x, y, bool(told.get("changed")))

    def place(self, lon: float, lat: float) -> tuple[float, float]:
        """Return where a place lies on the sheet."""
        return (lon - self.west) * self.squeeze * self.scale, (self.north - lat) * self.scale

    def label(self, geometry: dict[str, Any] | None, name: str, code: str, beside: Any) -> tuple[str, float, float]:
        """Return the longest of name, short name and the code's end that fits, and where; nothing where none does."""
        if geometry is None or not name:
            return "", 0.0, 0.0
        whole = largest(self.laid(geometry))
        near = shapely.buffer(shapely.clip_by_rect(beside, *whole.bounds), self.letter / 4)
        short = next((name.removeprefix(each) for each in self.villages if name.startswith(each)), name)
        names = (short, code[-3:]) if len(self.villages) == 1 else (name, short, code[-3:])
        for text, land in product(filter(None, names), (largest(whole.difference(near)), whole)):
            wide, high = self.letter * ems(text), self.letter * LINE
            x, y = roomiest(land, high / wide)
            if land.covers(shapely.box(x - wide / 2, y - high / 2, x + wide / 2, y + high / 2)):
                return text, x, y
        return "", *roomiest(whole, 1.0)

    def lines(self, collection: dict[str, Any]) -> Any:
        """Return the outlines of a collection on the sheet."""
        return shapely.union_all([shapely.boundary(self.laid(each["geometry"])) for each in collection["features"]])

    def laid(self, geometry: dict[str, Any]) -> Any:
        """Return an area on the sheet."""
        corner, sizes = (self.west, self.north), (self.squeeze * self.scale, -self.scale)
        shape = shapely.transform(shapely.geometry.shape(geometry), lambda at: (at - corner) * sizes)
        return shapely.make_valid(shape)


def largest(area: Any) -> Any:
    """Return the largest part of an area."""
    return max(shapely.get_parts(area), key=shapely.area, default=area)


def roomiest(land: Any, flat: float) -> tuple[float, float]:
    """Return the middle of the largest ellipse in an area that is 1/`flat` times as wide as high."""
    if not land.area:
        return 0.0, 0.0
    pressed = shapely.transform(land, lambda at: at * (flat, 1.0))
    x, y = shapely.get_coordinates(shapely.maximum_inscribed_circle(pressed))[0].tolist()
    return x / flat, y


def ems(text: str) -> float:
    """Return how wide a text is, in letters, with a little air."""
    return 0.5 + sum(1.0 if east_asian_width(sign) in "WFA" else NARROW for sign in text)


def sheet(collections: Iterable[dict[str, Any]], villages: Iterable[str] = ()) -> Sheet:
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
    return Sheet(west - air / squeeze, north + air, scale, squeeze, (north - south + 2 * air) * scale, tuple(villages))


def rings_of(geometry: dict[str, Any] | None) -> Iterator[Any]:
    """Yield the rings of a polygon or multipolygon."""
    if geometry is None:
        return
    polygons = [geometry["coordinates"]] if geometry["type"] == "Polygon" else geometry["coordinates"]
    for polygon in polygons:
        yield from polygon
