"""What is never stored: columns about persons, and cells that look like identity, bank-card or mobile numbers."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gis.imports.findings import Finding
from gis.private import CONTACT, IDENTITY, IDENTITY_NUMBER, MONEY
from gis.private import found_in as found_in
from gis.words import N_, Word

NAMES = Word(N_("names of persons"))
ETHNICITY = Word(N_("ethnicity"))
RELIGION = Word(N_("religion"))
POLITICS = Word(N_("political status"))
HEALTH = Word(N_("health"))
LABEL = Word(N_("labels or scores of persons"))
PERSON = Word(N_("traits of persons"))
KIN = Word(N_("relations between persons"))
TRACK = Word(N_("vehicles, devices or tracks of persons"))

HEADERS: dict[Word, tuple[str, ...]] = {
    IDENTITY: (
        "身份证",
        "证件号",
        "护照",
        "指纹",
        "人脸",
        "idcard",
        "identitycard",
        "idnumber",
        "citizenid",
        "passport",
        "sfz",
    ),
    NAMES: ("姓名", "户主", "业主姓名", "曾用名", "fullname", "personname", "residentname", "householder", "hzxm"),
    CONTACT: ("手机", "电话", "联系方式", "微信", "mobile", "phone", "telephone", "wechat", "email", "lxdh", "sjhm"),
    ETHNICITY: ("民族", "族别", "ethnic"),
    RELIGION: ("宗教", "信仰", "religio"),
    POLITICS: ("政治面貌", "政治面目", "党员姓名", "入党", "politic", "partymembername"),
    HEALTH: (
        "疾病",
        "病史",
        "患病",
        "精神障碍",
        "精神病",
        "残疾",
        "健康状况",
        "disease",
        "diagnos",
        "disabilit",
        "mentalhealth",
    ),
    LABEL: (
        *(
            "重点人员",
            "重点人群",
            "重点青少年",
            "关注程度",
            "关注等级",
            "风险等级人",
            "信访",
            "上访",
            "吸毒",
            "涉毒",
            "刑满",
            "矫正",
        ),
        *(
            "前科",
            "涉稳",
            "邪教",
            "信用分",
            "积分排名",
            "keyperson",
            "petition",
            "drug",
            "criminal",
            "offender",
            "creditscore",
        ),
    ),
    PERSON: (
        *("性别", "出生", "婚姻", "学历", "文化程度", "职业", "就业状况", "工作单位", "未成年", "兵役", "籍贯"),
        *("gender", "birthda", "dateofbirth", "marital", "education", "occupation", "employer"),
    ),
    KIN: ("与户主关系", "家庭成员", "亲属", "配偶", "监护人", "kinship", "spouse", "guardian"),
    TRACK: ("车牌", "轨迹", "摄像头", "门禁", "wifi", "macaddress", "imei", "licenseplate", "plateno", "trajector"),
    MONEY: ("银行卡", "银行账", "开户行", "bankcard", "bankaccount"),
}
WHOLE_HEADERS: dict[str, Word] = {
    **dict.fromkeys(("idno", "idcode", "cardno"), IDENTITY),
    **dict.fromkeys(("mz", "nation", "race"), ETHNICITY),
    **dict.fromkeys(("zzmm",), POLITICS),
    **dict.fromkeys(("xm", "xingming", "owner", "ownername", "resident"), NAMES),
    **dict.fromkeys(("tel", "sjh", "dh"), CONTACT),
    **dict.fromkeys(("年龄", "sex", "xb", "dob", "csrq"), PERSON),
    **dict.fromkeys(("评分", "积分", "得分", "score", "rank", "标签"), LABEL),
}
HOUSEHOLD_HEADERS: dict[str, Word] = {"name": NAMES, "名称": NAMES, "age": PERSON, "年龄段": PERSON}

_ID_COLUMN = re.compile(r"(id|fid|gid|code|编码|代码|编号|source)$")
_LONG_NUMBER = 1.3e10
_EXACT = 2.0**53


def plain(header: str) -> str:
    """Return a header as it is compared: full-width forms folded, lower case, letters and digits only."""
    return "".join(sign for sign in unicodedata.normalize("NFKC", header).lower() if sign.isalnum())


def forbidden(header: str, kind: str = "") -> Word | None:
    """Return what a column with this header would hold that is never stored."""
    name = plain(header)
    for what, parts in HEADERS.items():
        if any(part in name for part in parts):
            return what
    return WHOLE_HEADERS.get(name) or (HOUSEHOLD_HEADERS.get(name) if kind == "households" else None)


def scan(columns: dict[str, NDArray[Any]], kind: str = "") -> list[Finding]:
    """Return a finding for every forbidden column and for every cell that holds a forbidden number.

    The findings name the row and the column, never the number itself.
    """
    findings = []
    for header, cells in columns.items():
        what = forbidden(header, kind)
        if what:
            findings.append(Finding("private_column", field=header, params={"field": header, "what": what}))
        for row, found in _cells(cells, bool(_ID_COLUMN.search(plain(header)))):
            findings.append(Finding("private_value", row, header, params={"field": header, "what": found}))
    return findings


def _cells(cells: NDArray[Any], codes: bool) -> Iterator[tuple[int, Word]]:
    if cells.dtype.kind == "O":
        texts = ["" if cell is None else str(cell) for cell in cells]
        if found_in("\n".join(texts).replace("\n-", "\n"), codes) is None:
            return
        rows: Iterator[tuple[int, str]] = enumerate(texts, 1)
    elif cells.dtype.kind in "iuf":
        with np.errstate(invalid="ignore"):
            long = np.flatnonzero(cells >= _LONG_NUMBER)
        rows = ((int(at) + 1, str(int(cells[at]))) for at in long)
    else:
        return
    rounded = cells.dtype.kind == "f"
    for row, text in rows:
        found = found_in(text, codes) or (IDENTITY if rounded and _rounded_identity(text) else None)
        if found:
            yield row, found


def _rounded_identity(text: str) -> bool:
    """Tell whether a number too long for a decimal cell still shows a birth date: its last digits were lost."""
    return len(text) == 18 and float(text) > _EXACT and IDENTITY_NUMBER.fullmatch(text) is not None
