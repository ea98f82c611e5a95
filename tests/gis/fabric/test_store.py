"""Fabrics in the database: built once, built anew with what did not change kept, under the planner's own rights."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import shapely
from sqlalchemy import event, func, select, text, update
from sqlalchemy.orm import Session

from gis import geometry
from gis.areas import Area
from gis.audit import AuditEntry
from gis.barriers import Barrier
from gis.database import admit
from gis.errors import Invalid, NotAllowed, NotFound
from gis.fabric import files, store
from gis.fabric.ground import Ground, ground
from gis.fabric.tables import Cell, CellBorder
from gis.premises import Building, Household
from gis.viewer import Territory, Viewer, span
from tests import builders
from tests.conftest import NOW

Enter = Callable[[str], Viewer]


@pytest.fixture
def villages(session: Session) -> list[str]:
    """The villages of the tiny district."""
    return list(session.scalars(select(Area.code).where(Area.level == "village").order_by(Area.code)))


def tiles(session: Session, viewer: Viewer, village: str) -> None:
    """Look at what has to hold of the stored fabric of a village."""
    _, outlines = store.shapes(session, viewer, [village])
    stored = session.scalar(select(func.st_asbinary(Area.outline)).where(Area.code == village))
    assert stored is not None
    outline = shapely.from_wkb(bytes(stored))
    assert shapely.coverage_is_valid(outlines)
    assert abs(shapely.area(outlines).sum() / shapely.area(outline) - 1) < 1e-8


def outlines(session: Session) -> tuple[int, str]:
    """How many outlines there are, and a hash of all that is in them; the session is the owner's."""
    told = "SELECT count(*), md5(string_agg(t::text, ';' ORDER BY t.id)) FROM grid_outlines t"
    count, digest = session.execute(text(told)).one()
    return int(count), str(digest)


def test_every_village_is_tiled_and_every_household_is_in_one_cell(
    session: Session, admitted: Enter, villages: list[str]
) -> None:
    viewer = admitted("planner")
    for village in villages:
        fabric = store.ensure(session, viewer, village, NOW)
        assert (fabric.version, fabric.built_at) == (1, NOW)
        tiles(session, viewer, village)
    land = ground(session, viewer, villages)
    sums = select(func.sum(Building.households), func.sum(Building.residents), func.count())
    there = session.execute(sums.where(Building.territory.between(*span(villages[0])))).one()
    own = land.village == 0
    assert (land.households[own].sum(), land.residents[own].sum(), land.buildings[own].sum()) == tuple(there)
    assert land.villages == villages
    assert (np.diff(land.ids) > 0).all()
    assert len(set(land.codes)) > len(land.codes) / len(villages)


def test_it_is_built_once(session: Session, admitted: Enter, villages: list[str]) -> None:
    viewer = admitted("planner")
    first = store.ensure(session, viewer, villages[0], NOW)
    assert store.ensure(session, viewer, villages[0], NOW) is first
    again = store.rebuild(session, viewer, villages[0], NOW)
    assert again.fabric is first
    assert (len(again.new), len(again.retired)) == (0, 0)
    assert len(again.kept) == first.cells


def test_a_building_that_is_gone_changes_only_what_is_around_it(
    session: Session, admitted: Enter, villages: list[str]
) -> None:
    viewer = admitted("planner")
    village = villages[1]
    store.ensure(session, viewer, village, NOW)
    before = ground(session, viewer, [village])
    at = int(np.flatnonzero(before.building_ids >= 0)[7])
    around = set(np.concatenate([before.b[before.a == at], before.a[before.b == at]]).tolist())
    session.execute(text("RESET ROLE"))
    outlines_before = outlines(session)
    gone = int(before.building_ids[at])
    high = session.scalar(select(func.max(Building.territory)))
    assert high is not None
    session.execute(update(Building).where(Building.id == gone).values(territory=high + 1000))
    viewer = admitted("planner")
    changes = store.rebuild(session, viewer, village, NOW)
    assert changes.fabric.version == 2
    assert before.ids[at] in changes.retired
    assert 0 < len(changes.retired) < len(before.ids) / 2
    assert set(changes.retired) - {before.ids[at]} <= set(before.ids)
    assert len(around & {int(before.index([n])[0]) for n in changes.retired}) > 0
    after = ground(session, viewer, [village])
    kept = dict(zip(after.ids.tolist(), after.codes, strict=True))
    assert all(kept[n] == c for n, c in zip(before.ids.tolist(), before.codes, strict=True) if n in changes.kept)
    assert len(set(after.codes)) == len(after.codes)
    tiles(session, viewer, village)
    stored = session.execute(select(Cell.since, Cell.until, func.count()).group_by(Cell.since, Cell.until)).all()
    assert sorted(map(str, stored)) == sorted(
        map(str, [(1, None, len(changes.kept)), (1, 2, len(changes.retired)), (2, None, len(changes.new))])
    )
    session.execute(text("RESET ROLE"))
    assert outlines(session) == outlines_before, "no published outline is touched, by not one byte"


def test_a_road_that_changes_its_rank_changes_borders_and_no_cell(
    session: Session, admitted: Enter, villages: list[str]
) -> None:
    viewer = admitted("planner")
    store.ensure(session, viewer, villages[1], NOW)
    before = ground(session, viewer, [villages[1]])
    session.execute(text("RESET ROLE"))
    session.execute(update(Barrier).where(Barrier.kind == "road").values(rank="arterial"))
    viewer = admitted("planner")
    changes = store.rebuild(session, viewer, villages[1], NOW)
    after = ground(session, viewer, [villages[1]])
    assert (changes.fabric.version, len(changes.new)) == (1, 0)
    road = before.along == "road"
    assert road.any()
    assert set(before.rank[road]) != {"arterial"}
    assert set(after.rank[after.along == "road"]) == {"arterial"}
    assert (after.a.tolist(), after.b.tolist()) == (before.a.tolist(), before.b.tolist())


def settled(session: Session) -> str:
    """Store a neighbouring village with a tower of two units beside it, and return its code."""
    builders.settle(session, 130.0, 30.0)
    building = session.scalars(select(Building).where(Building.territory == int(builders.GRID))).one()
    building.households, building.residents = 720, 1500
    session.flush()
    for unit, west, homes in (("1单元", 130.0040, 400), ("2单元", 130.0046, 300)):
        outline = builders.square(west, 30.0041, 0.0003)
        rows = [
            Household(territory=building.territory, grid_id=building.grid_id, building_id=building.id, unit=unit,
                      label=f"{unit}{n}", residents=2, outline=outline)
            for n in range(homes)
        ]  # fmt: skip
        session.add_all(rows)
    session.flush()
    return builders.VILLAGE


def test_a_tower_is_split_by_its_units_for_a_planner_who_sees_no_household(session: Session, viewer_as: Enter) -> None:
    village = settled(session)
    planner = replace(viewer_as("planner"), territory=Territory((builders.DISTRICT,)))
    admit(session, planner)
    assert session.scalar(select(func.count()).select_from(Household)) == 0
    store.ensure(session, planner, village, NOW)
    land = ground(session, planner, [village])
    parts = session.execute(select(Cell.units, Cell.households).where(Cell.part.is_not(None)).order_by(Cell.part)).all()
    assert [tuple(row) for row in parts] == [(["1单元"], 411), (["2单元", ""], 309)]
    assert land.households.sum() == 720
    assert land.buildings.sum() == 1
    assert land.codes[:2] == ["00001-1", "00001-2"]
    admit(session, replace(planner, territory=Territory(())))
    assert session.execute(text(f"SELECT count(*) FROM wangge_units({builders.VILLAGE}000, 500)")).scalar() == 0


def test_only_who_draws_builds(session: Session, admitted: Enter, viewer_as: Enter, villages: list[str]) -> None:
    leader, viewer = viewer_as("grid_leader"), admitted("town_manager")
    with pytest.raises(NotAllowed):
        store.ensure(session, viewer, villages[0], NOW)
    with pytest.raises(NotAllowed):
        ground(session, leader, villages)


def test_a_code_that_is_no_village_is_refused(session: Session, admitted: Enter) -> None:
    viewer = admitted("planner")
    for code in ("999901000000", "12", "99990110000x", "９９９９０１１００００１"):
        with pytest.raises(Invalid):
            store.rebuild(session, viewer, code, NOW)
    with pytest.raises(NotFound):
        store.rebuild(session, viewer, "999907001001", NOW)


def test_it_takes_the_same_few_statements_for_any_village(
    session: Session, admitted: Enter, villages: list[str]
) -> None:
    viewer = admitted("planner")
    counts = []
    for village in villages:
        sent: list[str] = []
        bind = session.get_bind()
        listen = lambda *given, sent=sent: sent.append(given[2])  # noqa: E731
        event.listen(bind, "before_cursor_execute", listen)
        store.ensure(session, viewer, village, NOW)
        ground(session, viewer, [village])
        event.remove(bind, "before_cursor_execute", listen)
        counts.append(len(sent))
    assert max(counts) <= 20
    assert max(counts) - min(counts) <= 1


def test_what_was_built_is_in_the_log(session: Session, admitted: Enter, villages: list[str]) -> None:
    store.ensure(session, admitted("planner"), villages[0], NOW)
    session.execute(text("RESET ROLE"))
    entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "fabric.build")).one()
    assert (entry.subject, entry.detail["version"], entry.detail["kept"]) == (villages[0], 1, 0)


def test_borders_join_land_and_never_water(session: Session, admitted: Enter, villages: list[str]) -> None:
    viewer = admitted("planner")
    store.ensure(session, viewer, villages[0], NOW)
    land: Ground = ground(session, viewer, villages[:1])
    wet = land.kinds == "water"
    touching = wet[land.a] | wet[land.b]
    assert touching.any()
    assert not (land.joins & touching).any()
    assert land.joins[~land.blocked & ~touching].all()
    assert land.index([*land.ids[:3], 0]).tolist() == [0, 1, 2, -1]
    rows = session.scalar(select(func.count()).select_from(CellBorder))
    assert rows == len(land.a)


def test_the_file_of_a_village_is_geojson_with_every_cell(
    session: Session, admitted: Enter, villages: list[str]
) -> None:
    viewer = admitted("planner")
    fabric = store.ensure(session, viewer, villages[0], NOW)
    told = json.loads("\n".join(files.geojson(session, viewer, villages[0])))
    assert len(told["features"]) == fabric.cells
    first = shapely.geometry.shape(told["features"][0]["geometry"])
    assert shapely.is_ccw(shapely.get_exterior_ring(shapely.get_parts(first)[0]))
    assert set(told["features"][0]["properties"]) == {
        "code", "kind", "village_code", "households", "residents", "area_m2",
    }  # fmt: skip


def test_grids_made_of_cells_tile_the_village(session: Session, admitted: Enter, villages: list[str]) -> None:
    viewer = admitted("planner")
    store.ensure(session, viewer, villages[1], NOW)
    _, cells = store.shapes(session, viewer, [villages[1]])
    west = shapely.get_x(shapely.point_on_surface(cells))
    group = np.searchsorted(np.quantile(west, [0.25, 0.5, 0.75]), west)
    grids = geometry.derive(cells, group, 4)
    assert shapely.coverage_is_valid(grids)
    assert shapely.area(grids).sum() == pytest.approx(shapely.area(cells).sum(), rel=1e-12)
