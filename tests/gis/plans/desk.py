"""Planners at a plan of 清河社区, as requests are: each under the database's second lock."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from gis.database import admit
from gis.plans import store
from gis.plans.draft import Draft, draft, totals
from gis.plans.edits import Edit, apply, redo, undo
from gis.plans.log import State, fields_of
from gis.plans.tables import Plan, PlanCell, PlanGrid
from gis.users import User
from gis.viewer import Viewer
from tests import fabrics
from tests.conftest import NOW


class Table:
    """A planner at a plan of 清河社区, on the newest revision unless told otherwise."""

    def __init__(
        self, session: Session, viewer: Viewer, village: fabrics.Village, plan: Plan | None = None, second: int = 0
    ) -> None:  # fmt: skip
        self.session, self.viewer, self.village, self.second = session, viewer, village, second
        self.plan = plan or store.create(session, viewer, village.code, "新方案", NOW)
        self.grids = [grid.id for grid in self.draft().grids]
        self.keys = 0

    def draft(self) -> Draft:
        admit(self.session, self.viewer)
        return draft(self.session, self.viewer, self.plan.id)

    def key(self) -> str:
        self.keys += 1
        return f"{self.viewer.name}-{self.keys}"

    def edit(self, kind: str, cells: Any = (), after: Any = (), grids: Any = (), base: int | None = None) -> Any:
        base = self.plan.revision if base is None else base
        after = [after] * len(cells) if isinstance(after, int) else after
        edit = Edit(kind, base, self.key(), list(cells), list(after), list(grids))
        return self.apply(edit)

    def apply(self, edit: Edit) -> Any:
        admit(self.session, self.viewer)
        return apply(self.session, self.viewer, self.plan.id, edit, NOW)

    def undo(self, **given: Any) -> Any:
        admit(self.session, self.viewer)
        return undo(self.session, self.viewer, self.plan.id, self.plan.revision, self.key(), NOW, **given)

    def redo(self, **given: Any) -> Any:
        admit(self.session, self.viewer)
        return redo(self.session, self.viewer, self.plan.id, self.plan.revision, self.key(), NOW, **given)

    def households(self) -> list[int]:
        return [each.households for each in totals(self.draft())]

    def of(self, cell: int) -> int | None:
        found = select(PlanCell.plan_grid_id).where(PlanCell.plan_id == self.plan.id, PlanCell.cell_id == cell)
        return self.session.scalar(found)


def second_planner(session: Session) -> int:
    """Store another planner's account, and return its number."""
    second = User(name="planner_b", display_name="规划二", role="planner", password_hash="none")
    session.add(second)
    session.flush()
    return second.id


def other(table: Table) -> Table:
    """Another planner at the same plan."""
    second = replace(table.viewer, user_id=table.second, name="planner_b")
    return Table(table.session, second, table.village, table.plan)


def stored(session: Session, plan_id: int) -> State:
    """What the tables hold of a plan."""
    rows = session.execute(
        select(PlanCell.cell_id, PlanCell.plan_grid_id, PlanCell.locked).where(PlanCell.plan_id == plan_id)
    )
    cells = list(rows)
    grids = session.scalars(
        select(PlanGrid).where(PlanGrid.plan_id == plan_id).execution_options(populate_existing=True)
    )
    return State(
        {row.cell_id: row.plan_grid_id for row in cells}, {row.cell_id for row in cells if row.locked},
        {grid.id: fields_of(grid) for grid in grids},
    )  # fmt: skip


def pushed(village: fabrics.Village) -> list[int]:
    """The three buildings with 62 households on the border of 03 with 04."""
    return [int(cell) for cell in village.cells[14, :3]]
