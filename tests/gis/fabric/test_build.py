"""The fabric of a village tiles it, cuts no building, follows barriers, and stays where nothing changed."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from shapely import LineString, MultiPolygon, Point, Polygon, box

from gis import geometry
from gis.fabric.build import build
from gis.fabric.material import Units
from tests.gis.fabric.drawing import PLANE, block, border, metric, pairs, shapes, sound, village

GROUND = box(0, 0, 128, 64)


def test_each_building_has_the_ground_that_is_nearest_to_it() -> None:
    built = sound(village(GROUND, block(4, 2)))
    assert built.kinds.tolist() == ["building"] * 8
    middle = metric(built)[1]
    assert shapely.hausdorff_distance(middle, box(32, 0, 64, 31)) < 1.0, "halfway to each neighbour"
    assert (0, 1) in pairs(built)
    assert (0, 4) in pairs(built)
    assert border(built, 0, 1)["length_m"] == pytest.approx(31, abs=1)


def test_cells_that_touch_in_a_corner_do_not_meet() -> None:
    built = sound(village(GROUND, block(4, 2)))
    assert not {(0, 5), (1, 4), (1, 6), (2, 5)} & pairs(built)


def test_a_road_parts_cells_and_is_told_of_with_its_rank() -> None:
    roads = [("road major", LineString([(64, -5), (64, 70)])), ("wall", LineString([(-5, 31), (70, 31)]))]
    built = sound(village(GROUND, block(4, 2), roads))
    assert border(built, 1, 2) | {"length_m": 0} == {
        "along": "road", "rank": "major", "blocked": False, "bridge": False, "length_m": 0,
    }  # fmt: skip
    assert border(built, 0, 4)["along"] == "wall"
    assert border(built, 0, 1)["along"] is None
    assert shapely.total_bounds(metric(built)[[0, 1, 4, 5]])[2] == pytest.approx(64, abs=1e-5)


def test_a_road_that_leads_nowhere_parts_nothing() -> None:
    with_it = sound(village(GROUND, block(4, 2), [("road", LineString([(20, 20), (45, 45)]))]))
    assert len(with_it.kinds) == 8
    assert with_it.borders.along.tolist() == [None] * len(with_it.borders.a)


def test_a_block_without_buildings_is_land() -> None:
    built = sound(village(GROUND, block(2, 2), [("road", LineString([(64, -5), (64, 70)]))]))
    assert built.kinds.tolist() == ["building"] * 4 + ["land"]
    assert built.building.tolist() == [0, 1, 2, 3, -1]
    assert metric(built)[4].equals_exact(shapely.normalize(metric(built)[4]), 1e-6)
    assert shapely.area(metric(built)[4]) == pytest.approx(64 * 64)


def test_a_village_without_buildings_or_barriers_is_one_cell() -> None:
    built = sound(village(GROUND))
    assert built.kinds.tolist() == ["land"]
    assert len(built.borders.a) == 0


def test_without_buildings_the_grids_in_force_part_the_land() -> None:
    road = [("road minor", LineString([(100, -10), (100, 110)]))]
    seams = [box(0, 0, 200, 50), box(0, 50, 200, 100)]
    built = sound(village(box(0, 0, 200, 100), barriers=road, seams=seams))
    assert shapely.area(metric(built)) == pytest.approx([5000] * 4)
    assert sorted(built.borders.along, key=str) == [None, None, "road", "road"], "a line on paper is no barrier"


@pytest.mark.parametrize("north", [50, 80, 110, 170, 200])
def test_two_lines_that_were_meant_to_be_one_part_the_land_once(north: int) -> None:
    south, middle, end = (100 + (y + 10) / 320 for y in (0, north, 300))
    seam = [(south, 0.0), (middle + 6e-6, float(north)), (end, 300.0)]
    seams = [Polygon([(0, 0), *seam, (0, 300)]), Polygon([(200, 0), *seam, (200, 300)])]
    road = [("road minor", LineString([(100, -10), (101, 310)]))]
    built = sound(village(box(0, 0, 200, 300), barriers=road, seams=seams))
    assert built.kinds.tolist() == ["land", "land"]


def test_a_building_as_large_as_its_block_is_its_cell() -> None:
    built = sound(
        village(GROUND, [box(0, 0, 64, 64), box(80, 20, 100, 40)], [("road", LineString([(64, 0), (64, 64)]))])
    )
    assert built.kinds.tolist() == ["building", "building"]
    assert shapely.area(metric(built)[0]) == pytest.approx(64 * 64)


def test_a_building_that_a_road_crosses_is_one_cell() -> None:
    houses = [*block(4, 2), box(50, 28, 80, 36)]
    built = sound(village(GROUND, houses, [("road", LineString([(64, -5), (64, 70)]))]))
    assert (built.building == 8).sum() == 1
    assert shapely.get_num_geometries(built.outlines[8]) == 1


def test_footprints_that_share_walls_are_parted_at_the_wall() -> None:
    row = [box(10 + 12 * i, 20, 22 + 12 * i, 30) for i in range(6)]
    built = sound(village(GROUND, row))
    assert {(i, i + 1) for i in range(5)} <= pairs(built)
    assert not {(i, i + 2) for i in range(4)} & pairs(built)


def test_overlapping_footprints_go_to_the_smaller_building() -> None:
    podium, tower = box(20, 10, 70, 50), box(30, 20, 45, 35)
    built = sound(village(GROUND, [podium, tower, box(90, 20, 100, 30)]), cut=15 * 15 + 0.01)
    assert shapely.covers(shapely.buffer(metric(built)[1], 1e-5), tower)
    assert shapely.area(metric(built)[1]) == pytest.approx(225, abs=0.01)
    assert border(built, 0, 1)["length_m"] == pytest.approx(60, abs=0.1)


def test_buildings_that_lie_on_each_other_share_their_ground() -> None:
    built = sound(village(GROUND, [box(20, 10, 50, 30)] * 3), cut=600)
    assert built.building.tolist() == [0, 1, 2]
    inside = shapely.intersection(metric(built), box(20, 10, 50, 30))
    assert shapely.area(inside).min() > 100


def test_a_building_over_the_border_has_its_ground_inside_only() -> None:
    built = sound(village(GROUND, [box(-10, 10, 10, 20), box(60, 20, 80, 40), box(300, 300, 310, 310)]))
    assert built.building.tolist() == [0, 1]
    assert built.outside.tolist() == [3]


def test_a_village_in_pieces_and_with_holes_is_tiled() -> None:
    west = Polygon(box(0, 0, 128, 64).exterior, [box(50, 20, 78, 44).exterior])
    outline = MultiPolygon([west, box(200, 0, 264, 64)])
    houses = [h for h in block(4, 2) if not h.intersects(box(50, 20, 78, 44))] + block(2, 2, west=200)
    built = sound(village(outline, houses))
    assert set(built.kinds) == {"building"}
    assert not [pair for pair in pairs(built) if pair[0] < 4 <= pair[1]], "pieces of a village do not meet"


def test_a_courtyard_and_a_building_in_it() -> None:
    ring = Polygon(box(20, 10, 70, 50).exterior, [box(30, 20, 60, 40).exterior])
    built = sound(village(GROUND, [ring, box(40, 26, 48, 34)]))
    assert 8 * 8 < shapely.area(metric(built)[1]) < 30 * 20, "the yard is shared with the ring"
    assert shapely.get_num_geometries(built.outlines).tolist() == [1, 1]


def test_a_building_in_two_parts_keeps_both() -> None:
    parts = MultiPolygon([box(10, 20, 20, 30), box(90, 20, 100, 30)])
    built = sound(village(GROUND, [parts, box(50, 0, 60, 64)]))
    assert shapely.get_num_geometries(built.outlines).tolist() == [2, 1]


RIVER = [("river major", box(54, -5, 74, 70))]


def test_water_is_a_cell_and_blocks_the_way() -> None:
    built = sound(village(GROUND, [*block(4, 2, gap=10, west=-2)[:2], box(100, 20, 110, 30)], RIVER))
    assert built.kinds.tolist() == ["building", "building", "building", "water"]
    assert border(built, 1, 3) | {"length_m": 0} == {
        "along": "river", "rank": "major", "blocked": True, "bridge": False, "length_m": 0,
    }  # fmt: skip
    assert (1, 2) not in pairs(built)
    assert not built.borders.bridge.any()


@pytest.mark.parametrize("drawn", ["over", "in two ways", "to the banks"])
def test_a_bridge_joins_the_banks(drawn: str) -> None:
    road = {
        "over": [LineString([(-5, 32), (140, 32)])],
        "in two ways": [LineString([(-5, 32), (64, 32)]), LineString([(64, 32), (140, 32)])],
        "to the banks": [shapely.MultiLineString([[(-5, 32), (54, 32)], [(74, 32), (140, 32)]])],
    }[drawn]
    houses = [box(20, 10, 30, 20), box(20, 45, 30, 55), box(100, 10, 110, 20), box(100, 45, 110, 55)]
    built = sound(village(GROUND, houses, RIVER + [("road", each) for each in road]))
    over = border(built, 0, 2)
    assert (over["length_m"], over["bridge"], over["blocked"]) == (0, True, False)
    joined = {(int(a), int(b)) for a, b in zip(built.borders.a, built.borders.b, strict=True)
              if built.borders.bridge[list(built.borders.a).index(a)] and built.kinds[b] == "building"}  # fmt: skip
    assert joined
    assert built.kinds.tolist().count("water") == 2, "the bridge cuts the water"


def test_a_walk_along_the_bank_is_no_bridge() -> None:
    walk = LineString([(40, 5), (60, 8), (60, 40), (40, 45)])
    built = sound(
        village(GROUND, [box(20, 10, 30, 20), box(20, 45, 30, 55), box(100, 10, 110, 20)], [*RIVER, ("road", walk)])
    )
    assert not built.borders.bridge.any()


def test_a_stream_drawn_as_a_line_is_crossed_at_the_bridge() -> None:
    stream = ("river", LineString([(64, -5), (64, 70)]))
    houses = [box(20, 10, 30, 20), box(20, 45, 30, 55), box(100, 10, 110, 20), box(100, 45, 110, 55)]
    without = sound(village(GROUND, houses, [stream]))
    assert border(without, 0, 2)["blocked"]
    assert not without.borders.bridge.any()
    built = sound(village(GROUND, houses, [stream, ("road", LineString([(-5, 32), (140, 32)]))]))
    assert border(built, 0, 2)["blocked"]
    assert border(built, 0, 2)["bridge"]


def test_slivers_and_islets_join_a_neighbour() -> None:
    roads = [
        LineString([(64, -5), (64, 70)]),
        LineString([(64.01, -5), (64.01, 70)]),
        LineString([(-5, 31), (140, 31)]),
    ]
    islet = Polygon([(20, 31), (20.5, 31.5), (21, 31)])
    built = sound(village(GROUND, block(4, 2), [("road", each) for each in [*roads, islet.exterior]]))
    assert set(built.kinds) == {"building"}
    assert len(built.kinds) == 8


def test_tower() -> None:
    tower = box(20, 20, 80, 32)
    middles = np.array([[30, 26], [50, 26], [70, 26], [50, 26]]) / (PLANE.east, PLANE.north) + (PLANE.lon, PLANE.lat)
    names = np.array(["1单元", "2单元", "3单元", ""], object)
    units = Units(np.array([1] * 4), names, np.array([300, 260, 250, 10]), np.array([900, 700, 700, 20]), middles)
    material = village(GROUND, [tower, box(100, 20, 110, 30)], households=[820, 4], units=units)
    built = sound(material)
    assert built.part.tolist() == [1, 2, 3, 0]
    assert built.towers[0].units == [["1单元"], ["2单元", ""], ["3单元"]]
    assert built.towers[0].households.sum() == 820
    assert {(0, 1), (1, 2)} <= pairs(built)
    assert (0, 2) not in pairs(built)
    ground = shapely.area(shapely.intersection(metric(built)[:3], tower))
    assert ground == pytest.approx([240, 240, 240], abs=0.1)
    assert sound(village(GROUND, [tower], households=[820])).part.tolist() == [0], "without units it stays whole"
    assert build(material, cap=900).part.tolist() == [0, 0]


def test_the_same_input_gives_the_same_bytes_in_any_place_of_the_list() -> None:
    rng = np.random.default_rng(5)
    houses = [box(x, y, x + 8, y + 6) for x, y in rng.uniform(0, 1, (40, 2)) * (118, 56)]
    roads = [("road", LineString([(-5, 20), (140, 50)])), ("road", LineString([(40, -5), (70, 70)]))]
    one, other = (sound(village(GROUND, houses, roads), cut=60) for _ in range(2))
    assert shapely.to_wkb(one.outlines).tolist() == shapely.to_wkb(other.outlines).tolist()
    assert [getattr(one.borders, n).tolist() for n in ("a", "b", "length_m")] == [
        getattr(other.borders, n).tolist() for n in ("a", "b", "length_m")
    ]


def test_a_change_in_one_block_leaves_the_others_as_they_are() -> None:
    ground = box(0, 0, 384, 192)
    houses = block(12, 6, gap=20)
    roads = [("road", LineString([(x, -5), (x + 7, 200)])) for x in (96.3, 192.7, 289.1)]
    roads += [("road", LineString([(-5, 93.2), (400, 98.8)]))]
    before = sound(village(ground, houses, roads))
    house = Point(150, 47)
    gone = [at for at, each in enumerate(houses) if each.distance(house) < 30]
    assert gone
    kept = [each for each in houses if each.distance(house) >= 30]
    after = sound(village(ground, [*kept, box(140, 40, 160, 55)], roads))
    same = set(shapely.to_wkb(before.outlines)) & set(shapely.to_wkb(after.outlines))
    quarter = shapely.from_wkb(list({*shapely.to_wkb(before.outlines)} - same))
    spread = shapely.total_bounds(geometry.metres(quarter, PLANE))
    assert spread[0] > 95
    assert spread[2] < 201
    assert spread[3] < 99
    assert len(same) >= 60


@pytest.mark.parametrize("seed", range(8))
def test_any_village(seed: int) -> None:
    """Buildings that turn, overlap, touch and leave the village; roads and water as they fall."""
    rng = np.random.default_rng(seed)
    outline = shapely.convex_hull(shapely.multipoints(rng.uniform(0, 400, (12, 2))))
    houses = [
        shapely.affinity.rotate(box(x, y, x + w, y + d), turn)
        for x, y, w, d, turn in rng.uniform(0, 1, (120, 5)) * (400, 400, 25, 15, 90) + (0, 0, 2, 2, 0)
    ]
    lines = [("road", LineString(rng.uniform(-50, 450, (3, 2)))) for _ in range(6)]
    pond = ("river", shapely.buffer(Point(rng.uniform(100, 300, 2)), 40))
    material = village(outline, houses, [*lines, pond])
    sound(material, cut=500)


def test_a_building_far_away_changes_no_figure() -> None:
    material = village(GROUND, block(4, 2))
    built = build(material, 4549)
    assert built.area_m2.sum() == pytest.approx(128 * 64, rel=2e-3)
    assert built.perimeter_m[0] == pytest.approx(126, rel=0.03)
    assert shapes([GROUND]).shape == (1,)
