"""What the tests of plans share: a desk to draw at, and the village that is drawn with those who may act."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy.orm import Session

from gis.viewer import Viewer
from tests import fabrics
from tests.conftest import DAY
from tests.gis.plans import scene
from tests.gis.plans.desk import Table, second_planner
from tests.gis.plans.scene import Enter


@pytest.fixture
def table(session: Session, admitted: Callable[[str], Viewer]) -> Table:
    village = fabrics.qinghe(session)
    number = second_planner(session)
    return Table(session, admitted("planner"), village, second=number)


@pytest.fixture
def enter(session: Session, viewer_as: Enter) -> Enter:
    """Put the session under an account's row security; asked before anybody is admitted."""
    return scene.entering(session, viewer_as)


@pytest.fixture
def found(session: Session) -> scene.Scene:
    return scene.furnish(session, DAY)
