"""What is written while a village is published waits, and goes where the new lines put it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from threading import Thread

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from gis import honours, posts
from gis.boundaries import Grid
from gis.care import leading
from gis.care.leading import Enrolling
from gis.care.tables import Enrolment
from gis.database import admit, transaction
from gis.errors import WanggeError
from gis.plans.publish import publish
from gis.plans.tables import PlanComment
from gis.posts import Post
from gis.premises import Building, Honour, Household
from gis.staffing import Staff
from gis.viewer import Viewer
from tests import fabrics
from tests.conftest import DAY, NOW
from tests.gis.plans import scene
from tests.gis.plans.scene import SRID, Scene

Who = Callable[[str], Viewer]


@dataclass
class Eve:
    """清河社区 with an approved plan that gives a building of the third grid to the fourth, and divides the seventh."""

    engine: Engine
    who: Who
    found: Scene
    plan: int

    @property
    def building(self) -> int:
        return self.found.building(14, 0)

    def meanwhile(self, viewer: Viewer, write: Callable[[Session], object]) -> list[WanggeError]:
        """Publish, and let somebody write before that is committed; return what the writer was told."""
        said: list[WanggeError] = []

        def later() -> None:
            try:
                with transaction(self.engine) as session:
                    admit(session, viewer)
                    write(session)
            except WanggeError as error:
                said.append(error)

        other = Thread(target=later)
        with transaction(self.engine) as session:
            leader = self.who("district_manager")
            admit(session, leader)
            publish(session, leader, self.plan, NOW, metric_srid=SRID)
            other.start()
            other.join(0.5)
            assert other.is_alive(), "it waits for the publication"
        other.join(20)
        return said


@pytest.fixture
def eve(engine: Engine, app_engine: Engine, viewer_as: Who) -> Iterator[Eve]:
    with transaction(engine) as session:
        enter = scene.entering(session, viewer_as)
        found = scene.furnish(session, DAY)
        plan = scene.split(session, enter, found, NOW)
        number = scene.numbers(session, enter("planner"), plan)
        scene.push(session, enter("planner"), plan, found.village.cells[14, :3], number[found.village.grids[3]], NOW)
        scene.agreed(session, enter, plan, DAY, NOW)
        made = plan.id
    yield Eve(app_engine, viewer_as, found, made)
    with transaction(engine) as session:
        session.query(PlanComment).filter_by(plan_id=made).delete()
        fabrics.clear(session, found.village.code)


def test_an_honour_lies_in_the_grid_that_its_building_has_got(eve: Eve, engine: Engine) -> None:
    with Session(engine) as session:
        code = session.get_one(Building, eve.building).code
    viewer = eve.who("district_manager")
    assert eve.meanwhile(viewer, lambda session: honours.give(session, viewer, code, "model_building", 2026, DAY)) == []
    with Session(engine) as session:
        building = session.get_one(Building, eve.building)
        assert building.grid_id == eve.found.village.grids[3]
        honour = session.scalars(select(Honour.territory).where(Honour.building_id == eve.building))
        assert honour.one() == building.territory


def test_an_enrolment_goes_to_the_grid_that_its_household_has_got(eve: Eve, engine: Engine) -> None:
    viewer = replace(eve.who("village_manager"), territory=eve.who("district_manager").territory)
    with Session(engine) as session:
        home = session.scalars(select(Household.id).where(Household.building_id == eve.building)).first()
        callers = leading.callers(session, viewer, DAY)
        caller = next(each for each in callers if each.grid_id == eve.found.village.grids[3])
    given = Enrolling("QN-2026-900001", "weekly", home or 0, caller.id)
    assert eve.meanwhile(viewer, lambda session: leading.enrol(session, viewer, given, DAY)) == []
    with Session(engine) as session:
        assert (
            session.scalars(select(Enrolment.grid_id).where(Enrolment.household_id == home)).one()
            == (eve.found.village.grids[3])
        )


def test_nobody_is_put_on_a_grid_that_ends(eve: Eve, engine: Engine) -> None:
    viewer = eve.who("district_manager")
    with Session(engine) as session:
        code = session.get_one(Grid, eve.found.village.grids[6]).code
        staff = session.scalars(select(Staff.id).where(Staff.active).order_by(Staff.id)).first()
    post = Post("link_cadre", code, DAY, staff)
    told = eve.meanwhile(viewer, lambda session: posts.assign(session, viewer, post, DAY))
    assert len(told) == 1, told
