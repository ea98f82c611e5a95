"""Suggestions for a draft: what is locked stays, is counted, and what is offered can be taken as it is."""

from __future__ import annotations

import numpy as np
import pytest

from gis.errors import Invalid
from gis.plans import advice
from gis.plans.advice import Advice
from tests.gis.plans.desk import Table


def take(table: Table, taken: Advice) -> None:
    """Draw a suggestion as the editor does, its new grids named."""
    grids = [{"name": f"新{-each['id']}", **each} if each["id"] < 0 else each for each in taken.grids]
    table.edit("suggest", taken.cells, taken.after, grids)


def locked(table: Table, *places: tuple[int, int]) -> list[int]:
    """Lock the cells at some rows and columns, and return them."""
    cells = [int(table.village.cells[place]) for place in places]
    table.edit("lock", cells)
    return cells


def test_the_price_of_a_new_plan_is_what_it_then_moves(table: Table) -> None:
    code = table.village.code
    for seed in (1, 2):
        _least, price = advice.least_change(table.draft(), code, seed=seed)
        best = advice.new_plan(table.draft(), code, seed=seed)[0]
        assert price == len(best.cells) > 0
    before = table.draft()
    take(table, best)
    after = table.draft()
    grids = [np.array([*(grid.id for grid in each.grids), 0])[each.of] for each in (before, after)]
    assert (grids[0] != grids[1]).sum() == price


@pytest.mark.parametrize("places", [[(0, 0)], [(0, 0), (9, 3), (17, 17), (3, 12)], [(12, 20), (12, 11)]])
def test_a_new_plan_leaves_locked_cells_and_says_how_many(table: Table, places: list[tuple[int, int]]) -> None:
    cells = locked(table, *places)
    homes = {cell: table.of(cell) for cell in cells}
    for seed in (1, 2, 3):
        for way in advice.new_plan(table.draft(), table.village.code, seed=seed):
            assert not set(cells) & set(way.cells)
    out = advice.left_out(table.draft(), table.village.code)
    assert (out.cells, out.locked, out.names) == (sorted(cells), len(cells), [])
    assert out.told() == [f"{len(cells)} locked cells stay as they are."]
    take(table, way)
    assert {cell: table.of(cell) for cell in cells} == homes


def test_what_lies_in_locked_and_dedicated_grids_is_counted_by_name(table: Table) -> None:
    table.edit("lock", grids=[{"id": table.grids[1], "locked": True}])
    table.edit("change", grids=[{"id": table.grids[4], "kind": "dedicated"}])
    cells = locked(table, (0, 0), (5, 0))  # the second one in the locked grid
    out = advice.left_out(table.draft(), table.village.code)
    assert out.locked == 1
    assert out.names == ["清河02网格", "清河05网格"]
    assert len(out.cells) == 55 + 44 + 1
    assert out.told() == [
        "1 locked cells stay as they are.",
        "99 cells of locked or dedicated grids stay as they are: 清河02网格、清河05网格.",
    ]
    least, _ = advice.least_change(table.draft(), table.village.code)
    assert not set(out.cells) & set(least.cells)
    assert cells[0] in out.cells


def test_nothing_locked_is_nothing_to_tell(table: Table) -> None:
    out = advice.left_out(table.draft(), table.village.code)
    assert (out.cells, out.told()) == ([], [])


def test_a_split_keeps_locked_cells_where_they_are_and_can_be_taken(table: Table) -> None:
    cells = locked(table, (9, 19), (10, 20))
    ways = advice.split(table.draft(), table.grids[6])
    assert ways
    for way in ways:
        assert not set(cells) & set(way.cells)
    take(table, ways[0])
    assert {table.of(cell) for cell in cells} == {table.grids[6]}
    assert len(table.draft().grids) == 10


def test_locked_cells_that_no_split_keeps_together_are_told(table: Table) -> None:
    table.edit("lock", table.village.of(7)[:-1])
    with pytest.raises(Invalid, match="locked"):
        advice.split(table.draft(), table.grids[6])


def test_of_two_grids_the_one_with_locked_cells_stays(table: Table) -> None:
    (cell,) = locked(table, (13, 12))  # in 08, which has fewer households than 09
    for each in advice.merge(table.draft(), table.grids[7]):
        assert cell not in each.cells
    both = [*locked(table, (17, 12)), cell]
    found = advice.merge(table.draft(), table.grids[7])
    assert table.grids[8] not in [each.with_grid for each in found]
    for each in found:
        assert not set(both) & set(each.cells)
