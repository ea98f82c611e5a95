"""Going back: what a publication replaced becomes a new draft, ready to be handed in; nothing is deleted."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, case, cast, func, select, update
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session

from gis import audit
from gis.boundaries import Grid, GridOutline
from gis.errors import Conflict
from gis.fabric.tables import Cell
from gis.plans import standing
from gis.plans.beginning import create
from gis.plans.draft import Draft, draft
from gis.plans.held import LONGEST_NAME, find
from gis.plans.log import append, fields_of
from gis.plans.tables import Plan, PlanCell, PlanGrid
from gis.premises import Building
from gis.viewer import Viewer
from gis.words import N_


def roll_back(session: Session, viewer: Viewer, plan_id: int, now: datetime) -> Plan:
    """Begin a plan with the grids that were in force before a publication, on the cells of today.

    A grid that the publication ended is the same grid again, with its code, once this plan is published.
    """
    viewer.require("plan.draw")
    gone = find(session, viewer, plan_id)
    if gone.eve is None:
        raise Conflict(N_("“%(name)s” was never published; there is nothing to go back to."), name=gone.name)
    limits = (gone.households_min, gone.households_max)
    name = f"↶ {gone.name}"[:LONGEST_NAME]
    plan = create(session, viewer, gone.area_code, name, now, limits=limits, parent=gone)
    lay_again(session, viewer, draft(session, viewer, plan.id), gone.eve, now)
    audit.record(session, viewer, "plan.roll_back", plan.area_code, plan=plan.id, published=gone.id)
    return plan


def lay_again(session: Session, viewer: Viewer, drawn: Draft, day: date, now: datetime) -> None:
    """Give each cell of a plan the grid that was in force there on a day, as one event of the plan."""
    plan, land = drawn.plan, drawn.ground
    were = {row.id: row for row in session.execute(standing.grids(land.villages, day))}
    there = {grid.grid_id: grid for grid in drawn.grids}
    added = [
        PlanGrid(plan_id=plan.id, village_code=row.village_code, grid_id=row.id, name=row.name, kind=row.kind)
        for row in were.values()
        if row.id not in there
    ]
    before = {grid.id: fields_of(grid) for grid in drawn.grids}
    for grid in added:
        session.add(grid)
    for number, grid in there.items():
        grid.retired = number not in were
        if number in were:
            grid.name, grid.kind = were[number].name, were[number].kind
    session.flush()
    held = {**there, **{grid.grid_id: grid for grid in added}}
    found: dict[int, int] = {row.cell: row.grid for row in session.execute(on_day(drawn, day))}
    ids = land.ids.tolist()
    had = [drawn.grids[at].id if at >= 0 else None for at in drawn.of.tolist()]
    after = [held[found[cell]].id if found.get(cell) in held else None for cell in ids]
    moved = [at for at, (one, other) in enumerate(zip(had, after, strict=True)) if one != other]
    cells = [ids[at] for at in moved]
    put_again(session, plan.id, cells, [after[at] for at in moved])
    grids = [[grid.id, before.get(grid.id), fields_of(grid)] for grid in held.values()]
    payload = {
        "cells": cells, "before": [had[at] for at in moved], "after": [after[at] for at in moved],
        "grids": [line for line in grids if line[1] != line[2]],
    }  # fmt: skip
    append(session, viewer, plan, "restore", payload, now)


def on_day(drawn: Draft, day: date) -> Any:
    """Select each cell with the grid that held it on a day: a building's by the point that decides for buildings."""
    outline = GridOutline.outline
    whole = Cell.part.is_(None) & Building.id.is_not(None)
    middle = func.st_pointonsurface(case((whole, Building.outline), else_=Cell.outline))
    return (
        select(Cell.id.label("cell"), func.min(GridOutline.grid_id).label("grid"))
        .select_from(Cell)
        .outerjoin(Building, Building.id == Cell.building_id)
        .join(Grid, Grid.village_code == Cell.village_code)
        .join(GridOutline, GridOutline.grid_id == Grid.id)
        .where(standing.current(drawn.ground), GridOutline.valid.contains(day))
        .where(outline.intersects(Cell.outline), func.st_covers(outline, middle))
        .group_by(Cell.id)
    )


def put_again(session: Session, plan_id: int, cells: list[int], of: list[int | None]) -> None:
    """Give cells of a plan other grids, in one statement."""
    numbers = ARRAY(BigInteger)
    row = func.unnest(cast(cells, numbers), cast(of, numbers)).table_valued("cell", "grid", name="row").render_derived()
    moved = update(PlanCell).values(plan_grid_id=row.c.grid)
    moved = moved.where(PlanCell.plan_id == plan_id, PlanCell.cell_id == row.c.cell)
    session.execute(moved, execution_options={"synchronize_session": False})
