"""Real buildings: two communities of Lujiazui divided, one disturbed and mended."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from gis.fabric.build import Built
from gis.fabric.ground import Ground
from gis.fabric.material import Material
from gis.partition import Limits, parts, rebalance, suggest
from tests.gis.fabric.test_lujiazui import community  # noqa: F401  (a fixture)

LIMITS = Limits(300, 500)


def laid(material: Material, built: Built) -> Ground:
    """Return a fabric as a ground, with each building's households on its cell."""
    has, n = built.building >= 0, len(built.kinds)
    households = np.where(has, material.buildings.households[np.maximum(built.building, 0)], 0).astype(np.int32)
    borders = built.borders
    return Ground(
        np.arange(n, dtype=np.int64), [str(at) for at in range(n)], [material.village], np.zeros(n, np.int32),
        built.kinds.astype(object), built.building.astype(np.int64), households, 3 * households, has.astype(np.int32),
        built.area_m2, built.perimeter_m, borders.a.astype(np.int32), borders.b.astype(np.int32), borders.length_m,
        borders.along, borders.rank, borders.blocked, borders.bridge,
    )  # fmt: skip


def test_every_grid_with_homes_is_in_range_and_follows_the_roads(community: tuple[Material, Built]) -> None:  # noqa: F811
    land = laid(*community)
    plans = suggest(land, LIMITS)
    assert len(plans) == 3
    for plan in plans:
        assert plan.in_range == plan.grids - len({int(plan.of[each.cells[0]]) for each in plan.infeasible})
        assert (parts(land, plan.of) == 0).all()
        assert plan.along_barriers > 0.5


def test_towers_above_the_cap_are_listed_and_the_rest_is_in_range(community: tuple[Material, Built]) -> None:  # noqa: F811
    land, low = laid(*community), Limits(200, 350)
    towers = set(np.flatnonzero(land.households > low.high).tolist())
    plan = suggest(land, low, alternatives=1)[0]
    assert towers
    assert {int(each.cells[np.argmax(land.households[each.cells])]) for each in plan.infeasible} == towers
    assert plan.in_range == plan.grids - len(towers)


def test_a_new_tower_moves_a_few_buildings(community: tuple[Material, Built]) -> None:  # noqa: F811
    land = laid(*community)
    of = suggest(land, LIMITS, alternatives=1)[0].of
    households = land.households.copy()
    households[int(np.flatnonzero((households > 20) & (households < 60))[3])] += 200
    found = rebalance(replace(land, households=households), of, LIMITS)
    assert found.unmended == []
    assert len(found.moved) <= 12
