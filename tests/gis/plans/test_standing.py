"""What is in force, cell by cell."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from gis import checks
from gis.barriers import Barrier
from gis.boundaries import Grid, GridOutline
from gis.partition.pieces import parts
from gis.plans import store
from gis.plans.draft import draft
from gis.plans.standing import settled
from gis.premises import Building
from gis.viewer import Viewer
from tests.conftest import NOW
from tests.lattices import HALVES, changed, ground


def test_water_that_touches_nothing_of_its_grid_is_with_the_one_around_it() -> None:
    land = ground(np.full((4, 8), 10), river=1)
    found = np.where(changed(HALVES, (0, 1), (1, 1), to=1).ravel() == 0, 100, 101)
    whole = settled(land, found)
    assert whole.tolist() == np.where(HALVES.ravel() == 0, 100, 101).tolist()
    found[8 * np.arange(4) + 1] = -1
    assert (settled(land, found) == found).all(), "what is in no grid stays there"
    ashore = np.where(changed(HALVES, (0, 7), to=0).ravel() == 0, 100, 101)
    assert (settled(land, ashore) == ashore).all(), "land in pieces is for the planner to see"
    assert parts(land, ashore)[7] > 0


@pytest.mark.parametrize("built", [True, False])
def test_a_plan_begins_without_error_with_and_without_buildings(
    session: Session, admitted: Callable[[str], Viewer], built: bool
) -> None:
    village = "999901100001"
    if not built:
        session.execute(update(Building).where(Building.territory // 1000 == int(village)).values(territory=1))
        session.execute(delete(Barrier))
    viewer = admitted("planner")
    drawn = draft(session, viewer, store.create(session, viewer, village, "新方案", NOW).id)
    assert ("building" in drawn.ground.kinds) is built
    area = func.st_area(func.geography(GridOutline.outline))
    own = select(area).join(Grid, Grid.id == GridOutline.grid_id).where(Grid.village_code == village)
    stored = session.scalars(own.where(GridOutline.valid.contains(viewer.day)).order_by(GridOutline.code)).all()
    assert drawn.measures.area_m2[:-1] == pytest.approx(stored, rel=0.25 if built else 0.01), "each has its land"
    assert [finding.told()[0] for finding in checks.check(drawn) if finding.severity == "error"] == []
