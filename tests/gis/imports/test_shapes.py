"""Outlines one by one: missing, of the wrong type, invalid, in the wrong place, or very heavy."""

import json

import numpy as np
import pytest
import shapely

from tests.gis.imports.drawing import SOUTH, STEP, WEST, board, bow_tie, buildings, codes, grids, look, square, write


@pytest.mark.parametrize(
    ("shape", "found"),
    [(None, "shape_empty"), (shapely.Polygon(), "shape_empty"), (shapely.Point(120, 32), "shape_type"),
     (shapely.LineString([(120, 32), (120.1, 32)]), "shape_type"), (bow_tie(), "shape_invalid"),
     (shapely.box(32, 120, 32.01, 120.01), "place_swapped"),
     (shapely.box(500000, 3500000, 500010, 3500010), "place_metres"),
     (shapely.box(2.3, 48.8, 2.4, 48.9), "place_abroad"), (square(300, 0), "place_far")],
)  # fmt: skip
def test_a_wrong_outline_is_said_with_its_row_and_the_others_stay_right(tmp_path, shape, found):
    examination = buildings(tmp_path, [square(0.1, 0.1, 0.1), shape])
    assert (examination.findings[0].code, examination.findings[0].row) == (found, 2)
    assert {finding.row for finding in examination.findings} <= {2, None}
    assert not examination.acceptable


def test_a_self_crossing_outline_names_the_place(tmp_path):
    finding = buildings(tmp_path, [bow_tie()]).findings[0]
    assert finding.place == pytest.approx((WEST + STEP / 2, SOUTH + STEP / 2))
    assert str(finding) == "The outline is not valid: it crosses itself."


def test_repair_is_asked_for_and_says_what_moved(tmp_path):
    examination = buildings(tmp_path, [bow_tie()], repair=True)
    assert "shape_repaired" in codes(examination)
    assert examination.acceptable
    assert shapely.is_valid(examination.frame.shapes).all()


def test_a_ring_that_is_not_closed_is_closed_and_told(tmp_path):
    path = write(tmp_path / "open.geojson", [square(0.1, 0.1, 0.1), square(0.3, 0.1, 0.1)], {"kind": ["other"] * 2})
    held = json.loads(path.read_text())
    held["features"][1]["geometry"]["coordinates"][0].pop()
    path.write_text(json.dumps(held))
    examination = look("buildings", path, board())
    assert [(found.code, found.severity, found.row) for found in examination.findings if found.row] == [
        ("shape_closed", "note", 2)
    ]
    assert examination.acceptable


def test_a_wrong_metric_zone_is_found(tmp_path):
    examination = buildings(tmp_path, [square()], crs="EPSG:4549")
    assert examination.findings[0].code in ("place_abroad", "place_metres")


def test_a_ring_of_300000_vertices_is_kept(tmp_path):
    angle = np.linspace(0, 2 * np.pi, 300_000, endpoint=False)
    radius = 0.4 * STEP * (1 + 0.1 * np.sin(50 * angle))
    ring = np.column_stack((WEST + STEP / 2 + radius * np.cos(angle), SOUTH + STEP / 2 + radius * np.sin(angle)))
    heavy = shapely.Polygon(ring)
    examination = grids(tmp_path, [heavy], [1])
    assert "shape_heavy" in codes(examination)
    assert shapely.get_num_coordinates(examination.frame.shapes[0]) == 300_001
    assert examination.acceptable
