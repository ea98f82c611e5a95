"""What stands on the cells of a plan today: buildings, open cases, and who works in which grid."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import BigInteger, Select, cast, func, or_, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session

from gis.areas import Area
from gis.boundaries import Grid
from gis.fabric.ground import Ground
from gis.fabric.tables import Cell
from gis.party import Organisation, OrganisationGrid
from gis.plans.freshness import lines
from gis.plans.standing import current, listed, of_cells
from gis.premises import Building
from gis.staffing import Assignment, Staff
from gis.viewer import key, span

LEADING = ("grid_leader", "grid_worker", "link_cadre")
"""Roles of which a grid needs one to be led."""


@dataclass(frozen=True, eq=False)
class Register:
    """Facts per cell (arrays as in the ground), per grid in force (by its id), and what fits no cell.

    `force` is the grid in force of the cell, -1 for none; `cases` counts open cases, restricted ones at
    the middle of their grid. `shared` is a full-time worker's name → the grids they have.
    `homeless` are the codes and households of buildings without a cell, `bare` the part of a village without one,
    `lines` the newest outline of each village.
    """

    force: NDArray[np.int64]
    compounds: NDArray[np.object_]
    cases: NDArray[np.int32]
    workers: dict[int, int]
    led: set[int]
    branched: set[int]
    shared: list[tuple[str, list[int]]]
    homeless: list[tuple[str, int]]
    bare: dict[str, float]
    lines: dict[str, int] = field(default_factory=dict)


def register(session: Session, ground: Ground, day: date) -> Register:
    """Return what stands on the cells on a day, as far as the viewer of the transaction may see it."""
    grids = session.execute(_duties(ground, day)).all()
    buildings = {row.id: row for row in session.execute(_buildings(ground))}
    own = [buildings.get(number) for number in ground.building_ids.tolist()]
    compounds = np.array([None if row is None else row.compound for row in own], object)
    housed = set(ground.building_ids.tolist())
    homeless = [(row.code, row.households) for row in buildings.values() if row.id not in housed]
    return Register(
        of_cells(session, ground, day), compounds, _cases(session, ground),
        {row.grid_id: row.workers for row in grids if row.workers},
        {row.grid_id for row in grids if row.leading},
        set(session.scalars(_branches(ground, day))),
        [(row.name, row.grids) for row in session.execute(_shared(ground, day))],
        homeless, {row.code: row.bare for row in session.execute(_bare(ground))}, lines(session, ground.villages),
    )  # fmt: skip


def within(territory: Any, ground: Ground) -> Any:
    """Return the condition that a territory key lies in one of the ground's villages."""
    return or_(*(territory.between(*span(village)) for village in ground.villages))


def _buildings(ground: Ground) -> Any:
    """Select the buildings of the villages and those that have a cell there."""
    columns = (Building.id, Building.code, Building.compound, Building.households)
    has_cell = listed(np.unique(ground.building_ids).tolist(), Building.id)
    return select(*columns).where(or_(within(Building.territory, ground), has_cell))


def _cases(session: Session, ground: Ground) -> NDArray[np.int32]:
    """Return the open cases per cell, as the owner's function counts them: a planner sees no case itself."""
    lows = cast([key(village) for village in ground.villages], ARRAY(BigInteger))
    counted = func.wangge_cell_cases(lows).table_valued("cell_id", "cases")
    found = session.execute(select(counted.c.cell_id, counted.c.cases)).all()
    cases = np.zeros(len(ground.ids), np.int32)
    at = ground.index([row.cell_id for row in found])
    cases[at[at >= 0]] = np.array([row.cases for row in found], np.int32)[at >= 0]
    return cases


def _duties(ground: Ground, day: date) -> Any:
    """Select per grid how many grid workers it has, and how many people lead or work in it."""
    return (
        select(
            Assignment.grid_id,
            func.sum(Assignment.headcount).filter(Assignment.role == "grid_worker").label("workers"),
            func.sum(Assignment.headcount).filter(Assignment.role.in_(LEADING)).label("leading"),
        )
        .join(Grid, Grid.id == Assignment.grid_id)
        .where(Grid.village_code.in_(ground.villages), Assignment.valid.contains(day))
        .group_by(Assignment.grid_id)
    )


def _shared(ground: Ground, day: date) -> Any:
    """Select the full-time workers that have several grids, one of them here."""
    here = func.bool_or(Grid.village_code.in_(ground.villages))
    grids = func.array_agg(Assignment.grid_id.distinct())
    return (
        select(Staff.name, grids.label("grids"))
        .join_from(Assignment, Staff, Staff.id == Assignment.staff_id)
        .join(Grid, Grid.id == Assignment.grid_id)
        .where(Assignment.role == "grid_worker", Assignment.employment == "full_time", Assignment.valid.contains(day))
        .group_by(Staff.id, Staff.name)
        .having(here, func.count(Assignment.grid_id.distinct()) > 1)
        .order_by(Staff.id)
    )


def _branches(ground: Ground, day: date) -> Select[Any]:
    """Select the grids that a Party branch covers."""
    covers = OrganisationGrid.organisation_id == Organisation.id
    grid = func.coalesce(OrganisationGrid.grid_id, Organisation.grid_id)
    return (
        select(grid)
        .outerjoin_from(Organisation, OrganisationGrid, covers)
        .join(Grid, Grid.id == grid)
        .where(Organisation.kind == "grid_branch", Organisation.valid.contains(day))
        .where(Grid.village_code.in_(ground.villages))
    )


def _bare(ground: Ground) -> Any:
    """Select per village how much of it is in no cell, in parts of its plane area; less than 0 for too much."""
    cells = select(Cell.territory, func.sum(func.st_area(Cell.outline)).label("area")).where(current(ground))
    tiled = cells.group_by(Cell.territory).subquery("tiled")
    whole = func.st_area(Area.outline)
    return (
        select(Area.code, (1 - func.coalesce(tiled.c.area, 0) / whole).label("bare"))
        .outerjoin(tiled, tiled.c.territory == Area.territory)
        .where(Area.territory.in_([key(village) for village in ground.villages]))
    )
