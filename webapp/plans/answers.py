"""Puts a plan into the shapes that the editor's scripts read."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from flask_wtf.csrf import generate_csrf
from numpy.typing import NDArray

from gis.checks import Finding
from gis.errors import Conflict
from gis.plans.draft import Draft, totals
from gis.plans.edits import Outcome
from gis.plans.tables import PlanEvent
from webapp import access
from webapp.language import gettext


def draft(found: Draft, village: str, before: NDArray[np.int64]) -> dict[str, Any]:
    """Return cells and grids of one village of a plan; `before` is the grid in force of each cell, -1 for none."""
    land = found.ground
    here = np.flatnonzero(land.village == land.villages.index(village))
    ids = np.array([*(grid.id for grid in found.grids), 0])
    in_force = {grid.grid_id: grid.id for grid in found.grids if grid.grid_id is not None}
    return {
        "village": village,
        "revision": found.plan.revision,
        "limits": {"low": found.plan.households_min, "high": found.plan.households_max},
        "cells": land.ids[here].tolist(),
        "kinds": "".join(kind[0] for kind in land.kinds[here]),
        "of": ids[found.of[here]].tolist(),
        "before": [in_force.get(grid, 0) for grid in before[here].tolist()],
        "locked": found.locked[here].astype(int).tolist(),
        "households": land.households[here].tolist(),
        "residents": land.residents[here].tolist(),
        "buildings": land.buildings[here].tolist(),
        "cases": found.register.cases[here].tolist(),
        "grids": grids(found, village),
        "stale": bool(len(found.fresh) or found.gone),
    }


def grids(found: Draft, village: str) -> list[dict[str, Any]]:
    """Return the grids of a village as a plan has them."""
    workers = {each.grid: each.workers for each in totals(found)}
    return [
        {
            "id": grid.id,
            "name": grid.name,
            "kind": grid.kind,
            "locked": grid.locked,
            "retired": grid.retired,
            "code": found.codes.get(grid.id),
            "workers": workers.get(grid.id, 0),
        }
        for grid in found.grids
        if grid.village_code == village
    ]


def event(each: PlanEvent) -> dict[str, Any]:
    """Return one entry of the log with what it changed."""
    viewer = access.viewer()
    changed = {name: each.payload.get(name, []) for name in ("cells", "before", "after", "grids", "locks")}
    return {
        "seq": each.seq,
        "key": each.key,
        "kind": each.kind,
        "user": each.user_name,
        "own": each.user_id == viewer.user_id,
        **changed,
    }


def outcome(found: Outcome, can: tuple[bool, bool] | None = None) -> dict[str, Any]:
    """Return what became of the plan since the browser's revision."""
    return {
        "revision": found.revision,
        "events": [event(each) for each in found.events],
        "numbers": {str(own): number for own, number in found.numbers.items()},
        "touched": sorted(found.touched),
        "can": None if can is None else {"undo": can[0], "redo": can[1]},
        "token": generate_csrf(),
    }


def clash(error: Conflict, status: str, since: Outcome) -> dict[str, Any]:
    """Return over which cells two have drawn: cell → before, theirs, mine; and what the other one did."""
    cells = error.params.get("cells", {})
    told = {name: value for name, value in error.params.items() if name != "cells"}
    return {
        "error": gettext(error.message, **told),
        "status": status,
        "conflict": {str(cell): list(three) for cell, three in cells.items()},
        **outcome(since),
    }


def findings(drawn: Draft, found: Iterable[Finding], village: str) -> list[dict[str, Any]]:
    """Return what the checks found in a village or of the whole plan, in the user's words."""
    land, own = drawn.ground, {grid.id for grid in drawn.grids if grid.village_code == village}
    cells = set(land.ids[land.village == land.villages.index(village)].tolist())
    return [
        {
            "code": each.code,
            "severity": each.severity,
            "grid": each.grid,
            "cells": [int(cell) for cell in each.cells],
            **dict(zip(("message", "mend"), each.told(gettext), strict=True)),
            "remedy": [[int(cell), int(grid)] for cell, grid in each.remedy.items()],
        }
        for each in found
        if each.grid in own or not (each.grid or each.cells) or cells & set(each.cells)
    ]
