"""What an accepted file leaves behind: all its rows with grid and territory, a batch and an audit row, or nothing."""

import json

import pytest
import shapely
from sqlalchemy import func, inspect, select

from gis import imports
from gis.areas import Area
from gis.audit import AuditEntry, ImportBatch
from gis.barriers import Barrier
from gis.boundaries import Gap, Grid, GridOutline
from gis.errors import Invalid, NotAllowed, Refused
from gis.imports import Options
from gis.premises import Building, Household
from gis.viewer import Territory, Viewer, system
from tests.gis.imports.drawing import DISTRICT, SOUTH, STEP, TODAY, TOWN, VILLAGE, WEST, bow_tie, square, write

STEWARD = system(TODAY)
WHOLE = shapely.box(WEST, SOUTH, WEST + 2 * STEP, SOUTH + STEP)


def bring(session, kind, path, **options):
    examination = imports.examine(session, STEWARD, kind, path, Options(4549, **options))
    return imports.accept(session, STEWARD, examination)


def bring_areas(session, folder):
    columns = {"code": [DISTRICT, TOWN, VILLAGE], "name": ["试区", "试街道", "试社区"]}
    return bring(session, "areas", write(folder / "areas.geojson", [WHOLE] * 3, columns))


def bring_grids(session, folder, shapes=None, **options):
    columns = {"code": [f"{VILLAGE}001", f"{VILLAGE}002"], "name": ["第1网格", "第2网格"]}
    return bring(session, "grids", write(folder / "grids.geojson", shapes or [square(), square(1)], columns), **options)


def bring_buildings(session, folder):
    shapes = [square(0.2, 0.2, 0.1), square(0.85, 0.2, 0.2), square(1.5, 0.5, 0.1)]
    columns = {
        "name": ["一号\t楼\\", None, "三号楼"],
        "户数": [3, 0, 5],
        "人数": [8, 0, 11],
        "楼栋编码": ["B1", "B2", "B3"],
    }
    return bring(session, "buildings", write(folder / "buildings.geojson", shapes, columns))


@pytest.fixture
def village(session, tmp_path):
    bring_areas(session, tmp_path)
    return tmp_path


def gaps(session):
    found = (
        select(Gap.kind, func.count()).where(Gap.territory.between(999903 * 10**9, 999904 * 10**9)).group_by(Gap.kind)
    )
    return dict(session.execute(found).all())


def test_areas_become_a_tree(session, village):
    stored = session.scalars(select(Area).where(Area.code.like("999903%")).order_by(Area.code)).all()
    assert [(area.level, area.kind, area.parent_code) for area in stored] == [
        ("district", "district", None),
        ("town", "street", DISTRICT),
        ("village", "community", TOWN),
    ]


def test_grids_are_valid_from_the_day_and_buildings_find_them(session, village):
    bring_grids(session, village)
    bring_buildings(session, village)
    outlines = session.scalars(
        select(GridOutline).where(GridOutline.code.like(f"{VILLAGE}%")).order_by(GridOutline.code)
    ).all()
    assert [outline.valid.lower for outline in outlines] == [TODAY, TODAY]
    assert all(outline.valid.upper is None for outline in outlines)
    assert [(outline.buildings, outline.households, outline.residents) for outline in outlines] == [
        (2, 3, 8),
        (1, 5, 11),
    ]
    assert outlines[0].area_m2 == pytest.approx(1_047_900, rel=0.01)
    stored = session.scalars(
        select(Building).where(Building.code.in_(["B1", "B2", "B3"])).order_by(Building.code)
    ).all()
    assert [building.territory for building in stored] == [int(f"{VILLAGE}00{grid}") for grid in (1, 1, 2)]
    assert stored[0].name == "一号\t楼\\"
    assert gaps(session) == {"cut": 1}


def test_buildings_that_were_there_first_get_their_grid_when_it_comes(session, village):
    bring_buildings(session, village)
    assert gaps(session) == {"building": 3}
    bring_grids(session, village)
    grids = (
        select(Building.code, Grid.code).join(Grid).where(Building.code.in_(["B1", "B2", "B3"])).order_by(Building.code)
    )
    assert [grid for _, grid in session.execute(grids)] == [f"{VILLAGE}00{number}" for number in (1, 1, 2)]
    assert gaps(session) == {"cut": 1}


def test_a_gap_between_grids_is_listed(session, village):
    half = shapely.box(WEST + 1.5 * STEP, SOUTH, WEST + 2 * STEP, SOUTH + STEP)
    bring_grids(session, village, [square(), half])
    assert gaps(session) == {"gap": 1}


def test_a_gap_names_the_very_building_that_is_cut_or_outside(session, village):
    bring_grids(session, village, [square(), square(1, 0, 0.4)])
    bring_buildings(session, village)
    named = select(Gap.kind, Building.code).join(Building, Building.id == Gap.building_id)
    found = session.execute(named.where(Building.code.in_(["B1", "B2", "B3"]))).all()
    assert sorted(map(tuple, found)) == [("building", "B3"), ("cut", "B2")]


def test_grids_may_start_on_another_day(session, village):
    bring_grids(session, village, day=TODAY.replace(day=1))
    assert session.scalar(select(func.lower(GridOutline.valid)).where(GridOutline.code == f"{VILLAGE}001")).day == 1


def test_households_follow_their_building(session, village):
    bring_grids(session, village)
    bring_buildings(session, village)
    columns = {"房号": ["101", "201"], "楼层": [1, 2], "登记日期": ["2026-01-31", None]}
    path = write(village / "households.geojson", [square(0.2, 0.2, 0.1), square(0.9, 0.25, 0.1)], columns)
    assert bring(session, "households", path).rows == 2
    stored = session.scalars(
        select(Household).where(Household.label.in_(["101", "201"])).order_by(Household.id.desc()).limit(2)
    ).all()
    assert {household.territory for household in stored} == {int(f"{VILLAGE}001")}
    assert {household.kind for household in stored} == {"flat"}


def test_lines_and_water_become_barriers(session, village):
    before = session.scalar(select(func.count()).select_from(Barrier))
    line = shapely.LineString([(WEST, SOUTH), (WEST + STEP, SOUTH)])
    bring(session, "barriers", write(village / "r.geojson", [line, square()], {"name": ["路", "河"]}), barrier="river")
    assert session.scalar(select(func.count()).select_from(Barrier)) == before + 2
    kinds = select(func.geometrytype(Barrier.line)).order_by(Barrier.id.desc()).limit(2)
    assert set(session.scalars(kinds)) == {"MULTILINESTRING", "MULTIPOLYGON"}


def test_an_import_leaves_a_batch_and_an_audit_row(session, village):
    batch = session.scalars(select(ImportBatch).order_by(ImportBatch.id.desc())).first()
    assert (batch.kind, batch.file_name, batch.rows, len(batch.sha256)) == ("areas", "areas.geojson", 3, 64)
    entry = session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc())).first()
    assert (entry.action, entry.detail["batch"], entry.detail["rows"]) == ("data.import", batch.id, 3)


def test_findings_are_kept_with_the_batch(session, village):
    bring_grids(session, village)
    batch = bring_buildings(session, village)
    kept = json.loads(json.dumps(batch.findings))
    assert [(found["code"], found["row"]) for found in kept if found["severity"] == "warning"] == [("building_cut", 2)]


def test_the_same_file_and_the_same_codes_are_not_taken_twice(session, village):
    again = imports.examine(session, STEWARD, "areas", village / "areas.geojson", Options(4549))
    assert [finding.code for finding in again.findings] == ["same_file"]
    columns = {"code": [VILLAGE], "name": ["别名"]}
    other = imports.examine(session, STEWARD, "areas", write(village / "b.geojson", [WHOLE], columns), Options(4549))
    assert [finding.code for finding in other.findings] == ["code_there"]


def test_a_file_with_one_error_writes_nothing(session, village):
    before = session.scalar(select(func.count()).select_from(Building))
    path = write(village / "b.geojson", [square(0.1, 0.1, 0.1), bow_tie()], {"kind": ["other", "other"]})
    with pytest.raises(Invalid):
        bring(session, "buildings", path)
    assert session.scalar(select(func.count()).select_from(Building)) == before


def test_a_file_about_persons_is_refused(session, village):
    with pytest.raises(Refused):
        bring(session, "buildings", write(village / "b.geojson", [square()], {"民族": ["x"]}))


def test_looking_writes_nothing(session, village):
    imports.examine(
        session, STEWARD, "buildings", write(village / "b.geojson", [square()], {"kind": ["other"]}), Options(4549)
    )
    assert not session.new
    assert not session.dirty


def test_only_who_may_import_may_look_or_write(session, tmp_path):
    planner = Viewer(1, "planner", "planner", Territory((DISTRICT,)), TODAY, permissions=frozenset({"map.view"}))
    with pytest.raises(NotAllowed):
        imports.examine(session, planner, "areas", tmp_path, Options(4549))


@pytest.fixture
def real_district(session, lujiazui):
    for kind, name, barrier in (
        ("areas", "areas", None),
        ("barriers", "roads", "road"),
        ("barriers", "water", "river"),
        ("grids", "grids", None),
        ("buildings", "buildings", None),
    ):
        bring(session, kind, lujiazui / f"{name}.geojson", barrier=barrier)
    return lujiazui


def test_the_real_files_load_in_the_documented_order(session, real_district):
    under = Building.territory.between(999902 * 10**9, 999903 * 10**9)
    assert session.scalar(select(func.count()).where(under)) == 1321
    assert session.scalar(select(func.count()).where(under, Building.grid_id.is_(None))) == 0
    assert session.scalar(select(func.sum(Building.households)).where(under)) == 49380
    cut = select(func.count()).where(Gap.kind == "cut", Gap.territory.between(999902 * 10**9, 999903 * 10**9))
    assert session.scalar(cut) == 5


def test_the_five_cut_buildings_of_the_real_files_are_findings(session, real_district):
    kept = session.scalars(
        select(ImportBatch.findings).where(ImportBatch.kind == "buildings").order_by(ImportBatch.id.desc())
    ).first()
    assert [found["row"] for found in kept if found["code"] == "building_cut"] == [77, 86, 765, 826, 888]


def structure(session):
    seen = inspect(session.connection())
    indexes = {index["name"] for index in seen.get_indexes("buildings")}
    return indexes, {key["name"] for key in seen.get_foreign_keys("buildings")}


def test_many_buildings_are_written_with_their_indexes_built_anew(session, village, monkeypatch):
    monkeypatch.setattr("gis.database.BULK", 1)
    before = structure(session)
    count = session.scalar(select(func.count()).select_from(Building)) + 5
    shapes = [square(0.01 * (number % 90), 0.01 * (number // 90), 0.005) for number in range(count)]
    bring(session, "buildings", write(village / "b.geojson", shapes, {"kind": ["other"] * count}))
    assert structure(session) == before
    assert session.scalar(select(func.count()).select_from(Building)) == 2 * count - 5
