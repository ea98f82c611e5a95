"""A town whose cases are written by the test, and rolled back after it."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from tests.gis.indicators.town import Town, settled


@pytest.fixture
def town(session: Session) -> Town:
    return settled(session)
