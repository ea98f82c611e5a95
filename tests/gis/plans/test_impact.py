"""The account of a plan before it is in force: every number is one that can be counted in the rows."""

from __future__ import annotations

import json

import pytest
import shapely
from sqlalchemy import event
from sqlalchemy.orm import Session

from gis.plans import compare, edits, impact
from gis.plans.draft import draft
from gis.plans.impact.account import COLUMNS, heads
from gis.plans.tables import Plan
from tests import fabrics
from tests.conftest import NOW
from tests.gis.plans import history, scene
from tests.gis.plans.scene import Enter


@pytest.fixture
def plan(session: Session, enter: Enter, found: scene.Scene) -> Plan:
    made = scene.begun(session, enter, found.village, NOW)
    number = scene.numbers(session, enter("planner"), made)
    scene.push(session, enter("planner"), made, found.village.cells[14, :3], number[found.village.grids[3]], NOW)
    return made


def test_who_and_what_goes_where(session: Session, enter: Enter, found: scene.Scene, plan: Plan) -> None:
    told = impact.report(session, enter("town_manager"), plan.id)
    three, four = f"{found.village.code}003", f"{found.village.code}004"
    assert (told.households_moved, told.residents_moved, told.buildings_moved) == (62, 186, 3)
    assert [(line.from_code, line.to_code, line.households) for line in told.buildings] == [
        (three, four, households) for households in fabrics.PUSHED
    ]
    assert told.buildings[0].address == "清河路295号"
    assert [(line.from_code, line.to_code, line.count) for line in told.cases] == [(three, four, 4)]
    assert told.cases[0].numbers == ["O0", "O1", "O2", "R1"]
    assert {line.code[-3:]: line.fate for line in told.grids if line.fate != "same"} == {
        "003": "redrawn", "004": "redrawn"
    }  # fmt: skip
    after = {line.code[-3:]: line.after for line in told.grids}
    assert (after["003"].households, after["004"].households) == (416, 423)
    assert (after["004"].volunteers, after["004"].service_points) == (7, 1)


def test_a_grid_that_is_only_renamed_is_not_called_redrawn(
    session: Session, enter: Enter, found: scene.Scene, plan: Plan
) -> None:
    number = scene.numbers(session, enter("planner"), plan)[found.village.grids[8]]
    renamed = edits.Edit("change", plan.revision, "renamed", [], [], [{"id": number, "name": "清河新名"}])
    edits.apply(session, enter("planner"), plan.id, renamed, NOW)
    told = impact.report(session, enter("planner"), plan.id)
    assert {line.code[-3:]: line.fate for line in told.grids if line.fate != "same"} == {
        "003": "redrawn", "004": "redrawn", "009": "renamed"
    }  # fmt: skip


def test_who_may_not_look_at_cases_gets_their_number_alone(session: Session, enter: Enter, plan: Plan) -> None:
    told = impact.report(session, enter("planner"), plan.id)
    assert told.cases_rerouted == 3, (
        "a restricted one counts at the middle of its grid, so its place cannot be felt for"
    )
    assert impact.report(session, enter("town_manager"), plan.id).cases_rerouted == 4
    assert [line.numbers for line in told.cases] == [[]]


def test_the_load_of_those_on_duty(session: Session, enter: Enter, found: scene.Scene, plan: Plan) -> None:
    told = impact.report(session, enter("town_manager"), plan.id)
    load = {line.holder: line for line in told.load}
    assert load["清河3号"].grids_before == load["清河3号"].grids_after == [f"{found.village.code}003"]
    assert (load["清河3号"].households_before, load["清河3号"].households_after) == (478, 416)
    assert (load["清河4号"].cases_before, load["清河4号"].cases_after) == (5, 9)
    assert {line.name: (line.before[0][-3:], line.after[0][-3:]) for line in told.organisations} == {
        "清河1支部": ("001", "001"), "清河2支部": ("004", "004"), "清河党小组": ("003", "004")
    }  # fmt: skip


def test_a_new_grid_says_whom_it_inherits_from(session: Session, enter: Enter, found: scene.Scene, plan: Plan) -> None:
    cells = [int(cell) for cell in found.village.cells[8:12, 15:].ravel()]
    edit = edits.Edit(kind="split", base=plan.revision, key="s", cells=cells, after=[-1] * len(cells),
                      grids=[{"id": -1, "name": "清河新网格", "village": found.village.code}])  # fmt: skip
    edits.apply(session, enter("planner"), plan.id, edit, NOW)
    told = impact.report(session, enter("town_manager"), plan.id)
    fates = {line.code[-3:]: (line.fate, line.inherits_from and line.inherits_from[-3:]) for line in told.grids}
    assert (fates["007"], fates["010"], fates["011"]) == (("retired", None), ("new", "007"), ("new", "007"))
    load = {line.holder: line for line in told.load}
    assert [code[-3:] for code in load["清河7号"].grids_after] == ["010", "011"]
    assert load["清河7号"].households_after == 742


def test_the_account_is_json_and_tables(session: Session, enter: Enter, plan: Plan) -> None:
    told = impact.report(session, enter("town_manager"), plan.id)
    again = json.loads(json.dumps(told.json(), ensure_ascii=False))
    assert again["grids"][3]["after"]["visit_coverage"] == pytest.approx(53 / 423, abs=1e-4)
    for when in ("before", "after"):
        shapes = [shapely.geometry.shape(each["geometry"]) for each in again["maps"][when]["features"]]
        assert len(shapes) == 9
        assert all(shape.is_valid for shape in shapes)
    assert sum(each["properties"]["changed"] for each in again["maps"]["after"]["features"]) == 2
    for name in COLUMNS:
        table = list(told.table(name))
        assert len(table) == len(getattr(told, name)) > 0
        assert {len(row) for row in table} == {len(heads(name))}


def test_as_many_queries_for_one_grid_as_for_nine(session: Session, enter: Enter, found: scene.Scene) -> None:
    small = fabrics.lay(session, fabrics.qinghe_grids()[:5], fabrics.qinghe_households(fabrics.qinghe_grids())[:5],
                        number=991, name="小村", river=fabrics.RIVER, bridge=2)  # fmt: skip
    plans = [scene.begun(session, enter, village, NOW) for village in (found.village, small)]
    viewer = enter("town_manager")
    asked: list[str] = []
    listen = session.connection()
    event.listen(listen, "before_cursor_execute", lambda *given: asked.append(given[2]))
    counts = []
    for plan in plans:
        asked.clear()
        impact.report(session, viewer, plan.id)
        counts.append(len(asked))
    assert counts[0] == counts[1] <= 30


def test_the_checks_count_as_moved_what_the_account_does(session: Session, enter: Enter, found: scene.Scene) -> None:
    for plan in (scene.split(session, enter, found, NOW), history.pushed(session, enter, found)):
        viewer = enter("planner")
        drawn = draft(session, viewer, plan.id)
        told = impact.report(session, viewer, plan.id).households_moved
        assert told == int(drawn.ground.households[drawn.moved].sum()) > 0
        assert told == compare.against_force(session, viewer, plan.id).households
