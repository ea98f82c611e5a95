"""Scenarios 9 and 10, and nasty inputs 4, 5, 6 and 8: what goes out as a file, and all that comes in."""

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
from gis.plans.draft import draft
from gis.plans.labels import digest
from gis.viewer import system
from tests import fabrics
from tests.conftest import DAY
from tests.scenarios import steps
from tests.webapp.desk import Desk, sums

SEAL = re.compile(r'name="sealed" value="([^"]*)"')
STEP = fabrics.STEP
NONE = 0
"""What the browser is told for a cell in no grid."""


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
        assert answer.status_code == 200, what
        same = what not in ("crossed", "empty", "null")
        assert ("方案与文件已经一致" in answer.text, ">采用<" in answer.text) == (same, not same), what
        if what in ("empty", "null"):
            assert "第 1 行 · 该行没有图形，已略过。" in answer.text, what
            assert "55 个地块变更网格" in answer.text, what
        if what == "crossed":
            crossed(desk, plan, answer.text)


def crossed(desk: Desk, plan: int, page: str) -> None:
    """Hold what a bow tie comes to: told as mended, the cells outside its two triangles in no grid, all others kept."""
    assert "第 1 行 · “清河01网格”的边界自相交，已修好。" in page
    lost = int(re.findall(r"(\d+) 个地块不在任何边界内", page)[0])
    before = desk.draft(plan)
    take(desk, plan, page)
    after, first = desk.draft(plan), steps.grid(desk, plan, 1)
    moved = [(was, now) for was, now in zip(before["of"], after["of"], strict=True) if was != now]
    assert moved == [(first, NONE)] * lost
    assert 0 < lost < len(desk.village.of(1)) / 2
    assert desk.send(plan, "undo").status_code == 200
    assert desk.draft(plan)["of"] == before["of"]


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
    told = sorted(re.findall(r"“清河01网格”与“清河(\d\d)网格”重叠 [\d,]+ 平方米", page))
    assert told == ["02", "03", "04", "06", "07", "08", "09"], "all that 01 was drawn over, and 05 is beyond the river"
    assert "仍有的空缺</dt><dd>0</dd>" in page
    take(desk, plan, page)
    after = desk.draft(plan)
    assert NONE not in after["of"], "no cell is lost"
    assert sum(sums(after).values()) == sum(fabrics.HOUSEHOLDS)
    assert sums(after)[steps.grid(desk, plan, 5)] == 478, "what was not drawn over is as it was"
    errors = {(each["code"], each["grid"]) for each in steps.findings(desk, plan) if each["severity"] == "error"}
    assert errors == {("E3", steps.grid(desk, plan, 1)), ("E8", steps.grid(desk, plan, 3))}, "torn, and nothing left"
    area, whole = (each.to_crs(4549).area.sum() for each in (frame(desk, plan), drawn))
    assert area == pytest.approx(whole, rel=1e-6), "nothing beyond the village is taken"
    refused = desk.client().post(f"/plans/{plan}/submit")
    assert refused.status_code == 400
    assert "E3" in refused.text
