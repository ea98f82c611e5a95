"""A plan leaves villages alone in which it changes nothing, though their lines do not run along its cells."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import pytest
import shapely
from sqlalchemy import select
from sqlalchemy.orm import Session

from gis.boundaries import Grid, GridOutline
from gis.cases import Case
from gis.plans import impact, review, store
from gis.plans.tables import Plan
from gis.resources import ServicePoint
from tests import builders, fabrics
from tests.conftest import DAY, NOW
from tests.gis.plans import history, scene
from tests.gis.plans.scene import Enter


@dataclass
class Town:
    """A town of two villages, a plan of it that changes the first alone, and a case and a point in the second.

    They stand on cells of the third grid that the line in force gives to the fourth.
    """

    one: fabrics.Village
    two: fabrics.Village
    plan: Plan
    case: int
    point: int


@pytest.fixture
def town(session: Session, enter: Enter) -> Town:
    grid = fabrics.qinghe_grids()
    code, (one, two) = fabrics.lay_town(session, grid, fabrics.qinghe_households(grid))
    west, row = fabrics.west(two.code), fabrics.SOUTH + 14 * fabrics.STEP
    strip = shapely.box(west, row + 0.7 * fabrics.STEP, west + 3 * fabrics.STEP, row + fabrics.STEP)
    third, fourth = (line(session, two, at) for at in (2, 3))
    third.outline = fabrics.multi(shapely.difference(shape(third), strip))
    fourth.outline = fabrics.multi(shapely.union(shape(fourth), strip))
    own = session.get_one(Grid, fourth.grid_id)
    spot = builders.spot(west + 0.5 * fabrics.STEP, row + 0.85 * fabrics.STEP)
    case = builders.case(own, fourth, spot, case_no="S1")
    point = ServicePoint(territory=own.territory, grid_id=own.id, area_code=two.code, kind="station", name="驿站",
                         point=spot)  # fmt: skip
    session.add_all([case, point])
    session.flush()
    plan = store.create(session, enter("planner"), code, "只改清河", NOW)
    number = scene.numbers(session, enter("planner"), plan)
    scene.push(session, enter("planner"), plan, one.cells[14, :3].tolist(), number[one.grids[3]], NOW)
    return Town(one, two, plan, case.id, point.id)


def line(session: Session, village: fabrics.Village, at: int) -> GridOutline:
    """Return the outline in force of a grid of a village."""
    return session.scalars(select(GridOutline).where(GridOutline.grid_id == village.grids[at])).one()


def shape(outline: GridOutline) -> shapely.Geometry:
    return shapely.from_wkb(bytes(outline.outline.data))


def test_its_impact_tells_nothing_of_them(session: Session, enter: Enter, town: Town) -> None:
    told = impact.report(session, enter("district_manager"), town.plan.id)
    there = [each for each in told.grids if each.code.startswith(town.two.code)]
    assert len(there) == len(town.two.grids)
    for each in there:
        assert (each.fate, each.after) == ("same", each.before)
    assert told.cases == []
    drawn = {
        side: {each["properties"]["code"]: each["geometry"] for each in told.maps[side]["features"]}
        for side in ("before", "after")
    }
    for each in there:
        assert drawn["after"][each.code] == drawn["before"][each.code]


def test_what_stands_there_stays_where_it_belongs(session: Session, enter: Enter, town: Town) -> None:
    scene.in_force(session, enter, town.plan, NOW)
    history.owner(session)
    fourth = town.two.grids[3]
    assert session.get_one(Case, town.case).grid_id == fourth
    assert session.get_one(ServicePoint, town.point).grid_id == fourth


def test_they_may_have_changed_on_the_same_day(session: Session, enter: Enter, town: Town) -> None:
    other = store.create(session, enter("planner"), town.two.code, "清湖", NOW)
    number = scene.numbers(session, enter("planner"), other)
    scene.push(session, enter("planner"), other, town.two.cells[14, :3].tolist(), number[town.two.grids[3]], NOW)
    scene.in_force(session, enter, other, NOW)
    store.follow(session, enter("planner"), town.plan.id, NOW)
    scene.in_force(session, enter, town.plan, NOW)
    assert town.plan.status == "published"


def test_a_village_that_changed_on_the_day_is_named(session: Session, enter: Enter, town: Town) -> None:
    other = store.create(session, enter("planner"), town.one.code, "清河", NOW)
    number = scene.numbers(session, enter("planner"), other)
    scene.push(session, enter("planner"), other, town.one.cells[14, :3].tolist(), number[town.one.grids[3]], NOW)
    scene.agreed(session, enter, other, DAY, NOW)
    review.submit(session, enter("planner"), town.plan.id, NOW)
    with pytest.raises(Exception, match="“清河” is approved for"):
        review.approve(session, enter("district_manager"), town.plan.id, DAY, NOW)
    review.approve(session, enter("district_manager"), town.plan.id, DAY + timedelta(days=1), NOW)
