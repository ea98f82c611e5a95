"""Another system's cases come in: two languages, every coordinate system, findings per row, all or nothing, once."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
from sqlalchemy import func, select, text

from gis import crs
from gis.boundaries import GridOutline
from gis.cases import Case, CaseEvent, incoming
from gis.cases.incoming.columns import mapped
from gis.errors import Invalid, NotAllowed, Refused
from tests.conftest import DAY
from tests.gis.cases.counter import Counter

HEADS = {
    "ref": "工单编号", "category": "事件类别", "title": "标题", "description": "问题描述", "address": "事发地址",
    "lon": "经度", "lat": "纬度", "reported_at": "上报时间", "status": "状态", "closed_at": "办结时间",
    "closure_reason": "结案方式",
}  # fmt: skip


def place(counter: Counter) -> tuple[float, float]:
    """The middle of a grid of the dispatcher's town."""
    counter.enter("dispatcher")
    where = select(func.st_x(GridOutline.centre), func.st_y(GridOutline.centre), GridOutline.code)
    lon, lat, _code = counter.session.execute(
        where.where(GridOutline.valid.contains(DAY)).order_by(GridOutline.code).limit(1)
    ).one()
    return float(lon), float(lat)


def line(counter: Counter, **given: Any) -> dict[str, Any]:
    lon, lat = place(counter)
    usual = {"ref": "A-1", "category": "市容环境", "title": "路口垃圾", "description": "三袋", "address": "海棠路 8 号",
             "lon": lon, "lat": lat, "reported_at": "2026-11-16 09:10", "status": "上报"}  # fmt: skip
    return {**usual, **given}


def table(lines: list[dict[str, Any]], heads: Mapping[str, str] = HEADS, encoding: str = "utf-8-sig") -> bytes:
    out = io.StringIO(newline="")
    names = list(dict.fromkeys(name for each in lines for name in each))
    rows = csv.writer(out)
    rows.writerow([heads.get(name, name) for name in names])
    rows.writerows([each.get(name, "") for name in names] for each in lines)
    return out.getvalue().encode(encoding)


def look(counter: Counter, data: bytes, name: str = "cases.csv", who: str = "dispatcher", **options: Any) -> Any:
    chosen = incoming.Options(**{"source": "12345", **options})
    return incoming.examine(counter.session, counter.enter(who), name, data, chosen, counter.now)


def take(counter: Counter, data: bytes, name: str = "cases.csv", **options: Any) -> int:
    found = look(counter, data, name, **options)
    return incoming.accept(counter.session, counter.enter("dispatcher"), found, counter.now)


def codes(found: Any) -> list[tuple[str, int | None]]:
    return [(each.code, each.row) for each in found.findings]


def stored(counter: Counter) -> int:
    counter.session.execute(text("RESET ROLE"))
    return int(counter.session.scalar(select(func.count()).select_from(Case)) or 0)


def test_a_table_comes_in_once_with_its_log(counter: Counter) -> None:
    lines = [
        line(counter),
        line(counter, ref="A-2", status="已办结", closed_at="2026/11/17 16:00", closure_reason="无法解决"),
        line(counter, ref="A-3", status="受理", category="inquiry"),
    ]  # fmt: skip
    before = stored(counter)
    assert look(counter, table(lines)).findings == []
    assert stored(counter) == before, "to look writes nothing"
    assert take(counter, table(lines)) == 3
    assert take(counter, table(lines)) == 0, "a second time nothing is written twice"
    assert codes(look(counter, table(lines))) == [("case_known", 2), ("case_known", 3), ("case_known", 4)]
    assert take(counter, table([*lines, line(counter, ref="A-4")])) == 1
    assert take(counter, table(lines), source="城管") == 3, "another system's numbers are its own"
    assert stored(counter) == before + 7
    cases = {
        case.external_ref: case for case in counter.session.scalars(select(Case).where(Case.external_source == "12345"))
    }
    assert [cases[ref].status for ref in ("A-1", "A-2", "A-3")] == ["reported", "closed", "accepted"]
    assert cases["A-2"].closure_reason == "unable"
    assert cases["A-1"].handler_id is not None
    assert all(case.grid_id and case.outline_id and case.case_no for case in cases.values())
    log = counter.session.scalars(select(CaseEvent).where(CaseEvent.case_id == cases["A-2"].id).order_by(CaseEvent.id))
    entries = [(event.step, event.to_status, event.at, event.actor) for event in log]
    assert entries == [("import", "reported", cases["A-2"].reported_at, "dispatcher"),
                       ("import", "closed", cases["A-2"].closed_at, "dispatcher")]  # fmt: skip


def test_what_came_in_is_worked_on_like_any_other(counter: Counter) -> None:
    take(counter, table([line(counter)]))
    counter.enter("dispatcher")
    number = counter.session.scalars(select(Case.case_no).where(Case.external_ref == "A-1")).one()
    counter.walk(number, "accept", "file", "dispatch")
    assert counter.look(number).status == "dispatched"


@pytest.mark.parametrize("system", ["4490", "4326", "gcj02", "bd09"])
def test_every_coordinate_system_leads_to_the_same_place(counter: Counter, system: str) -> None:
    spot = np.array([place(counter)])
    shifted = {"gcj02": crs.to_gcj02, "bd09": lambda points: crs.to_bd09(crs.to_gcj02(points))}.get(
        system, lambda p: p
    )(spot)
    lon, lat = shifted[0].tolist()
    take(counter, table([line(counter, lon=lon, lat=lat)]), crs=system)
    counter.enter("dispatcher")
    found = counter.session.execute(
        select(func.st_x(Case.point), func.st_y(Case.point)).where(Case.external_ref == "A-1")
    ).one()
    assert np.allclose(found, spot[0], atol=1e-6)


def test_files_of_every_kind(counter: Counter) -> None:
    assert take(counter, table([line(counter)], encoding="gb18030")) == 1
    english = {name: name for name in HEADS}
    assert take(counter, table([line(counter, ref="B")], english)) == 1
    told = line(counter, ref="C")
    lon, lat = told.pop("lon"), told.pop("lat")
    point = {"type": "Feature", "geometry": {"type": "Point", "coordinates": [lon, lat]}, "properties": told}
    points = json.dumps({"type": "FeatureCollection", "features": [point]}).encode()
    assert take(counter, points, "cases.geojson") == 1
    renamed = table([line(counter, ref="D")], {**HEADS, "title": "什么事"})
    assert ("column_missing", None) in codes(look(counter, renamed))
    assert take(counter, renamed, columns=mapped("什么事=title")) == 1


def test_a_workbook_comes_in(counter: Counter, tmp_path: Any) -> None:
    pyogrio = pytest.importorskip("pyogrio")
    if "w" not in pyogrio.list_drivers(write=True).get("XLSX", ""):
        pytest.skip("this GDAL writes no workbook")
    import pandas as pd

    path = tmp_path / "cases.xlsx"
    frame = pd.DataFrame([{HEADS[name]: value for name, value in line(counter, ref=101).items()}])
    pyogrio.write_dataframe(frame, path, driver="XLSX")
    assert take(counter, path.read_bytes(), "cases.xlsx") == 1
    counter.enter("dispatcher")
    assert counter.session.scalars(select(Case.external_ref).where(Case.external_source == "12345")).all() == ["101"]


@pytest.mark.parametrize(("wrong", "code"), [
    ({"ref": ""}, "value_missing"), ({"title": ""}, "value_missing"), ({"title": "乱"}, "case_short"),
    ({"title": "长" * 61}, "case_long"), ({"category": "其他"}, "case_word"), ({"category": ""}, "case_word"),
    ({"status": "不明"}, "case_word"), ({"lon": "abc"}, "case_degrees"), ({"lat": ""}, "case_degrees"),
    ({"lon": 121000.5}, "case_degrees"), ({"reported_at": "上周"}, "case_moment"),
    ({"reported_at": ""}, "value_missing"),
    ({"reported_at": "2026-11-30 08:00"}, "case_ahead"), ({"status": "已办结"}, "case_closed_when"),
    ({"status": "已办结", "closed_at": "2026-11-01 08:00"}, "case_before"),
    ({"lon": 116.4, "lat": 39.9}, "case_elsewhere"),
])  # fmt: skip
def test_a_wrong_row_stops_all_and_is_named(counter: Counter, wrong: dict[str, Any], code: str) -> None:
    good, bad = line(counter, closed_at=""), line(counter, ref="A-2", closed_at="")
    data = table([good, {**bad, **wrong}, line(counter, ref="A-3", closed_at="")])
    before = stored(counter)
    found = look(counter, data)
    assert (code, 3) in codes(found)
    assert {each.row for each in found.findings} == {3}
    for each in found.findings:
        said, remedy = each.told()
        assert said
        assert remedy
    with pytest.raises(Invalid):
        incoming.accept(counter.session, counter.enter("dispatcher"), found, counter.now)
    assert stored(counter) == before


def test_a_number_twice_in_the_table(counter: Counter) -> None:
    assert codes(look(counter, table([line(counter), line(counter)]))) == [("case_ref_twice", 2), ("case_ref_twice", 3)]


@pytest.mark.parametrize("extra", [
    {"报案人姓名": "张三"}, {"联系电话": ""}, {"身份证号": "x"}, {"reporter_phone": "1"},
    {"description": "请联系13812345678"},
])  # fmt: skip
def test_words_of_persons_are_refused(counter: Counter, extra: dict[str, str]) -> None:
    found = look(counter, table([line(counter, **extra)]))
    assert not found.acceptable
    with pytest.raises(Refused):
        incoming.accept(counter.session, counter.enter("dispatcher"), found, counter.now)


def test_what_is_no_table(counter: Counter) -> None:
    for name, data in (
        ("a.pdf", b"x"),
        ("a.csv", b""),
        ("a.xlsx", b"nothing"),
        ("a.geojson", b"{}"),
        ("a.csv", b"\xff\xff"),
    ):
        found = look(counter, data, name)
        assert not found.acceptable
        assert found.findings


def test_only_who_may_brings_cases_in(counter: Counter) -> None:
    for who in ("grid_worker", "planner", "town_manager"):
        with pytest.raises(NotAllowed):
            look(counter, table([line(counter)]), who=who)
    for options in ({"source": " "}, {"crs": "9999"}, {"columns": {"a": "b"}}):
        with pytest.raises(Invalid):
            look(counter, table([line(counter)]), **options)
    with pytest.raises(Invalid):
        mapped("标题")
