"""The two small maps of the account: outlines in force and outlines to come, as GeoJSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from gis.plans.change import Change
from gis.sketch import Collection, sketched


def maps(made: Change) -> dict[str, Any]:
    """Return `before` and `after`: features with code, name, and whether the outline changes."""
    draws = made.draws
    drawn = np.flatnonzero(draws.drawn).tolist()
    stay = {made.grids[at].grid_id for at in drawn if draws.keeps[at] and not made.changed[at]}
    old = [(each.code, each.name, each.id not in stay, each.shape) for each in made.former.values()]
    shapes = {at: own.shape if (own := made.rests(at)) else made.shapes[at] for at in drawn}
    new = [(made.codes[at], made.grids[at].name, bool(made.changed[at]), shapes[at]) for at in drawn]
    return {"before": _collection(old), "after": _collection(new)}


def _collection(rows: Sequence[tuple[str | None, str, bool, Any]]) -> Collection:
    told = [{"code": code, "name": name, "changed": changed} for code, name, changed, _shape in rows]
    return sketched(np.array([row[3] for row in rows], object), told)
