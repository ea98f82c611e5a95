"""Outlines as the drawing of a page: GeoJSON to paths, so that a map is read and printed without scripts."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any
from unicodedata import east_asian_width

import shapely

WIDTH = 1000.0
HALF, WHOLE = 24.0, 16.0
"""How high a letter is at least on a sheet that is half a page wide, and on one of the whole width."""
TALL = 0.026
"""How high a letter is at least in parts of the height: what is tall is shown smaller."""
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
    letter: float
    villages: tuple[str, ...]

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
        short = next((name.removeprefix(each) for each in self.villages if name.startswith(each)), name)
        names = (short, code[-3:]) if len(self.villages) == 1 else (name, short, code[-3:])
        for text in filter(None, names):
            size = self.letter * ems(text), self.letter * LINE
            at = room(whole, *size)
            if at is not None:
                return text, *clear(whole, at, size, beside)
        left, top, right, low = whole.bounds
        return "", (left + right) / 2, (top + low) / 2

    def lines(self, collection: dict[str, Any]) -> Any:
        """Return the outlines of a collection on the sheet."""
        return shapely.union_all([shapely.boundary(self.laid(each["geometry"])) for each in collection["features"]])

    def laid(self, geometry: dict[str, Any]) -> Any:
        """Return an area on the sheet."""
        corner, sizes = (self.west, self.north), (self.squeeze * self.scale, -self.scale)
        shape = shapely.transform(shapely.geometry.shape(geometry), lambda at: (at - corner) * sizes)
        return shapely.make_valid(shape)


def drawn(maps: dict[str, Any], letter: float = WHOLE, villages: Iterable[str] = ()) -> dict[str, Any]:
    """Return outlines on sheets of the same frame; names of the new ones stand beside the lines of the old."""
    shared = sheet(maps.values(), letter, villages)
    old = {"after": shared.lines(maps["before"])} if "before" in maps else {}
    return {"sheet": shared} | {
        name: shared.shapes(collection, old.get(name, NOWHERE)) for name, collection in maps.items()
    }


def largest(area: Any) -> Any:
    """Return the largest part of an area."""
    return max(shapely.get_parts(area), key=shapely.area, default=area)


def room(land: Any, wide: float, high: float) -> tuple[float, float] | None:
    """Return the middle of a box that an area has room for, None where there seems to be none.

    The middle is that of the largest circle in the area when the box is pressed to a square.
    """
    left, top, right, low = land.bounds if land.area > wide * high else (0.0, 0.0, 0.0, 0.0)
    if right - left < wide or low - top < high:
        return None
    flat = high / wide
    pressed = shapely.transform(land, lambda at: at * (flat, 1.0))
    x, y = shapely.get_coordinates(shapely.maximum_inscribed_circle(pressed, high / 8))[0] / (flat, 1.0)
    at = float(x), float(y)
    return at if land.covers(box_at(at, (wide, high))) else None


def clear(land: Any, at: tuple[float, float], size: tuple[float, float], lines: Any) -> tuple[float, float]:
    """Return a place for a box that no line crosses, or the place that was found where there is none."""
    near = shapely.clip_by_rect(lines, *land.bounds)
    if not near.intersects(box_at(at, size)):
        return at
    return room(largest(land.difference(shapely.buffer(near, size[1] / 5, quad_segs=1))), *size) or at


def box_at(at: tuple[float, float], size: tuple[float, float]) -> Any:
    """Return a box around its middle."""
    (x, y), (wide, high) = at, size
    return shapely.box(x - wide / 2, y - high / 2, x + wide / 2, y + high / 2)


def ems(text: str) -> float:
    """Return how wide a text is, in letters, with a little air."""
    return 0.5 + sum(1.0 if east_asian_width(sign) in "WFA" else NARROW for sign in text)


def sheet(collections: Iterable[dict[str, Any]], letter: float, villages: Iterable[str]) -> Sheet:
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
    height = (north - south + 2 * air) * scale
    letter = max(letter, TALL * height)
    return Sheet(west - air / squeeze, north + air, scale, squeeze, height, letter, tuple(villages))


def rings_of(geometry: dict[str, Any] | None) -> Iterator[Any]:
    """Yield the rings of a polygon or multipolygon."""
    if geometry is None:
        return
    polygons = [geometry["coordinates"]] if geometry["type"] == "Polygon" else geometry["coordinates"]
    for polygon in polygons:
        yield from polygon
