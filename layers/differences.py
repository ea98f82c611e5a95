"""Where two divisions of the same cells differ, as outlines for a page."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from gis.geometry import derive

SLACK = 1e-5
"""Degrees, about a metre: the drawing is two hands wide."""
DECIMALS = 6


def moved(ids: NDArray[np.int64], shapes: NDArray[np.object_], cells: list[int]) -> dict[str, Any]:
    """Return some cells, put together where they touch, as one GeoJSON feature; none when there is no cell."""
    chosen = shapes[np.isin(ids, np.array(cells, np.int64))]
    if not len(chosen):
        return {"type": "FeatureCollection", "features": []}
    whole = shapely.simplify(shapely.union_all(chosen), SLACK)
    rounded = shapely.transform(whole, lambda at: np.round(at, DECIMALS))
    feature = {"type": "Feature", "properties": {"name": "", "changed": True}, "geometry": plain(rounded)}
    return {"type": "FeatureCollection", "features": [feature]}


def outlines(shapes: NDArray[np.object_], group: NDArray[np.int32], names: list[str]) -> dict[str, Any]:
    """Return the grids that cells make up as GeoJSON; `group` points into the names, -1 for a cell in none."""
    found = [(name, shape) for name, shape in zip(names, derive(shapes, group, len(names)), strict=True) if shape]
    thin = [shapely.transform(shapely.simplify(shape, SLACK), lambda at: np.round(at, DECIMALS)) for _, shape in found]
    features = [
        {"type": "Feature", "properties": {"name": name, "changed": False}, "geometry": plain(shape)}
        for (name, _), shape in zip(found, thin, strict=True)
    ]
    return {"type": "FeatureCollection", "features": features}


def plain(shape: Any) -> dict[str, Any]:
    """Return a shape as the geometry of a feature."""
    told: dict[str, Any] = shapely.geometry.mapping(shape)
    return told
