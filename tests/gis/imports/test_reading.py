"""What a file may be: three formats, any encoding, any system, and what cannot be read at all."""

import shutil
import zipfile

import numpy as np
import pytest
import shapely

from gis.imports import packing, reading
from gis.imports.findings import Unreadable
from tests.gis.imports.drawing import bow_tie, look, square, write


def why(path, **options):
    with pytest.raises(Unreadable) as caught:
        reading.read(path, **options)
    assert str(caught.value.finding)
    return caught.value.finding.code


@pytest.mark.parametrize("name", ["a.geojson", "a.gpkg", "a.shp"])
def test_three_formats_bring_the_same_rows(tmp_path, name):
    path = write(tmp_path / name, [square(), square(1)], {"name": ["一号楼", "二号楼"]}, encoding="UTF-8")
    raw = reading.read(path)
    assert raw.columns["name"].tolist() == ["一号楼", "二号楼"]
    assert shapely.equals_exact(raw.shapes, np.array([square(), square(1)], object), 1e-9, normalize=True).all()


def gbk(tmp_path, cpg="GBK"):
    path = write(tmp_path / "楼.shp", [square()], {"名称": ["海棠苑一号楼"]}, encoding="GBK")
    path.with_suffix(".cpg").unlink()
    if cpg:
        path.with_suffix(".cpg").write_text(cpg)
    return path


@pytest.mark.parametrize(
    ("cpg", "found"), [("GBK", []), ("936", []), (None, ["encoding_guessed"]), ("UTF-8", ["encoding_wrong"])]
)
def test_a_gbk_shapefile_keeps_its_characters_whatever_the_cpg_says(tmp_path, cpg, found):
    raw = reading.read(gbk(tmp_path, cpg))
    assert raw.columns["名称"].tolist() == ["海棠苑一号楼"]
    assert [finding.code for finding in raw.findings] == found


def test_a_zipped_gbk_shapefile_comes_in_whatever_its_names(tmp_path):
    folder = tmp_path / "x"
    folder.mkdir()
    gbk(folder, None)
    with zipfile.ZipFile(tmp_path / "楼.zip", "w") as archive:
        for part in folder.iterdir():
            archive.write(part, f"数据/{part.name}")
    examination = look("buildings", tmp_path / "楼.zip")
    assert examination.frame.cells("name").tolist() == ["海棠苑一号楼"]


def test_a_folder_is_read_like_its_only_shapefile(tmp_path):
    gbk(tmp_path)
    assert reading.read(tmp_path).rows == 1


def test_text_in_no_known_encoding_is_said(tmp_path):
    path = write(tmp_path / "a.shp", [square()], {"name": ["abcd"]})
    table = path.with_suffix(".dbf")
    table.write_bytes(table.read_bytes().replace(b"abcd", b"\xff\xff\x80\xfe"))
    assert why(path) == "encoding_unknown"


def test_a_geojson_without_a_system_is_in_degrees(tmp_path):
    path = tmp_path / "a.geojson"
    path.write_text('{"type":"FeatureCollection","features":[{"type":"Feature","properties":{},"geometry":null}]}')
    assert reading.read(path).crs.geographic


def test_a_shapefile_without_a_prj_asks_for_the_system(tmp_path):
    path = write(tmp_path / "a.shp", [square()], {"name": ["x"]})
    path.with_suffix(".prj").unlink()
    assert why(path) == "crs_missing"
    assert reading.read(path, crs="EPSG:4490").rows == 1


def test_beijing_54_is_sent_to_the_survey_office(tmp_path):
    assert why(write(tmp_path / "a.gpkg", [square()], {"name": ["x"]}, crs="EPSG:4214")) == "crs_datum"


def test_a_system_that_does_not_exist_is_said(tmp_path):
    assert why(write(tmp_path / "a.gpkg", [square()], {"name": ["x"]}), crs="EPSG:123456") == "crs_unknown"


@pytest.mark.parametrize("content", [b"", b'{"type":"FeatureCollection","features":[]}'])
def test_an_empty_file_is_said_in_a_sentence(tmp_path, content):
    path = tmp_path / "empty.geojson"
    path.write_bytes(content)
    assert why(path) == "empty_file"


def test_what_is_no_map_file_is_said_without_the_path(tmp_path):
    path = tmp_path / "a.geojson"
    path.write_text("no json")
    with pytest.raises(Unreadable) as caught:
        reading.read(path)
    assert str(caught.value) == "The file is no GeoJSON: it breaks off in line 1, column 1."
    path.write_text('{\n "type": "FeatureCollection",\n "features": [,]\n}')
    with pytest.raises(Unreadable, match="line 3, column 15"):
        reading.read(path)
    path.write_text('{"type": "Nothing"}')
    assert why(path) == "unreadable"


def test_what_is_no_geopackage_is_said_in_our_words(tmp_path, caplog):
    (tmp_path / "a.gpkg").write_bytes(b"nonsense")
    with pytest.raises(Unreadable) as caught:
        reading.read(tmp_path / "a.gpkg")
    assert str(caught.value) == "The file is not the GeoPackage file that its name says, or is damaged."
    assert "not recognized" in caplog.text, "the library's words are for the log"


def test_other_formats_are_named(tmp_path):
    (tmp_path / "a.csv").write_text("x,y\n1,2\n")
    assert why(tmp_path / "a.csv") == "format_unknown"


def test_a_shapefile_in_part_names_the_missing_part(tmp_path):
    path = write(tmp_path / "a.shp", [square()], {"name": ["x"]})
    path.with_suffix(".dbf").unlink()
    assert why(path) == "parts_missing"
    with zipfile.ZipFile(tmp_path / "b.zip", "w") as archive:
        archive.write(path, "数据/道路.shp")
    with pytest.raises(Unreadable, match=r"道路\.shx, 道路\.dbf"):
        reading.read(tmp_path / "b.zip")


def test_several_layers_ask_for_one(tmp_path):
    path = write(tmp_path / "a.gpkg", [square()], {"name": ["x"]}, layer="one")
    write(path, [square(), square(1)], {"name": ["x", "y"]}, layer="two", append=False)
    assert why(path) == "layer_choice"
    assert why(path, layer="three") == "layer_unknown"
    assert reading.read(path, layer="two").rows == 2


def test_a_broken_zip_file_is_said(tmp_path):
    path = tmp_path / "a.zip"
    path.write_bytes(b"PK no zip")
    assert why(path) == "unreadable"


def test_a_zip_bomb_is_not_unpacked(tmp_path, monkeypatch):
    monkeypatch.setattr(packing, "MAX_UNPACKED_GB", 1e-6)
    write(tmp_path / "a.geojson", [bow_tie()] * 20, {"name": ["x"] * 20})
    shutil.make_archive(str(tmp_path / "b"), "zip", tmp_path, "a.geojson")
    assert why(tmp_path / "b.zip") == "too_large"


def test_a_table_without_a_header_is_said(tmp_path):
    for part in ("shp", "shx", "dbf"):
        (tmp_path / f"a.{part}").write_bytes(b"\0" * 400)
    with pytest.raises(Unreadable):
        reading.read(tmp_path / "a.shp")
