"""What is never stored is refused, by the header and by the cell, and never repeated."""

import numpy as np
import pytest

from gis.imports import private
from tests.gis.imports.drawing import codes, look, square, write

IDENTITY = "11010519491231002X"
CARD = "6222021234567890128"


@pytest.mark.parametrize(
    "header",
    ["身份证号", "居民身份证", "民族", "宗教信仰", "政治面貌", "户主姓名", "手机号码", "重点人员", "出生日期",
     "银行卡号", "车牌号", "id_card", "IDCARD", "ID Card No", "sfzh", "ethnicity", "religion", "political_status",
     "phone", "gender"],
)  # fmt: skip
def test_forbidden_headers_refuse_the_file(tmp_path, header):
    path = write(tmp_path / "a.geojson", [square()], {"name": ["x"], header: ["y"]})
    examination = look("buildings", path)
    assert codes(examination) == ["private_column"]
    assert examination.frame is None
    assert not examination.acceptable


@pytest.mark.parametrize(
    "header", ["name", "户籍人口", "building_age", "address", "小区名称", "facade", "mobility", "网格员人数"]
)
def test_headers_about_things_are_let_through(header):
    assert private.forbidden(header, "buildings") is None


def test_a_household_has_no_name():
    assert private.forbidden("name", "households") == private.NAMES


@pytest.mark.parametrize(
    "text",
    [
        IDENTITY,
        f"备注:{IDENTITY.lower()}。",
        "110105 19491231 002X",
        "１１０１０５１９４９１２３１００２Ｘ",
        CARD,
        "call 13812345678",
        "138-1234-5678",
    ],
)
def test_numbers_of_persons_are_found(text):
    assert private.found_in(text)


@pytest.mark.parametrize(
    "text",
    [
        "110105194912310021",
        "999901001001001",
        "6222021234567890123",
        "121.13812345678",
        "2026-11-22 12:00",
        "12345",
        "5#楼1单元",
    ],
)
def test_other_numbers_are_not(text):
    assert private.found_in(text) is None


@pytest.mark.parametrize("cells", [["x", f"住户 {IDENTITY}"], [1, 110105194912310003], [1.0, 1.10105194912310e17]])
def test_a_cell_with_an_identity_number_refuses_the_file_and_is_not_shown(tmp_path, cells):
    path = write(tmp_path / "a.gpkg", [square(), square(1)], {"remark": cells})
    examination = look("buildings", path)
    assert [(found.code, found.row, found.field) for found in examination.findings] == [("private_value", 2, "remark")]
    assert "1949" not in str(examination.findings)


def test_an_identifier_of_a_thing_may_look_like_a_phone_number():
    assert private.scan({"osm_id": np.array([13812345678])}) == []
    assert len(private.scan({"remark": np.array([13812345678])})) == 1
