"""The two small maps of the account: outlines in force and outlines to come, as GeoJSON."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import numpy as np
import shapely

from gis.geometry import Shapes
from gis.plans.change import Change

SLACK = 1e-5
"""Degrees, about a metre: these maps are a hand wide."""
DECIMALS = 6


def maps(made: Change) -> dict[str, Any]:
    """Return `before` and `after`: features with code, name, and whether the outline changes."""
    draws = made.draws
    drawn = np.flatnonzero(draws.drawn).tolist()
    stay = {made.grids[at].grid_id for at in drawn if draws.keeps[at] and not made.changed[at]}
    old = [(each.code, each.name, each.id not in stay, each.shape) for each in made.former.values()]
    new = [(made.codes[at], made.grids[at].name, bool(made.changed[at]), made.shapes[at]) for at in drawn]
    return {"before": _collection(old), "after": _collection(new)}


def _collection(rows: Sequence[tuple[str | None, str, bool, Any]]) -> dict[str, Any]:
    outlines = shapely.to_geojson(_thin(np.array([row[3] for row in rows], object)))
    features = [
        {
            "type": "Feature",
            "properties": {"code": code, "name": name, "changed": changed},
            "geometry": json.loads(told),
        }
        for (code, name, changed, _), told in zip(rows, outlines, strict=True)
    ]
    return {"type": "FeatureCollection", "features": features}


def _thin(shapes: Shapes) -> Shapes:
    """Return outlines for a small map; only where the fast way spoils one is it drawn the careful way."""
    thin = shapely.simplify(shapes, SLACK, preserve_topology=False)
    spoilt = ~shapely.is_valid(thin) | shapely.is_empty(thin)
    thin[spoilt] = shapely.simplify(shapes[spoilt], SLACK)
    told: Shapes = shapely.transform(shapely.orient_polygons(thin), lambda at: np.round(at, DECIMALS))
    return told
