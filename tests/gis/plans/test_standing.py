"""What is in force, cell by cell."""

from __future__ import annotations

import numpy as np

from gis.partition.pieces import parts
from gis.plans.standing import settled
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
