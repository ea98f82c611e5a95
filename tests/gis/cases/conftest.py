"""The counter that the tests of cases share, and a case that two connections see."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from gis.boundaries import GridOutline
from gis.cases import filing
from gis.database import admit, transaction
from gis.users import User, viewer_of
from gis.viewer import Viewer
from tests.conftest import DAY, NOW
from tests.gis.cases.counter import Counter, opened
from tests.leftovers import swept


@pytest.fixture
def counter(session: Session, viewer_as: Callable[[str], Viewer]) -> Counter:
    return opened(session, viewer_as)


@pytest.fixture
def case(engine: Engine, app_engine: Engine) -> Iterator[tuple[str, dict[str, Viewer]]]:
    """A reported case that is committed, with two viewers who may act on it; both are gone afterwards."""
    with swept(engine):
        with transaction(engine) as session:
            ids = {
                name: session.scalar(select(User.id).where(User.name == name)) for name in ("grid_worker", "dispatcher")
            }
            viewers = {name: viewer_of(session, number or 0, DAY) for name, number in ids.items()}
            spot = select(func.st_x(GridOutline.centre), func.st_y(GridOutline.centre)).where(
                GridOutline.code == viewers["grid_worker"].territory.codes[0], GridOutline.valid.contains(DAY)
            )
            lon, lat = session.execute(spot).one()
        with transaction(app_engine) as session:
            admit(session, viewers["grid_worker"])
            given = filing.Report("environment", "路口垃圾", lon, lat)
            number = filing.report(session, viewers["grid_worker"], given, NOW).case_no
        yield number, viewers
