"""Outlines out of cells, sides that neighbours share, and the plane of a village."""

from __future__ import annotations

import numpy as np
import pyproj
import pytest
import shapely
from shapely import Polygon, box

from gis import geometry

ELLIPSOID = pyproj.CRS.from_epsg(4490).get_geod()


def lattice(columns: int, rows: int) -> np.ndarray:
    return np.array([box(i, j, i + 1, j + 1) for j in range(rows) for i in range(columns)], object)


def test_an_outline_is_what_its_cells_cover() -> None:
    cells = lattice(10, 10)
    group = np.arange(100) // 25
    outlines = geometry.derive(cells, group, 4)
    assert shapely.area(outlines).tolist() == [25, 25, 25, 25]
    assert shapely.coverage_is_valid(outlines)
    assert all(
        outline.equals(shapely.union_all(cells[group == number])) for number, outline in enumerate(outlines.tolist())
    )


def test_a_group_without_cells_is_none_and_a_cell_without_a_group_is_left_out() -> None:
    group = np.array([0, 0, -1, 2])
    outlines = geometry.derive(lattice(4, 1), group, 3)
    assert outlines[1] is None
    assert [outlines[0].area, outlines[2].area] == [2, 1]


def test_cells_apart_are_a_multipolygon_and_a_corner_does_not_join() -> None:
    group = np.full(9, -1)
    group[[0, 4]] = 0
    (outline,) = geometry.derive(lattice(3, 3), group, 1)
    assert outline.geom_type == "MultiPolygon"
    assert outline.is_valid


def test_no_vertex_moves() -> None:
    rng = np.random.default_rng(1)
    cells = np.asarray(shapely.get_parts(shapely.voronoi_polygons(shapely.multipoints(rng.random((200, 2))))))
    outlines = geometry.derive(cells, np.arange(len(cells)) % 7, 7)
    known = set(map(tuple, shapely.get_coordinates(cells).tolist()))
    assert set(map(tuple, shapely.get_coordinates(outlines).tolist())) <= known


def test_a_side_that_two_polygons_share_is_found_once() -> None:
    found = geometry.sides(lattice(2, 1))
    one, other = geometry.twins(found.ends)
    assert found.ends[one].tolist() == found.ends[other].tolist() == [[1, 0, 1, 1]]
    assert (found.owner[one].tolist(), found.owner[other].tolist()) == ([0], [1])


def test_sides_know_multipolygons_and_holes() -> None:
    ring = Polygon(box(0, 0, 3, 3).exterior, [box(1, 1, 2, 2).exterior])
    both = shapely.MultiPolygon([box(5, 5, 6, 6), box(8, 8, 9, 9)])
    found = geometry.sides(np.array([ring, both], object))
    assert np.bincount(found.owner).tolist() == [8, 8]


def test_equal_rows_and_no_others_have_one_number() -> None:
    rng = np.random.default_rng(2)
    rows = rng.integers(0, 9, (5000, 4)).astype(float)
    number, count = geometry.alike(rows)
    assert count == len(np.unique(rows, axis=0))
    assert len(np.unique(np.column_stack([rows, number]), axis=0)) == count


@pytest.mark.parametrize(("lon", "lat"), [(121.5, 28.7), (87.6, 43.8), (110.3, 20.0)])
def test_the_plane_is_true_to_scale(lon: float, lat: float) -> None:
    on = geometry.plane(lon, lat)
    kilometre = geometry.metres(shapely.LineString([(lon, lat), (lon + 0.01, lat + 0.01)]), on).length
    assert kilometre == pytest.approx(ELLIPSOID.inv(lon, lat, lon + 0.01, lat + 0.01)[2], rel=1e-4)
    there = box(lon, lat, lon + 0.02, lat + 0.01)
    assert geometry.degrees(geometry.metres(there, on), on).equals_exact(there, 1e-12)


def drawn_by_hand() -> np.ndarray:
    """Four quarters of 100 m: a sliver of 2 m between two, an overlap of 396 m², a corner that crosses itself."""
    return np.array(
        [
            box(0, 0, 99, 100),
            box(101, 0, 200, 100),
            box(0, 96, 100, 200),
            Polygon([(100, 100), (200, 100), (200, 200), (150, 200), (151, 201), (149, 201), (150, 200), (100, 200)]),
        ],
        object,
    )


def test_a_hand_drawn_map_is_repaired_and_says_what_moved() -> None:
    ground = box(0, 0, 200, 200)
    found = geometry.repair(drawn_by_hand(), ground)
    assert shapely.coverage_is_valid(found.shapes)
    assert shapely.area(found.shapes).sum() == pytest.approx(40000, abs=0.01)
    assert found.broken.tolist() == [3]
    assert found.pairs.tolist() == [[0, 2]]
    assert shapely.area(found.overlaps).sum() == pytest.approx(99 * 4)
    assert shapely.area(found.gaps).sum() == pytest.approx(200, abs=5)
    assert not found.wide.any()
    assert found.moved.sum() == pytest.approx(99 * 4 + 200, abs=10)


def test_a_wide_gap_is_left_and_told_of() -> None:
    ground = box(0, 0, 300, 200)
    found = geometry.repair(drawn_by_hand(), ground)
    assert shapely.area(found.gaps[found.wide]).tolist() == pytest.approx([100 * 200])
    assert shapely.coverage_is_valid(found.shapes)


def test_what_lies_outside_or_is_no_polygon_is_dropped() -> None:
    shapes = np.array([box(0, 0, 10, 10), None, shapely.Point(3, 3), box(50, 50, 60, 60), Polygon()], object)
    found = geometry.repair(shapes, box(0, 0, 20, 10))
    assert [shape is None for shape in found.shapes] == [False, True, True, True, True]
    assert found.broken.tolist() == [2]
    assert found.moved[3] == pytest.approx(100)


@pytest.mark.parametrize("seed", range(5))
def test_noise_on_every_border_is_taken_out(seed: int) -> None:
    rng = np.random.default_rng(seed)
    cells = shapely.segmentize(lattice(8, 8), 0.25)

    def shaken(at: np.ndarray) -> np.ndarray:
        moved = at * 50 + rng.normal(0, 0.4, at.shape)
        moved[-1] = moved[0]
        return moved

    noisy = np.array([shapely.transform(cell, shaken) for cell in cells], object)
    found = geometry.repair(noisy, box(5, 5, 395, 395))
    assert shapely.coverage_is_valid(found.shapes)
    assert shapely.area(found.shapes).sum() == pytest.approx(390 * 390, abs=0.5)
    assert found.moved.max() < 600
