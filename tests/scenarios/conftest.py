"""清河社区 with homes, visits, cases and branches, behind the pages; everything is rolled back."""

from __future__ import annotations

import pytest
from sqlalchemy import Connection
from sqlalchemy.orm import Session

from gis.settings import Settings
from tests.conftest import DAY
from tests.gis.plans import scene
from tests.webapp.desk import Desk, opened


@pytest.fixture
def desk(connection: Connection, session: Session, settings: Settings) -> Desk:
    return opened(connection, session, settings, scene.furnish(session, DAY).village)
