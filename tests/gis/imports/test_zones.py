"""A projected zone that is made for another strip of the country is named, and so is the one that fits."""

import numpy as np
import pyproj
import pytest
import shapely

from gis import imports
from gis.crs import to_metres
from gis.imports import reading
from tests.gis.imports.drawing import TODAY, areas, board, codes, look, square, write


def in_zone(tmp_path, code):
    """Look at a building of the test village that is drawn in a projected zone."""
    metres = to_metres(np.array([square(size=0.5)], object), code)
    return look("buildings", write(tmp_path / "b.gpkg", metres, {"kind": ["other"]}, crs=f"EPSG:{code}"), board())


def told(examination, code):
    return next(str(finding) for finding in examination.findings if finding.code == code)


@pytest.mark.parametrize(("code", "fits"), [(4547, 4549), (4535, 4549), (4526, 4528), (4508, 4510)])
def test_a_file_in_the_zone_of_another_strip_is_a_warning_that_names_both(tmp_path, code, fits):
    examination = in_zone(tmp_path, code)
    said = told(examination, "zone_file")
    assert f"EPSG:{code} " in said
    assert said.count(f"EPSG:{fits} ") == 1
    assert "zone_metric" not in codes(examination)
    assert examination.acceptable


@pytest.mark.parametrize("code", [4549, 4528, 4510, 3857, 32651])
def test_a_zone_that_holds_the_rows_is_no_warning(tmp_path, code):
    assert not {"zone_file", "zone_metric"} & set(codes(in_zone(tmp_path, code)))


def test_a_label_without_an_area_of_use_is_looked_up(tmp_path):
    esri = pyproj.CRS.from_epsg(4547).to_wkt("WKT1_ESRI")
    metres = to_metres(np.array([square(size=0.5)], object), 4547)
    path = write(tmp_path / "b.shp", metres, {"kind": ["other"]}, crs=esri)
    assert "EPSG:4549" in told(look("buildings", path, board()), "zone_file")


def test_a_new_district_far_from_the_zone_that_measures_is_a_warning(tmp_path):
    away = shapely.transform(square(), lambda points: points - [6, 0])
    said = told(areas(tmp_path, [away] * 3), "zone_metric")
    assert "EPSG:4549 " in said
    assert "EPSG:4547 " in said


def test_the_measuring_zone_is_the_one_of_the_settings(tmp_path):
    path = write(tmp_path / "b.geojson", [square(size=0.5)], {"kind": ["other"]})
    options = imports.Options(4547)
    examination = imports.look("buildings", reading.read(path), options, TODAY, lambda _: board())
    assert "EPSG:4549" in told(examination, "zone_metric")
