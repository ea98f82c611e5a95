"""What a table of cases may hold: fields with their Chinese and English heads, and the words of other systems."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from gis.cases.tables import CATEGORIES, REASONS
from gis.errors import Invalid
from gis.imports.findings import Finding
from gis.imports.private import plain
from gis.private import refuse
from gis.words import N_

FIELDS: dict[str, tuple[str, ...]] = {
    "ref": (
        "external_ref",
        "service_request_id",
        "case_no",
        "number",
        "案件编号",
        "工单编号",
        "事件编号",
        "任务号",
        "编号",
    ),
    "category": (
        "service_code",
        "service_name",
        "type",
        "类别",
        "大类",
        "案件类别",
        "事件类别",
        "事件类型",
        "问题类型",
    ),
    "title": ("subject", "标题", "主题", "案件标题", "事件标题", "问题标题"),
    "description": ("content", "描述", "内容", "问题描述", "事件描述", "案件描述", "诉求内容"),
    "address": ("address_string", "location", "地址", "事发地址", "事发地点", "位置", "地点"),
    "lon": ("long", "lng", "longitude", "x", "经度"),
    "lat": ("latitude", "y", "纬度"),
    "reported_at": ("requested_datetime", "created_at", "上报时间", "登记时间", "发生时间", "创建时间"),
    "accepted_at": ("accepted_datetime", "受理时间"),
    "status": ("state", "状态", "案件状态", "办理状态", "处置状态"),
    "closed_at": ("closed_datetime", "结案时间", "办结时间", "完成时间"),
    "closure_reason": ("办结结果", "结案方式", "处理结果"),
    "urgency": ("priority", "紧急程度", "优先级"),
    "lead_body": ("agency_responsible", "主办单位", "责任单位", "承办单位", "处置部门"),
}
"""Field → the heads that mean it, besides its own name."""
REQUIRED = ("ref", "category", "title", "lon", "lat", "reported_at")
SYSTEMS = {"4490": N_("CGCS2000 (EPSG:4490)"), "4326": N_("WGS 84 (EPSG:4326)"), "gcj02": N_("GCJ-02, consumer maps"),
           "bd09": N_("BD-09, Baidu")}  # fmt: skip
CATEGORY_WORDS = {
    **{name: name for name in CATEGORIES},
    **dict.fromkeys(("环境卫生", "市容环境", "环境", "市容", "暴露垃圾"), "environment"),
    **dict.fromkeys(("公共设施", "市政设施", "部件", "设施"), "public_facility"),
    **dict.fromkeys(("安全隐患", "隐患", "消防安全", "公共安全"), "safety_hazard"),
    **dict.fromkeys(("矛盾纠纷", "纠纷", "矛盾"), "dispute"),
    **dict.fromkeys(("民生服务", "助老助困", "民生"), "livelihood"),
    **dict.fromkeys(("物业报修", "物业", "报修"), "property_repair"),
    **dict.fromkeys(("违法搭建", "违建", "违章建筑"), "unauthorized_building"),
    **dict.fromkeys(("咨询代办", "咨询", "求助"), "inquiry"),
    **dict.fromkeys(("意见建议", "建议", "意见"), "suggestion"),
}
STATUS_WORDS = {
    **dict.fromkeys(("", "open", "reported", "上报", "待处理", "待受理", "未结案"), "reported"),
    **dict.fromkeys(("accepted", "受理", "已受理", "在办", "处理中", "处置中"), "accepted"),
    **dict.fromkeys(("closed", "结案", "已结案", "办结", "已办结", "已完成", "完成"), "closed"),
}
REASON_WORDS = {
    **{name: name for name in REASONS if name != "duplicate"},
    **dict.fromkeys(("已解决", "解决"), "resolved"),
    **dict.fromkeys(("无需处理", "无须处理"), "no_action_needed"),
    **dict.fromkeys(("不属职责", "非职责范围"), "not_responsible"),
    **dict.fromkeys(("无法解决", "暂无法解决"), "unable"),
    **dict.fromkeys(("撤回", "撤销"), "withdrawn"),
}
URGENCY_WORDS = {
    **dict.fromkeys(("", "normal", "一般", "普通", "低", "中"), "normal"),
    **dict.fromkeys(("urgent", "紧急", "特急", "加急", "高"), "urgent"),
}


@dataclass(frozen=True)
class Options:
    """How a table is read: whose cases, the system of the coordinates, and columns that mean a field all the same."""

    source: str
    crs: str = "4490"
    columns: Mapping[str, str] = field(default_factory=dict)


def checked(options: Options) -> Options:
    """Return the options with the source trimmed; raises Invalid for what cannot be."""
    source = " ".join(options.source.split())
    if not 0 < len(source) <= 40:
        raise Invalid(N_("Say in 1 to 40 characters which system the cases come from."))
    refuse(source)
    if options.crs not in SYSTEMS:
        raise Invalid(N_("The system of the coordinates is one of: %(systems)s."), systems=", ".join(SYSTEMS))
    if unknown := set(options.columns.values()) - set(FIELDS):
        raise Invalid(N_("There is no field %(field)s."), field=", ".join(sorted(unknown)))
    return Options(source, options.crs, options.columns)


def mapped(text: str) -> dict[str, str]:
    """Return column → field of a text like 问题=title, 处=address; raises Invalid for another."""
    found = {}
    for pair in text.replace("，", ",").split(","):
        if not pair.strip():
            continue
        column, sign, name = pair.partition("=")
        if not sign or not column.strip() or not name.strip():
            raise Invalid(N_("Map a column as column=field, several with commas between them."))
        found[column.strip()] = name.strip()
    return found


def matched(heads: list[str], options: Options) -> tuple[dict[str, str], list[Finding]]:
    """Return field → its head in the table, and what is wrong with the heads."""
    meant: dict[str, list[str]] = {}
    findings = []
    for head in heads:
        name = options.columns.get(head.strip()) or named(head)
        if name:
            meant.setdefault(name, []).append(head)
        else:
            findings.append(Finding("column_unknown", field=head, params={"field": head}))
    for name, found in meant.items():
        if len(found) > 1:
            findings.append(Finding("column_twice", field=name, params={"headers": ", ".join(found)}))
    for name in REQUIRED:
        if name not in meant:
            told = ", ".join((name, *FIELDS[name]))
            findings.append(Finding("column_missing", field=name, params={"field": name, "headers": told}))
    return {name: found[0] for name, found in meant.items()}, findings


def named(head: str) -> str | None:
    """Return the field that a head means."""
    return next(
        (name for name, heads in FIELDS.items() if plain(head) in {plain(each) for each in (name, *heads)}), None
    )
