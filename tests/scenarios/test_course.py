"""Scenarios 7 and 8, and nasty input 9: the way of a plan into force and back, two planners, and a stale client."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from sqlalchemy import select, update

from gis.plans.tables import Plan, PlanEvent
from gis.scope import ZONE
from gis.users import User
from tests import fabrics
from tests.gis.plans.test_carrying import rebuild
from tests.scenarios import steps
from tests.webapp.desk import Desk, sums

HOUSEHOLDS = r"<dt>户数</dt><dd>([\d,]+)</dd>"
EVE, NEW_YEAR = datetime(2026, 12, 31, 9, tzinfo=ZONE), datetime(2027, 1, 1, 9, tzinfo=ZONE)


def pushed(desk: Desk, name: str) -> int:
    """Begin a plan that gives three buildings of 清河03 to 清河04."""
    plan = desk.plan(name)
    cells = [int(cell) for cell in desk.village.cells[14, :3]]
    desk.send(plan, cells=cells, after=[steps.grid(desk, plan, 4)] * 3)
    return plan


def seen(desk: Desk, day: str) -> dict[str, str]:
    """Return the households of 清河03 and 04 as their cards tell them to a viewer on a day."""
    viewer = desk.client("town_manager")
    cards = {number: viewer.get(f"/map/card/{desk.village.code}{number}?date={day}") for number in ("003", "004")}
    return {number: found[1] for number, card in cards.items() if (found := re.search(HOUSEHOLDS, card.text))}


def test_scenario_7_draft_review_publish_rollback(desk: Desk) -> None:
    """Two drafts, one returned and mended, in force from New Year; the day before stays; going back deletes nothing."""
    one, two = pushed(desk, "甲案"), desk.plan("乙案")
    compared = desk.client().get(f"/plans/{one}/compare?with={two}").text
    assert "清河03网格" in compared
    assert "62" in compared, "the households that the two differ by"
    impact = desk.client().get(f"/plans/{one}/impact").text
    assert all(word in impact for word in ("在办案件", "网格员", "62"))
    desk.client().post(f"/plans/{one}/submit")
    frozen = desk.send(one, cells=[int(desk.village.cells[14, 3])], after=[steps.grid(desk, one, 4)])
    assert frozen.status_code == 409
    reviewer = desk.client("town_manager")
    third = steps.grid(desk, one, 3)
    reviewer.post(f"/plans/{one}/comments", data={"text": "三号楼归谁", "grid": str(third)})
    reviewer.post(f"/plans/{one}/give-back", data={"reason": "请说明三号楼"})
    page = desk.client().get(f"/plans/{one}").text
    assert "三号楼归谁" in page
    assert "请说明三号楼" in page
    steps.agreed(desk, one, "2027-01-01")
    desk.now = EVE
    desk.clients.clear()
    early = desk.client("town_manager").post(f"/plans/{one}/publish")
    assert early.status_code in (400, 409, 422), "its day has not come"
    before = seen(desk, "2026-12-31")
    desk.now = NEW_YEAR
    desk.clients.clear()
    assert desk.client("town_manager").post(f"/plans/{one}/publish").status_code == 302
    assert seen(desk, "2027-01-01") == {"003": "416", "004": "423"}
    assert seen(desk, "2026-12-31") == before == {"003": "478", "004": "361"}
    back(desk, one, before)


def back(desk: Desk, plan: int, before: dict[str, str]) -> None:
    """Go back the next day, and find everything that ever was."""
    desk.tomorrow()
    answer = desk.client().post(f"/plans/{plan}/roll-back")
    assert answer.status_code == 302, answer.text
    again = int(answer.location.rsplit("/", 1)[1])
    assert again != plan, "going back is a plan of its own"
    steps.published(desk, again, "2027-01-02")
    assert seen(desk, "2027-01-02") == before
    assert seen(desk, "2027-01-01") != before, "the day in between stays what it was"
    steps.owner(desk)
    assert desk.session.get_one(Plan, plan).status == "superseded"
    assert desk.session.scalars(select(PlanEvent.id).where(PlanEvent.plan_id == plan)).all()


def test_scenario_8_two_planners_merge_or_are_asked(desk: Desk) -> None:
    """Disjoint strokes on an old revision are both kept; over one cell both sides are told, or a branch is made."""
    second = second_planner(desk)
    plan = desk.plan()
    base, fourth = desk.draft(plan)["revision"], steps.grid(desk, plan, 4)
    first_cell, other_cell = (int(cell) for cell in desk.village.cells[14, :2])
    assert desk.send(plan, cells=[first_cell], after=[fourth], base=base).status_code == 200
    merged = desk.send(plan, client=second, cells=[other_cell], after=[fourth], base=base)
    assert merged.status_code == 200
    assert sums(desk.draft(plan))[fourth] == 361 + sum(fabrics.PUSHED[:2])
    clash = desk.send(plan, client=second, cells=[first_cell], after=[steps.grid(desk, plan, 2)], base=base)
    assert clash.status_code == 409
    told = clash.get_json()
    assert set(told["conflict"]) == {str(first_cell)}
    assert told["events"][0]["user"] == "planner"
    forked = desk.send(plan, "fork", client=second, base=base)
    assert forked.status_code == 200
    assert sums(desk.draft(plan))[fourth] == 361 + sum(fabrics.PUSHED[:2]), "the plan stays as the other one has it"


def second_planner(desk: Desk) -> str:
    """Give another account the planner's place for a while: the same territory under another name."""
    steps.owner(desk)
    desk.session.execute(update(User).where(User.name == "data_steward").values(role="planner"))
    desk.session.commit()
    return "data_steward"


def test_nasty_input_9_a_stale_client(desk: Desk) -> None:
    """A lock, a retired grid, a repeated post, a replayed undo, a log-out: each is told, none is half written."""
    plan = desk.plan()
    third, fourth, ninth = (steps.grid(desk, plan, number) for number in (3, 4, 9))
    base = desk.draft(plan)["revision"]
    cells = [int(cell) for cell in desk.village.cells.ravel()]
    desk.send(plan, kind="lock", grids=[{"id": third, "locked": True}])
    before = desk.draft(plan)
    locked = desk.send(plan, cells=cells, after=[fourth] * len(cells), base=base)
    assert locked.status_code == 422
    assert "清河03网格" in locked.get_json()["error"]
    emptied = [int(cell) for cell in desk.village.of(9)]
    desk.send(plan, kind="merge", cells=emptied, after=[steps.grid(desk, plan, 8)] * len(emptied),
              grids=[{"id": ninth, "retired": True}])  # fmt: skip
    gone = desk.send(plan, cells=emptied[:1], after=[ninth], base=base)
    assert gone.status_code == 409
    body = {"kind": "paint", "base": base, "key": "once", "cells": emptied[:1], "after": [fourth]}
    answers = [desk.client().post(f"/drafts/{plan}/edits", json={**body, "base": desk.draft(plan)["revision"]})
               for _ in range(2)]  # fmt: skip
    assert len({answer.get_json()["revision"] for answer in answers}) == 1, "posted twice, written once"
    undo = {"base": desk.draft(plan)["revision"], "key": "back"}
    replayed = [desk.client().post(f"/drafts/{plan}/undo", json=undo).get_json()["revision"] for _ in range(2)]
    assert replayed[0] == replayed[1], "replayed, taken back once"
    desk.send(plan, "undo")
    assert desk.draft(plan)["of"] == before["of"]
    desk.now += timedelta(hours=13)
    late = desk.client().post(f"/drafts/{plan}/edits", json={**body, "key": "late"})
    assert late.status_code == 401
    assert late.get_json()["error"]
    desk.clients.clear()
    assert desk.draft(plan)["of"] == before["of"]


def test_nasty_input_9_cells_built_anew_under_a_plan(desk: Desk) -> None:
    """The plan says that it is stale, is not handed in, and is carried over by one click."""
    plan = pushed(desk, "旧地块")
    steps.owner(desk)
    rebuild(desk.session, desk.village)
    desk.session.commit()
    page = desk.client().get(f"/plans/{plan}").text
    assert f"/plans/{plan}/carry" in page
    assert desk.client().post(f"/plans/{plan}/submit").status_code == 409
    assert desk.client().post(f"/plans/{plan}/carry").status_code == 302
    assert f"/plans/{plan}/carry" not in desk.client().get(f"/plans/{plan}").text
    assert "E11" not in {each["code"] for each in steps.findings(desk, plan)}
    assert sums(desk.draft(plan))[steps.grid(desk, plan, 4)] == 423, "what was drawn is still there"
