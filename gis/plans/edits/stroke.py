"""A stroke that is ready to be written: what stands against it is looked for here, and then it is written whole."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import BigInteger, Text, cast, select, update
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session

from gis.errors import Refused
from gis.fabric.tables import Cell
from gis.plans.log import FIELDS, Fields, fields_of
from gis.plans.standing import listed
from gis.plans.tables import PlanCell, PlanGrid
from gis.words import N_


@dataclass
class Stroke:
    """Cells with their grid before and after, grids with the fields that they get, and cells that are locked or not."""

    cells: list[int] = field(default_factory=list)
    before: list[int | None] = field(default_factory=list)
    after: list[int | None] = field(default_factory=list)
    grids: dict[int, Fields] = field(default_factory=dict)
    locks: list[tuple[list[int], bool]] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.cells or self.grids or self.locks)

    @property
    def ends(self) -> set[int]:
        """The grids that cells leave or enter."""
        return {grid for grid in (*self.before, *self.after) if grid is not None}


def cells_of(session: Session, plan_id: int, cells: Sequence[int]) -> dict[int, Any]:
    """Return grid, locked and village of cells as a plan has them now; those it does not know are left out."""
    if not cells:
        return {}
    columns = (PlanCell.cell_id, PlanCell.plan_grid_id.label("grid"), PlanCell.locked, Cell.village_code)
    found = select(*columns).join(Cell, Cell.id == PlanCell.cell_id)
    rows = session.execute(found.where(PlanCell.plan_id == plan_id, listed(cells, PlanCell.cell_id)))
    return {row.cell_id: row for row in rows}


def grids_of(session: Session, plan_id: int, numbers: Iterable[int]) -> dict[int, PlanGrid]:
    """Return grids of a plan as they are now, by their numbers; those it does not have are left out."""
    wanted = sorted({number for number in numbers if number >= 0})
    found = select(PlanGrid).where(PlanGrid.plan_id == plan_id, PlanGrid.id.in_(wanted))
    rows = session.scalars(found.execution_options(populate_existing=True)) if wanted else ()
    return {grid.id: grid for grid in rows}


def refuse_locked(stroke: Stroke, rows: Mapping[int, Any], grids: Mapping[int, PlanGrid]) -> None:
    """Raise Refused when a stroke moves a locked cell, or changes a locked grid in more than its lock."""
    moved = {number for number in stroke.ends if number in grids and grids[number].locked}
    altered = {
        number for number, fields in stroke.grids.items() if grids[number].locked
        and any(fields[name] != getattr(grids[number], name) for name in FIELDS if name != "locked")
    }  # fmt: skip
    held = sorted(moved | altered)
    if held:
        names = "、".join(grids[number].name for number in held)
        raise Refused(N_("%(names)s: locked. Unlock first."), names=names, grids=held)
    cells = [cell for cell in stroke.cells if rows[cell].locked]
    if cells:
        raise Refused(N_("%(count)s of these cells are locked. Unlock them first."), count=len(cells), cells=cells)


def left_in(session: Session, plan_id: int, numbers: Collection[int], cells: Sequence[int]) -> list[int]:
    """Return the cells of some grids other than the given ones."""
    if not numbers:
        return []
    there = select(PlanCell.cell_id).where(PlanCell.plan_id == plan_id, PlanCell.plan_grid_id.in_(sorted(numbers)))
    moving = set(cells)
    return [cell for cell in session.scalars(there) if cell not in moving]


def write(session: Session, plan_id: int, stroke: Stroke, grids: Mapping[int, PlanGrid]) -> dict[str, Any]:
    """Write a stroke and return it as the payload of an event; one statement for all cells."""
    entries = []
    for number, fields in stroke.grids.items():
        before = fields_of(grids[number])
        for name in FIELDS:
            setattr(grids[number], name, fields[name])
        entries.append([number, before, fields_of(grids[number])])
    session.flush()
    assign(session, plan_id, stroke.cells, stroke.after)
    for cells, locked in stroke.locks:
        held = update(PlanCell).where(PlanCell.plan_id == plan_id, listed(cells, PlanCell.cell_id))
        session.execute(held.values(locked=locked).execution_options(synchronize_session=False))
    locks = [[cells, locked] for cells, locked in stroke.locks]
    return {
        "cells": stroke.cells, "before": stroke.before, "after": stroke.after, "grids": entries, "locks": locks,
    }  # fmt: skip


def assign(session: Session, plan_id: int, cells: Sequence[int], after: Sequence[int | None]) -> None:
    """Give cells of a plan their grids, in one statement.

    The grids go as one object that is looked up: a join would be planned for the few rows that statistics know of a
    new plan, and then compare every cell with every cell.
    """
    if not cells:
        return
    to = cast(dict(zip(map(str, cells), after, strict=True)), JSONB)
    grid = cast(to[cast(PlanCell.cell_id, Text)].astext, BigInteger)
    moved = update(PlanCell).where(PlanCell.plan_id == plan_id, listed(cells, PlanCell.cell_id))
    session.execute(moved.values(plan_grid_id=grid).execution_options(synchronize_session=False))
