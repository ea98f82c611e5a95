"""A case that comes in while a plan is being published lies in the grid that is in force afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import Engine, delete, func, select
from sqlalchemy.orm import Session

from gis import users
from gis.boundaries import Grid, GridOutline
from gis.cases import Case, CaseEvent, filing
from gis.database import admit, transaction
from gis.plans.edits import Edit, apply
from gis.plans.publish import publish
from gis.viewer import Territory
from tests import fabrics
from tests.conftest import DAY, NOW
from tests.gis.plans import scene
from tests.gis.plans.scene import Enter

KEY = "raced"


@pytest.fixture
def village(engine: Engine) -> Iterator[fabrics.Village]:
    with transaction(engine) as session:
        found = fabrics.qinghe(session, number=987)
    yield found
    with transaction(engine) as session:
        log: Any = CaseEvent.__table__
        cases = select(Case.id).where(Case.report_key == KEY)
        fabrics.switched(session, log, "DISABLE")
        session.execute(delete(CaseEvent).where(CaseEvent.case_id.in_(cases)))
        fabrics.switched(session, log, "ENABLE")
        fabrics.clear(session, found.code)


def approved(session: Session, enter: Enter, village: fabrics.Village) -> int:
    """A plan in which the first grid goes into the second one, approved for today."""
    plan = scene.begun(session, enter, village, NOW)
    planner = enter("planner")
    gone, stays = (scene.numbers(session, planner, plan)[grid] for grid in village.grids[:2])
    cells = village.of(1)
    apply(session, planner, plan.id, Edit("merge", plan.revision, "m", cells, [stays] * len(cells),
                                          [{"id": gone, "retired": True}]), NOW)  # fmt: skip
    scene.agreed(session, enter, plan, DAY, NOW)
    return plan.id


def entering(session: Session) -> Enter:
    ids = {user.name: user.id for user in session.scalars(select(users.User))}
    return scene.entering(session, lambda name: users.viewer_of(session, ids[name], DAY))


def spot(session: Session, village: fabrics.Village) -> tuple[float, float]:
    """The middle of the grid that ends."""
    middle = select(func.st_x(GridOutline.centre), func.st_y(GridOutline.centre)).join(Grid)
    lon, lat = session.execute(middle.where(Grid.village_code == village.code).order_by(Grid.code).limit(1)).one()
    return lon, lat


def test_a_case_filed_during_a_publication_is_not_left_behind(
    engine: Engine, app_engine: Engine, village: fabrics.Village
) -> None:
    with transaction(engine) as session:
        at, enter = spot(session, village), entering(session)
        number = session.scalars(select(users.User.id).where(users.User.name == "village_manager")).one()
        worker = replace(users.viewer_of(session, number, DAY), territory=Territory((village.code,)))
        plan = approved(session, enter, village)
        manager = enter("district_manager")
    given = filing.Report("environment", "路口垃圾", *at, key=KEY)

    def file() -> int:
        with transaction(app_engine) as session:
            admit(session, worker)
            return filing.report(session, worker, given, NOW).id

    with ThreadPoolExecutor(1) as aside, transaction(app_engine) as session:
        admit(session, manager)
        publish(session, manager, plan, NOW, metric_srid=4549)
        filed = aside.submit(file)
        with pytest.raises(TimeoutError):
            filed.result(timeout=0.5)
        session.commit()
        number = filed.result(timeout=20)
    with transaction(engine) as session:
        grid = session.get_one(Grid, session.get_one(Case, number).grid_id)
        assert grid.status == "active"
