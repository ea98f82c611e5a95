"""A plan begins with what is in force, and adds up to what the tables say."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from gis.audit import AuditEntry
from gis.database import admit
from gis.errors import Conflict, Invalid, NotAllowed, NotFound
from gis.plans import store
from gis.plans.draft import draft, totals
from gis.plans.edits import Edit, apply
from gis.plans.tables import Plan, PlanCell
from gis.premises import Building
from gis.viewer import Viewer
from tests import fabrics
from tests.conftest import DAY, NOW

Enter = Callable[[str], Viewer]


def begun(session: Session, viewer: Viewer, village: fabrics.Village) -> Plan:
    return store.create(session, viewer, village.code, "新方案", NOW)


def test_a_plan_begins_with_the_grids_in_force(session: Session, admitted: Enter) -> None:
    village = fabrics.qinghe(session)
    viewer = admitted("planner")
    plan = begun(session, viewer, village)
    made = draft(session, viewer, plan.id)
    assert [grid.grid_id for grid in made.grids] == village.grids
    assert [made.codes[grid.id] for grid in made.grids] == [f"{village.code}{number:03}" for number in range(1, 10)]
    assert made.of.tolist() == village.grid.ravel().tolist(), "land and water too"
    assert (plan.status, plan.revision, plan.fabrics, plan.author_name) == ("draft", 1, {village.code: 1}, "planner")
    assert (plan.households_min, plan.households_max) == (300, 500)


def test_totals_are_those_of_the_tables(session: Session, admitted: Enter) -> None:
    village = fabrics.qinghe(session)
    viewer = admitted("planner")
    sums = totals(draft(session, viewer, begun(session, viewer, village).id))
    assert [each.households for each in sums] == list(fabrics.HOUSEHOLDS)
    assert sum(fabrics.HOUSEHOLDS) == 3812
    assert sum(each.buildings for each in sums) == 420
    stored = session.execute(
        select(func.sum(Building.households), func.sum(Building.residents), func.count())
        .where(Building.grid_id.in_(village.grids)).group_by(Building.grid_id).order_by(Building.grid_id)
    )  # fmt: skip
    assert [(each.households, each.residents, each.buildings) for each in sums] == [tuple(row) for row in stored]
    assert [each.open_cases for each in sums] == list(fabrics.CASES)
    assert [each.workers for each in sums] == [1] * 9
    west = sums[0]  # 5 rows of 11 squares of 20 m, the river in the last column
    assert (west.cells, west.area_m2, west.perimeter_m) == (55, 55 * 400, 2 * (100 + 220))
    assert west.compactness == pytest.approx(4 * np.pi * 22000 / 640**2)
    assert west.along_barriers == pytest.approx(100 / (100 + 220)), "the river on one side, open ground on the other"


def test_a_plan_outside_the_territory_does_not_exist(session: Session, viewer_as: Enter) -> None:
    village = fabrics.lay(session, np.zeros((2, 2), int), np.ones((2, 2), int))
    planner, manager = viewer_as("planner"), viewer_as("village_manager")
    plan = begun(session, planner, village)
    with pytest.raises(NotAllowed):
        draft(session, manager, plan.id)
    with pytest.raises(NotAllowed):
        store.create(session, viewer_as("town_manager"), village.code, "x", NOW)
    elsewhere = replace(planner, territory=manager.territory)
    admit(session, elsewhere)
    with pytest.raises(NotFound):
        draft(session, elsewhere, plan.id)
    with pytest.raises(NotFound):
        store.create(session, elsewhere, village.code, "x", NOW)
    assert session.scalars(store.listed(session, elsewhere)).all() == []


def test_only_a_village_or_a_town_has_a_plan(session: Session, viewer_as: Enter) -> None:
    planner = viewer_as("planner")
    with pytest.raises(Invalid):
        store.create(session, planner, planner.territory.codes[0], "x", NOW)
    with pytest.raises(NotFound):
        store.create(session, planner, "110101001001", "x", NOW)


@pytest.mark.parametrize("name", ["", "   ", "a\nb", "长" * 61])
def test_a_name_is_one_line(session: Session, viewer_as: Enter, name: str) -> None:
    village = fabrics.lay(session, np.zeros((2, 2), int), np.ones((2, 2), int))
    with pytest.raises(Invalid, match="one line"):
        store.create(session, viewer_as("planner"), village.code, name, NOW)


def test_name_range_and_day_can_be_chosen_until_it_is_handed_in(session: Session, admitted: Enter) -> None:
    village = fabrics.lay(session, np.zeros((2, 2), int), np.ones((2, 2), int))
    viewer = admitted("planner")
    plan = begun(session, viewer, village)
    store.rename(session, viewer, plan.id, " 第二稿 ", note="会后")
    store.limit(session, viewer, plan.id, 200, 350)
    store.take_effect(session, viewer, plan.id, DAY + timedelta(days=44))
    found = session.get_one(Plan, plan.id, populate_existing=True)
    assert (found.name, found.note, found.households_min, found.households_max) == ("第二稿", "会后", 200, 350)
    assert found.effective_from == DAY + timedelta(days=44)
    with pytest.raises(Invalid, match="more than the fewest"):
        store.limit(session, viewer, plan.id, 400, 400)
    with pytest.raises(Invalid, match="passed"):
        store.take_effect(session, viewer, plan.id, DAY - timedelta(days=1))
    plan.status = "submitted"
    session.flush()
    with pytest.raises(Conflict, match="not a draft"):
        store.rename(session, viewer, plan.id, "第三稿")
    with pytest.raises(Conflict, match="not a draft"):
        apply(session, viewer, plan.id, Edit("create", 1, "k", grids=[{"id": -1, "name": "新"}]), NOW)


def test_a_dropped_plan_is_not_listed_and_stays(session: Session, admitted: Enter) -> None:
    village = fabrics.lay(session, np.zeros((2, 2), int), np.ones((2, 2), int))
    viewer = admitted("planner")
    plan, other = begun(session, viewer, village), begun(session, viewer, village)
    store.drop(session, viewer, plan.id, NOW)
    assert [found.id for found in session.scalars(store.listed(session, viewer))] == [other.id]
    assert len(session.scalars(store.history(session, viewer, plan.id)).all()) == 1


def test_each_step_of_a_plan_is_in_the_audit_log(session: Session, viewer_as: Enter) -> None:
    village = fabrics.lay(session, np.zeros((2, 2), int), np.ones((2, 2), int))
    viewer = viewer_as("planner")
    before = session.scalar(select(func.clock_timestamp()))
    plan = begun(session, viewer, village)
    store.rename(session, viewer, plan.id, "x")
    store.branch(session, viewer, plan.id, "y", NOW)
    store.drop(session, viewer, plan.id, NOW)
    actions = session.scalars(
        select(AuditEntry.action)
        .where(AuditEntry.action.startswith("plan."), AuditEntry.at >= before)
        .order_by(AuditEntry.id)
    )
    assert list(actions) == ["plan.create", "plan.change", "plan.branch", "plan.drop"]


def test_a_branch_is_the_same_and_leads_its_own_life(session: Session, admitted: Enter) -> None:
    village = fabrics.qinghe(session)
    viewer = admitted("planner")
    plan = begun(session, viewer, village)
    grids = [grid.id for grid in draft(session, viewer, plan.id).grids]
    first = Edit("split", 1, "a", village.of(7)[:20], [-1] * 20, [{"id": -1, "name": "清河10网格"}])
    apply(session, viewer, plan.id, first, NOW)
    apply(session, viewer, plan.id, Edit("lock", 2, "b", grids=[{"id": grids[1], "locked": True}]), NOW)
    apply(session, viewer, plan.id, Edit("lock", 3, "c", village.of(1)[:3]), NOW)
    other = store.branch(session, viewer, plan.id, "另一种", NOW)
    one, two = draft(session, viewer, plan.id), draft(session, viewer, other.id)
    assert (two.of == one.of).all()
    assert (two.locked == one.locked).all()
    assert two.locked.sum() == 3
    assert [grid.name for grid in two.grids] == [grid.name for grid in one.grids]
    assert [grid.locked for grid in two.grids] == [grid.locked for grid in one.grids]
    assert other.parent_id == plan.id
    cell = village.of(3)[0]
    apply(session, viewer, other.id, Edit("paint", 1, "d", [cell], [two.grids[3].id]), NOW)
    kept = select(PlanCell.plan_grid_id).where(PlanCell.plan_id == plan.id, PlanCell.cell_id == cell)
    assert session.scalar(kept) == grids[2]


def test_a_town_is_planned_with_all_its_villages(session: Session, viewer_as: Enter) -> None:
    town, viewer = fabrics.new_town(session), viewer_as("planner")
    with pytest.raises(Invalid, match="no village"):
        store.create(session, viewer, town, "全镇", NOW)
    for number, name in ((990, "清河社区"), (991, "清湖社区")):
        fabrics.lay(session, np.zeros((2, 3), int), np.ones((2, 3), int), number=number, name=name, town=town)
    made = draft(session, viewer, store.create(session, viewer, town, "全镇", NOW).id)
    assert made.ground.villages == sorted(made.plan.fabrics) == [f"{town[:9]}990", f"{town[:9]}991"]
    assert [each.households for each in totals(made)] == [6, 6]
