"""Outlines as GeoJSON for a map that is a hand wide."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import shapely

from gis.geometry import Shapes

SLACK = 1e-5
"""Degrees within which a line may be straightened: about a metre."""
DECIMALS = 6

Collection = dict[str, Any]


def collection(features: Iterable[Mapping[str, Any]]) -> Collection:
    """Return features as a GeoJSON collection."""
    return {"type": "FeatureCollection", "features": list(features)}


def features(shapes: Shapes, told: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return outlines as features with what is told of each."""
    pairs = zip(told, shapely.to_geojson(shapes), strict=True)
    return [{"type": "Feature", "properties": dict(each), "geometry": json.loads(shape)} for each, shape in pairs]


def sketched(shapes: Shapes, told: Iterable[Mapping[str, Any]]) -> Collection:
    """Return outlines, thinned and rounded, as a collection with what is told of each."""
    return collection(features(thin(np.asarray(shapes, object)), told))


def thin(shapes: Shapes) -> Shapes:
    """Return outlines without what a small map does not show; only where the fast way spoils one it goes carefully."""
    less = shapely.simplify(shapes, SLACK, preserve_topology=False)
    spoilt = ~shapely.is_valid(less) | shapely.is_empty(less)
    less[spoilt] = shapely.simplify(shapes[spoilt], SLACK)
    told: Shapes = shapely.transform(shapely.orient_polygons(less), lambda at: np.round(at, DECIMALS))
    return told
