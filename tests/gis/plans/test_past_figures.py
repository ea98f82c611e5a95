"""What a publication leaves alone: every figure of a day that has passed."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
import shapely
from geoalchemy2.shape import to_shape
from sqlalchemy import select
from sqlalchemy.orm import Session

from gis import areas
from gis.boundaries import Grid, GridOutline
from gis.coverage import Visit
from gis.database import admit
from gis.plans import impact, publish
from gis.relinks import PlanHousehold
from gis.scope import ZONE
from gis.viewer import Territory
from layers import figures, reach
from layers.catalogue import COVERAGE, GRIDS
from layers.query import Asked, rows
from tests import builders
from tests.conftest import DAY, NOW
from tests.gis.plans import history, scene
from tests.gis.plans.scene import SRID, Enter

TOMORROW = DAY + timedelta(days=1)


@pytest.mark.parametrize("who", ["town_manager", "district_manager"])
def test_no_figure_of_a_day_that_has_passed_moves(who: str, session: Session, enter: Enter, found: scene.Scene) -> None:
    """Approved for the first of January, published on its morning: the last of December stays as it was."""
    morning = datetime(2027, 1, 1, 0, 5, tzinfo=ZONE)
    days = [date(2026, 12, 31), DAY, date(2026, 12, 1), date(2026, 3, 1)]
    plan = history.pushed(session, enter, found)
    scene.agreed(session, enter, plan, morning.date(), NOW)
    before = [history.figured(session, enter(who), found.village.code, day, morning) for day in days]
    last_day = history.current(session, found.village, days[0])
    publish.publish(session, enter("district_manager"), plan.id, morning, metric_srid=SRID)
    assert [history.figured(session, enter(who), found.village.code, day, morning) for day in days] == before
    assert {c: s.wkb for c, s in history.current(session, found.village, days[0]).items()} == {
        code: shape.wkb for code, shape in last_day.items()
    }
    today = history.figured(session, enter(who), found.village.code, morning.date(), morning)
    assert today[0] != before[0][0], "and the first of January shows the new grids"


@pytest.mark.parametrize("number", [3, 4])
def test_no_past_figure_moves_for_who_sees_one_grid_alone(
    number: int, session: Session, enter: Enter, found: scene.Scene
) -> None:
    leader = replace(enter("grid_leader"), territory=Territory((f"{found.village.code}{number:03}",)))
    plan = history.pushed(session, enter, found)
    scene.agreed(session, enter, plan, TOMORROW, NOW)
    morning = NOW + timedelta(days=1)

    def stands(day: date) -> list[Any]:
        admit(session, leader)
        code, out_of_sight = leader.territory.codes[0], ("nearest_m",)  # the team is in the other grid now
        return history.figured(session, leader, code, day, morning, out_of_sight)

    before, today = stands(DAY), stands(TOMORROW)
    publish.publish(session, enter("district_manager"), plan.id, morning, metric_srid=SRID)
    assert stands(DAY) == before
    after = stands(TOMORROW)
    assert after[0] != today[0]
    assert after[3].open_cases - today[3].open_cases == (-4 if number == 3 else 4), "and those of today do"


def test_what_a_village_did_on_time_does_not_hang_on_the_lines_inside_it(
    session: Session, enter: Enter, found: scene.Scene
) -> None:
    """Closed cases stay with the grid they were closed in; when that is no more, their village still counts them."""
    old = session.get_one(Grid, found.village.grids[6])
    outline = session.scalars(select(GridOutline).where(GridOutline.grid_id == old.id)).one()
    limit = NOW - timedelta(days=3)
    for number in range(5):
        session.add(builders.case(
            old, outline, builders.spot(*shapely.get_coordinates(to_shape(outline.centre))[0]), status="closed",
            case_no=f"{found.village.code}{number:04}", closed_at=limit + timedelta(days=number - 2), due_at=limit,
            reported_at=limit - timedelta(days=5), closure_reason="resolved", closing_level="grid",
        ))  # fmt: skip
    session.flush()
    asked = Asked(DAY, NOW, area=found.village.code)
    plan = scene.split(session, enter, found, NOW)
    before = figures.running(session, enter("town_manager"), asked)
    scene.in_force(session, enter, plan, NOW)
    after = figures.running(session, enter("town_manager"), asked)
    assert (before.due, before.on_time) == (after.due, after.on_time) == (5, 3)


def test_figures_of_the_day_are_those_that_the_report_told(session: Session, enter: Enter, found: scene.Scene) -> None:
    """Visits count for the household's new grid from the day on, cases and teams too."""
    plan = history.pushed(session, enter, found)
    told = impact.report(session, enter("town_manager"), plan.id)
    scene.in_force(session, enter, plan, NOW)
    asked, viewer = Asked(DAY, NOW, area=found.village.code), enter("town_manager")
    stands = {row["code"]: row for row in session.execute(rows(COVERAGE, viewer, asked, geometry=None)).mappings()}
    counted = {row["code"]: row for row in session.execute(rows(GRIDS, viewer, asked, geometry=None)).mappings()}
    for line in told.grids:
        assert line.after is not None
        assert line.after.visited == stands[line.code]["visited"]
        assert line.after.households_listed == stands[line.code]["households_listed"]
        for name in ("households", "residents", "buildings", "open_cases", "volunteers", "service_points"):
            assert getattr(line.after, name) == counted[line.code][name], (line.code, name)
    visited = {line.code[-3:]: line.after.visited - line.before.visited for line in told.grids if line.before}
    assert (visited["003"], visited["004"]) == (-3, 3)


def test_a_visit_after_the_move_counts_once(session: Session, enter: Enter, found: scene.Scene) -> None:
    scene.in_force(session, enter, history.pushed(session, enter, found), NOW)
    history.owner(session)
    all_moved = session.scalars(select(PlanHousehold).order_by(PlanHousehold.id)).all()
    moved = [next(each for each in all_moved if (each.last_met_on is None) == never) for never in (False, True)]
    for each in moved:
        session.add(Visit(household_id=each.household_id, grid_id=each.grid_id, territory=each.territory,
                          visited_on=TOMORROW, purpose="routine", result="met"))  # fmt: skip
    session.flush()
    viewer, later = enter("town_manager"), NOW + timedelta(days=1)
    asked = Asked(TOMORROW, later, area=found.village.code)
    stands = {row["code"][-3:]: row["visited"] for row in session.execute(rows(COVERAGE, viewer, asked)).mappings()}
    own = {number: int((found.village.grid == number).sum()) for number in (2, 3)}
    water = 5
    assert [moved[0].last_met_on, moved[1].last_met_on] == [DAY - timedelta(days=30), None]
    assert stands["003"] == own[2] - water - 3
    assert stands["004"] == own[3] - water + 3 + 1


@pytest.mark.parametrize("number", [None, 3, 4])
def test_the_months_say_what_the_areas_say_on_their_days(
    number: int | None, session: Session, enter: Enter, found: scene.Scene
) -> None:
    """Visits before and after the move, twice on a day, on both ends of the window: both tables count them alike."""
    scene.in_force(session, enter, history.pushed(session, enter, found), NOW)
    history.owner(session)
    moved = session.scalars(select(PlanHousehold).order_by(PlanHousehold.id)).all()
    for back, each in zip((0, 0, 183, 184, 182, 30, -1, 1), (*moved, *moved), strict=False):
        for grid in (each.grid_id, each.from_grid_id):
            session.add(Visit(household_id=each.household_id, grid_id=grid, territory=each.territory,
                              visited_on=DAY - timedelta(days=back), purpose="routine", result="met"))  # fmt: skip
    session.flush()
    viewer, later = enter("town_manager"), TOMORROW + timedelta(days=20)
    code = f"{found.village.code}{number:03}" if number else found.village.code
    moment = NOW + timedelta(days=21)
    months = reach.by_month(session, viewer, Asked(later, moment, area=code))
    for month in months:
        place = areas.whereabouts(session, viewer, code, month.day)
        _, whole = reach.by_area(session, viewer, Asked(month.day, moment, area=code), place)
        assert (month.reach.visited, month.reach.listed) == (whole.visited, whole.listed), month.day
    assert len({month.reach.visited for month in months}) > 1
