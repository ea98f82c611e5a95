"""One grid made into several, by suggestion or along a line, and two into one."""

from __future__ import annotations

import numpy as np
import pytest

from gis.errors import Invalid
from gis.partition import Limits, merge, parts, split, split_by_line, suggest
from gis.partition.suggestion import EMPTY, HEAVY, NUMBER, SHAPE, SMALL
from tests.gis.partition.grounds import ground, lattice, plain, rough

LIMITS = Limits(300, 500)


def test_an_overloaded_grid_becomes_two_in_range_and_there_is_a_choice() -> None:
    land = plain(625, 3)
    of = np.zeros(len(land.ids), np.int32)
    some = suggest(land, LIMITS, alternatives=1)[0].of
    pair = next(int(other) for other in np.unique(some[land.b[some[land.a] == 0]]) if other)
    of[(some == 0) | (some == pair)] = 1
    ways = split(land, of, 1, LIMITS)
    assert len(ways) == 3
    for way in ways:
        assert np.array_equal(way.cells, np.flatnonzero(of == 1))
        assert (way.grids, way.in_range, way.infeasible) == (2, 2, [])
        after = np.full(len(of), -1)
        after[way.cells] = way.of
        assert parts(land, after).max() == 0
    assert [way.score for way in ways] == sorted((way.score for way in ways), reverse=True)
    assert len({way.of.tobytes() for way in ways}) == 3


def test_a_grid_that_no_number_fits_is_halved_evenly_and_told() -> None:
    land = ground([110] * 5, [(at, at + 1) for at in range(4)])
    way = split(land, np.zeros(5, int), 0, LIMITS)[0]
    assert sorted(way.households.tolist()) == [220, 330]
    assert [each.reason for each in way.infeasible] == [NUMBER]
    tower = ground([820, 10, 300], [(0, 1), (1, 2)])
    assert HEAVY in [each.reason for each in split(tower, np.zeros(3, int), 0, LIMITS)[0].infeasible]


def test_a_park_is_split_by_cells_and_one_cell_not_at_all() -> None:
    park = ground([0] * 6, [(at, at + 1) for at in range(5)])
    assert {tuple(np.bincount(way.of)) for way in split(park, np.zeros(6, int), 0, LIMITS)} >= {(3, 3)}
    with pytest.raises(Invalid):
        split(park, np.array([1, 0, 0, 0, 0, 0]), 1, LIMITS)
    with pytest.raises(Invalid, match="stands alone"):
        split(ground([820, 0, 0], [(1, 2)]), np.zeros(3, int), 0, LIMITS)


def test_a_grid_in_pieces_is_split_into_them() -> None:
    land = ground([400, 0, 400], [(0, 1), (1, 2)])
    assert split(land, np.array([0, 1, 0]), 0, LIMITS)[0].of.tolist() == [0, 1]


def test_empty_land_beyond_a_river_goes_to_the_part_that_it_touches_longest() -> None:
    borders, metres = [(0, 1), (1, 2), (2, 3), (1, 4), (2, 4), (4, 5)], [30.0, 30, 30, 10, 20, 30]
    land = ground([200, 200, 200, 200, 0, 0], borders, metres=metres, blocked=[(1, 4), (2, 4)])
    for way in split(land, np.zeros(6, int), 0, LIMITS):
        assert (way.grids, way.in_range, way.infeasible) == (2, 2, [])
        assert way.of[4] == way.of[5] == way.of[2]


def test_empty_land_beyond_water_goes_to_the_part_that_the_water_goes_to() -> None:
    borders = [(0, 1), (1, 2), (2, 3), (3, 4), (4, 5)]
    land = ground([200, 200, 200, 200, 0, 0], borders, water=[4])
    for way in split(land, np.zeros(6, int), 0, LIMITS):
        assert way.of.tolist()[-3:] == [1, 1, 1]
        assert way.infeasible == []


def test_empty_land_that_touches_nothing_is_told_for_what_it_is() -> None:
    land = ground([400, 400, 0], [(0, 1)])
    for way in split(land, np.zeros(3, int), 0, LIMITS):
        assert way.households.tolist() == [400, 400, 0]
        assert [(each.cells.tolist(), each.reason) for each in way.infeasible] == [([2], EMPTY)]


def test_each_part_out_of_range_has_its_own_reason() -> None:
    land = ground([400, 400, 50, 550], [(0, 1), (1, 2), (2, 3)], blocked=[(1, 2), (2, 3)])
    way = split(land, np.zeros(4, int), 0, LIMITS)[0]
    assert {each.households: each.reason for each in way.infeasible} == {50: SMALL, 550: HEAVY}
    star = ground([10, 290, 290, 290, 290], [(0, at) for at in range(1, 5)])
    assert {each.reason for each in split(star, np.zeros(5, int), 0, LIMITS)[0].infeasible} == {SHAPE}


@pytest.mark.parametrize("seed", range(8))
def test_a_split_makes_no_part_without_homes(seed: int) -> None:
    land = rough(144, seed, towers=0, bridges=1)
    empty = np.flatnonzero(land.households == 0)
    cut = (np.isin(land.a, empty[::3]) | np.isin(land.b, empty[::3])) & ~land.bridge
    land.blocked[cut] = True
    for way in split(land, np.zeros(len(land.ids), int), 0, LIMITS):
        assert way.households.all()


def test_a_large_grid_is_split_into_many() -> None:
    land = plain(900)
    way = split(land, np.zeros(len(land.ids), int), 0, LIMITS)[0]
    assert way.in_range == way.grids
    assert abs(way.grids - land.households.sum() / 400) < 2


@pytest.mark.parametrize("seed", range(12))
def test_a_drawn_line_leaves_two_connected_sides(seed: int) -> None:
    land = rough(144, seed, towers=0)
    of = suggest(land, LIMITS, alternatives=1)[0].of
    rng = np.random.default_rng(seed)
    for grid in range(int(of.max()) + 1):
        side = rng.random(len(of)) < 0.5
        inside = side[(of == grid) & (land.kinds != "water")]
        if 0 < inside.sum() < len(inside):
            cells, label = split_by_line(land, of, grid, side)
            after = np.full(len(of), -1)
            after[cells] = label
            assert set(label.tolist()) == {0, 1}
            assert parts(land, after).max() == 0


def test_a_straight_line_is_followed() -> None:
    _, borders, metres, households = lattice(36)
    land = ground(households, borders, metres=metres)
    side = np.arange(36) % 6 >= 2
    assert split_by_line(land, np.zeros(36, int), 0, side)[1].tolist() == side.astype(int).tolist()
    with pytest.raises(Invalid):
        split_by_line(land, np.zeros(36, int), 0, np.ones(36, bool))


def test_a_fragment_goes_to_the_side_that_it_hangs_on() -> None:
    land = ground([50] * 6, [(at, at + 1) for at in range(5)])
    side = np.array([1, 0, 1, 1, 1, 0], bool)
    assert split_by_line(land, np.zeros(6, int), 0, side)[1].tolist() == [0, 0, 1, 1, 1, 1]


def test_neighbours_to_merge_with_are_ranked_and_reachable() -> None:
    households, of = [148, 171, 400, 260, 100], np.array([0, 1, 2, 3, 4])
    borders = [(0, 1), (0, 2), (0, 3), (0, 4)]
    land = ground(households, borders, blocked=[(0, 4)])
    found = merge(land, of, 0, LIMITS)
    assert [(one.grid, one.households, one.in_range) for one in found] == [
        (3, 408, True),
        (1, 319, True),
        (2, 548, False),
    ]
    assert found[0].border_m == 30


def test_a_neighbour_in_another_village_is_none() -> None:
    land = ground([100, 200], [(0, 1)], villages=[0, 1])
    assert merge(land, np.array([0, 1]), 0, LIMITS) == []
