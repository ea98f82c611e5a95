"""Systems at the door: metres and shifted degrees come back to where they belong."""

import numpy as np
import pyproj
import pytest
import shapely

from gis import crs
from gis.errors import Invalid
from tests.gis.imports.drawing import look, square, write

POINTS = np.array([[121.4737, 31.2304], [116.3913, 39.9075], [119.6, 32.1]])


def test_gcj02_agrees_with_a_published_pair():
    shifted = crs.to_gcj02(np.array([[116.404, 39.915]]))
    assert shifted[0] == pytest.approx([116.41024449916938, 39.91640428150164], abs=1e-9)


def test_bd09_agrees_with_a_published_pair():
    assert crs.to_bd09(np.array([[116.404, 39.915]]))[0] == pytest.approx(
        [116.41036949371029, 39.92133699351021], abs=1e-6
    )


@pytest.mark.parametrize(("out", "back"), [(crs.to_gcj02, crs.from_gcj02), (crs.to_bd09, crs.from_bd09)])
def test_shifts_come_back_to_a_millimetre(out, back):
    assert np.abs(back(out(POINTS)) - POINTS).max() < 1e-8


def test_gcj02_leaves_the_world_outside_china_alone():
    paris = np.array([[2.35, 48.86]])
    assert (crs.to_gcj02(paris) == paris).all()


@pytest.mark.parametrize("text", ["EPSG:4549", "4549", "epsg:4549"])
def test_a_metric_zone_becomes_degrees(text):
    x, y = pyproj.Transformer.from_crs(4490, 4549, always_xy=True).transform(120.5, 32.0)
    assert crs.to_storage(np.array([[x, y]]), crs.named(text))[0] == pytest.approx([120.5, 32.0], abs=1e-9)


def test_wgs84_and_cgcs2000_are_the_same_numbers():
    assert crs.to_storage(POINTS, crs.named("4326")) is POINTS


def test_areas_are_measured_in_the_zone_and_not_in_web_mercator():
    metres = crs.to_metres(np.array([shapely.box(120, 32, 120.01, 32.01)], object), 4549)
    assert shapely.area(metres)[0] == pytest.approx(1_047_900, rel=0.001)


def test_nonsense_is_refused():
    with pytest.raises(Invalid):
        crs.named("moon")


@pytest.mark.parametrize("name", ["gcj02", "BD-09"])
def test_a_shifted_file_lands_in_its_place(tmp_path, name):
    shift = crs.to_gcj02 if name == "gcj02" else lambda points: crs.to_bd09(crs.to_gcj02(points))
    path = write(tmp_path / "a.geojson", [shapely.transform(square(), shift)], {"name": ["x"]})
    examination = look("buildings", path, crs=name)
    assert shapely.equals_exact(examination.frame.shapes[0], square(), 1e-6)


def test_a_file_in_metres_lands_in_its_place(tmp_path):
    metres = crs.to_metres(np.array([square()], object), 4549)
    path = write(tmp_path / "a.gpkg", metres, {"name": ["x"]}, crs="EPSG:4549")
    assert shapely.equals_exact(look("buildings", path).frame.shapes[0], square(), 1e-9)
