"""The ground of a plan as publishing needs it: current cells with their outlines, their grids now and in the plan."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from sqlalchemy import and_, case, func, select
from sqlalchemy.orm import Session

from gis.fabric.tables import Cell
from gis.geometry import Shapes
from gis.plans.draft import positions
from gis.plans.tables import Plan, PlanCell, PlanGrid
from gis.premises import Building
from gis.viewer import key

Numbers = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Land:
    """A plan's grids and the current cells of its villages, in the order of their ids.

    `building_ids`, `standing` (the grid of the cell's building) and `of` (a position in `grids`) are -1 for none;
    `built` is 1 for the first cell of a building, `whole` tells which buildings have one cell only. `overtaken` is
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
    shapes: Shapes
    overtaken: bool


def land(session: Session, plan: Plan) -> Land:
    """Return the ground of a plan, by three queries."""
    villages = sorted(plan.fabrics)
    grids = list(session.scalars(_grids(plan.id)))
    rows = session.execute(_cells(plan.id, villages)).all()
    columns = list(zip(*rows, strict=True)) if rows else [()] * 10
    whole, known = (np.array(columns[at], bool) for at in (7, 8))
    numbers = [np.array(column, np.int64) for column in columns[:6]]
    count = session.scalar(select(func.count()).where(PlanCell.plan_id == plan.id)) or 0
    built = np.zeros(len(rows), np.int64)
    built[np.unique(numbers[1], return_index=True)[1]] = 1
    built[numbers[1] < 0] = 0
    return Land(
        plan=plan, grids=grids, villages=villages, ids=numbers[0], building_ids=numbers[1], households=numbers[2],
        residents=numbers[3], built=built, whole=whole, area_m2=np.array(columns[6], np.float64), standing=numbers[4],
        of=positions([grid.id for grid in grids], numbers[5]), overtaken=not known.all() or count != len(rows),
        shapes=shapely.from_wkb(np.array([bytes(each) for each in columns[9]], object)),
    )  # fmt: skip


def _grids(plan_id: int) -> Any:
    """Select the grids of a plan, but those that it made and took back."""
    own = select(PlanGrid).where(PlanGrid.plan_id == plan_id).order_by(PlanGrid.id)
    return own.where(PlanGrid.grid_id.is_not(None) | PlanGrid.retired.is_(False)).execution_options(
        populate_existing=True
    )


def _cells(plan_id: int, villages: Sequence[str]) -> Any:
    """Select the current cells with what stands on them and their grid in the plan."""
    parted = Cell.part.is_not(None)
    own = and_(PlanCell.plan_id == plan_id, PlanCell.cell_id == Cell.id)
    return (
        select(
            Cell.id,
            func.coalesce(Cell.building_id, -1),
            case((parted, Cell.households), else_=func.coalesce(Building.households, 0)),
            case((parted, Cell.residents), else_=func.coalesce(Building.residents, 0)),
            func.coalesce(Building.grid_id, -1),
            func.coalesce(PlanCell.plan_grid_id, -1),
            Cell.area_m2,
            ~parted,
            PlanCell.cell_id.is_not(None),
            func.st_asbinary(Cell.outline),
        )
        .select_from(Cell)
        .outerjoin(Building, Building.id == Cell.building_id)
        .outerjoin(PlanCell, own)
        .where(Cell.territory.in_([key(village) for village in villages]), Cell.until.is_(None))
        .order_by(Cell.id)
    )


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
