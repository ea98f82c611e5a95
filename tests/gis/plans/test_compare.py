"""What differs between a plan and what is in force, or another plan."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from sqlalchemy.orm import Session

from gis.errors import Invalid
from gis.plans import compare, store
from gis.viewer import Viewer
from tests import fabrics
from tests.conftest import NOW
from tests.gis.plans.desk import Table, pushed


def test_a_plan_that_is_just_begun_is_what_is_in_force(table: Table) -> None:
    same = compare.against_force(table.session, table.viewer, table.plan.id)
    assert (same.cells, same.households) == ([], 0)
    assert [pair.grid_id for pair in same.pairs] == table.village.grids
    assert all(pair.before and pair.after and pair.before.households == pair.after.households for pair in same.pairs)


def test_a_pushed_border_shows_its_cells_and_both_totals(table: Table) -> None:
    cells = pushed(table.village)
    table.edit("push", cells, table.grids[3])
    table.edit("change", grids=[{"id": table.grids[3], "name": "改名"}])
    found = compare.against_force(table.session, table.viewer, table.plan.id)
    assert found.cells == cells
    assert (found.households, found.residents, found.buildings) == (62, 186, 3)
    (before,), (after,) = {*found.before}, {*found.after}
    one, two = found.pairs[before], found.pairs[after]
    assert (one.name, two.name) == ("清河03网格", "改名"), "a new name is no new grid"
    assert one.before
    assert one.after
    assert (one.before.households, one.after.households) == (478, 416)


def test_branches_are_compared_by_what_they_share(table: Table) -> None:
    table.edit("split", table.village.of(7)[:20], -1, [{"id": -1, "name": "新网格"}])
    branch = store.branch(table.session, table.viewer, table.plan.id, "另一种", NOW)
    other = Table(table.session, table.viewer, table.village, branch)
    same = compare.between(table.session, table.viewer, table.plan.id, branch.id)
    assert (same.cells, len(same.pairs)) == ([], 10)
    other.edit("merge", table.village.of(9), other.grids[7], [{"id": other.grids[8], "retired": True}])
    other.edit("split", table.village.of(5)[:10], -1, [{"id": -1, "name": "第二个新网格"}])
    found = compare.between(table.session, table.viewer, table.plan.id, branch.id)
    assert found.cells == sorted([*table.village.of(9), *table.village.of(5)[:10]])
    added = next(pair for pair in found.pairs if pair.name == "第二个新网格")
    assert (added.grid_id, added.before) == (None, None)
    assert added.after
    assert added.after.buildings == 10


def test_plans_without_a_village_in_common_are_not_compared(
    session: Session, admitted: Callable[[str], Viewer]
) -> None:
    one, two = (
        fabrics.lay(session, np.zeros((1, 2), int), np.ones((1, 2), int), number=number, name=name)
        for number, name in ((990, "清河社区"), (991, "清湖社区"))
    )
    viewer = admitted("planner")
    first, second = (store.create(session, viewer, each.code, "方案", NOW) for each in (one, two))
    with pytest.raises(Invalid, match="no village in common"):
        compare.between(session, viewer, first.id, second.id)


def test_cells_in_no_grid_differ_too(table: Table) -> None:
    cells = table.village.of(1)[:4]
    table.edit("paint", cells, [None] * 4)
    found = compare.against_force(table.session, table.viewer, table.plan.id)
    assert (found.cells, found.after) == (cells, [-1] * 4)
    assert fabrics.HOUSEHOLDS[0] == 480
