"""What is in force on a day, in the terms of a plan: the grids of some villages, and the grid of each cell."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import BigInteger, Select, case, cast, func, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session

from gis.boundaries import Grid, GridOutline
from gis.fabric.ground import Ground
from gis.fabric.tables import Cell
from gis.partition.pieces import flow, parts
from gis.premises import Building
from gis.viewer import key


def grids(villages: Sequence[str], day: date) -> Select[int, str, str, str, str]:
    """Select the grids of villages in force on a day by their codes: id, village_code, code, name, kind."""
    return (
        select(Grid.id, Grid.village_code, GridOutline.code, GridOutline.name, GridOutline.kind)
        .join_from(Grid, GridOutline, GridOutline.grid_id == Grid.id)
        .where(Grid.village_code.in_(villages), GridOutline.valid.contains(day))
        .order_by(GridOutline.code)
    )


def of_cells(session: Session, ground: Ground, day: date, *, past: bool = False) -> NDArray[np.int64]:
    """Return the id of the grid in force of each cell, -1 for none.

    A building's cell is where its building is; a part of a tower and open land are where their middle lies. Water that
    touches nothing of its grid is with the one that it touches longest. On a past day all are where their middle lay,
    or that of their building: a building knows only the grid that it is in now.
    """
    if past:
        return settled(ground, _laid(session, ground, np.full(len(ground.ids), -1, np.int64), day))
    in_force = {row.id: row.village_code for row in session.execute(grids(ground.villages, day))}
    numbers, count = np.unique(ground.building_ids, return_counts=True)
    whole = numbers[(numbers >= 0) & (count == 1)].tolist()
    built = select(Building.id, Building.grid_id).where(listed(whole, Building.id), Building.grid_id.in_(in_force))
    grid_of = {row.id: row.grid_id for row in session.execute(built)}
    found = np.array([grid_of.get(number, -1) for number in ground.building_ids.tolist()], np.int64)
    home = np.array([in_force.get(grid, "") for grid in found.tolist()])
    found[home != np.array(ground.villages)[ground.village]] = -1
    return settled(ground, _laid(session, ground, found, day))


def current(ground: Ground) -> Any:
    """Return the condition that a cell is one of the ground's."""
    return Cell.territory.in_([key(village) for village in ground.villages]) & Cell.until.is_(None)


def listed(cells: Sequence[int], column: Any = Cell.id) -> Any:
    """Return the condition that a cell is in a list, which goes to the server as one value."""
    return column == func.any(cast(list(cells), ARRAY(BigInteger)))


def _laid(session: Session, ground: Ground, found: NDArray[np.int64], day: date) -> NDArray[np.int64]:
    """Return the grids of cells with those filled in by their middle that have none."""
    rows = session.execute(_by_middle(ground.ids[found < 0].tolist(), day)).all()
    found[ground.index([row.id for row in rows])] = [row.grid for row in rows]
    return found


def settled(ground: Ground, found: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the grids with water that touches nothing of its own given to the one that it touches longest."""
    numbers, owner = np.unique(np.append(found, -1), return_inverse=True)
    owner, part = owner[:-1] - 1, parts(ground, found)
    piece = owner * (int(part.max(initial=0)) + 1) + part
    alone = (part > 0) & ~np.isin(piece, piece[ground.kinds != "water"])
    given = flow(ground, np.where(alone, -1, owner))
    return np.where(alone & (given >= 0), numbers[given + 1], found)


def _by_middle(cells: Sequence[int], day: date) -> Select[int, int]:
    """Select cells with the first grid of their village that covers their middle, or that of their whole building."""
    outline = GridOutline.outline
    whole = Cell.part.is_(None) & Building.id.is_not(None)
    middle = func.st_pointonsurface(case((whole, Building.outline), else_=Cell.outline))
    return (
        select(Cell.id, func.min(GridOutline.grid_id).label("grid"))
        .select_from(Cell)
        .outerjoin(Building, Building.id == Cell.building_id)
        .join(Grid, Grid.village_code == Cell.village_code)
        .join(GridOutline, GridOutline.grid_id == Grid.id)
        .where(listed(cells), GridOutline.valid.contains(day), outline.intersects(Cell.outline))
        .where(func.st_covers(outline, middle))
        .group_by(Cell.id)
    )
