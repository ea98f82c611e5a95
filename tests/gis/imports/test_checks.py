"""The findings of every kind of file: what is wrong, in which row, at which place."""

import pytest
import shapely

from gis.imports.known import Known
from gis.imports.messages import MESSAGES
from tests.gis.imports.drawing import (
    DISTRICT,
    SOUTH,
    STEP,
    TOWN,
    VILLAGE,
    WEST,
    WHOLE,
    areas,
    board,
    buildings,
    codes,
    grids,
    look,
    places,
    square,
    write,
)


def test_a_right_tree_of_areas_has_no_findings_and_fills_what_codes_tell(tmp_path):
    frame = areas(tmp_path).frame
    assert areas(tmp_path).findings == []
    assert frame.cells("level").tolist() == ["district", "town", "village"]
    assert frame.cells("kind").tolist() == ["district", "street", "community"]
    assert frame.cells("parent").tolist() == [None, DISTRICT, TOWN]


@pytest.mark.parametrize(
    ("code", "found"),
    [("99990300100", "code_zeros"), ("9999030010011", "code_length"), ("99990300100A", "code_digits"),
     ("999903001001.0", "code_float"), ("9.99903001001e11", "code_float"), ("999903002001", "parent_missing"),
     (TOWN, "code_twice"), ("", "value_missing")],
)  # fmt: skip
def test_a_wrong_code_is_named_with_its_row(tmp_path, code, found):
    finding = areas(tmp_path, code=[DISTRICT, TOWN, code]).findings[0]
    assert (finding.code, finding.row, finding.severity) == (found, 3, "error")


def test_a_code_column_of_decimals_is_an_error_and_not_a_guess(tmp_path):
    found = areas(tmp_path, code=[999903000000.0, 999903001000.0, 999903001001.5]).findings
    assert [finding.row for finding in found if finding.code == "code_float"] == [1, 2, 3]


def test_whole_number_codes_are_codes(tmp_path):
    assert areas(tmp_path, code=[int(DISTRICT), int(TOWN), int(VILLAGE)]).findings == []


@pytest.mark.parametrize(
    ("columns", "found"),
    [({"level": ["区", "镇", "镇"]}, "code_level"), ({"level": ["区", "镇", "组"]}, "word_unknown"),
     ({"kind": ["district", "street", "castle"]}, "word_unknown"),
     ({"parent": ["", DISTRICT, DISTRICT]}, "parent_wrong")],
)  # fmt: skip
def test_levels_kinds_and_parents_are_held_against_the_code(tmp_path, columns, found):
    assert codes(areas(tmp_path, **columns)) == [found]


def test_a_child_outside_its_parent_is_measured(tmp_path):
    finding = areas(tmp_path, [WHOLE, WHOLE, square(1.5)]).findings[0]
    assert finding.code == "parent_outside"
    assert finding.row == 3
    assert finding.place[0] > WEST + 2 * STEP
    assert "m²" in str(finding)


def test_a_strip_outside_is_a_warning(tmp_path):
    wider = shapely.box(WEST, SOUTH, WEST + 2 * STEP + 3e-6, SOUTH + STEP)
    assert codes(areas(tmp_path, [WHOLE, WHOLE, wider])) == ["parent_sliver"]


def test_sibling_villages_that_overlap_are_named(tmp_path):
    path = write(
        tmp_path / "a.geojson",
        [WHOLE, WHOLE, square(0, 0, 1), square(0.5, 0, 1)],
        {"code": [DISTRICT, TOWN, VILLAGE, "999903001002"], "name": ["区", "街道", "东社区", "西社区"]},
    )
    finding = look("areas", path).findings[0]
    assert finding.code == "overlap"
    assert "东社区 (999903001001) and 西社区 (999903001002)" in str(finding)


def test_a_missing_column_lists_the_accepted_headers(tmp_path):
    examination = look("areas", write(tmp_path / "a.geojson", [WHOLE], {"代码": [DISTRICT]}))
    assert codes(examination) == ["column_missing"]
    assert "名称" in str(examination.findings[0])


def test_two_columns_for_one_field_are_an_error(tmp_path):
    assert "column_twice" in codes(areas(tmp_path, 名称=["a", "b", "c"]))


def test_unknown_columns_are_noted_and_not_kept(tmp_path):
    examination = areas(tmp_path, colour=["red"] * 3)
    assert codes(examination) == ["column_unknown"]
    assert "colour" not in examination.frame.fields
    assert examination.acceptable


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_a_truncated_shapefile_header_is_understood(tmp_path):
    path = write(
        tmp_path / "g.shp",
        [square()],
        {"网格编码": [f"{VILLAGE}001"], "名称": ["一"], "village_code": [VILLAGE]},
        encoding="UTF-8",
    )
    examination = look("grids", path, Known(areas=places({DISTRICT: square(), TOWN: square(), VILLAGE: square()})))
    assert examination.frame.cells("village_code").tolist() == [VILLAGE]
    assert codes(examination) == []


def test_grids_that_tile_their_village_have_no_findings(tmp_path):
    assert codes(grids(tmp_path, [square(), square(1)])) == []


def test_grids_of_one_name_or_none_are_told_apart(tmp_path):
    overlapping = shapely.box(WEST + 0.9 * STEP, SOUTH, WEST + 2 * STEP, SOUTH + STEP)
    said = str(grids(tmp_path, [square(), overlapping], name=["一网格", "一网格"]).findings[0])
    assert f"一网格 ({VILLAGE}001) and 一网格 ({VILLAGE}002)" in said
    said = [str(found) for found in grids(tmp_path, [square(), overlapping], name=[None, None]).findings]
    assert any(f"{VILLAGE}001 and {VILLAGE}002" in sentence for sentence in said)
    odd = grids(tmp_path, [square(), overlapping], name=[None, "x"], code=[None, "1"])
    said = [str(found) for found in odd.findings]
    assert not [sentence for sentence in said if "None" in sentence]


def test_grids_that_overlap_are_measured(tmp_path):
    overlapping = shapely.box(WEST + 0.9 * STEP, SOUTH, WEST + 2 * STEP, SOUTH + STEP)
    finding = grids(tmp_path, [square(), overlapping]).findings[0]
    assert (finding.code, finding.row) == ("overlap", 1)
    assert "104,7" in str(finding)


def test_a_gap_is_a_warning_with_its_place(tmp_path):
    examination = grids(tmp_path, [square()], [1])
    assert codes(examination) == ["gap"]
    assert examination.acceptable
    assert examination.findings[0].place == pytest.approx((WEST + 1.5 * STEP, SOUTH + 0.5 * STEP), abs=1e-6)


def test_a_grid_outside_its_village_is_an_error(tmp_path):
    assert "parent_outside" in codes(grids(tmp_path, [square(), square(1, 0.5)]))


def test_a_grid_on_a_stored_grid_is_an_error(tmp_path):
    known = Known(
        areas=board().areas, grids=places({f"{VILLAGE}009": square()}, "grid"), codes=frozenset({f"{VILLAGE}002"})
    )
    assert set(codes(grids(tmp_path, [square(), square(1)], known=known))) == {"overlap", "code_there"}


@pytest.mark.parametrize(
    ("columns", "found"),
    [({"code": ["999903001009001", f"{VILLAGE}002"]}, "village_missing"),
     ({"village_code": [VILLAGE, TOWN]}, "village_wrong"),
     ({"code": [f"{VILLAGE}000", f"{VILLAGE}002"]}, "code_level"), ({"kind": ["综合网格", "其他"]}, "word_unknown")],
)  # fmt: skip
def test_a_grid_belongs_to_a_village_that_is_there(tmp_path, columns, found):
    assert found in codes(grids(tmp_path, [square(), square(1)], **columns))


def test_a_building_on_a_grid_line_is_reported_and_assigned_by_its_inner_point(tmp_path):
    examination = buildings(tmp_path, [square(0.2, 0.2, 0.1), square(0.85, 0.2, 0.2)])
    finding = examination.findings[0]
    assert (finding.code, finding.row, finding.severity) == ("building_cut", 2, "warning")
    assert finding.params == {"grid": f"{VILLAGE}001", "other": f"{VILLAGE}002"}
    assert examination.frame.territory.tolist() == [int(f"{VILLAGE}001")] * 2


def test_a_building_that_only_touches_a_line_is_not_cut(tmp_path):
    assert codes(buildings(tmp_path, [square(0.8, 0.2, 0.2)])) == []


def test_buildings_that_overlap_are_noted(tmp_path):
    examination = buildings(tmp_path, [square(0.2, 0.2, 0.1), square(0.25, 0.2, 0.1)])
    assert codes(examination) == ["building_overlap"]
    assert examination.findings[0].params["other"] == 2


def test_a_building_in_no_grid_is_a_warning_and_belongs_to_the_village(tmp_path):
    examination = buildings(tmp_path, [square(0.2, 0.2, 0.1)], Known(areas=board().areas))
    assert codes(examination) == ["building_outside"]
    assert examination.frame.territory.tolist() == [int(VILLAGE) * 1000]


def test_a_building_in_no_area_is_an_error(tmp_path):
    assert "territory_missing" in codes(buildings(tmp_path, [square(2.5)]))


def test_a_file_mostly_beside_the_grids_is_suspected_of_a_shift(tmp_path):
    assert "maybe_shifted" in codes(buildings(tmp_path, [square(2.5), square(3.5), square(0)]))


def test_counts_are_whole_and_not_negative(tmp_path):
    shapes = [square(0.1 * number, 0.2, 0.05) for number in range(4)]
    examination = buildings(tmp_path, shapes, households=["3", "-1", "2.5", "many"])
    assert [(found.code, found.row) for found in examination.findings] == [
        ("number_negative", 2),
        ("count_wrong", 3),
        ("count_wrong", 4),
    ]


def test_counts_beyond_belief_are_errors(tmp_path):
    assert codes(buildings(tmp_path, [square(0.2, 0.2, 0.1)], floors=[9999])) == ["number_large"]


def test_a_missing_kind_is_guessed_from_the_households_and_said(tmp_path):
    path = write(tmp_path / "b.geojson", [square(0.1, 0.1, 0.1), square(0.5, 0.1, 0.1)], {"户数": [12, 0]})
    examination = look("buildings", path, board())
    assert examination.frame.cells("kind").tolist() == ["residential", "other"]
    assert codes(examination) == ["kind_guessed", "kind_guessed"]


def households(tmp_path, shapes, buildings=None, **columns):
    stored = board()
    known = Known(stored.areas, stored.grids, buildings or places({"B1": square(0.2, 0.2, 0.2)}, "building"))
    path = write(tmp_path / "h.geojson", shapes, {"房号": ["101"] * len(shapes), **columns})
    return look("households", path, known)


@pytest.fixture
def stored_building(monkeypatch):
    monkeypatch.setattr(
        "tests.gis.imports.drawing.key", lambda code: int(f"{VILLAGE}001") if code == "B1" else int(code.ljust(15, "0"))
    )


@pytest.mark.usefixtures("stored_building")
def test_a_household_finds_its_building_by_place_or_by_code(tmp_path):
    assert codes(households(tmp_path, [square(0.2, 0.2, 0.1)])) == []
    assert codes(households(tmp_path, [square(0.2, 0.2, 0.1)], 楼栋编码=["B1"])) == []


@pytest.mark.usefixtures("stored_building")
def test_a_household_without_a_building_is_an_error(tmp_path):
    assert codes(households(tmp_path, [square(0.7, 0.2, 0.1)])) == ["household_alone"]
    assert codes(households(tmp_path, [square(0.7, 0.2, 0.1)], building_code=["B9"])) == ["building_missing"]


def test_barriers_are_lines_or_polygons(tmp_path):
    line = shapely.LineString([(WEST, SOUTH), (WEST + STEP, SOUTH)])
    path = write(
        tmp_path / "r.geojson",
        [line, square(), shapely.Point(WEST, SOUTH)],
        {"name": ["a", "b", "c"], "kind": ["primary", None, "x"]},
    )
    examination = look("barriers", path, barrier="road")
    assert [(found.code, found.row) for found in examination.findings] == [("shape_type", 3)]
    assert examination.frame.cells("rank").tolist() == ["arterial", "minor", "minor"]


def test_every_message_says_how_to_mend_it():
    for code, message in MESSAGES.items():
        assert message.message.endswith("."), code
        assert message.remedy.endswith("."), code
