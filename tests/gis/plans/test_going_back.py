"""What a publication left alone is neither superseded by it nor gone back to with it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

import numpy as np
import pytest
from sqlalchemy.orm import Session

from gis.plans import compare, store
from gis.plans.draft import draft
from gis.plans.freshness import overtaken
from gis.plans.rollback import roll_back
from gis.plans.tables import Plan
from tests import fabrics
from tests.conftest import NOW
from tests.gis.plans import scene
from tests.gis.plans.scene import Enter

MORNING = NOW + timedelta(days=1)


@dataclass
class Day:
    """A day on which first a village was redrawn alone, then its town by a plan that changes the other village."""

    one: fabrics.Village
    two: fabrics.Village
    part: Plan
    whole: Plan


@pytest.fixture
def day(session: Session, enter: Enter) -> Day:
    grid = fabrics.qinghe_grids()
    code, (one, two) = fabrics.lay_town(session, grid, fabrics.qinghe_households(grid))
    whole = store.create(session, enter("planner"), code, "只改清湖", NOW)
    part = store.create(session, enter("planner"), one.code, "清河", NOW)
    for plan, village in ((whole, two), (part, one)):
        number = scene.numbers(session, enter("planner"), plan)
        scene.push(session, enter("planner"), plan, village.cells[14, :3].tolist(), number[village.grids[3]], NOW)
    scene.in_force(session, enter, part, NOW)
    store.follow(session, enter("planner"), whole.id, NOW)
    scene.in_force(session, enter, whole, NOW)
    return Day(one, two, part, whole)


def gone_back(session: Session, enter: Enter, plan: Plan) -> Plan:
    """Go back on the morning after."""
    return roll_back(session, replace(enter("planner"), day=MORNING.date()), plan.id, MORNING)


def test_a_plan_whose_village_another_left_alone_is_in_force_still(session: Session, enter: Enter, day: Day) -> None:
    assert (day.part.status, day.whole.status) == ("published", "published")
    scene.in_force(session, enter, gone_back(session, enter, day.whole), MORNING)
    assert (day.part.status, day.whole.status) == ("published", "superseded"), "the village that it redrew is another's"


def test_its_comparison_and_what_it_overtakes_are_of_the_village_that_it_redrew(
    session: Session, enter: Enter, day: Day
) -> None:
    found = compare.against_force(session, enter("planner"), day.whole.id)
    assert set(found.cells) == {int(cell) for cell in day.two.cells[14, :3]}
    changed = {pair.grid_id for pair in found.pairs if pair.differs}
    assert changed == {day.two.grids[2], day.two.grids[3]}
    late = store.branch(session, enter("planner"), day.whole.id, "另案", NOW)
    late.lines = {**late.lines, day.one.code: 0}
    other = overtaken(session, late)
    assert other is not None
    assert other.other is day.part, "it named the plan of the town, which left that village alone"


def test_going_back_leaves_alone_what_the_publication_left_alone(session: Session, enter: Enter, day: Day) -> None:
    back = draft(session, enter("planner"), gone_back(session, enter, day.whole).id)
    grids = np.array([grid.grid_id for grid in back.grids])
    village = np.array(back.ground.villages)[back.ground.village]
    changed = set(back.ground.ids[back.moved & (village == day.one.code)].tolist())
    assert changed == set(), "the other plan of that day stays"
    returned = {int(cell): int(grids[back.of[back.ground.index([cell])][0]]) for cell in day.two.cells[14, :3]}
    assert set(returned.values()) == {day.two.grids[2]}


def test_going_back_keeps_the_grid_of_ground_that_had_none(session: Session, enter: Enter) -> None:
    """A plan that gives land its first grid can be gone back from: nobody has to draw that land again."""
    grid = np.array([[0, 0, 1, 1], [0, -1, 1, 1]])
    village = fabrics.lay(session, grid, np.full(grid.shape, 90))
    plan = store.create(session, enter("planner"), village.code, "补齐", NOW)
    number = scene.numbers(session, enter("planner"), plan)
    scene.push(session, enter("planner"), plan, [int(village.cells[1, 1])], number[village.grids[0]], NOW)
    scene.push(session, enter("planner"), plan, [int(village.cells[0, 1])], number[village.grids[1]], NOW)
    scene.in_force(session, enter, plan, NOW)
    back = draft(session, enter("planner"), gone_back(session, enter, plan).id)
    held = {int(cell): back.grids[at].grid_id if at >= 0 else None
            for cell, at in zip(back.ground.ids, back.of, strict=True)}  # fmt: skip
    assert held[int(village.cells[1, 1])] == village.grids[0]
    assert held[int(village.cells[0, 1])] == village.grids[0]
