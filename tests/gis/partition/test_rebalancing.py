"""The least change: against the optimum by brute force, with locks, through chains, and what cannot be mended."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from gis.fabric.ground import Ground
from gis.partition import Limits, parts, rebalance, suggest
from gis.partition.rebalancing import LOCKED, NO_ROOM, NONE_TO_GIVE, TOO_FEW, TOO_MANY
from gis.partition.suggestion import HEAVY
from tests.gis.partition.grounds import ground, lattice, plain

LIMITS = Limits(300, 500)


def loads(land: Ground, of: NDArray[np.int32]) -> list[int]:
    """Return the households of each grid."""
    return [int(load) for load in np.bincount(of, land.households)]


def optimum(land: Ground, of: NDArray[np.int32], locked: NDArray[np.bool_]) -> int | None:
    """Return the fewest cells whose move brings all grids into range in one piece each, up to 4."""
    grids = range(int(of.max()) + 1)
    for count in range(5):
        for cells in itertools.combinations(np.flatnonzero(~locked).tolist(), count):
            others = [[grid for grid in grids if grid != of[cell]] for cell in cells]
            for choice in itertools.product(*others):
                new = of.copy()
                new[list(cells)] = choice
                load = np.bincount(new, land.households, minlength=len(grids))
                if not LIMITS.outside(load).any() and not (parts(land, new) > 0).any():
                    return count
    return None


def shaken(seed: int) -> tuple[Ground, NDArray[np.int32], NDArray[np.bool_]]:
    """Return a few cells divided well, after one or two of them have got or lost households, some locked."""
    rng = np.random.default_rng(seed)
    _, borders, metres, _ = lattice(9 if seed % 2 else 16, seed)
    n = 9 if seed % 2 else 16
    households = rng.integers(0, 220 if n == 9 else 150, n)
    of = suggest(ground(households, borders, metres=metres), LIMITS, alternatives=1)[0].of
    for _ in range(rng.integers(1, 3)):
        households[rng.integers(n)] += rng.integers(-120, 160)
    return ground(np.maximum(households, 0), borders, metres=metres), of, rng.random(n) < 0.1


def test_it_moves_at_most_twice_the_optimum() -> None:
    compared = 0
    for seed in range(150):
        land, of, locked = shaken(seed)
        if any(locked[of == grid].all() for grid in range(int(of.max()) + 1)):
            continue  # it would take nothing either
        best = optimum(land, of, locked) if LIMITS.outside(np.bincount(of, land.households)).any() else None
        if best:
            found = rebalance(land, of, LIMITS, locked=locked)
            assert found.unmended == [], f"seed {seed}: {best} moves would do"
            assert len(found.moved) <= 2 * best, f"seed {seed}"
            assert not locked[found.moved].any()
            assert (parts(land, found.of) == 0).all()
            compared += 1
    assert compared >= 30


def test_what_is_in_range_stays_as_it_is() -> None:
    land = plain(300)
    of = suggest(land, LIMITS, alternatives=1)[0].of
    found = rebalance(land, of, LIMITS)
    assert len(found.moved) == 0
    assert np.array_equal(found.of, of)


def test_a_chain_of_grids_when_the_neighbour_has_no_room() -> None:
    households = [100] * 6 + [100] * 5 + [100] * 3
    of = np.array([0] * 6 + [1] * 5 + [2] * 3, np.int32)
    land = ground(households, [(at, at + 1) for at in range(13)])
    found = rebalance(land, of, LIMITS)
    assert loads(land, found.of) == [500, 500, 400]
    assert found.moved.tolist() == [5, 10]


def test_a_swap_when_nothing_else_fits() -> None:
    land = ground([220, 200, 130, 80, 170, 200], [(0, 1), (1, 2), (2, 3), (3, 4), (4, 5), (2, 4), (1, 3)])
    found = rebalance(land, np.array([0, 0, 0, 1, 1, 1]), LIMITS)
    assert found.of.tolist() == [0, 0, 1, 0, 1, 1]
    assert loads(land, found.of) == [500, 500]


def test_a_locked_grid_neither_gives_nor_takes() -> None:
    land = ground([100] * 14, [(at, at + 1) for at in range(13)])
    of = np.array([0] * 6 + [1] * 4 + [2] * 4, np.int32)
    assert rebalance(land, of, LIMITS).moved.tolist() == [5]
    found = rebalance(land, of, LIMITS, locked=of == 1)
    assert len(found.moved) == 0
    assert [(each.grid, each.reason) for each in found.unmended] == [(0, NO_ROOM)]
    assert [each.reason for each in rebalance(land, of, LIMITS, locked=of == 0).unmended] == [LOCKED]
    assert rebalance(land, of, LIMITS, apart=np.array([1])).moved.tolist() == []


def test_what_falls_off_with_a_cell_is_the_part_with_fewer_households() -> None:
    households = [180, 200, 10, 10, 10, 180, 200]  # 0, 1 and 2, 3, 4 hang on 5 only
    land = ground(households, [(0, 1), (1, 5), (5, 2), (2, 3), (3, 4), (5, 6)])
    found = rebalance(land, np.array([0, 0, 0, 0, 0, 0, 1]), LIMITS)
    assert found.unmended == []
    assert found.of.tolist() == [0, 0, 1, 1, 1, 1, 1]


def test_a_special_grid_stays_without_households() -> None:
    land = ground([0, 200, 200, 200, 200], [(at, at + 1) for at in range(4)])
    of = np.array([0, 1, 1, 2, 2])
    found = rebalance(land, of, LIMITS, apart=np.array([0]))
    assert (len(found.moved), found.unmended) == (0, [])


def test_what_cannot_be_mended_is_told() -> None:
    tower = ground([700, 100, 200, 200], [(0, 1), (1, 2), (2, 3)])
    assert [each.reason for each in rebalance(tower, np.array([0, 0, 1, 1]), LIMITS).unmended] == [HEAVY]
    poor = ground([100, 100, 150, 160], [(0, 1), (1, 2), (2, 3)])
    told = rebalance(poor, np.array([0, 0, 1, 1]), LIMITS).unmended
    assert [(each.grid, each.households, each.reason) for each in told] == [(0, 200, NONE_TO_GIVE)]
    river = ground([300, 300, 200, 100], [(0, 1), (1, 2), (2, 3)], blocked=[(1, 2)])
    assert [each.reason for each in rebalance(river, np.array([0, 0, 1, 1]), LIMITS).unmended] == [NO_ROOM]


def test_water_follows_the_land_that_it_touches() -> None:
    borders = [(0, 1), (1, 2), (2, 3), (3, 4), (2, 5)]
    land = ground([200, 200, 150, 200, 100, 0], borders, water=[5])
    found = rebalance(land, np.array([0, 0, 0, 1, 1, 0]), LIMITS)
    assert found.of.tolist() == [0, 0, 1, 1, 1, 1]
    assert found.moved.tolist() == [2, 5]


def test_unassigned_cells_and_fragments_are_left_alone() -> None:
    land = ground([100] * 14, [(at, at + 1) for at in range(13)])
    of = np.array([-1, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, -1, 1, -1], np.int32)
    found = rebalance(land, of, LIMITS)
    assert (found.of[of < 0] == -1).all()
    assert parts(land, found.of).max() == 1


@pytest.mark.parametrize("seed", range(12))
def test_a_new_tower_costs_a_few_buildings_and_not_the_plan(seed: int) -> None:
    land = plain(420, seed)
    of = suggest(land, LIMITS, alternatives=1)[0].of
    households = land.households.copy()
    households[np.random.default_rng(seed).integers(len(households))] += [120, 300][seed % 2]
    land = replace(land, households=households)
    found = rebalance(land, of, LIMITS)
    assert found.unmended == []
    assert not LIMITS.outside(np.bincount(found.of, households)).any()
    assert (parts(land, found.of) == 0).all()
    assert len(found.moved) <= (3 if seed % 2 == 0 else 12)


def test_an_estate_pulled_down_is_filled_up_again() -> None:
    land = plain(420, 4)
    of = suggest(land, LIMITS, alternatives=1)[0].of
    land = replace(land, households=np.where(of == 5, land.households // 4, land.households).astype(np.int32))
    found = rebalance(land, of, LIMITS)
    assert found.unmended == []
    assert 0 < len(found.moved) < 20


def crowded(seed: int, households: int, grids: int) -> tuple[Ground, NDArray[np.int32]]:
    """Return a village of about so many households, divided into so many grids anyhow."""
    land = plain(400, seed)
    share = np.maximum(np.round(land.households * households / land.households.sum()), 0).astype(np.int32)
    land = replace(land, households=share)
    middle = int(share.sum()) // grids
    return land, suggest(land, Limits(max(middle - 90, 1), middle + 90), alternatives=1, seed=seed)[0].of


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize(("low", "high", "reason"), [(300, 420, TOO_FEW), (520, 700, TOO_MANY)])
def test_where_the_number_of_grids_cannot_fit_nothing_gets_worse_and_that_is_said(
    seed: int, low: int, high: int, reason: str
) -> None:
    land, of = crowded(seed, 8 * 470, 8)
    limits, before = Limits(low, high), loads(land, of)
    found = rebalance(land, of, limits)
    after = loads(land, found.of)
    for old, new in zip(before, after, strict=True):
        assert abs(limits.excess(new)) <= abs(limits.excess(old)), f"{before} → {after}"
    assert [each.households for each in found.misfits] == [sum(before)]
    assert found.misfits[0].grids == list(range(len(before)))
    assert (found.misfits[0].fewest, found.misfits[0].most) == (-(-sum(before) // high), sum(before) // low)
    assert {each.reason for each in found.unmended} <= {reason, NO_ROOM if reason == TOO_FEW else NONE_TO_GIVE}


def test_the_number_is_told_for_each_bank_of_a_river() -> None:
    land = ground([200] * 12, [(at, at + 1) for at in range(11)], blocked=[(5, 6)])
    of = np.array([0] * 3 + [1] * 3 + [2] * 2 + [3] * 4, np.int32)
    found = rebalance(land, of, LIMITS)
    assert [(each.grids, each.fewest, each.most) for each in found.misfits] == [([0, 1], 3, 4), ([2, 3], 3, 4)]
    assert rebalance(land, np.array([0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5], np.int32), LIMITS).misfits == []
