"""The counter that the tests of cases share."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy.orm import Session

from gis.viewer import Viewer
from tests.gis.cases.counter import Counter, opened


@pytest.fixture
def counter(session: Session, viewer_as: Callable[[str], Viewer]) -> Counter:
    return opened(session, viewer_as)
