"""Scenarios 1, 2, 3 and 6: a border pushed, a grid split, two merged, and one cut in two by mistake."""

from __future__ import annotations

import json
from collections.abc import Iterable
from itertools import pairwise

import geopandas
import pytest
import shapely
from sqlalchemy import func, select, update

from gis.cases import Case
from gis.fabric.tables import Cell
from gis.premises import Building
from gis.staffing import Assignment
from tests import fabrics
from tests.conftest import DAY
from tests.scenarios import steps
from tests.webapp.desk import Desk, sums


def test_scenario_1_push_a_border(desk: Desk) -> None:
    """Three buildings change hands in one step; totals are SQL's, both areas stay, other grids keep every byte."""
    plan = desk.plan()
    before, files = desk.draft(plan), steps.features(desk, plan)
    third, fourth = steps.grid(desk, plan, 3), steps.grid(desk, plan, 4)
    cells = [int(cell) for cell in desk.village.cells[14, :3]]
    told = desk.send(plan, kind="push", cells=cells, after=[fourth] * 3).get_json()
    after, again = desk.draft(plan), steps.features(desk, plan)
    assert [one != other for one, other in zip(before["of"], after["of"], strict=True)].count(True) == 3
    assert (sums(after)[third], sums(after)[fourth]) == (416, 423)
    steps.owner(desk)
    assert {grid: count for grid, count in steps.counted(desk, plan).items() if grid} == sums(after)
    touched = {"清河03网格", "清河04网格"}
    assert {name for name in files if files[name] != again[name]} == touched
    one, other = (area(said[name] for name in sorted(touched)) for said in (files, again))
    assert one == pytest.approx(other, abs=0.01)
    assert len(told["events"]) == 1, "one step"
    desk.send(plan, "undo")
    assert desk.draft(plan)["of"] == before["of"]


def area(told: Iterable[str]) -> float:
    """Return the area of features together, in m²."""
    shapes = [shapely.geometry.shape(json.loads(each)["geometry"]) for each in told]
    return float(geopandas.GeoSeries(shapes, crs=4490).to_crs(4549).area.sum())


def test_scenario_2_split_an_overloaded_grid(desk: Desk) -> None:
    """Three ways, ranked by balance; both parts in range and in one piece; undo gives code and cadre back."""
    plan = desk.plan()
    seventh = steps.grid(desk, plan, 7)
    assert sums(desk.draft(plan))[seventh] == 742
    nine = known(desk, plan)
    ways = steps.suggestions(desk, plan, "split", seventh)["suggestions"]
    assert len(ways) == 3
    for way in ways:
        steps.taken(desk, plan, way)
        parts = [total for grid, total in sums(desk.draft(plan)).items() if total and grid not in nine]
        assert len(parts) == 1
        assert all(300 <= part <= 500 for part in (*parts, sums(desk.draft(plan))[seventh]))
        assert "E3" not in {each["code"] for each in steps.findings(desk, plan)}, "both hang together"
        desk.send(plan, "undo")
    spread = [abs(742 - 2 * way["households"]) for way in ways]
    assert all(one <= other + 0.05 * 742 for one, other in pairwise(spread)), "the better balanced come first"
    assert sums(desk.draft(plan)) == dict(zip(nine, fabrics.HOUSEHOLDS, strict=True))
    assert "清河07网格" in desk.client().get(f"/plans/{plan}").text
    steps.taken(desk, plan, ways[0])
    steps.published(desk, plan, str(DAY))
    now = steps.codes(desk)
    new = sorted(code[-3:] for code in now if code[-3:] > "009")
    assert new in (["010"], ["010", "011"]), "the next free numbers"
    held = select(func.count()).select_from(Assignment).where(
        Assignment.grid_id.in_(select(steps.Grid.id).where(steps.Grid.code.like(f"{desk.village.code}01%"))),
        Assignment.valid.contains(DAY),
    )  # fmt: skip
    assert desk.session.scalar(held) == len(new), "a new grid has the cadre of the grid that it comes from"


def known(desk: Desk, plan: int) -> list[int]:
    """Return the nine grids that the plan began with."""
    return [int(grid["id"]) for grid in desk.draft(plan)["grids"][:9]]


def test_scenario_3_merge_two_shrunken_grids(desk: Desk) -> None:
    """148 and 171 make 319; the planner says which one stays; the other code is never used again; 11 cases follow."""
    plan = desk.plan()
    eighth, ninth = steps.grid(desk, plan, 8), steps.grid(desk, plan, 9)
    offered = steps.suggestions(desk, plan, "merge", eighth)["suggestions"]
    assert "清河09网格" in {each["title"] for each in offered}
    assert "清河01网格" not in {each["title"] for each in offered}, "only neighbours hang together"
    cells = desk.village.of(8)
    merged = desk.send(
        plan, kind="merge", cells=cells, after=[ninth] * len(cells), grids=[{"id": eighth, "retired": True}]
    )
    assert merged.status_code == 200
    assert sums(desk.draft(plan)).get(ninth) == 319
    desk.send(plan, "undo")
    assert sums(desk.draft(plan))[eighth] == 148
    desk.send(plan, "redo")
    steps.published(desk, plan, str(DAY))
    assert steps.codes(desk)[f"{desk.village.code}008"] == "retired"
    cases = select(func.count()).where(Case.grid_id == desk.village.grids[8], Case.closed_at.is_(None))
    assert desk.session.scalar(cases) == 11
    desk.tomorrow()
    later = desk.plan("再拆")
    steps.taken(desk, later, steps.suggestions(desk, later, "split", steps.grid(desk, later, 7))["suggestions"][0])
    steps.published(desk, later, str(desk.now.date()))
    assert f"{desk.village.code}008" not in steps.in_force(desk)


def test_scenario_6_contiguity_trap(desk: Desk) -> None:
    """A stroke cuts grid 05 in two: E3 at once with both parts, one click mends it, and until then it is not taken."""
    plan = desk.plan()
    fifth, sixth = steps.grid(desk, plan, 5), steps.grid(desk, plan, 6)
    column = [int(cell) for cell in desk.village.cells[0:4, 18]]
    told = desk.send(plan, cells=column, after=[sixth] * len(column)).get_json()
    assert told["revision"]
    pieces = next(each for each in steps.findings(desk, plan) if each["code"] == "E3" and each["grid"] == fifth)
    larger, small = (desk.village.cells[0:4, columns].ravel().tolist() for columns in (slice(11, 18), slice(19, 22)))
    there = sums_of(desk, small)
    assert "分成了 2 块" in pieces["message"]
    assert f"其余共 {there} 户、12 栋楼" in pieces["message"], "what hangs off is told"
    assert sorted(pieces["cells"]) == sorted(small), "the place to go to"
    assert steps.torn(desk, plan, fifth) == [sorted(larger), sorted(small)], "both parts, the larger one first"
    refused = desk.client().post(f"/plans/{plan}/submit")
    assert refused.status_code == 400
    assert "E3" in refused.text
    cells, after = zip(*pieces["remedy"], strict=True)
    assert sorted(cells) == sorted(small), "the whole small part goes to its neighbour"
    assert set(after) == {sixth}
    desk.send(plan, cells=list(cells), after=list(after))
    assert not [each for each in steps.findings(desk, plan) if each["code"] == "E3" and each["grid"] == fifth]


def sums_of(desk: Desk, cells: list[int]) -> int:
    """Return the households of cells as the stored village has them."""
    return int(sum(desk.village.households[desk.village.cells == cell].sum() for cell in cells))


def test_scenario_4_the_least_change_with_its_price(desk: Desk) -> None:
    """120 households more in one building: three moves at most, with their households; a new plan has its price."""
    plan = desk.plan()
    steps.taken(desk, plan, steps.suggestions(desk, plan, "new")["suggestions"][0])
    drawn = desk.draft(plan)
    totals = sums(drawn)
    fullest = max((grid for grid in totals if totals[grid]), key=lambda grid: totals[grid])
    other = next(grid for grid in totals if totals[grid] and grid != fullest)
    desk.send(plan, kind="lock", grids=[{"id": other, "locked": True}])
    steps.owner(desk)
    grown = [
        cell for cell, grid in zip(desk.village.cells.ravel().tolist(), drawn["of"], strict=True) if grid == fullest
    ]
    building = desk.session.get_one(Cell, grown[0]).building_id
    desk.session.execute(update(Building).where(Building.id == building).values(households=Building.households + 120))
    desk.session.commit()
    assert sums(desk.draft(plan))[fullest] == totals[fullest] + 120
    told = steps.suggestions(desk, plan, "rebalance")
    best = told["suggestions"][0]
    assert 0 < len(best["cells"]) <= 3
    assert best["households"] > 0
    assert told["naive"]["moved"] > len(best["cells"])
    assert told["naive"]["of"] == desk.village.cells.size
    steps.taken(desk, plan, best)
    after = sums(desk.draft(plan))
    assert after[other] == totals[other], "a locked grid neither gives nor takes"
    assert all(300 <= count <= 500 for count in after.values() if count)
