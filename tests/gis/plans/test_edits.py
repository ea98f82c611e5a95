"""Strokes are written whole or not at all."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from gis.errors import Conflict, Invalid, NotAllowed
from gis.plans import store
from gis.plans.draft import totals
from gis.plans.edits import Edit, apply, undo
from gis.plans.tables import PlanGrid
from gis.viewer import ROLES, Viewer
from tests import fabrics
from tests.conftest import NOW
from tests.gis.plans.desk import Table, pushed, stored

Enter = Callable[[str], Viewer]


def test_a_pushed_border_moves_three_buildings_in_one_step(table: Table) -> None:
    before = table.draft()
    made = table.edit("push", pushed(table.village), table.grids[3])
    after = table.draft()
    assert (table.households()[2], table.households()[3]) == (416, 423)
    assert (before.of != after.of).sum() == 3
    assert made.touched == {table.grids[2], table.grids[3]}
    one, two = (sum(each.area_m2 for each in totals(made)[2:4]) for made in (before, after))
    assert one == pytest.approx(two, abs=0.01)
    table.undo()
    assert (table.draft().of == before.of).all()


def test_a_split_makes_a_grid_and_undo_restores_the_old_one(table: Table) -> None:
    cells = table.village.of(7)
    made = table.edit("split", cells[: len(cells) // 2], -1, [{"id": -1, "name": "清河10网格"}])
    assert set(made.numbers) == {-1}
    drawn = table.draft()
    assert [grid.id for grid in drawn.grids][-1] == made.numbers[-1]
    assert drawn.grids[-1].village_code == table.village.code
    assert (table.households()[6], table.households()[9]) == (371, 371)
    assert made.numbers[-1] not in drawn.codes, "it gets its code when it is published"
    table.undo()
    back = table.draft()
    assert len(back.grids) == 9
    assert table.households() == list(fabrics.HOUSEHOLDS)
    assert back.codes[table.grids[6]] == f"{table.village.code}007"
    table.redo()
    assert table.households()[9] == 371


def test_a_merge_retires_the_emptied_grid_in_the_same_step(table: Table) -> None:
    table.edit("merge", table.village.of(9), table.grids[7], [{"id": table.grids[8], "retired": True}])
    drawn = table.draft()
    assert table.households()[7:] == [319, 0]
    assert [grid.retired for grid in drawn.grids] == [False] * 8 + [True]
    with pytest.raises(Conflict, match="retired"):
        table.edit("paint", table.village.of(8)[:1], table.grids[8])
    table.undo()
    assert table.households() == list(fabrics.HOUSEHOLDS)
    assert not any(grid.retired for grid in table.draft().grids)


def test_a_grid_with_cells_is_not_retired(table: Table) -> None:
    with pytest.raises(Conflict, match="44 cells are left"):
        table.edit("retire", grids=[{"id": table.grids[8], "retired": True}])


def test_what_does_not_change_is_no_event(table: Table) -> None:
    made = table.edit("paint", table.village.of(1), table.grids[0], [{"id": table.grids[0], "name": "清河01网格"}])
    assert (made.revision, made.events) == (1, [])
    made = table.edit("paint", table.village.of(1)[:5], [table.grids[0]] * 4 + [table.grids[1]])
    assert made.events[-1].payload["cells"] == table.village.of(1)[4:5]


WRONG: dict[str, tuple[Callable[[Table], Any], str]] = {
    "a cell that is not there": (lambda t: t.edit("paint", [10**9], t.grids[0]), "1 of these cells are not in"),
    "a grid that is not there": (lambda t: t.edit("paint", t.village.of(1)[:1], 10**9), "no grid 1000000000"),
    "an undeclared new grid": (lambda t: t.edit("paint", t.village.of(1)[:1], -7), "no grid -7"),
    "a cell twice": (lambda t: t.edit("paint", t.village.of(1)[:1] * 2, t.grids[1]), "each cell once"),
    "fewer grids than cells": (lambda t: t.edit("paint", t.village.of(1)[:2], [t.grids[1]]), "each cell once"),
    "a revision that lies ahead": (lambda t: t.edit("paint", t.village.of(1)[:1], t.grids[1], base=9), "revision 9"),
    "a kind that is no edit": (lambda t: t.edit("carry", t.village.of(1)[:1], t.grids[1]), "kind “carry”"),
    "a new grid without a name": (lambda t: t.edit("create", grids=[{"id": -1}]), "needs a name"),
    "a name of two lines": (lambda t: t.edit("change", grids=[{"id": t.grids[0], "name": "a\nb"}]), "one line"),
    "a kind of grid nobody knows": (lambda t: t.edit("change", grids=[{"id": t.grids[0], "kind": "x"}]), "kind “x”"),
    "a village outside": (lambda t: t.edit("create", grids=[{"id": -1, "name": "x", "village": "1"}]), "reach into 1"),
    "another grid's number": (lambda t: t.edit("change", grids=[{"id": 10**9, "name": "x"}]), "no grid 1000000000"),
    "undo before anything": (lambda t: t.undo(), "nothing of yours to undo"),
    "redo before anything": (lambda t: t.redo(), "nothing of yours to redo"),
}  # fmt: skip


@pytest.mark.parametrize("what", WRONG)
def test_nonsense_is_told_and_writes_nothing(table: Table, what: str) -> None:
    wrong, message = WRONG[what]
    before = stored(table.session, table.plan.id)
    with pytest.raises(Invalid, match=message):
        wrong(table)
    assert stored(table.session, table.plan.id) == before
    assert table.plan.revision == 1


def test_cells_stay_in_their_village(session: Session, viewer_as: Enter) -> None:
    town, (one, two) = fabrics.lay_town(session, np.zeros((2, 2), int), np.ones((2, 2), int))
    plan = store.create(session, viewer_as("planner"), town, "全镇", NOW)
    at = Table(session, viewer_as("planner"), one, plan)
    far = session.scalar(select(PlanGrid.id).where(PlanGrid.plan_id == plan.id, PlanGrid.village_code == two.code))
    with pytest.raises(Invalid, match="another village"):
        at.edit("paint", one.of(1), far)
    with pytest.raises(Invalid, match="which village"):
        at.edit("create", grids=[{"id": -1, "name": "新"}])
    made = at.edit("split", one.of(1)[:1], -1, [{"id": -1, "name": "新"}])
    assert session.get_one(PlanGrid, made.numbers[-1]).village_code == one.code


def test_only_planners_draw(table: Table) -> None:
    edit = Edit("paint", 1, "k", table.village.of(1)[:1], [table.grids[1]])
    for name in ("town_manager", "district_manager", "grid_leader", "auditor"):
        with pytest.raises(NotAllowed):
            apply(table.session, replace(table.viewer, permissions=ROLES[name]), table.plan.id, edit, NOW)
        with pytest.raises(NotAllowed):
            undo(table.session, replace(table.viewer, permissions=ROLES[name]), table.plan.id, 1, "u", NOW)
