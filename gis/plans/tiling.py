"""Whether the outlines of a plan tile their villages and hold every building whole, and the gaps where they do not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import shapely
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from gis import gaps
from gis.areas import Area
from gis.arrays import Arrays, arrays
from gis.plans.change import Change
from gis.plans.land import Land
from gis.premises import Building
from gis.viewer import span

ROUNDING = 1e-8
"""Share of a village's area that is no gap: as exactly as cells tile it."""


@dataclass(frozen=True)
class Standing:
    """What the outlines are held against: the buildings in the plan's area, and the area of each village."""

    buildings: Arrays
    areas: dict[str, float]


@dataclass(frozen=True)
class Tiling:
    """The villages that are tiled along their cells, the others, and the buildings that a line may cut."""

    tiled: list[str]
    others: list[str]
    loose: list[int]


def standing(session: Session, made: Change) -> Standing:
    """Read what the outlines of a plan are held against."""
    here = Building.territory.between(*span(made.land.plan.area_code))
    outline = select(Area.code, func.st_asbinary(Area.outline)).where(Area.code.in_(made.land.villages))
    areas = {code: shapely.from_wkb(bytes(wkb)).area for code, wkb in session.execute(outline)}
    return Standing(arrays(session, select(Building.id, Building.outline).where(here)), areas)


def tiling(made: Change, stands: Standing) -> Tiling:
    """Tell how the outlines of a plan tile where it changes any; it asks no database, so that can be busy meanwhile."""
    parts: dict[str, list[Any]] = {village: [] for village in made.land.villages if village not in made.idle}
    for at in np.flatnonzero(made.draws.drawn).tolist():
        if made.grids[at].village_code in parts:
            parts[made.grids[at].village_code].append(made.shapes[at])
    tiled = [village for village, shapes in parts.items() if tiles(shapes, stands.areas[village])]
    return Tiling(tiled, sorted(parts.keys() - set(tiled)), straddling(made.land, stands.buildings))


def tiles(shapes: list[Any], area: float) -> bool:
    """Tell whether outlines share whole borders only and add up to an area."""
    return bool(shapely.coverage_is_valid(shapes)) and abs(shapely.area(shapes).sum() / area - 1) < ROUNDING


def straddling(land: Land, buildings: Arrays) -> list[int]:
    """Return those of some buildings, and of the buildings on a ground, that no cell is known to hold whole."""
    ids = buildings.columns[0]
    one = np.flatnonzero(land.whole & np.isin(land.building_ids, ids))
    walls, cells = buildings.shapes[np.searchsorted(ids, land.building_ids[one])], land.shapes[one]
    out = np.flatnonzero(~shapely.covers(cells, walls))
    far = shapely.area(shapely.difference(walls[out], cells[out])) >= gaps.ROUNDING
    held = np.delete(land.building_ids[one], out[far])
    loose: list[int] = np.setdiff1d(np.append(ids, land.building_ids[land.building_ids >= 0]), held).tolist()
    return loose


def renew(session: Session, found: Tiling, day: date, metric_srid: int) -> None:
    """Find the gaps of the villages anew: neither gap nor overlap is looked for where the outlines tile exactly."""
    if found.tiled:
        gaps.renew_tiled(session, day, metric_srid, found.tiled, found.loose)
    if found.others:
        gaps.renew(session, day, metric_srid, found.others)
