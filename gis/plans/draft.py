"""A plan over the cells of today, and what each of its grids adds up to."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session

from gis.boundaries import Grid
from gis.fabric.ground import Flags, Ground, Ints, ground
from gis.partition.graph import barred
from gis.plans.held import find
from gis.plans.register import Register, register
from gis.plans.succession import Succession, succession
from gis.plans.tables import Plan, PlanCell, PlanGrid
from gis.viewer import Viewer

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Totals:
    """What a grid of a plan adds up to; lengths in metres.

    `compactness` is 4π·area/perimeter² (Polsby-Popper); `along_barriers` is the share of the border with other grids
    that lies on a road, river, rail or wall, 1 where there is no such border.
    """

    grid: int
    households: int
    residents: int
    buildings: int
    cells: int
    area_m2: float
    open_cases: int
    workers: int
    perimeter_m: float
    compactness: float
    along_barriers: float


@dataclass(frozen=True, eq=False)
class Measures:
    """The totals as arrays, one row per grid of the draft and a last one for what is in none.

    `outside_m` is the part of the perimeter that is no border between cells: the edge of the village.
    """

    households: NDArray[np.int64]
    residents: NDArray[np.int64]
    buildings: NDArray[np.int64]
    cells: NDArray[np.int64]
    cases: NDArray[np.int64]
    area_m2: Floats
    perimeter_m: Floats
    border_m: Floats
    along_m: Floats
    outside_m: Floats

    @property
    def compactness(self) -> Floats:
        """Polsby-Popper, 0 for a grid without cells."""
        shape: Floats = 4 * np.pi * self.area_m2 / np.maximum(self.perimeter_m, 1e-9) ** 2
        return np.minimum(shape, 1.0)

    @property
    def along_barriers(self) -> Floats:
        """The share of the border with others that lies along a barrier, 1 without such a border."""
        share: Floats = np.divide(self.along_m, self.border_m, out=np.ones_like(self.along_m), where=self.border_m > 0)
        return share


@dataclass(frozen=True, eq=False)
class Draft:
    """A plan with the ground it is drawn on; `of` points into `grids`, -1 for a cell in none, `codes` are by grid id.

    A grid that the plan made and took back again is left out. `fresh` are the cells (positions) that the plan does
    not know, because the fabric was built anew since, and `gone` the ids of cells that it knows and that are no more.
    """

    plan: Plan
    ground: Ground
    grids: list[PlanGrid]
    of: Ints
    locked: Flags
    codes: dict[int, str]
    register: Register
    fresh: Ints
    gone: list[int]

    @cached_property
    def measures(self) -> Measures:
        """What the grids and the rest add up to."""
        return measure(self.ground, self.of, len(self.grids), self.register.cases)

    @cached_property
    def live(self) -> Flags:
        """Which grids are not retired."""
        return np.array([not grid.retired for grid in self.grids], bool)

    @cached_property
    def takers(self) -> Flags:
        """Which grids can be given cells: neither retired nor locked."""
        return np.array([not (grid.retired or grid.locked) for grid in self.grids], bool)

    @cached_property
    def draws(self) -> Succession:
        """Which grid follows which one in force, as a publication has it."""
        land, force = self.ground, self.register.force
        sums = (land.households, land.residents, land.buildings, land.area_m2)
        former = np.unique(force[force >= 0]).tolist()
        return succession([grid.grid_id for grid in self.grids], self.of, sums, former, force)

    @cached_property
    def origins(self) -> list[int]:
        """The grid in force that each grid stays, else gets its duties and branch from; -1 for none.

        Once the plan is published each is the grid that it became.
        """
        draws, former = self.draws, np.append(self.draws.former, -1)
        found = former[np.where(draws.keeps, draws.bound, draws.source)]
        return [
            grid.published_id or (int(one) if drawn else grid.grid_id or -1)
            for grid, one, drawn in zip(self.grids, found, draws.drawn, strict=True)
        ]

    @cached_property
    def moved(self) -> Flags:
        """Which cells get another grid than the one in force there."""
        draws, former = self.draws, np.append(self.draws.former, -1)
        stays = np.append(np.where(draws.keeps, former[draws.bound], -2), -1)
        moved: Flags = (self.of >= 0) & (stays[self.of] != self.register.force)
        return moved

    def cells(self, positions: Any) -> list[int]:
        """Return the cell ids at positions."""
        ids: list[int] = self.ground.ids[positions].tolist()
        return ids


def draft(session: Session, viewer: Viewer, plan_id: int) -> Draft:
    """Return a plan over the cells of today; raises NotFound outside the viewer's territory."""
    viewer.require("plan.view")
    plan = find(session, viewer, plan_id)
    land = ground(session, viewer, list(plan.fabrics))
    found = session.execute(_grids(plan_id).execution_options(populate_existing=True)).all()
    grids = [grid for grid, _code in found]
    cells, grid, locked = _cells(session, plan_id)
    at = land.index(cells)
    here = at >= 0
    of, is_locked = np.full(len(land.ids), -1, np.int32), np.zeros(len(land.ids), bool)
    of[at[here]] = positions([each.id for each in grids], grid[here])
    is_locked[at[here]] = locked[here]
    fresh = np.setdiff1d(np.arange(len(land.ids), dtype=np.int32), at[here])
    codes = {grid.id: code for grid, code in found if grid.grid_id is not None}
    # who was on duty in grids that are no more is told as of their first day
    day = (plan.status == "superseded" and plan.first_day) or viewer.day
    return Draft(plan, land, grids, of, is_locked, codes, register(session, land, day), fresh, cells[~here].tolist())


def positions(ids: list[int], wanted: NDArray[np.int64]) -> Ints:
    """Return where numbers stand in an ascending list, -1 for one that is not in it."""
    known = np.array([*ids, np.iinfo(np.int64).max], np.int64)
    at = np.searchsorted(known, wanted)
    return np.where(known[at] == wanted, at, -1).astype(np.int32)


def _grids(plan_id: int) -> Select[PlanGrid, str]:
    """Select the grids of a plan with the code in force, but those that it made and took back."""
    return (
        select(PlanGrid, Grid.code)
        .outerjoin(Grid, Grid.id == PlanGrid.grid_id)
        .where(PlanGrid.plan_id == plan_id, or_(PlanGrid.grid_id.is_not(None), PlanGrid.retired.is_(False)))
        .order_by(PlanGrid.id)
    )


def _cells(session: Session, plan_id: int) -> tuple[NDArray[np.int64], NDArray[np.int64], Flags]:
    """Return the cells that a plan knows, their grids (-1 for none) and whether they are locked."""
    columns = (PlanCell.cell_id, func.coalesce(PlanCell.plan_grid_id, -1), PlanCell.locked)
    rows = session.execute(select(*columns).where(PlanCell.plan_id == plan_id)).all()
    table = np.array([tuple(row) for row in rows], np.int64).reshape(-1, 3)
    return table[:, 0], table[:, 1], table[:, 2] > 0


def totals(draft: Draft) -> list[Totals]:
    """Return what each grid of a draft adds up to, in the order of its grids."""
    sums = draft.measures
    workers = np.array([*(draft.register.workers.get(origin, 0) for origin in draft.origins), 0])
    columns = (sums.households, sums.residents, sums.buildings, sums.cells, sums.area_m2, sums.cases, workers,
               sums.perimeter_m, sums.compactness, sums.along_barriers)  # fmt: skip
    figures: Any = zip(*(column.tolist() for column in columns), strict=True)
    return [Totals(grid.id, *figure) for grid, figure in zip(draft.grids, figures, strict=False)]


def measure(ground: Ground, of: Ints, count: int, cases: Ints) -> Measures:
    """Add up the cells of each of some grids; the last row is for the cells in none (-1)."""
    to = np.where(of < 0, count, of)

    def summed(values: NDArray[Any]) -> Floats:
        return np.bincount(to, weights=values, minlength=count + 1).astype(np.float64)

    def whole(values: NDArray[Any]) -> NDArray[np.int64]:
        return summed(values).astype(np.int64)

    one, other, length = to[ground.a], to[ground.b], ground.length_m
    inner = one == other
    along = barred(ground)

    def met(chosen: Flags) -> Floats:
        sides = np.concatenate([one[chosen], other[chosen]])
        return np.bincount(sides, np.tile(length[chosen], 2), count + 1).astype(np.float64)

    border, around = met(~inner), summed(ground.perimeter_m) - met(inner)
    return Measures(
        whole(ground.households), whole(ground.residents), whole(ground.buildings), whole(np.ones(len(to))),
        whole(cases), summed(ground.area_m2), around, border, met(~inner & along), around - border,
    )  # fmt: skip
