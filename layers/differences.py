"""Where two divisions of the same cells differ, as outlines for a page."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray

from gis.geometry import Shapes, derive
from gis.sketch import Collection, collection, sketched


def moved(ids: NDArray[np.int64], shapes: Shapes, cells: list[int]) -> Collection:
    """Return some cells, put together where they touch, as one GeoJSON feature; none when there is no cell."""
    chosen = shapes[np.isin(ids, np.array(cells, np.int64))]
    if not len(chosen):
        return collection([])
    return sketched(np.array([shapely.union_all(chosen)], object), [{"name": "", "changed": True}])


def outlines(shapes: Shapes, group: NDArray[np.int32], names: list[str]) -> Collection:
    """Return the grids that cells make up as GeoJSON; `group` points into the names, -1 for a cell in none."""
    derived = derive(shapes, group, len(names))
    drawn = [at for at, shape in enumerate(derived) if shape is not None]
    return sketched(derived[drawn], [{"name": names[at], "changed": False} for at in drawn])
