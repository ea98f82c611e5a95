"""A plan is handed in whole, decided on by somebody else, and talked about in words that name nobody."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy.orm import Session

from gis.database import admit
from gis.errors import Conflict, Invalid, NotAllowed, NotFound, Refused
from gis.plans import review, store
from gis.plans.edits import Edit, apply
from gis.plans.tables import Plan
from tests import fabrics
from tests.conftest import DAY, NOW
from tests.gis.plans import scene
from tests.gis.plans.scene import Enter


@pytest.fixture
def plan(session: Session, enter: Enter) -> Plan:
    plan = scene.begun(session, enter, fabrics.qinghe(session), NOW)
    scene.rename(session, enter, plan, NOW)
    return plan


def test_what_is_handed_in_is_frozen_until_it_comes_back(session: Session, enter: Enter, plan: Plan) -> None:
    planner = enter("planner")
    number = next(iter(scene.numbers(session, planner, plan).values()))
    cell = int(scene.draft(session, planner, plan.id).ground.ids[30])
    review.submit(session, planner, plan.id, NOW)
    assert (plan.status, plan.submitted_at) == ("submitted", NOW)
    with pytest.raises(Conflict, match="not a draft"):
        scene.push(session, planner, plan, [cell], number, NOW)
    with pytest.raises(Conflict, match="is submitted"):
        review.submit(session, planner, plan.id, NOW)
    review.give_back(session, enter("town_manager"), plan.id, "03 网格太大", NOW)
    assert (plan.status, plan.reviewer_name, plan.submitted_at) == ("draft", "town_manager", None)
    assert [said.text for said in review.comments(session, planner, plan.id)] == ["03 网格太大"]
    scene.push(session, enter("planner"), plan, [cell], number, NOW)


def test_a_plan_with_an_error_is_not_taken(session: Session, enter: Enter, plan: Plan) -> None:
    planner = enter("planner")
    cells = scene.draft(session, planner, plan.id).ground.ids[:1].tolist()
    scene.push(session, planner, plan, cells, None, NOW)
    with pytest.raises(Invalid, match=r"mend first.*: 1.*E1"):
        review.submit(session, planner, plan.id, NOW)
    assert plan.status == "draft"


def test_a_plan_that_changes_nothing_is_not_taken(session: Session, enter: Enter) -> None:
    plan = scene.begun(session, enter, fabrics.qinghe(session), NOW)
    with pytest.raises(Invalid, match="changes nothing"):
        review.submit(session, enter("planner"), plan.id, NOW)
    number = next(iter(scene.numbers(session, enter("planner"), plan).values()))
    edit = Edit("change", plan.revision, "kind", grids=[{"id": number, "kind": "dedicated"}])
    apply(session, enter("planner"), plan.id, edit, NOW)
    review.submit(session, enter("planner"), plan.id, NOW)
    assert plan.status == "submitted", "another kind of grid is a change"


def test_two_plans_of_a_village_are_not_approved_for_one_day(session: Session, enter: Enter, plan: Plan) -> None:
    rival = store.branch(session, enter("planner"), plan.id, "另一方案", NOW)
    scene.agreed(session, enter, plan, DAY, NOW)
    review.submit(session, enter("planner"), rival.id, NOW)
    with pytest.raises(Conflict, match=r"新方案.*approved for 2026-11-18"):
        review.approve(session, enter("district_manager"), rival.id, DAY, NOW)
    review.approve(session, enter("district_manager"), rival.id, DAY + timedelta(days=1), NOW)


def test_a_planner_takes_a_plan_back_until_it_is_decided(session: Session, enter: Enter, plan: Plan) -> None:
    review.submit(session, enter("planner"), plan.id, NOW)
    review.withdraw(session, enter("planner"), plan.id)
    assert plan.status == "draft"
    scene.agreed(session, enter, plan, DAY, NOW)
    with pytest.raises(Conflict, match="is approved"):
        review.withdraw(session, enter("planner"), plan.id)
    review.give_back(session, enter("district_manager"), plan.id, "再看一遍", NOW)
    assert plan.status == "draft", "an approval can be taken back until the plan is in force"


def test_who_decides(session: Session, enter: Enter, plan: Plan) -> None:
    review.submit(session, enter("planner"), plan.id, NOW)
    for verb in (lambda who: review.approve(session, who, plan.id, DAY, NOW),
                 lambda who: review.give_back(session, who, plan.id, "不行", NOW)):  # fmt: skip
        with pytest.raises(NotAllowed):
            verb(enter("planner"))
    manager = enter("district_manager")
    plan.author_id = manager.user_id
    session.expunge(plan)  # only the owner could store that
    with session.no_autoflush, pytest.raises(Invalid, match="has passed"):
        review.approve(session, manager, plan.id, DAY - timedelta(days=1), NOW)
    for day in (DAY + timedelta(days=367), date(9999, 12, 31)):
        with session.no_autoflush, pytest.raises(Invalid, match="at most 366 days ahead"):
            review.approve(session, manager, plan.id, day, NOW)
    approved = review.approve(session, manager, plan.id, DAY, NOW)
    assert (approved.status, approved.effective_from, approved.reviewer_id) == ("approved", DAY, manager.user_id)


def test_nobody_approves_the_own_plan(session: Session, enter: Enter, plan: Plan) -> None:
    review.submit(session, enter("planner"), plan.id, NOW)
    manager = enter("district_manager")
    session.connection().exec_driver_sql("RESET ROLE")
    plan.author_id = manager.user_id
    session.flush()
    with pytest.raises(Refused, match="somebody else"):
        review.approve(session, enter("district_manager"), plan.id, DAY, NOW)


def test_a_comment_names_nobody(session: Session, enter: Enter, plan: Plan) -> None:
    planner = enter("planner")
    number = next(iter(scene.numbers(session, planner, plan).values()))
    said = review.comment(session, enter("town_manager"), plan.id, " 东边以河为界 ", NOW, number)
    assert (said.plan_grid_id, said.text, said.user_name) == (number, "东边以河为界", "town_manager")
    for text in ("联系人 13800138000", "证件 11010519491231002X"):
        with pytest.raises(Refused, match="never stored"):
            review.comment(session, enter("planner"), plan.id, text, NOW)
    with pytest.raises(Invalid, match="1 to"):
        review.comment(session, enter("planner"), plan.id, "  ", NOW)
    with pytest.raises(NotFound, match="no grid"):
        review.comment(session, enter("planner"), plan.id, "?", NOW, 999_999_999)
    with pytest.raises(NotAllowed):
        review.comment(session, enter("grid_leader"), plan.id, "?", NOW)


def test_who_drew_in_a_plan_does_not_approve_it(session: Session, enter: Enter, plan: Plan) -> None:
    planner = enter("planner")
    both = replace(enter("district_manager"), permissions=enter("district_manager").permissions | planner.permissions)
    admit(session, both)
    number = next(iter(scene.numbers(session, both, plan).values()))
    apply(session, both, plan.id, Edit("change", plan.revision, "n", grids=[{"id": number, "name": "清河又名"}]), NOW)
    review.submit(session, enter("planner"), plan.id, NOW)
    admit(session, both)
    with pytest.raises(Refused, match="drew"):
        review.approve(session, both, plan.id, DAY, NOW)
