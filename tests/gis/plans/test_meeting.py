"""Planners meet at one plan: what is apart merges, what is the same is told, nothing is lost."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from gis.errors import Conflict
from gis.plans.beginning import branched
from gis.plans.edits import Edit, apply
from gis.viewer import Viewer
from tests.conftest import NOW
from tests.gis.plans.desk import Table, other

Enter = Callable[[str], Viewer]


def test_a_key_that_brings_other_cells_is_refused_and_not_taken_for_done(table: Table) -> None:
    cells = table.village.of(1)[:4]
    table.apply(Edit("paint", 1, "half", cells[:1], [table.grids[1]]))
    with pytest.raises(Conflict, match="draw it again"):
        table.apply(Edit("paint", 1, "half", cells, [table.grids[1]] * 4))


def test_the_same_key_is_written_once_and_answered_alike(table: Table) -> None:
    cells = table.village.of(7)[:9]
    edit = Edit("split", 1, "one-key", cells, [-1] * 9, [{"id": -1, "name": "新"}])
    first = apply(table.session, table.viewer, table.plan.id, edit, NOW)
    table.edit("paint", table.village.of(1)[:1], table.grids[1])
    table.plan.status = "submitted"
    table.session.flush()
    again = apply(table.session, table.viewer, table.plan.id, edit, NOW)
    assert (again.revision, again.numbers, again.touched) == (first.revision, first.numbers, first.touched)
    assert [event.seq for event in again.events] == [2]
    assert len(table.draft().grids) == 10
    with pytest.raises(Conflict, match="key"):
        apply(table.session, other(table).viewer, table.plan.id, edit, NOW)


def test_disjoint_strokes_on_an_old_revision_merge(table: Table) -> None:
    second = other(table)
    table.edit("paint", table.village.of(1)[:3], table.grids[1])
    made = second.edit("paint", table.village.of(5)[:3], table.grids[5], base=1)
    assert made.revision == 3
    assert [event.user_name for event in made.events] == ["planner", "planner_b"]
    assert made.touched == {table.grids[at] for at in (0, 1, 4, 5)}, "what the client has not seen is touched too"


def test_the_same_cell_is_a_conflict_with_both_sides(table: Table) -> None:
    cells = table.village.of(1)[:3]
    table.edit("paint", cells[:2], table.grids[1])
    second = other(table)
    with pytest.raises(Conflict, match=r"1 of these cells .* by planner") as clash:
        second.edit("paint", cells[1:], table.grids[2], base=1)
    one, two, three = table.grids[:3]
    assert clash.value.params["cells"] == {cells[1]: (one, two, three)}
    assert table.of(cells[2]) == one, "nothing of a refused stroke is written"
    second.edit("paint", cells[1:2], table.grids[1], base=1)  # both want the same
    table.undo()
    second.edit("paint", cells[1:], table.grids[2], base=1)  # they put it back
    assert table.of(cells[1]) == three


def test_the_same_word_is_a_conflict_and_other_words_merge(table: Table) -> None:
    table.edit("change", grids=[{"id": table.grids[0], "name": "甲"}])
    second = other(table)
    with pytest.raises(Conflict, match="甲: changed meanwhile by planner"):
        second.edit("change", grids=[{"id": table.grids[0], "name": "乙"}], base=1)
    second.edit("change", grids=[{"id": table.grids[0], "kind": "dedicated"}], base=1)
    table.undo()
    grid = table.draft().grids[0]
    assert (grid.name, grid.kind) == ("清河01网格", "dedicated"), "only the own word is taken back"


def test_a_refusal_names_the_others_and_oneself_only_alone(table: Table) -> None:
    cells, second = table.village.of(1)[:2], other(table)
    table.edit("paint", cells, table.grids[1])
    with pytest.raises(Conflict, match="changed meanwhile by yourself, in another window"):
        table.edit("paint", cells, table.grids[2], base=1)
    second.edit("paint", cells, table.grids[3])
    with pytest.raises(Conflict, match=r"changed meanwhile by planner_b\."):
        table.edit("paint", cells, table.grids[2], base=1)


def test_undo_over_anothers_stroke_is_a_conflict_with_a_way_out(table: Table) -> None:
    cells = table.village.of(1)[:3]
    table.edit("paint", cells, table.grids[1])
    second = other(table)
    second.edit("paint", cells[:1], table.grids[2])
    with pytest.raises(Conflict, match="drawn over") as clash:
        table.undo()
    one, two, three = table.grids[:3]
    assert clash.value.params["cells"] == {cells[0]: (two, three, one)}
    table.undo(keep=clash.value.params["cells"])
    assert [table.of(cell) for cell in cells] == [three, one, one]
    table.redo()
    assert [table.of(cell) for cell in cells] == [three, two, two], "what was kept is left alone again"


def test_the_own_stroke_below_is_not_the_other_side(table: Table) -> None:
    mine, met = table.village.of(1)[:2]
    one, two, three, four = table.grids[:4]
    other(table).edit("paint", [met], three)
    table.apply(Edit("paint", 1, "below", [mine], [two]))
    with pytest.raises(Conflict, match=r"1 of these cells .* by planner_b\.") as clash:
        table.apply(Edit("paint", 1, "above", [mine, met], [four, four], known={"below"}))
    assert clash.value.params["cells"] == {met: (one, three, four)}


def test_only_others_are_named_and_oneself_in_another_window_is_told_so(table: Table) -> None:
    cells = table.village.of(1)[:2]
    table.edit("paint", cells[:1], table.grids[1])
    with pytest.raises(Conflict, match="by yourself, in another window"):
        table.edit("paint", cells, table.grids[2], base=1)
    other(table).edit("paint", cells[1:], table.grids[1])
    with pytest.raises(Conflict, match=r"2 of these cells .* by planner_b\."):
        table.edit("paint", cells, table.grids[2], base=1)
    table.edit("change", grids=[{"id": table.grids[0], "name": "甲"}])
    with pytest.raises(Conflict, match="甲: changed meanwhile by yourself"):
        table.edit("change", grids=[{"id": table.grids[0], "name": "乙"}], base=1)


def test_a_new_grid_that_others_use_is_not_taken_back(table: Table) -> None:
    made = table.edit("split", table.village.of(7)[:9], -1, [{"id": -1, "name": "新"}])
    second = other(table)
    second.edit("paint", table.village.of(7)[9:10], made.numbers[-1])
    with pytest.raises(Conflict, match="1 cells are left"):
        table.undo()
    second.undo()
    table.undo()
    assert len(table.draft().grids) == 9


def test_a_conflict_can_be_forked(table: Table) -> None:
    cells = table.village.of(1)[:2]
    made = table.edit("split", table.village.of(7)[:9], -1, [{"id": -1, "name": "新"}])
    seen = table.plan.revision
    table.edit("paint", cells, table.grids[1])
    table.edit("paint", table.village.of(5)[:4], table.grids[5])
    second = other(table)
    edit = Edit("paint", seen, "lost", cells, [made.numbers[-1]] * 2, [{"id": table.grids[0], "name": "甲"}])
    with pytest.raises(Conflict):
        second.apply(edit)
    plan, numbers = branched(table.session, second.viewer, table.plan.id, "我的画法", NOW, seen, "fork")
    forked, here = Table(table.session, second.viewer, table.village, plan), table.draft()
    forked.edit("paint", cells, numbers[made.numbers[-1]], [{"id": numbers[table.grids[0]], "name": "甲"}])
    drawn = forked.draft()
    names = [grid.name for grid in drawn.grids]
    assert names == ["甲", *(grid.name for grid in here.grids[1:])]
    assert forked.of(cells[0]) == drawn.grids[names.index("新")].id
    assert forked.of(table.village.of(5)[0]) == drawn.grids[4].id, "what came after the base is not in the fork"
    assert here.grids[0].name == "清河01网格"
