"""What each kind of file may hold: fields with their Chinese and English headers, and how their cells are read."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from gis.imports import cells
from gis.imports.findings import Finding
from gis.imports.private import plain
from gis.imports.reading import Raw

LEVELS = {
    **dict.fromkeys(("district", "county", "区", "县", "区县", "县级"), "district"),
    **dict.fromkeys(
        ("town", "street", "subdistrict", "township", "镇", "街道", "乡", "镇街", "乡镇", "镇(街道)", "镇级"), "town"
    ),
    **dict.fromkeys(
        ("village", "community", "村", "社区", "居委会", "村委会", "村(社区)", "村社区", "村级"), "village"
    ),
}
AREA_KINDS = {
    **dict.fromkeys(("district", "county", "区", "县", "区县"), "district"),
    **dict.fromkeys(("street", "subdistrict", "街道"), "street"),
    **dict.fromkeys(("town", "镇"), "town"),
    **dict.fromkeys(("township", "乡"), "township"),
    **dict.fromkeys(("village", "村", "村委会", "行政村"), "village"),
    **dict.fromkeys(("community", "社区", "居委会"), "community"),
}
GRID_KINDS = {
    **dict.fromkeys(("general", "综合", "综合网格", "基础网格", "普通网格"), "general"),
    **dict.fromkeys(("dedicated", "专属", "专属网格", "专属单元"), "dedicated"),
}
BUILDING_KINDS = {
    **dict.fromkeys(
        ("residential", "apartments", "house", "dormitory", "住宅", "居民楼", "住宅楼", "居住"), "residential"
    ),
    **dict.fromkeys(("homestead", "宅基地", "农村宅基地", "农房", "自建房", "宅"), "homestead"),
    **dict.fromkeys(
        ("commercial", "retail", "shop", "mall", "hotel", "supermarket", "商业", "商铺", "市场"), "commercial"
    ),
    **dict.fromkeys(("office", "bank", "tower", "government", "办公", "写字楼", "商务"), "office"),
    **dict.fromkeys(("school", "kindergarten", "university", "college", "学校", "教育"), "school"),
    **dict.fromkeys(("hospital", "clinic", "医院", "医疗"), "hospital"),
    **dict.fromkeys(("factory", "industrial", "warehouse", "workshop", "工厂", "厂房", "工业", "仓库"), "factory"),
    **dict.fromkeys(
        ("public", "civic", "train_station", "transportation", "arts_centre", "place_of_worship", "公共", "公共建筑"),
        "public",
    ),
    **dict.fromkeys(("other", "其他", "其它"), "other"),
}
HOUSEHOLD_KINDS = {
    **dict.fromkeys(("homestead", "宅基地", "宅", "农房"), "homestead"),
    **dict.fromkeys(("flat", "apartment", "住宅", "套房", "楼房"), "flat"),
}
RANKS = {
    **dict.fromkeys(("arterial", "motorway", "trunk", "primary", "主干路", "快速路", "干流"), "arterial"),
    **dict.fromkeys(("motorway_link", "trunk_link", "primary_link"), "arterial"),
    **dict.fromkeys(
        ("major", "major_road", "secondary", "tertiary", "secondary_link", "tertiary_link", "次干路"), "major"
    ),
    **dict.fromkeys(("riverbank", "river", "canal", "rail"), "major"),
    **dict.fromkeys(
        ("minor", "minor_road", "residential", "unclassified", "living_street", "service", "支路", "water"), "minor"
    ),
    **dict.fromkeys(("path", "footway", "pedestrian", "cycleway", "steps", "pier", "小路", "步行路"), "path"),
}


@dataclass(frozen=True)
class Column:
    """One field: its name here, its headers in files, how its cells are read, whether it must be filled."""

    name: str
    headers: tuple[str, ...]
    parse: cells.Parser = cells.text
    required: bool = False

    @property
    def accepted(self) -> tuple[str, ...]:
        """Every header that means this field."""
        return (self.name, *self.headers)


def _counts(limit: int) -> cells.Parser:
    return partial(cells.count, limit=limit)


def _words(words: dict[str, str], strict: bool = True) -> cells.Parser:
    return partial(cells.word, words=words, strict=strict)


CODE_HEADERS = ("编码", "代码", "区划代码", "统计用区划代码", "行政区划代码", "division_code", "adcode")
SOURCE = Column("source", ("osm_id", "来源", "数据来源", "source_id"))

COLUMNS: dict[str, tuple[Column, ...]] = {
    "areas": (
        Column("code", CODE_HEADERS, cells.code, required=True),
        Column("name", ("名称", "区划名称", "行政区名称"), required=True),
        Column("name_en", ("英文名称", "英文名")),
        Column("level", ("级别", "层级", "行政级别"), _words(LEVELS)),
        Column("kind", ("类别", "类型", "种类"), _words(AREA_KINDS)),
        Column("parent", ("parent_code", "上级", "上级代码", "上级编码", "上级区划代码"), cells.code),
    ),
    "grids": (
        Column("code", ("网格编码", "网格代码", "网格编号", "grid_code", *CODE_HEADERS[:2]), cells.code, required=True),
        Column("name", ("网格名称", "名称", "grid_name"), required=True),
        Column("kind", ("网格类型", "网格类别", "类型", "类别"), _words(GRID_KINDS)),
        Column(
            "village_code", ("村社区编码", "村社区代码", "社区编码", "社区代码", "村编码", "所属村社区编码"), cells.code
        ),
    ),
    "buildings": (
        Column("code", ("building_code", "楼栋编码", "建筑编码", "房屋编码", "编码", "编号"), cells.code),
        Column("name", ("楼栋名称", "建筑名称", "名称", "楼名")),
        Column("compound", ("小区", "小区名称", "compound_name")),
        Column("address", ("地址", "标准地址", "门牌地址")),
        Column("street", ("addr_street", "街路巷", "道路")),
        Column("house_number", ("addr_housenumber", "门牌号", "门牌")),
        Column("kind", ("类型", "类别", "用途", "建筑类型", "房屋用途"), _words(BUILDING_KINDS)),
        Column("kind_detail", ("building", "细类"), _words(BUILDING_KINDS, strict=False)),
        Column("floors", ("楼层数", "层数", "地上层数", "levels"), _counts(200)),
        Column("height", ("高度", "建筑高度"), partial(cells.number, limit=1000)),
        Column("households", ("户数", "household_count"), _counts(5000)),
        Column("residents", ("常住人口", "人口数", "人数", "population"), _counts(30000)),
        SOURCE,
    ),
    "households": (
        Column("building_code", ("楼栋编码", "建筑编码", "所属楼栋"), cells.code),
        Column("label", ("房号", "门牌号", "门牌", "宅号", "户号", "house_number"), required=True),
        Column("unit", ("单元", "单元号")),
        Column("floor", ("楼层", "所在层", "层"), _counts(200)),
        Column("kind", ("类型", "类别", "房屋类型"), _words(HOUSEHOLD_KINDS)),
        Column("residents", ("常住人口", "人口数", "人数", "population"), _counts(100)),
        Column("registered_on", ("登记日期", "建档日期"), cells.day),
    ),
    "barriers": (
        Column("name", ("名称", "道路名称", "河流名称", "路名")),
        Column("rank", ("等级", "道路等级", "级别"), _words(RANKS)),
        Column("kind", ("类型", "类别"), _words(RANKS, strict=False)),
        Column("kind_detail", ("highway", "waterway", "细类"), _words(RANKS, strict=False)),
        SOURCE,
    ),
}

_CUT_AT = 10
"""A shapefile keeps the first ten bytes of a header: three Chinese characters in UTF-8, five in GBK."""


def arrange(raw: Raw, kind: str) -> tuple[dict[str, cells.Cells], dict[str, str], list[Finding]]:
    """Return the known fields by name, their headers in the file, and what is wrong with headers and cells."""
    declared = COLUMNS[kind]
    headers, findings = _matched(raw, declared)
    fields = {}
    for column in declared:
        if column.name in headers:
            header = headers[column.name]
            fields[column.name], problems = column.parse(raw.columns[header], header)
            findings += problems + (_unfilled(raw.columns[header], header) if column.required else [])
        elif column.required:
            shown = ", ".join(column.accepted)
            findings.append(
                Finding("column_missing", field=column.name, params={"field": column.name, "headers": shown})
            )
    return fields, headers, findings


def _matched(raw: Raw, declared: tuple[Column, ...]) -> tuple[dict[str, str], list[Finding]]:
    meant: dict[str, list[str]] = defaultdict(list)
    findings = []
    for header in raw.columns:
        name = _field_of(header, declared, raw.truncated)
        if name:
            meant[name].append(header)
        else:
            findings.append(Finding("column_unknown", field=header, params={"field": header}))
    for name, found in meant.items():
        if len(found) > 1:
            findings.append(Finding("column_twice", field=name, params={"headers": ", ".join(found)}))
    return {name: found[0] for name, found in meant.items()}, findings


def _field_of(header: str, declared: tuple[Column, ...], truncated: bool) -> str | None:
    fits: list[Callable[[str], Any]] = [lambda accepted: plain(accepted) == plain(header)]
    if truncated and len(header.encode()) > _CUT_AT - 2:
        fits.append(lambda accepted: plain(accepted).startswith(plain(header)))
    for fit in fits:
        names = {column.name for column in declared for accepted in column.accepted if fit(accepted)}
        if len(names) == 1:
            return names.pop()
    return None


def _unfilled(column: cells.Cells, header: str) -> list[Finding]:
    rows = cells.empty(column).nonzero()[0]
    return [Finding("value_missing", int(at) + 1, header, None, {"field": header}) for at in rows]
