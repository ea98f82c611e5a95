"""The pages of plans and what the editor's scripts read and write, as requests; everything is rolled back."""

from __future__ import annotations

import gzip
import json
import re
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import Connection, delete, func, select, update
from sqlalchemy.orm import Session

from gis.audit import AuditEntry
from gis.fabric.tables import CellBorder
from gis.plans.tables import Plan, PlanComment, PlanEvent
from gis.premises import Building
from gis.settings import Settings
from tests import fabrics
from tests.test_routes import Markup
from tests.webapp.desk import Desk, opened, sums

EVIL = "<script>alert(1)</script>"


def test_a_plan_begins_with_what_is_in_force(desk: Desk) -> None:
    plan = desk.plan()
    assert "春季调整" in desk.client().get("/plans/").text
    draft = desk.draft(plan)
    assert [grid["name"] for grid in draft["grids"]] == [f"清河{at:02}网格" for at in range(1, 10)]
    assert [sums(draft)[grid["id"]] for grid in draft["grids"]] == list(fabrics.HOUSEHOLDS)
    assert draft["of"] == draft["before"]
    assert sum(draft["cases"]) == sum(fabrics.CASES)
    assert {grid["workers"] for grid in draft["grids"]} == {1}


def test_the_shapes_are_arcs_that_neighbours_share_and_the_browser_keeps_them(desk: Desk) -> None:
    desk.plan()
    answer = desk.client().get(f"/fabrics/{desk.village.code}")
    told = json.loads(gzip.decompress(answer.get_data()))
    assert len(told["rings"]) == len(told["cells"]) == desk.village.cells.size
    edges = 2 * 20 * 22 + 20 + 22
    assert len(told["lengths"]) <= edges, "each side of a cell is told once"
    assert len(told["borders"]["a"]) == 20 * 21 + 19 * 22 + 1
    again = desk.client().get(f"/fabrics/{desk.village.code}", headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.get_data()) == (304, b"")
    desk.session.connection().exec_driver_sql("RESET ROLE")
    bridges = select(func.max(CellBorder.a)).where(CellBorder.village_code == desk.village.code, CellBorder.bridge)
    crossing = desk.session.scalar(bridges)
    desk.session.execute(delete(CellBorder).where(CellBorder.a == crossing, CellBorder.bridge))
    desk.session.commit()
    held = {"If-None-Match": answer.headers["ETag"]}
    assert desk.client().get(f"/fabrics/{desk.village.code}", headers=held).status_code == 200, (
        "a bridge was pulled down"
    )
    told = [desk.client().get(f"/fabrics/{code}").status_code for code in ("999902001001", "%00", "x")]
    assert told == [404, 400, 400]


def test_a_stroke_is_written_once_and_undone(desk: Desk) -> None:
    plan = desk.plan()
    draft, cells = desk.draft(plan), [int(cell) for cell in desk.village.cells[14, :3]]
    third, fourth = draft["grids"][2]["id"], draft["grids"][3]["id"]
    first = desk.send(plan, key="same", cells=cells, after=[fourth] * 3)
    assert first.get_json()["can"] == {"undo": True, "redo": False}
    again = desk.send(plan, key="same", cells=cells, after=[fourth] * 3, base=draft["revision"])
    assert again.get_json()["revision"] == first.get_json()["revision"]
    assert (sums(desk.draft(plan))[third], sums(desk.draft(plan))[fourth]) == (416, 423)
    undone = desk.send(plan, "undo").get_json()
    assert undone["events"][-1]["kind"] == "undo"
    assert sums(desk.draft(plan)) == sums(draft)
    assert desk.send(plan, "redo").get_json()["can"] == {"undo": True, "redo": False}


def test_two_over_the_same_cell_are_told_both_sides(desk: Desk) -> None:
    plan = desk.plan()
    draft, cell = desk.draft(plan), int(desk.village.cells[14, 0])
    third, fourth, second = (draft["grids"][at]["id"] for at in (2, 3, 1))
    desk.send(plan, cells=[cell], after=[fourth], base=draft["revision"])
    answer = desk.send(plan, cells=[cell], after=[second], base=draft["revision"])
    assert answer.status_code == 409
    told = answer.get_json()
    assert told["conflict"] == {str(cell): [third, fourth, second]}
    assert [event["cells"] for event in told["events"]] == [[cell]]
    other = int(desk.village.cells[10, 3])
    merged = desk.send(plan, cells=[other], after=[fourth], base=draft["revision"])
    assert merged.status_code == 200, "other cells merge"
    assert len(merged.get_json()["events"]) == 2


def test_a_fork_takes_what_was_seen_along(desk: Desk) -> None:
    plan = desk.plan()
    draft, cell = desk.draft(plan), int(desk.village.cells[14, 0])
    desk.send(plan, cells=[cell], after=[draft["grids"][3]["id"]])
    told = desk.send(plan, "fork", base=draft["revision"], key="once").get_json()
    assert desk.send(plan, "fork", base=draft["revision"], key="once").get_json() == told, "sent twice it is one branch"
    there = desk.draft(told["plan"])
    assert [told["grids"][str(grid)] for grid in draft["of"]] == there["of"]
    assert told["address"].startswith(f"/plans/{told['plan']}/edit")
    body = {"kind": "paint", "base": told["revision"], "key": "mine", "cells": [cell], "after": [None]}
    assert desk.client().post(f"/drafts/{told['plan']}/edits", json=body).status_code == 200


def test_a_fork_that_is_sent_twice_is_one_branch(desk: Desk) -> None:
    plan = desk.plan()
    base = desk.draft(plan)["revision"]
    first, again = (desk.send(plan, "fork", base=base, key="twice").get_json() for _ in range(2))
    assert again == first
    assert desk.send(plan, "fork", base=base, key="other").get_json()["plan"] != first["plan"]
    branches = desk.session.scalars(select(Plan.id).where(Plan.parent_id == plan)).all()
    assert len(branches) == 2
    assert desk.send(plan, "fork", base=base, key="").status_code == 400


NONSENSE: list[dict[str, Any]] = [
    {"cells": "all"}, {"cells": [1.5], "after": [1]}, {"cells": [True], "after": [1]}, {"cells": [2**70], "after": [1]},
    {"cells": [1], "after": []}, {"grids": {}}, {"grids": [1]}, {"base": "1"}, {"base": 10**6}, {"kind": "carry"},
    {"key": ""}, {"key": "k" * 65}, {"known": "all"}, {"known": [1]},
]  # fmt: skip


def test_what_makes_no_sense_is_refused_in_a_sentence(desk: Desk) -> None:
    plan = desk.plan()
    for given in NONSENSE:
        answer = desk.send(plan, **given)
        assert answer.status_code == 400, f"{given}: {answer.text}"
        assert re.search(r"[。.]$", answer.get_json()["error"]), given


def test_locks_are_kept(desk: Desk) -> None:
    plan = desk.plan()
    draft, cells = desk.draft(plan), desk.village.of(3)
    third, fourth = draft["grids"][2]["id"], draft["grids"][3]["id"]
    assert desk.send(plan, kind="lock", grids=[{"id": third, "locked": True}]).status_code == 200
    answer = desk.send(plan, cells=cells[:2], after=[fourth] * 2)
    assert answer.status_code == 422
    assert "清河03网格" in answer.get_json()["error"]


def test_who_only_views_writes_nothing_but_comments(desk: Desk) -> None:
    assert 'name="area"' not in desk.client("town_manager").get("/plans/").text
    plan = desk.plan()
    draft = desk.draft(plan)
    cell = int(desk.village.cells[0, 0])
    for name in ("district_manager", "town_manager"):
        refused = desk.send(plan, client=name, cells=[cell], after=[draft["grids"][1]["id"]])
        assert refused.status_code == 403
        for verb in ("settings", "branch", "drop", "submit", "roll-back"):
            assert desk.client(name).post(f"/plans/{plan}/{verb}", data={"name": "x"}).status_code == 403, verb
        assert 'data-tool="brush"' not in desk.client(name).get(f"/plans/{plan}/edit").text
    assert desk.client("town_manager").post(f"/plans/{plan}/comments", data={"text": "三号楼归谁?"}).status_code == 302
    assert desk.session.scalars(select(PlanComment.text)).all() == ["三号楼归谁?"]
    for name in ("grid_worker", "dispatcher", "auditor"):
        assert desk.client(name).get("/plans/").status_code == 403
        assert desk.client(name).get(f"/drafts/{plan}").status_code == 403


def test_a_plan_goes_its_way(desk: Desk) -> None:
    plan = desk.changed()
    assert desk.client().post(f"/plans/{plan}/submit").status_code == 302
    assert desk.client("planner").post(f"/plans/{plan}/approve", data={"effective": "2026-11-18"}).status_code == 403
    reviewer = desk.client("town_manager")
    assert reviewer.post(f"/plans/{plan}/give-back", data={"reason": "请看清河07网格"}).status_code == 302
    assert '<blockquote class="plans-reason">请看清河07网格</blockquote>' in desk.client().get(f"/plans/{plan}").text
    desk.client().post(f"/plans/{plan}/submit")
    assert reviewer.post(f"/plans/{plan}/approve", data={"effective": ""}).status_code == 400
    assert reviewer.post(f"/plans/{plan}/approve", data={"effective": "2026-11-18"}).status_code == 302
    assert reviewer.post(f"/plans/{plan}/publish").status_code == 302
    desk.session.expire_all()
    assert desk.session.get_one(Plan, plan).status == "published"
    assert desk.send(plan, cells=[int(desk.village.cells[0, 0])], after=[None]).get_json()["status"] == "published"
    desk.session.connection().exec_driver_sql("RESET ROLE")
    found = desk.session.scalars(select(AuditEntry.action).where(AuditEntry.action.startswith("plan."))).all()
    assert set(found) >= {"plan.create", "plan.submit", "plan.give_back", "plan.approve", "plan.publish"}


def test_the_pages_run_and_fetch_only_what_is_ours(desk: Desk) -> None:
    plan = desk.plan(EVIL)
    desk.send(plan, kind="change", grids=[{"id": desk.draft(plan)["grids"][0]["id"], "name": EVIL}])
    for path in ("", "/edit", "/impact", "/compare", f"/compare?with={plan}"):
        answer = desk.client().get(f"/plans/{plan}{path}")
        assert answer.status_code == 200, path
        assert EVIL not in answer.text, path
        assert "unsafe" not in answer.headers["Content-Security-Policy"]
        refuse_foreign(answer.text)


def refuse_foreign(text: str) -> None:
    """Fail for a page that runs or fetches what is not ours."""
    for tag, attributes in Markup(text).tags:
        if tag in ("style", "script"):
            assert attributes.get("nonce"), tag
        assert "style" not in attributes, tag
        assert not [name for name in attributes if name.startswith("on")], tag
        for name in ("href", "src", "action"):
            assert not re.match(r"[a-z]+:|//", attributes.get(name) or ""), f"{tag} {name}={attributes[name]}"


def test_the_editor_names_no_cell(desk: Desk) -> None:
    page = desk.client().get(f"/plans/{desk.plan()}/edit").get_data()
    assert len(page) < 60_000


def test_the_impact_is_a_table_too(desk: Desk) -> None:
    plan = desk.plan()
    draft, cells = desk.draft(plan), [int(cell) for cell in desk.village.cells[14, :3]]
    desk.send(plan, cells=cells, after=[draft["grids"][3]["id"]] * 3)
    rows = {}
    for part in ("grids", "buildings", "cases", "load", "organisations"):
        answer = desk.client().get(f"/plans/{plan}/impact.csv?part={part}")
        assert answer.mimetype == "text/csv"
        rows[part] = len(answer.text.strip().splitlines()) - 1
    assert (rows["buildings"], rows["grids"], rows["load"]) == (3, 9, 9)
    assert desk.client().get(f"/plans/{plan}/impact.csv?part=persons").status_code == 404


@pytest.mark.parametrize(("kind", "at"), [("new", None), ("rebalance", None), ("split", 6), ("merge", 7)])
def test_suggestions_come_with_their_figures_and_can_be_taken(desk: Desk, kind: str, at: int | None) -> None:
    plan = desk.plan()
    draft = desk.draft(plan)
    grid = "" if at is None else draft["grids"][at]["id"]
    told = desk.client().get(f"/drafts/{plan}/suggestions?kind={kind}&grid={grid}").get_json()
    best = told["suggestions"][0]
    assert best["cells"]
    assert best["in_range"] <= best["count"]
    assert told["left"] == {"cells": [], "told": []}
    if kind == "rebalance":
        anew = desk.client().get(f"/drafts/{plan}/suggestions?kind=new").get_json()["suggestions"][0]
        assert told["naive"]["moved"] == len(anew["cells"]) > len(best["cells"]), "the price of a new plan is told"
    names = [{**grid, "name": f"新{-grid['id']}"} if grid["id"] < 0 else grid for grid in best["grids"]]
    taken = desk.send(plan, kind="suggest", cells=best["cells"], after=best["after"], grids=names)
    assert taken.status_code == 200, taken.text
    if kind in ("split", "merge"):
        low, high = draft["limits"]["low"], draft["limits"]["high"]
        changed = {grid for grid in sums(desk.draft(plan)) if sums(desk.draft(plan))[grid] != sums(draft).get(grid)}
        assert all(low <= sums(desk.draft(plan))[grid] <= high for grid in changed if sums(desk.draft(plan))[grid])


def test_a_suggestion_says_which_compounds_it_makes_whole(desk: Desk) -> None:
    both = [int(number) for number in desk.village.buildings[15:17, 15]]
    desk.session.execute(update(Building).where(Building.id.in_(both)).values(compound="清河苑"))
    plan = desk.plan()
    grid = desk.draft(plan)["grids"][7]["id"]
    found = desk.client().get(f"/drafts/{plan}/suggestions?kind=merge&grid={grid}").get_json()["suggestions"]
    assert [each["note"] for each in found if each["title"] == "清河09网格"] == ["使 1 个小区重归一个网格"]


def test_findings_say_where_and_how_to_mend(desk: Desk) -> None:
    plan = desk.plan()
    draft, village = desk.draft(plan), desk.village
    lone = int(village.cells[19, 20])
    desk.send(plan, cells=[lone], after=[draft["grids"][0]["id"]])
    found = desk.client().get(f"/drafts/{plan}/findings").get_json()["findings"]
    pieces = next(each for each in found if each["code"] == "E3")
    assert (pieces["grid"], lone in pieces["cells"]) == (draft["grids"][0]["id"], True)
    assert pieces["remedy"], "one click mends it"
    assert desk.client().post(f"/plans/{plan}/submit").status_code == 400
    cells, after = zip(*pieces["remedy"], strict=True)
    desk.send(plan, cells=cells, after=after)
    again = desk.client().get(f"/drafts/{plan}/findings").get_json()["findings"]
    assert "E3" not in {each["code"] for each in again}


def test_a_plan_is_branched_compared_and_dropped(desk: Desk) -> None:
    plan = desk.plan()
    branch = desk.client().post(f"/plans/{plan}/branch", data={"name": "乙案"})
    number = int(branch.location.rsplit("/", 1)[1])
    draft = desk.draft(number)
    desk.send(number, cells=[int(desk.village.cells[14, 0])], after=[draft["grids"][3]["id"]])
    page = desk.client().get(f"/plans/{number}/compare?with={plan}")
    assert "乙案" in page.text
    assert desk.client().post(f"/plans/{number}/drop").status_code == 302
    assert "乙案" not in desk.client().get("/plans/").text
    log = select(PlanEvent).where(PlanEvent.plan_id == number)
    assert desk.session.scalars(log).all(), "its log stays"


def test_a_new_plan_begins_with_the_range_of_the_settings(
    connection: Connection, session: Session, settings: Settings
) -> None:
    narrow = replace(settings, grid_households_min=120, grid_households_max=240)
    desk = opened(connection, session, narrow, fabrics.qinghe(session))
    assert 'value="120"' in desk.client().get("/plans/").text
    plan = session.get_one(Plan, desk.plan())
    assert (plan.households_min, plan.households_max) == (120, 240)
