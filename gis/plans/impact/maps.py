"""The two small maps of the account: outlines in force and outlines to come, as GeoJSON."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import numpy as np
import shapely

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
    features = [
        {"type": "Feature", "properties": {"code": code, "name": name, "changed": changed}, "geometry": _outline(shape)}
        for code, name, changed, shape in rows
    ]
    return {"type": "FeatureCollection", "features": features}


def _outline(shape: Any) -> dict[str, Any]:
    thin = shapely.orient_polygons(shapely.simplify(shape, SLACK))
    told: dict[str, Any] = json.loads(shapely.to_geojson(shapely.transform(thin, lambda at: np.round(at, DECIMALS))))
    return told
