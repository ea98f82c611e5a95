"""Coordinate systems: storage is CGCS2000 degrees; everything else is converted at the door, whole arrays at a time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray
from pyproj.exceptions import CRSError

from gis.errors import Invalid
from gis.words import N_

Coordinates = NDArray[np.float64]

STORAGE = 4490
CHINA = (72.0, 2.0, 138.0, 56.0)
"""Box in degrees outside which no Chinese district lies, and outside which GCJ-02 is not shifted."""

_KRASOVSKY = 6378245.0
_ECCENTRICITY = 0.00669342162296594323
_BAIDU = np.pi * 3000.0 / 180.0
_OFFSETS = ("gcj02", "bd09")


@dataclass(frozen=True)
class Crs:
    """A coordinate system as a file or the user names it; `offset` is gcj02, bd09 or nothing."""

    name: str
    system: pyproj.CRS
    offset: str | None = None

    @property
    def geographic(self) -> bool:
        """Whether coordinates are degrees."""
        return bool(self.system.is_geographic)

    @property
    def same_earth(self) -> bool:
        """Whether the datum agrees with CGCS2000 at map scale; Beijing 54 and Xi'an 80 do not."""
        ellipsoid = self.system.ellipsoid
        return ellipsoid is not None and abs(ellipsoid.semi_major_metre - 6378137.0) < 0.5


def named(text: str) -> Crs:
    """Return the system behind an EPSG code, a WKT text, `gcj02` or `bd09`; Invalid when there is none."""
    plain = text.strip().lower().replace("-", "")
    if plain in _OFFSETS:
        return Crs(plain, pyproj.CRS.from_epsg(STORAGE), plain)
    try:
        system = pyproj.CRS.from_user_input(int(plain) if plain.isdigit() else text.strip())
    except (CRSError, ValueError) as error:
        raise Invalid(N_("“%(crs)s” is not a coordinate system that is known here."), crs=text[:60]) from error
    authority = system.to_authority()
    return Crs(":".join(authority) if authority else system.name, system)


def to_storage(coordinates: Coordinates, crs: Crs) -> Coordinates:
    """Return x, y of a system (n × 2) as CGCS2000 longitude, latitude in degrees (n × 2)."""
    if crs.offset == "gcj02":
        return from_gcj02(coordinates)
    if crs.offset == "bd09":
        return from_gcj02(from_bd09(coordinates))
    if crs.geographic and crs.same_earth:
        return coordinates
    return _transform(coordinates, crs.system, pyproj.CRS.from_epsg(STORAGE))


def to_metres(geometries: Any, srid: int) -> Any:
    """Return copies of geometries in degrees as geometries in metres of a projected zone."""
    zone = pyproj.CRS.from_epsg(srid)
    degrees = pyproj.CRS.from_epsg(STORAGE)
    return shapely.transform(geometries, lambda points: _transform(points, degrees, zone))


def _transform(coordinates: Coordinates, source: pyproj.CRS, target: pyproj.CRS) -> Coordinates:
    transformer = pyproj.Transformer.from_crs(source, target, always_xy=True)
    x, y = transformer.transform(coordinates[:, 0], coordinates[:, 1])
    moved: Coordinates = np.column_stack((x, y)).astype(np.float64)
    return moved


def to_gcj02(coordinates: Coordinates) -> Coordinates:
    """Return degrees (n × 2) with the shift of Chinese consumer maps; unchanged outside China."""
    lon, lat = coordinates[:, 0], coordinates[:, 1]
    east, north = lon - 105.0, lat - 35.0
    wave = 20.0 * np.sin(6.0 * east * np.pi) + 20.0 * np.sin(2.0 * east * np.pi)
    south = -100.0 + 2.0 * east + 3.0 * north + 0.2 * north**2 + 0.1 * east * north + 0.2 * np.sqrt(np.abs(east))
    south += (wave + 20.0 * np.sin(north * np.pi) + 40.0 * np.sin(north / 3.0 * np.pi)) * 2.0 / 3.0
    south += (160.0 * np.sin(north / 12.0 * np.pi) + 320.0 * np.sin(north * np.pi / 30.0)) * 2.0 / 3.0
    west = 300.0 + east + 2.0 * north + 0.1 * east**2 + 0.1 * east * north + 0.1 * np.sqrt(np.abs(east))
    west += (wave + 20.0 * np.sin(east * np.pi) + 40.0 * np.sin(east / 3.0 * np.pi)) * 2.0 / 3.0
    west += (150.0 * np.sin(east / 12.0 * np.pi) + 300.0 * np.sin(east / 30.0 * np.pi)) * 2.0 / 3.0
    curve = 1.0 - _ECCENTRICITY * np.sin(np.radians(lat)) ** 2
    dlat = np.degrees(south / (_KRASOVSKY * (1.0 - _ECCENTRICITY) / curve**1.5))
    dlon = np.degrees(west / (_KRASOVSKY / np.sqrt(curve) * np.cos(np.radians(lat))))
    inside = (lon > CHINA[0]) & (lon < CHINA[2]) & (lat > CHINA[1]) & (lat < CHINA[3])
    return np.column_stack((np.where(inside, lon + dlon, lon), np.where(inside, lat + dlat, lat)))


def from_gcj02(coordinates: Coordinates) -> Coordinates:
    """Return shifted degrees without the shift, to a millimetre: the shift has no inverse formula."""
    guess = coordinates.copy()
    for _ in range(6):
        guess = guess + (coordinates - to_gcj02(guess))
    return guess


def to_bd09(coordinates: Coordinates) -> Coordinates:
    """Return GCJ-02 degrees (n × 2) with Baidu's second shift."""
    x, y = coordinates[:, 0], coordinates[:, 1]
    radius = np.hypot(x, y) + 0.00002 * np.sin(y * _BAIDU)
    angle = np.arctan2(y, x) + 0.000003 * np.cos(x * _BAIDU)
    return np.column_stack((radius * np.cos(angle) + 0.0065, radius * np.sin(angle) + 0.006))


def from_bd09(coordinates: Coordinates) -> Coordinates:
    """Return Baidu's degrees (n × 2) as GCJ-02 degrees, to a millimetre."""
    guess: Coordinates = coordinates - np.array([0.0065, 0.006])
    for _ in range(6):
        guess = guess + (coordinates - to_bd09(guess))
    return guess
