"""What a planner asks of suggestions, by name: a new building, a cold start, and three inputs that break others."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from shapely import LineString

from gis.fabric.ground import Ground
from gis.partition import Limits, Suggestion, parts, rebalance, suggest
from gis.partition.suggestion import EMPTY, HEAVY, SMALL
from tests import fabrics, lattices
from tests.gis.fabric.drawing import block, sound, village
from tests.gis.fabric.test_build import GROUND
from tests.gis.partition.grounds import ground, plain, rough
from tests.gis.partition.test_real import laid

LIMITS = Limits(300, 500)


def qinghe(bridge: int | None = fabrics.BRIDGE) -> Ground:
    """Return 清河社区 without its grids: 420 buildings on two banks of a river, joined at one bridge or not at all."""
    households = fabrics.qinghe_households(fabrics.qinghe_grids())
    return lattices.ground(households, river=fabrics.RIVER, bridge=bridge)


def west(land: Ground) -> np.ndarray:
    """Return which cells lie west of the river."""
    return np.arange(len(land.ids)) % 22 < fabrics.RIVER


def dry(land: Ground, plan: Suggestion, where: np.ndarray) -> set[int]:
    """Return the grids that have land somewhere."""
    return set(plan.of[where & (land.kinds != "water")].tolist())


@pytest.mark.parametrize("seed", range(0, 12, 2))
def test_scenario_4_rebalance_after_a_new_building_moves_at_most_three_and_nothing_locked(seed: int) -> None:
    """120 households more in one building: all in range again by three moves at most, the locked grid as it was."""
    land = plain(420, seed)
    of = suggest(land, LIMITS, alternatives=1)[0].of
    at = int(np.random.default_rng(seed).integers(len(of)))
    locked = of == (2 if of[at] != 2 else 3)
    land.households[at] += 120
    found = rebalance(land, of, LIMITS, locked=locked)
    assert (found.unmended, found.misfits) == ([], [])
    assert not LIMITS.outside(np.bincount(found.of, land.households)).any()
    assert (parts(land, found.of) == 0).all()
    assert len(found.moved) <= 3
    assert np.array_equal(found.of == of[locked][0], of == of[locked][0]), "the locked grid neither gives nor takes"


def test_scenario_5_cold_start_divides_a_village_that_has_cells_only() -> None:
    """All in range, connected through the bridge only, as many grids as the target asks for, and soon."""
    land = qinghe()
    plans = suggest(land, LIMITS)
    assert len(plans) == 3
    for plan in plans:
        assert abs(plan.grids - 3812 / LIMITS.target) < 1
        assert (plan.in_range, plan.infeasible) == (plan.grids, [])
        assert (parts(land, plan.of) == 0).all()
        over = dry(land, plan, west(land)) & dry(land, plan, ~west(land))
        ends = plan.of[np.concatenate([land.a[land.bridge], land.b[land.bridge]])]
        assert over <= ({int(ends[0])} if ends[0] == ends[1] else set()), "a grid crosses beside the bridge"
    again = suggest(land, LIMITS)
    assert [plan.of.tolist() for plan in again] == [plan.of.tolist() for plan in plans]


def test_scenario_5_cold_start_without_the_bridge_crosses_nowhere() -> None:
    """Each bank by itself."""
    land = qinghe(None)
    for plan in suggest(land, LIMITS):
        assert not dry(land, plan, west(land)) & dry(land, plan, ~west(land))
        assert plan.in_range == plan.grids


def test_nasty_input_1_a_tower_of_820_is_listed_and_never_looped_on() -> None:
    """It is told as what it is, alone in its grid; parted by units it is divided like anything else."""
    land = plain(100)
    tower = 44
    land.households[tower] = 820
    plan = suggest(land, LIMITS, alternatives=1)[0]
    found = rebalance(land, plan.of, LIMITS)
    assert [(each.cells.tolist(), each.households, each.reason) for each in plan.infeasible] == [([tower], 820, HEAVY)]
    assert plan.in_range == plan.grids - 1
    assert (len(found.moved), [each.reason for each in found.unmended]) == (0, [HEAVY])
    units = ground([205, 205, 205, 205], [(0, 1), (1, 2), (2, 3)])
    assert suggest(units, LIMITS)[0].households.tolist() == [410, 410]


def test_nasty_input_2_a_fabric_in_pieces_is_divided_piece_by_piece() -> None:
    """A river without a bridge and an exclave: METIS alone throws on them."""
    land = rough(196, 3, towers=0, bridges=0)
    alone = np.flatnonzero(land.kinds == "building")[-3]
    around = (land.a == alone) | (land.b == alone)
    land = replace(land, blocked=land.blocked | around)
    plan = suggest(land, LIMITS, alternatives=1)[0]
    assert (parts(land, plan.of) == 0).all()
    assert (plan.of >= 0).all()
    assert (plan.of == plan.of[alone]).sum() == 1
    assert {each.reason for each in plan.infeasible} <= {SMALL, EMPTY}
    assert [alone] in [each.cells.tolist() for each in plan.infeasible]
    assert plan.in_range == plan.grids - len(plan.infeasible)
    assert np.array_equal(rebalance(land, plan.of, LIMITS).of, plan.of)


def test_nasty_input_3_corners_and_slivers_of_two_centimetres_join_nothing() -> None:
    """Four blocks meet in a corner, once exactly and once 2 cm off: the two across it are no neighbours."""
    for off in (0.0, 0.02):
        crossing = [
            ("road major", LineString([(-5, 32), (133, 32)])),
            ("road major", LineString([(64, -5), (64, 32)])),
            ("road major", LineString([(64 + off, 32), (64 + off, 70)])),
        ]
        material = village(GROUND, block(2, 2, gap=52.0), crossing)
        land = laid(material, sound(material))
        assert len(land.ids) == 4, "a sliver of 2 cm is no cell"
        pairs = set(zip(land.a.tolist(), land.b.tolist(), strict=True))
        assert not {(0, 3), (1, 2)} & pairs
        assert parts(land, np.array([0, 1, 1, 0])).max() == 1
