"""The cells of a village are built anew while a draft lives: it says so, and goes on."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from gis import checks
from gis.errors import Conflict
from gis.fabric.tables import Cell, Fabric
from gis.plans import store
from gis.plans.tables import PlanEvent
from gis.viewer import key
from tests import fabrics
from tests.conftest import NOW
from tests.gis.plans.desk import Table, stored

STEP = fabrics.STEP
BOX = (fabrics.WEST, fabrics.SOUTH)


def rebuild(session: Session, village: fabrics.Village) -> tuple[list[int], list[int]]:
    """Replace (4, 0) of 01 and (5, 0) of 02 by two cells whose line lies further south; return old and new ones."""
    old = [int(village.cells[row, 0]) for row in (4, 5)]
    building_of = int(village.buildings[4, 0])
    session.execute(update(Cell).where(Cell.id.in_(old)).values(until=2))
    new = fabrics.stored(session, Cell, [
        {"village_code": village.code, "territory": key(village.code), "code": f"N{at}", "since": 2, "area_m2": area,
         "kind": "land" if building is None else "building", "building_id": building, "perimeter_m": 80.0,
         "outline": fabrics.multi(shapely.box(BOX[0], BOX[1] + low * STEP, BOX[0] + STEP, BOX[1] + high * STEP))}
        for at, (building, low, high, area) in enumerate(((building_of, 4, 4.4, 160.0), (None, 4.4, 6, 640.0)))
    ])  # fmt: skip
    row = {"village_code": village.code, "version": 2, "built_at": NOW, "cells": 440, "territory": key(village.code)}
    session.execute(insert(Fabric), [row])
    return old, new


def test_new_cells_are_found_and_get_the_grid_of_what_they_replace(table: Table) -> None:
    old, new = rebuild(table.session, table.village)
    drawn = table.draft()
    (finding,) = [each for each in checks.check(drawn) if each.code == "E11"]
    assert (finding.cells, finding.params) == (new, {"fresh": 2, "gone": 2})
    plan = store.carry(table.session, table.viewer, table.plan.id, NOW)
    carried = table.draft()
    assert [each.code for each in checks.check(carried) if each.code in ("E1", "E11")] == []
    assert [table.of(cell) for cell in (*new, *old)] == [table.grids[0], table.grids[1], None, None]
    assert plan.fabrics == {table.village.code: 2}
    event = table.session.scalars(select(PlanEvent).where(PlanEvent.plan_id == plan.id, PlanEvent.seq == 2)).one()
    assert event.kind == "carry"
    assert event.payload["gone"] == [[old[0], table.grids[0]], [old[1], table.grids[1]]]
    assert store.replay(table.session, table.viewer, plan.id) == stored(table.session, plan.id)


def test_carrying_over_twice_changes_nothing(table: Table) -> None:
    rebuild(table.session, table.village)
    for _ in range(2):
        plan = store.carry(table.session, table.viewer, table.plan.id, NOW)
    assert plan.revision == 2


def test_a_building_keeps_its_grid_though_its_land_changes_hands(table: Table) -> None:
    village = table.village
    table.edit("paint", [int(village.cells[4, 0])], table.grids[8])
    _old, new = rebuild(table.session, table.village)
    store.carry(table.session, table.viewer, table.plan.id, NOW)
    assert table.of(new[0]) == table.grids[8]


def test_a_lock_is_carried_over(table: Table) -> None:
    table.edit("lock", [int(table.village.cells[4, 0])])
    _old, new = rebuild(table.session, table.village)
    store.carry(table.session, table.viewer, table.plan.id, NOW)
    drawn = table.draft()
    assert drawn.cells(np.flatnonzero(drawn.locked)) == new[:1]
    assert store.replay(table.session, table.viewer, table.plan.id) == stored(table.session, table.plan.id)


def test_strokes_on_cells_that_are_gone_are_told_and_undo_passes_over_them(table: Table) -> None:
    village = table.village
    row = [int(cell) for cell in village.cells[4, :3]]
    table.edit("paint", row, table.grids[1])
    _old, new = rebuild(table.session, table.village)
    store.carry(table.session, table.viewer, table.plan.id, NOW)
    with pytest.raises(Conflict, match="1 of these cells were built anew"):
        table.edit("paint", row, table.grids[0], base=2)
    table.undo()
    assert [table.of(cell) for cell in row[1:]] == [table.grids[0]] * 2
    assert table.of(new[0]) == table.grids[1], "carrying over is no stroke of anybody's"
    table.plan.status = "approved"
    table.session.flush()
    with pytest.raises(Conflict, match="not a draft"):
        store.carry(table.session, table.viewer, table.plan.id, NOW)
