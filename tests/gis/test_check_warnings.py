"""What is worth a look before a plan is handed in: loads, shapes, compounds, and what changes hands."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from gis.checks import foreseen
from gis.plans.advice import Advice
from tests.lattices import HALVES, changed, draft, found, mended, one


def test_w1_too_many_and_too_few_households() -> None:
    drawn = draft(HALVES, changed(np.full((4, 8), 10), (0, 7), to=300), limits=(200, 400))
    few, many = found(drawn, "W1")
    assert (few.params["count"], many.params["count"]) == (160, 450)
    assert "Merge" in few.mend
    assert "Split" in many.mend
    tower = found(draft(HALVES, changed(np.full((4, 8), 20), (0, 7), to=500), limits=(200, 400)), "W1")
    assert (tower[0].cells, "one building alone" in tower[0].message) == ([1007], True)


def test_w1_and_w2_say_nothing_where_no_building_is_listed() -> None:
    drawn = draft(HALVES, 0, limits=(200, 400))
    bare = replace(drawn, ground=replace(drawn.ground, building_ids=np.full(HALVES.size, -1, np.int64)))
    assert (len(found(drawn, "W1")), found(bare, "W1"), found(bare, "W2")) == (2, [], [])


def test_w2_uneven_households() -> None:
    households = np.where(HALVES == 0, 10, 30)
    params = one(draft(HALVES, households), "W2").params
    assert (params["low"], params["high"], params["spread"], params["most"]) == (160, 480, 50, "02")
    assert found(draft(HALVES, np.where(HALVES == 0, 10, 12)), "W2") == []


def test_w3_a_grid_that_is_drawn_out() -> None:
    long = np.zeros((1, 40), int)
    assert one(draft(long), "W3").params["value"] == "0.07"


def test_w3_a_neck_under_ten_metres_is_found_with_its_place() -> None:
    drawn = draft(np.zeros((1, 8), int))
    assert found(drawn, "W3") == []
    drawn.ground.length_m[4] = 6.4  # between the fifth cell and the sixth
    finding = one(drawn, "W3", {1})
    assert finding.cells == [1004, 1005]
    assert finding.told()[0] == "“01” hangs together over 6.4 m only, with 30 households behind it."
    assert found(drawn, "W3", {2}) == []
    drawn.of[5:] = -1
    assert found(drawn, "W3") == [], "the line between two grids is none"


def test_w4_a_border_in_the_open() -> None:
    assert one(draft(HALVES), "W4", {1}).params["share"] == 0
    along = draft(HALVES)
    along.ground.along[:] = "road"
    assert found(along, "W4") == []


def test_w5_a_grid_within_another() -> None:
    within = changed(np.zeros((5, 5), int), (2, 2), to=1)
    assert one(draft(within), "W5").params == {"name": "02", "around": "01"}
    assert found(draft(changed(np.zeros((5, 5), int), (0, 2), to=1)), "W5") == [], "it lies at the edge"


def test_w6_a_compound_in_two_grids() -> None:
    compounds = np.full(32, None, object)
    compounds[[2, 3, 4]] = "清河苑"
    drawn = draft(HALVES, compounds=compounds)
    finding = one(drawn, "W6")
    assert (finding.grid, finding.remedy) == (1, {1004: 1})
    assert found(mended(drawn, finding), "W6") == []


def test_a_suggestion_tells_which_compounds_it_divides_and_makes_whole() -> None:
    names = np.full(32, None, object)
    names[[2, 3, 4]], names[[16, 17]], names[[30, 31]] = "清河苑", "河东苑", "河西苑"
    drawn = draft(HALVES, compounds=names)
    made = Advice([1004, 1017, 1031], [1, -1, -1], [{"id": -1, "village": drawn.grids[0].village_code}], 3, 3)
    assert foreseen.compounds(drawn, made) == (2, 1)
    assert foreseen.compounds(drawn, Advice([1002], [None], [], 2, 2)) == (0, 0)


def test_w7_a_redrawing_that_moves_too_many() -> None:
    force = np.where(HALVES.ravel() == 0, 100, 101)
    force[[0, 1, 2, 8, 9, 10]] = 101
    assert found(draft(HALVES, force=force), "W7") == []
    force[16] = 101
    assert one(draft(HALVES, force=force), "W7").params == {"households": 70, "share": 22}
    assert found(draft(HALVES, force=force), "W7", {1}) == []


def test_w7_a_grid_that_gets_another_code_moves_with_all_its_homes() -> None:
    force = np.full(32, 101)
    force[HALVES.ravel() == 0] = np.repeat([100, 102], 8)
    drawn = draft(HALVES, np.where(np.arange(32).reshape(4, 8) // 8 < 2, 10, 12), force=force)
    assert drawn.draws.keeps.tolist() == [True, True]
    for own, moved in ((100, 8), (102, 8), (None, 16)):
        drawn.grids[0].grid_id = own
        assert int(replace(drawn).moved.sum()) == moved, "all but those of the grid that it stays"


def test_w8_homes_in_a_dedicated_grid() -> None:
    drawn = draft(HALVES, changed(np.zeros((4, 8), int), (0, 5), to=7))
    drawn.grids[1].kind = "dedicated"
    finding = one(drawn, "W8")
    assert (finding.cells, finding.params["count"]) == ([1005], 7)


def test_w9_open_cases_that_change_hands() -> None:
    cases, force = np.zeros(32, np.int32), np.where(HALVES.ravel() == 0, 100, 101)
    cases[[0, 1, 31]], force[0] = [4, 2, 9], 101
    finding = one(draft(HALVES, cases=cases, force=force), "W9")
    assert (finding.grid, finding.params["count"], finding.cells) == (1, 4, [1000])


def test_w10_a_full_time_worker_with_two_grids() -> None:
    drawn = draft(HALVES, shared=[("一号", [100, 101]), ("二号", [555, 556])])
    assert one(drawn, "W10").params == {"worker": "一号", "count": 2, "names": "01、02"}


def test_w11_a_grid_that_keeps_half_of_its_households_loses_its_code() -> None:
    torn = changed(HALVES, *((row, column) for row in range(2) for column in range(4)), to=2)
    force = np.where(HALVES.ravel() == 0, 100, 101)
    drawn = draft(torn, force=force)
    finding = one(drawn, "W11")
    assert (finding.grid, finding.params["share"], finding.params["code"]) == (1, 50, drawn.codes[1])
    assert found(draft(changed(torn, (0, 0), to=0), force=force), "W11") == []
    assert found(drawn, "W11", {2}) == []
