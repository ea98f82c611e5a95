"""Scenarios 9 and 10, and nasty inputs 4, 5, 6, 8 and 10: what goes out as a file, and all that comes in."""

from __future__ import annotations

import html
import io
import json
import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas
import numpy as np
import pytest
import shapely

from gis.crs import to_gcj02
from gis.imports import packing
from gis.plans.draft import draft
from gis.plans.labels import digest
from gis.viewer import system
from tests import fabrics
from tests.conftest import DAY
from tests.scenarios import steps
from tests.webapp.desk import Desk, sums

SEAL = re.compile(r'name="sealed" value="([^"]*)"')
STEP = fabrics.STEP


def exported(desk: Desk, plan: int, form: str) -> bytes:
    return desk.client().get(f"/plans/{plan}/file.{form}").get_data()


def frame(desk: Desk, plan: int) -> geopandas.GeoDataFrame:
    return geopandas.read_file(io.BytesIO(exported(desk, plan, "geojson")))


def sent(desk: Desk, plan: int, body: bytes | geopandas.GeoDataFrame, name: str = "drawn.geojson") -> Any:
    data = body if isinstance(body, bytes) else body.to_json().encode()
    head = f'--edge\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'.encode()
    form = head + data + b"\r\n--edge--\r\n"
    return desk.client().post(f"/plans/{plan}/import", data=form, content_type="multipart/form-data; boundary=edge")


def take(desk: Desk, plan: int, page: str) -> None:
    found = SEAL.search(page)
    assert found
    answer = desk.client().post(f"/plans/{plan}/import/take", data={"sealed": html.unescape(found[1])})
    assert answer.status_code == 302, answer.text


def digested(desk: Desk, plan: int) -> str:
    steps.owner(desk)
    return digest(draft(desk.session, system(DAY), plan))


@pytest.mark.parametrize("form", ["csv", "geojson", "gpkg", "shp.zip"])
def test_scenario_9_round_trip(desk: Desk, form: str, tmp_path: Path) -> None:
    """Out and in again is the identical assignment; files tile without gap or overlap and keep 汉字 and codes."""
    drawn = desk.plan("出库")
    cells = desk.village.of(7)
    desk.send(drawn, kind="split", cells=cells[:22], after=[-1] * 22, grids=[{"id": -1, "name": "东岸网格“北”"}])
    body, plan = exported(desk, drawn, form), desk.plan("入库")
    if form != "csv":
        path = tmp_path / f"plan.{form}"
        path.write_bytes(body)
        found = geopandas.read_file(path)
        shapes = found.geometry.to_numpy()
        assert shapely.coverage_is_valid(shapes), "the topology checker finds nothing"
        assert set(found["name"]) >= {"清河01网格", "东岸网格“北”"}
        assert f"{desk.village.code}001" in set(found["grid"])
        assert found.crs.to_epsg() in (4326, 4490)
    take(desk, plan, sent(desk, plan, body, f"plan.{form}").text)
    assert digested(desk, plan) == digested(desk, drawn)


def test_scenario_9_longitude_first_and_the_national_system(desk: Desk, tmp_path: Path) -> None:
    """GeoJSON is RFC 7946; the GeoPackage says CGCS2000."""
    plan = desk.plan()
    told = json.loads(exported(desk, plan, "geojson"))
    assert "crs" not in told
    ring = told["features"][0]["geometry"]["coordinates"][0]
    assert shapely.LinearRing(ring if isinstance(ring[0][0], float) else ring[0]).is_ccw
    (tmp_path / "plan.gpkg").write_bytes(exported(desk, plan, "gpkg"))
    assert geopandas.read_file(tmp_path / "plan.gpkg").crs.to_epsg() == 4490
    with zipfile.ZipFile(io.BytesIO(exported(desk, plan, "shp.zip"))) as archive:
        cpg = next(name for name in archive.namelist() if name.endswith(".cpg"))
        assert archive.read(cpg).strip() == b"UTF-8"


def test_scenario_10_import_the_paper_map(desk: Desk) -> None:
    """Slivers, an overlap of 400 m², a gap and a line through seven buildings: repaired, told, shown, then taken."""
    plan = desk.plan()
    drawn = frame(desk, plan)
    by = {name: at for at, name in enumerate(drawn["name"])}
    shapes = drawn.geometry.to_numpy().copy()
    one, two, three, four = (by[f"清河0{number}网格"] for number in (1, 2, 3, 4))
    west, south = fabrics.WEST, fabrics.SOUTH
    sliver = shapely.box(west, south + 4.95 * STEP, west + 8 * STEP, south + 5 * STEP)  # 1 m
    shapes[one] = shapely.difference(shapes[one], sliver)
    overlap = shapely.box(west, south + 9.07 * STEP, west + STEP, south + 10 * STEP)  # 400 m² of 02, also in 03
    shapes[three] = shapely.union(shapes[three], overlap)
    strip = shapely.box(west + 3 * STEP, south + 14.4 * STEP, west + 10 * STEP, south + 15 * STEP)
    shapes[three] = shapely.difference(shapes[three], strip)
    shapes[four] = shapely.union(shapes[four], strip)
    page = sent(desk, plan, drawn.set_geometry(shapes)).text
    assert "有 7 栋楼被所画的线切开" in page
    assert "“清河02网格”与“清河03网格”重叠" in page or "“清河03网格”与“清河02网格”重叠" in page
    assert re.search(r"一处 \d+ 平方米的缝隙已合上", page)
    assert re.search(r"重叠 (39\d|40\d) 平方米", page)
    assert page.count("清河04网格 ") >= 7, "each cut building names its side"
    take(desk, plan, page)
    assert sums(desk.draft(plan))[steps.grid(desk, plan, 2)] == 476, "the overlap moved no whole cell"
    assert not [each for each in steps.findings(desk, plan) if each["severity"] == "error"]
    assert two != one


SPOILT = {
    "leading zeros": ("007", True), "a decimal": ("12.10", True), "an exponent": ("1e5", True),
    "a rounded code": ("9.99901E+14", True), "nothing there": ("没有这块地", True),
}  # fmt: skip


def test_nasty_input_4_spoilt_codes_in_a_table(desk: Desk) -> None:
    """Each spoilt line is named; full-width digits, blanks, a byte-order mark and GBK are read."""
    plan = desk.plan()
    rows = exported(desk, plan, "csv").decode("utf-8-sig").splitlines()
    head, first, second = (line.split(",") for line in (rows[0], rows[1], rows[2]))
    cell, grid = head.index("cell"), head.index("grid")
    for what, (code, _refused) in SPOILT.items():
        page = sent(desk, plan, f"cell,grid\n{first[cell]},{first[grid]}\n{code},{first[grid]}\n".encode(), "a.csv")
        assert "第 3 行" in page.text, what
        assert ">采用<" not in page.text, what
    wide = first[cell].translate({ord(str(n)): chr(0xFF10 + n) for n in range(10)})
    for encoding in ("utf-8-sig", "utf-8", "gb18030"):
        text = f"地块,网格\r\n{wide} ,{second[grid]}\r\n"
        assert "第 2 行" not in sent(desk, plan, text.encode(encoding), "b.csv").text, encoding
    twice = f"cell,grid\n{first[cell]},{first[grid]}\n{first[cell]},另一个\n"
    assert ">采用<" not in sent(desk, plan, twice.encode(), "c.csv").text


@pytest.mark.parametrize(("change", "said"), [
    (lambda at: to_gcj02(at), "gcj02"),
    (lambda at: at[:, ::-1], "经度与纬度"),
    (lambda at: at + 1.0, "之外"),
])  # fmt: skip
def test_nasty_input_5_a_drawing_in_another_system(desk: Desk, change: Callable[[Any], Any], said: str) -> None:
    """Shifted by 500 m, swapped, or in another place: refused with the likely reason, never stored."""
    plan = desk.plan()
    drawn = frame(desk, plan)
    page = sent(desk, plan, drawn.set_geometry(shapely.transform(drawn.geometry.to_numpy(), change)))
    assert said in page.text
    assert ">采用<" not in page.text


def test_nasty_input_6_every_kind_of_bad_shape(desk: Desk) -> None:
    """Crossed, repeated, turned, nested, lifted, empty and null outlines, and one of 300,000 vertices."""
    plan = desk.plan()
    drawn = frame(desk, plan)
    shapes = drawn.geometry.to_numpy().copy()
    box = shapely.box(*shapes[0].bounds)
    (west, south, east, north) = box.bounds
    bow = shapely.Polygon([(west, south), (east, north), (east, south), (west, north)])
    spoilt = {
        "crossed": bow,
        "turned": shapely.Polygon(list(box.exterior.coords)[::-1]),
        "repeated": shapely.Polygon([point for point in box.exterior.coords for _ in range(3)]),
        "multi": shapely.MultiPolygon([shapes[0]] if shapes[0].geom_type == "Polygon" else list(shapes[0].geoms)),
        "collection": shapely.GeometryCollection([shapes[0], shapely.Point(west, south)]),
        "lifted": shapely.force_3d(shapes[0], 12.0),
        "empty": shapely.Polygon(),
        "null": None,
        "dense": shapely.segmentize(shapes[0], shapes[0].length / 300_000),
    }
    for what, shape in spoilt.items():
        outlines = shapes.copy()
        outlines[0] = shape
        answer = sent(desk, plan, drawn.set_geometry(outlines))
        assert answer.status_code in (200, 400), what
        assert "Traceback" not in answer.text
        if what in ("turned", "repeated", "multi", "lifted", "dense"):
            assert "方案与文件已经一致" in answer.text, what
        if what in ("empty", "null"):
            assert "第 1 行" in answer.text, what


def test_nasty_input_8_outlines_over_each_other_and_beyond_the_village(desk: Desk) -> None:
    """A border dragged over its neighbour's far side, and one out of the village: every cell is still in one grid."""
    plan = desk.plan()
    drawn = frame(desk, plan)
    by = {name: at for at, name in enumerate(drawn["name"])}
    shapes = drawn.geometry.to_numpy().copy()
    one, three = by["清河01网格"], by["清河03网格"]
    shapes[one] = shapely.union(shapes[one], shapely.buffer(shapes[three], 3 * STEP))
    shapes[three] = shapely.union(shapes[three], shapely.box(*(np.array(shapes[three].bounds) - 20 * STEP)))
    page = sent(desk, plan, drawn.set_geometry(shapes)).text
    if ">采用<" in page:
        take(desk, plan, page)
    told = desk.draft(plan)
    assert sum(sums(told).values()) == sum(fabrics.HOUSEHOLDS)
    assert None not in told["of"]
    assert {each["code"] for each in steps.findings(desk, plan) if each["severity"] == "error"} <= {"E3", "E8"}, "told"


def test_nasty_input_10_hostile_files(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Too large, a zip bomb, a path out of the zip, a script and a formula as names: told, or harmless."""
    plan = desk.plan()
    huge = sent(desk, plan, b"{" + b" " * (65 * 2**20), "huge.geojson")
    assert huge.status_code == 413
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("plan.geojson", b"0" * 2_000_000)
    monkeypatch.setattr(packing, "MAX_UNPACKED_GB", 0.001)
    assert sent(desk, plan, bomb.getvalue(), "bomb.zip").status_code == 400
    monkeypatch.undo()
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("../../../../tmp/plan.geojson", exported(desk, plan, "geojson"))
    assert "方案与文件已经一致" in sent(desk, plan, out.getvalue(), "out.zip").text
    drawn = frame(desk, plan)
    drawn.loc[0, "name"], drawn.loc[1, "name"] = "<script>alert(1)</script>", "=cmd()"
    page = sent(desk, plan, drawn).text
    assert "<script>alert(1)" not in page
    take(desk, plan, page)
    assert "<script>alert(1)" not in desk.client().get(f"/plans/{plan}").text
    assert ",'=cmd()" in exported(desk, plan, "csv").decode()


def test_nasty_input_10_one_grid_for_all_none_and_five_thousand(desk: Desk) -> None:
    """All cells in one grid, in none, and every cell a grid of its own: drawn, checked in a moment, and never taken."""
    plan = desk.plan()
    cells = [int(cell) for cell in desk.village.cells.ravel()]
    first = steps.grid(desk, plan, 1)
    desk.send(plan, cells=cells, after=[first] * len(cells))
    assert sums(desk.draft(plan))[first] == sum(fabrics.HOUSEHOLDS)
    desk.send(plan, cells=cells, after=[None] * len(cells))
    assert "E1" in {each["code"] for each in steps.findings(desk, plan)}
    assert desk.client().post(f"/plans/{plan}/submit").status_code == 400
    begun = [{"id": -(at + 1), "name": f"第{at + 1}格"} for at in range(len(cells))]
    many = desk.send(plan, kind="split", cells=cells, after=[each["id"] for each in begun], grids=begun)
    assert many.status_code in (200, 400, 422), many.text
    assert desk.client().get(f"/plans/{plan}").status_code == 200
    assert desk.client().post(f"/plans/{plan}/submit").status_code == 400
