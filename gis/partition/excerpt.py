"""Some cells of a ground as a ground of their own."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from gis.partition.limits import Ints

if TYPE_CHECKING:
    from gis.fabric.ground import Ground


def excerpt(ground: Ground, cells: Ints) -> Ground:
    """Return the ground of some cells (ascending positions) and of the borders between them."""
    place = np.full(len(ground.ids), -1, np.int32)
    place[cells] = np.arange(len(cells), dtype=np.int32)
    inside = np.flatnonzero((place[ground.a] >= 0) & (place[ground.b] >= 0))
    return replace(
        ground,
        ids=ground.ids[cells],
        codes=[ground.codes[cell] for cell in cells.tolist()],
        village=ground.village[cells],
        kinds=ground.kinds[cells],
        building_ids=ground.building_ids[cells],
        households=ground.households[cells],
        residents=ground.residents[cells],
        buildings=ground.buildings[cells],
        area_m2=ground.area_m2[cells],
        perimeter_m=ground.perimeter_m[cells],
        a=place[ground.a[inside]],
        b=place[ground.b[inside]],
        length_m=ground.length_m[inside],
        along=ground.along[inside],
        rank=ground.rank[inside],
        blocked=ground.blocked[inside],
        bridge=ground.bridge[inside],
    )
