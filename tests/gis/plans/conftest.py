"""The plan that the tests of drawing share."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy.orm import Session

from gis.viewer import Viewer
from tests import fabrics
from tests.gis.plans.desk import Table, second_planner


@pytest.fixture
def table(session: Session, admitted: Callable[[str], Viewer]) -> Table:
    village = fabrics.qinghe(session)
    number = second_planner(session)
    return Table(session, admitted("planner"), village, second=number)
