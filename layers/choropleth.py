"""A small map for a page: the grids of an area as paths, each with the class of its figure."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from gis.boundaries import GridOutline, in_force
from gis.scope import Scope
from gis.viewer import Viewer

WIDTH = 640.0
FINEST = 1.0
"""Corners nearer than this, in units of the sheet, are left out."""


@dataclass(frozen=True)
class Sheet:
    """Paths by grid code, and the size of the sheet they are drawn on."""

    height: float
    paths: dict[str, str]


def sheet(session: Session, viewer: Viewer, scope: Scope) -> Sheet | None:
    """Return the outlines in force of a scope on a sheet of a fixed width, None without any; north is up."""
    viewer.require("map.view")
    outline = in_force(scope.day).where(scope.holds(GridOutline.territory)).subquery("o")
    extent = func.st_extent(outline.c.outline)
    west, south, east, north = session.execute(
        select(func.st_xmin(extent), func.st_ymin(extent), func.st_xmax(extent), func.st_ymax(extent))
    ).one()
    if west is None:
        return None
    wide = WIDTH / ((east - west) * math.cos(math.radians((south + north) / 2)))
    across = wide * math.cos(math.radians((south + north) / 2))
    drawn = dict(session.execute(paths(outline, west, north, across, wide)).all())
    return Sheet((north - south) * wide, drawn)


def paths(outline: Any, west: float, north: float, across: float, down: float) -> Select[str, str]:
    """Select code and path; y grows downwards, as ST_AsSVG writes it."""
    placed = func.st_affine(outline.c.outline, across, 0, 0, down, -west * across, -north * down)
    return select(outline.c.code, func.st_assvg(func.st_simplifypreservetopology(placed, FINEST), 0, 1))
