"""Drafts over square cells that are in no database: what the rules are held against."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gis import checks
from gis.checks import Finding
from gis.fabric.ground import Ground
from gis.plans.draft import Draft
from gis.plans.register import Register
from gis.plans.tables import Plan, PlanGrid

SIDE_M = 20.0
VILLAGE = "999901100990"

Array = NDArray[Any]

HALVES = np.repeat([[0] * 4 + [1] * 4], 4, axis=0)
"""Two grids of 4 × 4 cells side by side."""


def ground(households: Array, *, river: int | None = None, bridge: int | None = None) -> Ground:
    """Return a village of square cells, one building each, but for water in the column of the river."""
    rows, columns = households.shape
    number = np.arange(households.size, dtype=np.int32).reshape(rows, columns)
    kinds = np.full((rows, columns), "building", object)
    if river is not None:
        kinds[:, river] = "water"
    a = np.concatenate([number[:, :-1].ravel(), number[:-1].ravel()])
    b = np.concatenate([number[:, 1:].ravel(), number[1:].ravel()])
    length = np.full(len(a), SIDE_M)
    if river is not None and bridge is not None:
        a, b = np.append(a, number[bridge, river - 1]), np.append(b, number[bridge, river + 1])
        length = np.append(length, 0.0)
    wet = kinds.ravel() == "water"
    shore = wet[a] != wet[b]
    size, borders = households.size, len(a)
    buildings = np.where(wet, -1, np.arange(size, dtype=np.int64))
    return Ground(
        np.arange(size, dtype=np.int64) + 1000, [f"B{at:05}" for at in range(size)], [VILLAGE],
        np.zeros(size, np.int32), kinds.ravel(), buildings, households.ravel().astype(np.int32),
        3 * households.ravel().astype(np.int32), np.where(wet, 0, 1).astype(np.int32), np.full(size, SIDE_M**2),
        np.full(size, 4 * SIDE_M), a.astype(np.int32), b.astype(np.int32), length,
        np.where(shore, "river", None), np.full(borders, None, object), shore, length == 0,
    )  # fmt: skip


def draft(of: Any, households: Any = 10, *, limits: tuple[int, int] = (1, 10**6), **given: Any) -> Draft:
    """Return a draft whose cell at row and column is in a grid (from 0, -1 for none), with nothing to complain of.

    Grid 0 has the number 1. Fields of the register can be given by name; `river` and `bridge` go to the ground.
    """
    of = np.asarray(of)
    households = np.broadcast_to(np.asarray(households), of.shape).copy()
    water = {name: given.pop(name) for name in ("river", "bridge") if name in given}
    land = ground(households, **water)
    grids = [
        PlanGrid(id=at + 1, plan_id=1, village_code=VILLAGE, grid_id=100 + at, name=f"{at + 1:02}", kind="general",
                 locked=False, retired=False)
        for at in range(int(of.max()) + 1)
    ]  # fmt: skip
    plan = Plan(id=1, area_code=VILLAGE, name="x", households_min=limits[0], households_max=limits[1])
    codes = {grid.id: f"{VILLAGE}{grid.id:03}" for grid in grids}
    force = np.where(of.ravel() < 0, -1, of.ravel() + 100).astype(np.int64)
    everyone = {grid.grid_id for grid in grids}
    known: dict[str, Any] = {
        "force": force, "compounds": np.full(of.size, None, object), "cases": np.zeros(of.size, np.int32),
        "workers": {}, "led": everyone, "branched": everyone, "shared": [], "homeless": [], "bare": {VILLAGE: 0.0},
    }  # fmt: skip
    nothing = np.zeros(0, np.int32)
    return Draft(
        plan, land, grids, of.ravel().astype(np.int32), np.zeros(of.size, bool), codes, Register(**{**known, **given}),
        nothing, [],
    )  # fmt: skip


def found(drawn: Draft, code: str, touched: set[int] | None = None) -> list[Finding]:
    return [finding for finding in checks.check(drawn, touched) if finding.code == code]


def one(drawn: Draft, code: str, touched: set[int] | None = None) -> Finding:
    (finding,) = found(drawn, code, touched)
    for text in finding.told():
        assert "%(" not in text
        assert text.endswith(".")
    return finding


def mended(drawn: Draft, finding: Finding) -> Draft:
    """Do as the remedy says."""
    of = drawn.of.copy()
    numbers = [grid.id for grid in drawn.grids]
    of[drawn.ground.index(list(finding.remedy))] = [numbers.index(grid) for grid in finding.remedy.values()]
    return replace(drawn, of=of)


def cells(drawn: Draft, *places: tuple[int, int], columns: int = 8) -> list[int]:
    return drawn.cells([row * columns + column for row, column in places])


def changed(array: Any, *places: tuple[int, int], to: Any) -> Any:
    made = np.array(array)
    for place in places:
        made[place] = to
    return made


def crowded() -> Draft:
    """Return a draft of 10,000 cells in 600 grids with something wrong nearly everywhere."""
    rows, columns = np.indices((100, 100))
    of = (rows // 4) * 24 + columns * 24 // 100
    rng = np.random.default_rng(1)
    of[rng.integers(0, 100, 300), rng.integers(0, 100, 300)] = rng.integers(-1, 600, 300)
    compounds = np.array([f"苑{number}" for number in (rows // 3 * 34 + columns // 3).ravel()], object)
    return draft(of, rng.integers(0, 50, (100, 100)), limits=(300, 500), compounds=compounds, led=set(), branched=set())
