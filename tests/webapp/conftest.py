"""Fixtures of the pages: a village, and clients over one transaction that is rolled back."""

from __future__ import annotations

import pytest
from sqlalchemy import Connection
from sqlalchemy.orm import Session

from gis.settings import Settings
from tests import fabrics
from tests.webapp.desk import Desk, opened


@pytest.fixture
def desk(connection: Connection, session: Session, settings: Settings) -> Desk:
    return opened(connection, session, settings, fabrics.qinghe(session))
