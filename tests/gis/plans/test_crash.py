"""A publication that is killed on its way leaves the old state or the new one."""

from __future__ import annotations

import pytest

from gis.settings import Settings
from tests.soak import publishing

TIMES = 8


@pytest.mark.slow
def test_a_killed_publication_leaves_no_mixture(settings: Settings) -> None:
    with publishing.stage(settings) as on:
        old, new = publishing.killed(on, TIMES)
    assert old + new == TIMES
    assert old, "no try was killed on its way"
