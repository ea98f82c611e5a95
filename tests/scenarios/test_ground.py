"""Nasty input 7: buildings on each other, over the border and outside; a podium on two villages; a lone park."""

from __future__ import annotations

import numpy as np
import shapely
from shapely import LineString, box

from gis.partition import Limits, parts, suggest
from tests.gis.fabric.drawing import block, metric, sound, village
from tests.gis.fabric.test_build import GROUND
from tests.gis.partition.test_real import laid

LIMITS = Limits(300, 500)


def test_nasty_input_7_buildings_where_none_should_be() -> None:
    """Every household in one cell, the land tiled; one over the border has its part inside, one outside is told."""
    podium, tower = box(20, 10, 70, 50), box(30, 20, 45, 35)
    over, outside = box(-10, 10, 10, 20), box(300, 300, 310, 310)
    built = sound(village(GROUND, [podium, tower, tower, over, outside]), cut=15 * 15 + 0.01)
    assert built.building.tolist() == [0, 1, 2, 3]
    assert built.outside.tolist() == [5]
    assert (shapely.area(metric(built)) > 0).all()


def test_nasty_input_7_a_podium_on_two_villages_is_in_each_with_its_part() -> None:
    """The line between two villages cuts a podium: each village's cells tile that village, and no ground is in both."""
    west, east = box(0, 0, 64, 64), box(64, 0, 128, 64)
    podium = box(50, 20, 78, 40)
    cells = [metric(sound(village(side, [podium]), cut=np.inf)) for side in (west, east)]
    both = shapely.union_all(np.concatenate(cells))
    assert abs(both.area - 128 * 64) < 1e-3
    assert sum(shapely.area(each).sum() for each in cells) - both.area < 1e-3


def test_nasty_input_7_a_park_without_households_goes_to_a_neighbour() -> None:
    """A park and a school between roads hold nobody: they are cells, and belong to a grid that holds somebody."""
    roads = [("road minor", LineString([(32 * at, -5), (32 * at, 69)])) for at in range(1, 4)]
    homes = [120] * 6
    material = village(GROUND, block(3, 2), roads, households=homes)
    land = laid(material, sound(material))
    plan = suggest(land, LIMITS, alternatives=1)[0]
    empty = land.households == 0
    assert empty.any()
    assert (plan.of >= 0).all()
    assert (plan.households > 0).all(), "no grid of nobody"
    assert (parts(land, plan.of) == 0).all()
