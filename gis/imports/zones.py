"""Whether the projected zones in play, the file's own and the one that measures, are made for where the rows lie."""

from __future__ import annotations

import numpy as np
import pyproj

from gis.crs import Crs
from gis.imports.findings import Finding
from gis.imports.frame import Frame

FAMILIES = (range(4534, 4555), range(4513, 4534), range(4502, 4513), range(4491, 4502))
"""EPSG codes of CGCS2000's Gauss-Krüger zones: of three degrees and of six, with and without their number in x."""


def fit(frame: Frame, crs: Crs) -> list[Finding]:
    """Return a warning for each zone whose area of use does not hold the middle of the sound rows."""
    if not frame.sound.any():
        return []
    x, y = np.median(frame.places[frame.sound], axis=0).tolist()
    asked = {"zone_metric": pyproj.CRS.from_epsg(frame.srid)}
    if crs.system.is_projected:
        asked["zone_file"] = crs.system
    return [
        Finding(code, None, None, (round(x, 6), round(y, 6)), {"crs": _name(zone), "fits": _name(better)})
        for code, zone in asked.items()
        if _holds(zone, x, y) is False and (better := _fitting(zone, x, y)) is not None
    ]


def _holds(zone: pyproj.CRS, x: float, y: float) -> bool | None:
    """Tell whether a zone is made for a place in degrees; None where the zone does not say."""
    known = zone if zone.area_of_use is not None else _listed(zone)
    area = known.area_of_use if known is not None else None
    return None if area is None else area.west <= x <= area.east and area.south <= y <= area.north


def _listed(zone: pyproj.CRS) -> pyproj.CRS | None:
    """Return the zone as the register has it: the label of a shapefile names no area of use."""
    authority = zone.to_authority()
    return pyproj.CRS.from_authority(*authority) if authority else None


def _fitting(zone: pyproj.CRS, x: float, y: float) -> pyproj.CRS | None:
    """Return the zone of the same width and numbering, else of three degrees, that is made for a place."""
    number = zone.to_epsg()
    family = next((codes for codes in FAMILIES if number in codes), FAMILIES[0])
    # Neighbours share their rim.
    return next((found for found in map(pyproj.CRS.from_epsg, family) if _holds(found, x, y)), None)


def _name(zone: pyproj.CRS) -> str:
    authority = zone.to_authority()
    return f"{':'.join(authority)} ({zone.name})" if authority else str(zone.name)
