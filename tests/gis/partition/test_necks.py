"""A narrow neck is found with its place, and nothing else is taken for one."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from gis.fabric.ground import Ground
from gis.partition.graph import components
from gis.partition.necks import necks
from tests.gis.partition.grounds import ground, lattice

ALL = np.ones(9, bool)


def row(metres: list[float], households: list[int], **more: object) -> Ground:
    """Return cells in a row, each bordering the next over so many metres."""
    borders = [(at, at + 1) for at in range(len(metres))]
    return ground(households, borders, metres=metres, **more)  # type: ignore[arg-type]


def test_a_neck_under_ten_metres_is_found_with_its_place() -> None:
    land = row([30, 30, 6.5, 30], [40, 40, 40, 20, 10])
    (neck,) = necks(land, np.zeros(5, int), ALL)
    assert (neck.grid, neck.width_m, neck.cells.tolist(), neck.households) == (0, 6.5, [2, 3], 30)


def test_a_border_between_two_grids_is_no_neck_and_ten_metres_are_none() -> None:
    of = np.array([0, 0, 0, 1, 1])
    assert necks(row([30, 30, 6.5, 30], [40] * 5), of, ALL) == []
    assert necks(row([30, 30, 10.0, 30], [40] * 5), np.zeros(5, int), ALL) == []


def test_a_ring_is_cut_at_two_places() -> None:
    borders = [(0, 1), (1, 2), (2, 3), (3, 0)]
    narrow = ground([9] * 4, borders, metres=[4.0, 30, 5.0, 30])
    (neck,) = necks(narrow, np.zeros(4, int), ALL)
    assert (neck.width_m, neck.cells.tolist()) == (9.0, [0, 1, 2, 3])
    assert necks(ground([9] * 4, borders, metres=[6.0, 30, 5.0, 30]), np.zeros(4, int), ALL) == []


def test_a_strip_without_homes_is_a_neck_only_where_there_are_homes_behind_it() -> None:
    (neck,) = necks(row([30, 8, 4, 30], [40, 40, 0, 20, 10]), np.zeros(5, int), ALL)
    assert (neck.width_m, neck.cells.tolist(), neck.households) == (4, [2, 3], 30)
    assert necks(row([30, 8, 4], [40, 40, 0, 0]), np.zeros(4, int), ALL) == []


def test_a_bridge_is_no_neck_and_pieces_have_none_between_them() -> None:
    crossed = ground([40, 40], [(0, 1)], blocked=[(0, 1)], bridges=[(0, 1)])
    assert necks(crossed, np.zeros(2, int), ALL) == []
    assert necks(row([30, 5, 30], [9] * 4, blocked=[(1, 2)]), np.zeros(4, int), ALL) == []
    (neck,) = necks(row([30, 5, 30, 7], [9] * 5, blocked=[(1, 2)]), np.zeros(5, int), ALL)
    assert (neck.width_m, neck.cells.tolist()) == (7, [3, 4])


def test_grids_that_are_not_looked_at_and_cells_in_none_stay_out() -> None:
    land = row([5, 30, 5, 30, 5], [9] * 6)
    of = np.array([0, 0, -1, -1, 1, 1])
    assert [neck.grid for neck in necks(land, of, np.array([True, True]))] == [0, 1]
    assert [neck.grid for neck in necks(land, of, np.array([False, True]))] == [1]


def narrowest(land: Ground) -> float:
    """Return the least cut of a connected ground with homes on both sides, by trying all."""
    n, best = len(land.ids), np.inf
    for chosen in itertools.product([False, True], repeat=n - 1):
        side = np.array([True, *chosen])
        if not side.all() and land.households[side].any() and land.households[~side].any():
            best = min(best, float(land.length_m[side[land.a] != side[land.b]].sum()))
    return best


@pytest.mark.parametrize("seed", range(40))
def test_the_width_is_that_of_the_least_cut_of_all(seed: int) -> None:
    _, borders, _, _ = lattice(9, seed)
    rng = np.random.default_rng(seed)
    keep = rng.random(len(borders)) < 0.75
    land = ground(rng.integers(1, 9, 9), borders[keep], metres=rng.integers(1, 14, keep.sum()).astype(float))
    if components(9, land.a, land.b)[1] > 1:
        return
    width = narrowest(land)
    found = [neck.width_m for neck in necks(land, np.zeros(9, int), ALL)]
    assert found == ([width] if width < 10 else [])
