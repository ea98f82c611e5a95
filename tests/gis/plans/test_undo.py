"""The way back has no end and passes no lock, and the log alone gives the plan."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import func, select, update

from gis.errors import Conflict, Invalid, Refused
from gis.plans import store
from gis.plans.tables import PlanCell, PlanEvent
from gis.viewer import Viewer
from tests.gis.plans.desk import Table, other, stored

Enter = Callable[[str], Viewer]


def test_a_locked_grid_is_left_alone(table: Table) -> None:
    table.edit("lock", grids=[{"id": table.grids[1], "locked": True}])
    for wrong in (
        lambda: table.edit("paint", table.village.of(2)[:1], table.grids[0]),
        lambda: table.edit("paint", table.village.of(1)[:1], table.grids[1]),
        lambda: table.edit("change", grids=[{"id": table.grids[1], "name": "别名"}]),
        lambda: table.edit("unlock", grids=[{"id": table.grids[1], "locked": False, "retired": True}]),
    ):
        with pytest.raises((Refused, Conflict), match="清河02网格"):
            wrong()
    table.edit("unlock", grids=[{"id": table.grids[1], "locked": False}])
    table.edit("paint", table.village.of(2)[:1], table.grids[0])


def test_locked_cells_are_left_alone_whatever_their_grid(table: Table) -> None:
    area = table.village.of(2)[:6]
    made = table.edit("lock", area)
    assert made.events[-1].payload["locks"] == [[area, True]]
    with pytest.raises(Refused, match="2 of these cells are locked") as refused:
        table.edit("paint", [*area[:2], *table.village.of(2)[6:9]], table.grids[0])
    assert refused.value.params["cells"] == area[:2]
    table.edit("unlock", area[:3])
    table.edit("paint", area[:3], table.grids[0])
    table.undo()
    table.undo()
    assert int(table.draft().locked.sum()) == 6, "the unlocking was undone"
    table.undo()
    assert int(table.draft().locked.sum()) == 0
    table.redo()
    assert int(table.draft().locked.sum()) == 6


def test_undo_and_redo_respect_locks(table: Table) -> None:
    table.edit("paint", table.village.of(1)[:3], table.grids[1])
    second = other(table)
    second.edit("lock", grids=[{"id": table.grids[1], "locked": True}])
    with pytest.raises(Refused, match="清河02网格"):
        table.undo()
    second.undo()
    table.undo()
    second.edit("lock", table.village.of(1)[:1])
    with pytest.raises(Refused, match="1 of these cells"):
        table.redo()


def test_undo_and_redo_walk_a_planners_own_strokes_only(table: Table) -> None:
    second = other(table)
    mine, theirs = table.village.of(1), table.village.of(5)
    for at in range(3):
        table.edit("paint", mine[at : at + 1], table.grids[1])
        second.edit("paint", theirs[at : at + 1], table.grids[5])
    table.undo()
    table.undo()
    assert [table.of(cell) == table.grids[1] for cell in mine[:3]] == [True, False, False]
    assert [table.of(cell) == table.grids[5] for cell in theirs[:3]] == [True, True, True]
    table.redo()
    assert [table.of(cell) == table.grids[1] for cell in mine[:3]] == [True, True, False]
    table.edit("paint", mine[9:10], table.grids[1])
    with pytest.raises(Invalid, match="nothing of yours to redo"):
        table.redo()
    for _ in range(3):
        table.undo()
    with pytest.raises(Invalid, match="nothing of yours to undo"):
        table.undo()
    for _ in range(3):
        table.redo()
    assert [table.of(mine[at]) == table.grids[1] for at in (0, 1, 2, 9)] == [True, True, False, True]
    second.undo()
    assert table.of(theirs[2]) == table.grids[4]


def test_undo_has_no_limit(table: Table) -> None:
    cells = table.village.of(1)
    for at in range(70):
        table.edit("paint", cells[at % 50 : at % 50 + 1], table.grids[(at // 50 + 1) % 3])
    drawn = table.draft().of
    for _ in range(70):
        table.undo()
    assert table.draft().of.tolist() == table.village.grid.ravel().tolist()
    for _ in range(70):
        table.redo()
    assert (table.draft().of == drawn).all()
    assert table.plan.revision == 211


def test_the_log_alone_gives_the_plan(table: Table) -> None:
    second = other(table)
    table.edit("split", table.village.of(7)[:20], -1, [{"id": -1, "name": "新"}])
    second.edit("lock", table.village.of(3)[:4])
    table.edit("merge", table.village.of(9), table.grids[7], [{"id": table.grids[8], "retired": True}])
    table.edit("paint", table.village.of(1)[:5], [None] * 5)
    table.undo()
    table.undo()
    table.undo()
    table.redo()
    second.edit("change", grids=[{"id": table.grids[4], "name": "别名", "kind": "dedicated"}])
    session, plan = table.session, table.plan
    assert store.replay(session, table.viewer, plan.id) == stored(session, plan.id)
    begun = store.replay(session, table.viewer, plan.id, 1)
    assert list(begun.cells.values()) == [table.grids[at] for at in table.village.grid.ravel()]
    assert session.scalar(select(func.count()).where(PlanEvent.plan_id == plan.id)) == plan.revision


def test_a_plan_is_the_log_even_after_a_write_past_it(table: Table) -> None:
    """The comparison above would notice."""
    session, plan = table.session, table.plan
    session.execute(update(PlanCell).where(PlanCell.plan_id == plan.id, PlanCell.cell_id == table.village.of(1)[0])
                    .values(plan_grid_id=None))  # fmt: skip
    assert store.replay(session, table.viewer, plan.id) != stored(session, plan.id)
