"""The ground of a plan as publishing needs it: current cells with their outlines, their grids now and in the plan."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from sqlalchemy import Select, case, func, select
from sqlalchemy.orm import Session

from gis.arrays import Arrays, arrays
from gis.fabric.tables import Cell
from gis.geometry import Shapes, derive
from gis.plans.draft import positions
from gis.plans.tables import Plan, PlanCell, PlanGrid
from gis.premises import Building
from gis.viewer import key

Numbers = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Land:
    """A plan's grids and the current cells of its villages, in the order of their ids.

    `building_ids`, `standing` (the grid of the cell's building) and `of` (a position in `grids`) are -1 for none;
    `built` is 1 for the first cell of a building, `whole` tells which buildings have one cell only. `rebuilt` is
    true when the plan knows cells that are no more, or does not know all.
    """

    plan: Plan
    grids: list[PlanGrid]
    villages: list[str]
    ids: Numbers
    building_ids: Numbers
    households: Numbers
    residents: Numbers
    built: Numbers
    whole: NDArray[np.bool_]
    area_m2: NDArray[np.float64]
    standing: Numbers
    of: NDArray[np.int32]
    rebuilt: bool
    stored: Arrays

    @cached_property
    def shapes(self) -> Shapes:
        """The outlines of the cells."""
        return self.stored.shapes

    @cached_property
    def outlines(self) -> Shapes:
        """The outline of each grid of the plan, None for one without a cell."""
        return derive(self.shapes, self.of, len(self.grids))


def land(session: Session, plan: Plan) -> Land:
    """Return the ground of a plan, by three queries."""
    villages = sorted(plan.fabrics)
    grids = list(session.scalars(_grids(plan.id)))
    stored = arrays(session, _cells(villages))
    ids, building_ids, households, residents, standing, parts, area_m2 = stored.columns
    drawn, grid = arrays(session, _drawn(plan.id)).columns
    at = np.searchsorted(drawn, ids)
    known = np.append(drawn, -1)[at] == ids
    built = np.zeros(len(ids), np.int64)
    built[np.unique(building_ids, return_index=True)[1]] = 1
    built[building_ids < 0] = 0
    return Land(
        plan=plan, grids=grids, villages=villages, ids=ids, building_ids=building_ids, households=households,
        residents=residents, built=built, whole=parts == 0, area_m2=area_m2, standing=standing,
        of=positions([grid.id for grid in grids], np.where(known, np.append(grid, -1)[at], -1)),
        rebuilt=len(drawn) != len(ids) or not known.all(), stored=stored,
    )  # fmt: skip


def _grids(plan_id: int) -> Any:
    """Select the grids of a plan, but those that it made and took back."""
    own = select(PlanGrid).where(PlanGrid.plan_id == plan_id).order_by(PlanGrid.id)
    return own.where(PlanGrid.grid_id.is_not(None) | PlanGrid.retired.is_(False)).execution_options(
        populate_existing=True
    )


def _cells(villages: Sequence[str]) -> Select[Any]:
    """Select the current cells with what stands on them."""
    parted = Cell.part.is_not(None)
    return (
        select(
            Cell.id,
            func.coalesce(Cell.building_id, -1).label("building"),
            case((parted, Cell.households), else_=func.coalesce(Building.households, 0)).label("households"),
            case((parted, Cell.residents), else_=func.coalesce(Building.residents, 0)).label("residents"),
            func.coalesce(Building.grid_id, -1).label("standing"),
            case((parted, 1), else_=0).label("parts"),
            Cell.area_m2,
            Cell.outline,
        )
        .outerjoin(Building, Building.id == Cell.building_id)
        .where(Cell.territory.in_([key(village) for village in villages]), Cell.until.is_(None))
    )


def _drawn(plan_id: int) -> Select[int, int]:
    """Select the cells of a plan with their grids."""
    return select(PlanCell.cell_id, func.coalesce(PlanCell.plan_grid_id, -1)).where(PlanCell.plan_id == plan_id)


def held_before(ground: Land, grids: Sequence[int], outlines: Shapes) -> Numbers:
    """Return the grid in force of each cell, -1 for none, from the ids and outlines of those grids.

    A building's cell is where its building is; a part of a tower and open land are where their middle lies.
    """
    known = np.isin(ground.standing, np.array(grids, np.int64)) & ground.whole
    before = np.where(known, ground.standing, -1)
    loose = np.flatnonzero(~known)
    if len(loose) and len(grids):
        middles = shapely.point_on_surface(ground.shapes[loose])
        shapely.prepare(outlines)
        outline, point = shapely.STRtree(middles).query(outlines, predicate="covers")
        order = np.argsort(-outline, kind="stable")
        before[loose[point[order]]] = np.array(grids, np.int64)[outline[order]]
    return before
