"""When and by whom a plan cannot be published."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from gis.boundaries import GridOutline
from gis.database import admit
from gis.errors import Conflict, NotAllowed, NotFound
from gis.fabric.tables import Cell
from gis.plans import publish, review
from gis.relinks import PlanCase
from gis.scope import ZONE
from gis.viewer import Territory, system
from tests.conftest import DAY, NOW
from tests.gis.plans import history, scene
from tests.gis.plans.scene import SRID, Enter

TOMORROW = DAY + timedelta(days=1)


def test_what_cannot_be_published(session: Session, enter: Enter, found: scene.Scene) -> None:
    plan = history.pushed(session, enter, found)
    rival = history.pushed(session, enter, found)
    manager = enter("district_manager")
    with pytest.raises(Conflict, match="is draft"):
        publish.publish(session, manager, plan.id, NOW, metric_srid=SRID)
    scene.agreed(session, enter, plan, TOMORROW, NOW)
    scene.agreed(session, enter, rival, DAY, NOW)
    with pytest.raises(NotAllowed):
        publish.publish(session, enter("planner"), plan.id, NOW, metric_srid=SRID)
    with pytest.raises(Conflict, match="approved for 2026-11-19"):
        publish.publish(session, enter("district_manager"), plan.id, NOW, metric_srid=SRID)
    soon = NOW + timedelta(minutes=1)
    publish.publish(session, enter("district_manager"), rival.id, soon, metric_srid=SRID)
    with pytest.raises(Conflict, match="was published after"):
        publish.publish(session, enter("district_manager"), plan.id, NOW + timedelta(days=1), metric_srid=SRID)


def test_what_changed_today_changes_again_tomorrow(session: Session, enter: Enter, found: scene.Scene) -> None:
    scene.in_force(session, enter, history.pushed(session, enter, found), NOW)
    plan = scene.begun(session, enter, found.village, NOW)
    number = scene.numbers(session, enter("planner"), plan)
    scene.push(session, enter("planner"), plan, found.village.cells[13, :3], number[found.village.grids[3]], NOW)
    with pytest.raises(Conflict, match="changed on 2026-11-18 already"):
        scene.in_force(session, enter, plan, NOW)
    review.approve(session, enter("district_manager"), plan.id, TOMORROW, NOW)
    publish.publish(session, enter("district_manager"), plan.id, NOW + timedelta(days=1), metric_srid=SRID)
    assert plan.status == "published"


def test_cells_that_were_built_anew_stop_a_plan(session: Session, enter: Enter, found: scene.Scene) -> None:
    plan = history.pushed(session, enter, found)
    scene.agreed(session, enter, plan, DAY, NOW)
    history.owner(session)
    session.get_one(Cell, int(found.village.cells[0, 0])).until = 2
    session.flush()
    with pytest.raises(Conflict, match="built anew"):
        publish.publish(session, enter("district_manager"), plan.id, NOW, metric_srid=SRID)


def test_a_late_publication_is_in_force_from_its_day(session: Session, enter: Enter, found: scene.Scene) -> None:
    plan = history.pushed(session, enter, found)
    scene.agreed(session, enter, plan, DAY, NOW)
    late = NOW + timedelta(days=3)
    assert publish.due(session, enter("district_manager"), NOW - timedelta(days=1)) == []
    assert [each.id for each in publish.due(session, enter("district_manager"), late)] == [plan.id]
    publish.publish(session, enter("district_manager"), plan.id, late, metric_srid=SRID)
    begun = select(func.max(func.lower(GridOutline.valid))).where(GridOutline.grid_id == found.village.grids[3])
    assert session.scalar(begun) == late.astimezone(ZONE).date()


def test_the_command_line_publishes_as_the_owner(session: Session, enter: Enter, found: scene.Scene) -> None:
    plan = history.pushed(session, enter, found)
    scene.agreed(session, enter, plan, DAY, NOW)
    history.owner(session)
    session.execute(text("SELECT set_config('wangge.territory', '', true), set_config('wangge.sees', '', true)"))
    publish.publish(session, system(DAY), plan.id, NOW, metric_srid=SRID)
    assert session.scalar(select(func.count()).select_from(PlanCase)) == 4


def test_the_database_itself_lets_nobody_else_move_a_row(session: Session, enter: Enter, found: scene.Scene) -> None:
    plan = history.pushed(session, enter, found)
    scene.agreed(session, enter, plan, TOMORROW, NOW)
    call = text("SELECT wangge_relink(:plan, :day, '{}', '{}', '{}', '{}')")
    for who, day in (("planner", TOMORROW), ("district_manager", DAY), ("grid_leader", TOMORROW)):
        enter(who)
        with pytest.raises(DBAPIError, match="may not publish"), session.begin_nested():
            session.execute(call, {"plan": plan.id, "day": day})
    stranger = replace(enter("district_manager"), territory=Territory(("999902000000",)))
    admit(session, stranger)
    with pytest.raises(DBAPIError, match="may not publish"), session.begin_nested():
        session.execute(call, {"plan": plan.id, "day": TOMORROW})
    with pytest.raises(NotFound):
        publish.publish(session, stranger, plan.id, NOW + timedelta(days=1), metric_srid=SRID)
    enter("planner")
    for statement in ("UPDATE grid_outlines SET valid = daterange('2020-01-01', '2020-01-02')", "DELETE FROM gaps"):
        assert session.execute(text(statement)).rowcount == 0
    with pytest.raises(DBAPIError, match="permission denied"), session.begin_nested():
        session.execute(text("SELECT * FROM wangge_placed(1)"))
