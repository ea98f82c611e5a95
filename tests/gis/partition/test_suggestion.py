"""New plans: what is feasible is in range, connected and on its side of the river; what is not is listed."""

from __future__ import annotations

import numpy as np
import pytest

from gis.fabric.ground import Ground
from gis.partition import Limits, Suggestion, parts, suggest
from gis.partition.measure import compactness
from gis.partition.suggestion import EMPTY, HEAVY, NUMBER, SHAPE, SMALL
from tests.gis.partition.grounds import ground, lattice, plain, rough

LIMITS = Limits(300, 500)


def row(households: list[int], **more: object) -> Ground:
    """Return cells in a row, each bordering the next."""
    return ground(households, [(at, at + 1) for at in range(len(households) - 1)], **more)  # type: ignore[arg-type]


def sound(land: Ground, plan: Suggestion) -> None:
    """Every cell has a grid, every grid is one piece in one village, and what is out of range is listed."""
    assert (plan.of >= 0).all()
    assert (parts(land, plan.of) == 0).all()
    assert np.array_equal(plan.households, np.bincount(plan.of, land.households))
    assert len(np.unique(plan.of)) == plan.grids
    villages = np.unique(np.stack([plan.of, land.village]), axis=1)
    assert villages.shape[1] == plan.grids
    listed = {grid for each in plan.infeasible for grid in plan.of[each.cells].tolist()}
    assert set(np.flatnonzero(LIMITS.outside(plan.households)).tolist()) <= listed


@pytest.mark.parametrize("seed", range(25))
def test_what_is_feasible_is_in_range_around_rivers_towers_and_parks(seed: int) -> None:
    land = rough([50, 120, 300][seed % 3], seed, towers=seed % 4, bridges=1 + seed % 2)
    for plan in suggest(land, LIMITS):
        sound(land, plan)
        assert {each.reason for each in plan.infeasible} <= {HEAVY, SMALL, NUMBER, EMPTY}
        assert sum(each.reason == HEAVY for each in plan.infeasible) == (land.households > 500).sum()


@pytest.mark.parametrize("seed", range(8))
def test_buildings_of_very_different_size(seed: int) -> None:
    _, borders, metres, _ = lattice(400, seed)
    rng = np.random.default_rng(seed)
    households = np.minimum(rng.lognormal(3, 1.6, 400), 499).astype(int) * (rng.random(400) > 0.3)
    land = ground(households, borders, metres=metres)
    plan = suggest(land, LIMITS, alternatives=1)[0]
    sound(land, plan)
    assert plan.in_range == plan.grids
    assert plan.infeasible == []


def test_the_same_seed_gives_the_same_plan_and_another_another() -> None:
    land = rough(300, 5)
    first, again, other = suggest(land, LIMITS, seed=7), suggest(land, LIMITS, seed=7), suggest(land, LIMITS, seed=8)
    assert [plan.of.tobytes() for plan in first] == [plan.of.tobytes() for plan in again]
    assert [plan.of.tobytes() for plan in first] != [plan.of.tobytes() for plan in other]


def test_three_different_plans_the_best_first() -> None:
    plans = suggest(plain(400), LIMITS)
    assert len({plan.of.tobytes() for plan in plans}) == 3
    assert [plan.score for plan in plans] == sorted((plan.score for plan in plans), reverse=True)
    assert all(plan.balance > 0.9 for plan in plans)


def test_a_grid_of_a_suggestion_lies_in_one_village() -> None:
    _, borders, metres, households = lattice(400)
    villages = (np.arange(400) % 20 >= 10).astype(int)
    land = ground(households, borders, metres=metres, villages=villages)
    sound(land, suggest(land, LIMITS)[0])


def test_the_river_is_crossed_at_the_bridge_only() -> None:
    banks = {"blocked": [(2, 3)]}
    apart = suggest(row([200, 100, 100, 100, 100, 200], **banks), LIMITS)[0]
    assert apart.of.tolist() == [0, 0, 0, 1, 1, 1]
    short = suggest(row([100, 100, 50, 50, 100, 100], **banks), LIMITS)[0]
    assert [each.reason for each in short.infeasible] == [SMALL, SMALL]
    assert short.of[2] != short.of[3]
    joined = suggest(row([100, 100, 50, 50, 100, 100], bridges=[(1, 4)], **banks), LIMITS)[0]
    assert joined.of.tolist() == [0] * 6
    assert joined.infeasible == []


def test_water_goes_to_the_grid_that_it_touches_longest_and_joins_nothing() -> None:
    borders, metres = [(0, 1), (1, 2), (1, 3)], [10.0, 20.0, 5.0]
    plan = suggest(ground([400, 0, 350, 0], borders, metres=metres, water=[1, 3]), LIMITS)[0]
    assert plan.of.tolist() == [0, 1, 1, 1]
    assert plan.infeasible == []


def test_water_that_touches_nothing_is_a_grid_and_listed() -> None:
    plan = suggest(ground([400, 0, 0], [(1, 2)], water=[1, 2]), LIMITS)[0]
    assert plan.of.tolist() == [0, 1, 1]
    assert [(each.cells.tolist(), each.reason) for each in plan.infeasible] == [([1, 2], EMPTY)]


def test_a_tower_above_the_limit_is_a_grid_and_listed_and_the_rest_is_divided() -> None:
    plan = suggest(row([200, 200, 820, 150, 200, 0]), LIMITS)[0]
    assert [(each.cells.tolist(), each.households, each.reason) for each in plan.infeasible] == [([2], 820, HEAVY)]
    assert plan.of.tolist() == [0, 0, 1, 2, 2, 2]
    behind = suggest(row([200, 200, 820, 0]), LIMITS)[0]
    assert behind.of.tolist() == [0, 0, 1, 1]


def test_numbers_that_cannot_be_divided_are_told() -> None:
    assert suggest(row([100, 150, 150, 150]), LIMITS)[0].infeasible[0].reason == NUMBER
    assert suggest(row([100, 100]), LIMITS)[0].infeasible[0].reason == SMALL
    assert suggest(row([0, 0]), LIMITS)[0].infeasible[0].reason == EMPTY
    star = ground([10, 290, 290, 290, 290], [(0, at) for at in range(1, 5)])
    assert {each.reason for each in suggest(star, LIMITS)[0].infeasible} == {SHAPE}


def test_no_cells_make_no_grids() -> None:
    plan = suggest(row([]), LIMITS)[0]
    assert plan.grids == 0
    assert len(plan.of) == 0


def test_borders_follow_the_road_when_it_costs_nothing() -> None:
    side = 8
    at = np.arange(side * side).reshape(side, side)
    borders = [*zip(at[:, :-1].ravel(), at[:, 1:].ravel(), strict=True)]
    borders += [*zip(at[:-1].ravel(), at[1:].ravel(), strict=True)]
    road = [(int(at[y, 3]), int(at[y, 4])) for y in range(side)]
    plan = suggest(ground([13] * 64, borders, roads=road), LIMITS)[0]
    assert plan.grids == 2
    assert plan.along_barriers == 1
    assert plan.of.reshape(side, side).tolist() == [[0] * 4 + [1] * 4] * side


def test_figures_of_a_plan_are_those_of_its_shapes() -> None:
    two = ground([400, 400, 400, 400], [(0, 1), (1, 2), (2, 3)], metres=[40.0, 40.0, 40.0], roads=[(1, 2)])
    of = np.array([0, 0, 1, 1])
    assert compactness(two, of, 2) == pytest.approx(4 * np.pi * 3200 / 240**2)
    alone = suggest(two, LIMITS)[0]
    assert alone.balance == 1
    assert alone.along_barriers == pytest.approx(1 / 3)
    assert alone.compactness == pytest.approx(np.pi / 4)


@pytest.mark.parametrize("cells", [500, 10_000])
def test_all_grids_of_three_plans_are_in_range(cells: int) -> None:
    land = plain(cells)
    plans = suggest(land, LIMITS)
    assert len(plans) == 3
    for plan in plans:
        sound(land, plan)
        assert plan.in_range == plan.grids


def test_hard_numbers_are_not_looped_on() -> None:
    _, borders, metres, _ = lattice(150, 3)
    land = ground(np.random.default_rng(3).integers(0, 400, 144), borders, metres=metres)
    plan = suggest(land, LIMITS, alternatives=1)[0]
    sound(land, plan)
