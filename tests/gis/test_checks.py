"""Each rule finds what it is for, says where, and its remedy mends it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from gis import checks
from gis.plans.draft import Draft, totals
from tests.gis import test_check_warnings
from tests.lattices import HALVES, VILLAGE, cells, changed, crowded, draft, found, mended, one


def quiet(drawn: Draft, *codes: str) -> set[str]:
    return {finding.code for finding in checks.check(drawn)} - {"W4", *codes}


def test_nothing_is_found_where_nothing_is_wrong() -> None:
    assert quiet(draft(HALVES)) == set()


def test_e1_cells_in_no_grid_are_found_by_place_and_filled_from_their_borders() -> None:
    holes = changed(HALVES, (0, 0), (0, 1), (3, 7), to=-1)
    large, small = found(draft(holes), "E1")
    drawn = draft(holes)
    assert (large.cells, small.cells) == (cells(drawn, (0, 0), (0, 1)), cells(drawn, (3, 7)))
    assert large.params == {"cells": 2, "households": 20}
    assert found(mended(mended(drawn, large), small), "E1") == []
    assert (mended(mended(drawn, large), small).of == HALVES.ravel()).all()
    assert len(found(drawn, "E1", {2})) == 2, "after any stroke"


def test_e1_the_cells_of_a_retired_grid_are_in_none() -> None:
    drawn = draft(HALVES)
    drawn.grids[1].retired = True
    finding = one(drawn, "E1")
    assert len(finding.cells) == 16
    assert set(finding.remedy.values()) == {1}


def test_e1_a_cold_start_is_one_place_without_remedy() -> None:
    finding = one(replace(draft(HALVES), of=np.full(32, -1, np.int32)), "E1")
    assert (len(finding.cells), finding.remedy) == (32, {})


def test_e2_a_cell_that_is_there_twice() -> None:
    drawn = draft(HALVES)
    drawn.ground.codes[5] = drawn.ground.codes[4]
    assert one(drawn, "E2").params["code"] == "B00004"


def test_e3_a_grid_in_pieces_with_both_parts_and_the_neighbour_that_takes_the_small_one() -> None:
    torn = changed(HALVES, (0, 7), (1, 7), to=0)
    drawn = draft(torn)
    finding = one(drawn, "E3", {1})
    assert (finding.severity, finding.grid) == ("error", 1)
    assert [len(part) for part in finding.parts] == [16, 2]
    assert finding.told()[0] == "“01” is in 2 pieces; all but the largest have 20 households in 2 buildings."
    assert finding.cells == finding.parts[1] == cells(drawn, (0, 7), (1, 7))
    assert set(finding.remedy.values()) == {2}
    assert (mended(drawn, finding).of == HALVES.ravel()).all()
    assert found(drawn, "E3", {2}) == []


def test_e3_corners_do_not_join() -> None:
    corner = np.array([[0, 1], [1, 0]])
    assert {finding.grid for finding in found(draft(corner), "E3")} == {1, 2}


def test_e3_a_river_parts_a_grid_and_a_bridge_joins_it() -> None:
    whole = np.zeros((4, 8), int)
    assert one(draft(whole, 100, river=3), "E3").severity == "error"
    assert found(draft(whole, 100, river=3, bridge=2), "E3") == []


def test_e3_an_island_too_small_for_a_grid_may_belong_to_another_one() -> None:
    whole = np.zeros((4, 8), int)
    households = np.full((4, 8), 10)
    assert one(draft(whole, households, river=1, limits=(100, 10**6)), "E3").severity == "warning"
    assert one(draft(whole, households, river=1, limits=(30, 10**6)), "E3").severity == "error", "it could be its own"


def test_e3_locked_neighbours_take_nothing() -> None:
    drawn = draft(changed(HALVES, (0, 7), to=0))
    drawn.grids[1].locked = True
    assert one(drawn, "E3").remedy == {}


def test_e3_water_has_to_touch_its_grid() -> None:
    apart = changed(np.repeat([[0, 0, 0, 0, 0, 1, 1, 1]], 4, axis=0), (0, 3), (1, 3), (2, 3), to=1)
    (finding,) = [each for each in found(draft(apart, river=3, bridge=2), "E3") if each.grid == 2]
    assert finding.severity == "error"


def test_e4_cells_of_another_village() -> None:
    drawn = draft(HALVES)
    drawn.grids[1].village_code = "999901100991"
    assert len(one(drawn, "E4", {2}).cells) == 16
    assert found(drawn, "E4", {1}) == []


def test_e5_a_building_is_whole_unless_it_is_too_large_for_a_grid() -> None:
    drawn = draft(HALVES, 100, limits=(1, 250))
    drawn.ground.building_ids[4] = 3  # the two parts of a tower, on both sides of the line
    finding = one(drawn, "E5")
    assert [len(part) for part in finding.parts] == [1, 1]
    assert found(mended(drawn, finding), "E5") == []
    assert found(draft_like(drawn, limits=(1, 199)), "E5") == []


def draft_like(drawn: Draft, limits: tuple[int, int]) -> Draft:
    drawn.plan.households_min, drawn.plan.households_max = limits
    return replace(drawn)


def test_e6_households_without_a_cell() -> None:
    drawn = draft(HALVES, homeless=[("99990110000100001", 12), ("99990110000100002", 0)])
    assert one(drawn, "E6").params == {"count": 1, "households": 12, "code": "99990110000100001"}
    assert found(drawn, "E6", {1}) == []


@pytest.mark.parametrize(
    "code", ["", "99990110099001", "９９９９０１１００９９０００２", "999901100991002", f"{VILLAGE}0022"]
)
def test_e7_a_code_is_15_digits_of_the_village(code: str) -> None:
    drawn = draft(HALVES)
    drawn.codes[2] = code
    assert one(drawn, "E7").grid == 2


def test_e7_codes_and_names_are_there_once_and_a_new_grid_needs_no_code_yet() -> None:
    drawn = draft(HALVES)
    drawn.codes[2] = drawn.codes[1]
    assert [finding.grid for finding in found(drawn, "E7")] == [1, 2]
    drawn = draft(HALVES)
    drawn.grids[1].name = drawn.grids[0].name
    assert [finding.grid for finding in found(drawn, "E7")] == [1, 2]
    drawn = draft(HALVES)
    drawn.grids[1].grid_id = None
    del drawn.codes[2]
    assert found(drawn, "E7") == []


def test_e8_grids_without_land_and_villages_that_are_not_tiled() -> None:
    drawn = draft(changed(HALVES, (0, 0), to=2))
    drawn.of[0] = 0
    assert one(drawn, "E8").grid == 3
    assert one(draft(HALVES, bare={VILLAGE: 0.002}), "E8").params["share"] == "0.002"
    assert found(draft(HALVES, bare={VILLAGE: 1e-12}), "E8") == []


def test_e9_land_that_was_taken_past_a_lock() -> None:
    drawn = draft(changed(HALVES, (0, 0), to=2))
    drawn.of[0], drawn.grids[2].locked = 0, True
    assert one(drawn, "E9").grid == 3
    drawn = draft(changed(HALVES, (0, 0), to=-1))
    drawn.locked[0] = True
    assert one(drawn, "E9").cells == cells(drawn, (0, 0))
    assert one(drawn, "E1").remedy == {}, "a locked cell is unlocked first"


def test_e10_a_grid_without_cadre_or_branch_can_still_be_handed_in() -> None:
    drawn = draft(HALVES, led={100}, branched={101})
    assert [(finding.grid, finding.severity) for finding in found(drawn, "E10")] == [(1, "warning"), (2, "warning")]
    assert "no Party branch" in found(drawn, "E10")[0].told()[0]
    assert "no cadre" in found(drawn, "E10")[1].told()[0]


def test_e10_a_plan_leaves_no_ground_without_those_who_attend_to_it() -> None:
    drawn = draft(HALVES, led={101}, branched={100, 101})
    drawn.grids[0].grid_id = None
    force = np.where(drawn.of == 0, 100, 101)
    lonely = replace(drawn, register=replace(drawn.register, force=force))
    assert one(lonely, "E10").severity == "warning", "nobody leads there today"
    force[0] = 101
    assert one(replace(drawn, register=replace(drawn.register, force=force)), "E10").severity == "error"


def test_e10_a_grid_that_is_gone_back_to_takes_over_from_the_one_in_force_there() -> None:
    drawn = draft(HALVES, led={100, 101}, branched={100, 101})
    drawn.grids[0].grid_id = 55
    assert found(replace(drawn, register=replace(drawn.register, force=np.where(drawn.of == 0, 100, 101))), "E10") == []


def test_a_new_grid_takes_over_cadre_and_branch_of_the_grid_that_it_comes_from() -> None:
    drawn = draft(HALVES, led={100, 101}, branched={100, 101})
    force = np.where(drawn.of == 0, 100, 101)
    drawn.grids[0].grid_id = None
    drawn = replace(drawn, register=replace(drawn.register, force=force, workers={100: 2}))
    assert drawn.origins == [100, 101]
    assert found(drawn, "E10") == []
    assert totals(drawn)[0].workers == 2


def test_e11_cells_that_were_built_anew() -> None:
    drawn = replace(draft(changed(HALVES, (0, 0), to=-1)), fresh=np.array([0], np.int32), gone=[7, 8])
    assert one(drawn, "E11").params == {"fresh": 1, "gone": 2}
    assert found(drawn, "E1") == [], "what is new is not yet the plan's"


def test_every_rule_of_the_list_has_its_code_and_its_test() -> None:
    codes = [f"E{number}" for number in range(1, 12)] + [f"W{number}" for number in range(1, 12)]
    assert [rule.__doc__.split(":")[0] for rule in checks.RULES if rule.__doc__] == codes
    names = {*globals(), *vars(test_check_warnings)}
    tested = {name.split("_")[1].upper() for name in names if name.startswith(("test_e", "test_w"))}
    assert set(codes) <= tested


def test_errors_come_first() -> None:
    drawn = draft(changed(HALVES, (0, 0), to=-1), 100, limits=(1, 2))
    severities = [finding.severity for finding in checks.check(drawn)]
    assert severities == sorted(severities)
    assert {"error", "warning"} == set(severities)


def test_ten_thousand_cells_in_six_hundred_grids_are_checked() -> None:
    drawn = crowded()
    findings = checks.check(drawn)
    assert len(drawn.grids) == 600
    assert len(findings) > 600
