"""Random places inside shapes, for everything that is a point on the map."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray


def scatter(shapes: NDArray[np.object_], rng: np.random.Generator) -> NDArray[np.object_]:
    """Return one random point inside each shape; a shape that is hard to hit gets its representative point."""
    left, low, right, high = shapely.bounds(shapes).T
    x, y = np.full(len(shapes), np.nan), np.full(len(shapes), np.nan)
    open_rows = np.arange(len(shapes))
    for _ in range(12):
        try_x = rng.uniform(left[open_rows], right[open_rows])
        try_y = rng.uniform(low[open_rows], high[open_rows])
        hit = shapely.contains_xy(shapes[open_rows], try_x, try_y)
        x[open_rows[hit]], y[open_rows[hit]] = try_x[hit], try_y[hit]
        open_rows = open_rows[~hit]
        if not len(open_rows):
            break
    rest = shapely.point_on_surface(shapes[open_rows])
    x[open_rows], y[open_rows] = shapely.get_x(rest), shapely.get_y(rest)
    return np.asarray(shapely.points(x, y))


def middle(shapes: NDArray[np.object_]) -> NDArray[np.object_]:
    """Return a point inside each shape."""
    return np.asarray(shapely.point_on_surface(shapes))
