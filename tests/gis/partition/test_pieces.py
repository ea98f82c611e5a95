"""Pieces of grids, components, and water."""

from __future__ import annotations

import numpy as np
import pytest

from gis.partition import parts
from gis.partition.graph import components
from tests.gis.partition.grounds import ground, rough


@pytest.mark.parametrize("seed", range(10))
def test_components_are_those_of_a_walk(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n = 60
    a, b = rng.integers(n, size=45), rng.integers(n, size=45)
    near: dict[int, set[int]] = {at: set() for at in range(n)}
    for one, other in zip(a.tolist(), b.tolist(), strict=True):
        near[one].add(other)
        near[other].add(one)
    wanted = np.full(n, -1)
    for at in range(n):
        todo = [at] if wanted[at] < 0 else []
        number = wanted.max() + 1
        while todo:
            cell = todo.pop()
            wanted[cell] = number
            todo += [other for other in near[cell] if wanted[other] < 0]
    label, count = components(n, a, b)
    assert count == wanted.max() + 1
    assert label.tolist() == wanted.tolist()


def test_the_part_with_the_most_households_is_the_first() -> None:
    land = ground([10, 10, 5, 100, 0], [(0, 1), (1, 2), (2, 3), (3, 4)])
    assert parts(land, np.array([0, 0, 1, 0, 0])).tolist() == [1, 1, 0, 0, 0]
    assert parts(land, np.array([0, -1, 0, 0, 0])).tolist() == [1, -1, 0, 0, 0]


def test_of_equal_households_the_part_with_more_cells_and_then_with_more_land_is_the_first() -> None:
    borders = [(0, 1), (3, 4)]
    land = ground([10, 0, 0, 10, 0], borders)
    of = np.array([0, 0, 1, 0, 0])
    assert parts(land, of).tolist() == [0, 0, 0, 1, 1]
    land.area_m2[3] += 1
    assert parts(land, of).tolist() == [1, 1, 0, 0, 0]
    assert parts(land, np.array([0, 0, 1, 0, -1])).tolist() == [0, 0, 0, 1, -1], "cells before land"


def test_water_belongs_to_the_part_that_it_touches_longest_and_joins_none() -> None:
    borders, metres = [(0, 2), (1, 2), (2, 3)], [30.0, 10.0, 5.0]
    land = ground([50, 90, 0, 0], borders, metres=metres, water=[2, 3])
    assert parts(land, np.zeros(4, int)).tolist() == [1, 0, 1, 1]
    assert parts(land, np.array([0, 1, 1, 0])).tolist() == [0, 0, 0, 1]


def test_a_blocked_border_joins_nothing_and_a_bridge_does() -> None:
    borders = [(0, 1)]
    assert parts(ground([1, 2], borders, blocked=borders), np.zeros(2, int)).tolist() == [1, 0]
    crossed = ground([1, 2, 3], [(0, 1), (1, 2)], blocked=[(0, 1)], bridges=[(0, 2)])
    assert parts(crossed, np.zeros(3, int)).tolist() == [0, 0, 0]


def test_all_of_a_village_is_as_many_parts_as_it_has_blocks() -> None:
    land = rough(100, 3, bridges=1)
    assert parts(land, np.zeros(len(land.ids), int)).max() == 0
    assert parts(rough(100, 3, bridges=0), np.zeros(len(land.ids), int)).max() == 1
