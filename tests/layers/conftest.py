"""What the tests of the layers share: a viewer of the whole district who may see every layer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from sqlalchemy.orm import Session

from gis.database import admit
from gis.viewer import ROLES, Viewer


@pytest.fixture
def viewer(session: Session, viewer_as: Callable[[str], Viewer]) -> Viewer:
    """The whole district, every permission, the session under row security."""
    found = replace(viewer_as("district_manager"), permissions=frozenset().union(*ROLES.values()))
    admit(session, found)
    return found
