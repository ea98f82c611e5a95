"""Assignments that come in as files: tables with every kind of spoilt code, and outlines drawn by hand."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import geopandas
import numpy as np
import pytest
import shapely

from gis.crs import to_gcj02
from gis.errors import Invalid
from gis.plans import incoming
from gis.plans.incoming import Proposal
from gis.plans.labels import digest, labels
from layers.files import plan as files
from tests.conftest import NOW
from tests.gis.plans.desk import Table, other


def take(table: Table, proposal: Proposal) -> Any:
    return incoming.accept(table.session, table.viewer, proposal, table.key(), NOW)


def from_table(table: Table, text: str | bytes) -> Proposal:
    data = text if isinstance(text, bytes) else text.encode()
    return incoming.from_table(table.session, table.viewer, table.draft(), data)


def exported(table: Table, form: str = "csv") -> bytes:
    return files.write(table.session, table.viewer, table.plan.id, form)


def from_file(table: Table, tmp_path: Path, form: str, **given: Any) -> Proposal:
    path = tmp_path / f"plan.{form}"
    path.write_bytes(exported(table, form))
    return incoming.from_file(table.session, table.viewer, table.draft(), path, **given)


def redrawn(table: Table) -> str:
    """Draw so that grids in force and a new one are in the plan, and return its hash."""
    table.edit("create", table.village.of(7)[:30], -1, [{"id": -1, "name": "东岸新网格"}])
    table.edit("paint", table.village.of(1)[:3], table.grids[1])
    return digest(table.draft())


def test_a_table_that_went_out_comes_in_as_the_same_assignment(table: Table) -> None:
    drawn, body = redrawn(table), exported(table)
    for _ in range(2):
        table.undo()
    assert digest(table.draft()) != drawn
    assert take(table, from_table(table, body)) is not None
    assert digest(table.draft()) == drawn


def test_a_table_with_names_alone_says_the_same_as_one_with_codes(table: Table) -> None:
    drawn, rows = redrawn(table), list(csv.DictReader(io.StringIO(exported(table).decode())))
    text = "cell,grid_name\n" + "".join(f"{row['cell']},{row['grid_name']}\n" for row in rows)
    for _ in range(2):
        table.undo()
    take(table, from_table(table, text))
    assert digest(table.draft()) == drawn


@pytest.mark.parametrize("form", ["geojson", "gpkg", "shp.zip"])
def test_outlines_that_went_out_come_in_as_the_same_assignment(table: Table, tmp_path: Path, form: str) -> None:
    drawn = redrawn(table)
    proposal = from_file(table, tmp_path, form)
    assert not proposal.remarks
    assert not proposal.cuts
    assert proposal.edit("x").cells == []
    for _ in range(2):
        table.undo()
    path = tmp_path / f"plan.{form}"
    again = incoming.from_file(table.session, table.viewer, table.draft(), path)
    take(table, again)
    assert digest(table.draft()) == drawn
    assert "东岸新网格" in {grid.name for grid in table.draft().grids}


def test_the_same_file_twice_changes_nothing_more(table: Table) -> None:
    redrawn(table)
    body = exported(table)
    assert take(table, from_table(table, body)) is None


def lines(table: Table, count: int = 2) -> list[tuple[str, str]]:
    """Cell and grid of some cells of the second grid, as the export has them."""
    draft = table.draft()
    code = labels(draft)
    found = [(draft.ground.codes[at], code[draft.of[at]]) for at in np.flatnonzero(draft.of == 1)]
    return found[:count]


def test_a_table_of_another_desk_is_read(table: Table) -> None:
    (one, grid), (two, _) = lines(table)
    wide = one.translate({ord(str(n)): chr(0xFF10 + n) for n in range(10)})
    text = f"﻿地块;网格\r\n{wide} ;{grid}\r\n'{two};\r\n"
    proposal = from_table(table, text)
    assert proposal.acceptable
    take(table, proposal)
    draft = table.draft()
    assert draft.of[draft.ground.codes.index(two)] == -1
    assert from_table(
        table, "地块,网格名称,网格\n".encode("gb18030") + f"{one},河东,{grid}\n".encode("gb18030")
    ).acceptable


@pytest.mark.parametrize(("cell", "grid", "said"), [
    ("no-such-cell", "999", "There is no cell"),
    (None, "9.99901E+14", "rounded"),
    (None, "999901100990777", "There is no grid"),
    ("", "", "There is no cell"),
])  # fmt: skip
def test_a_spoilt_line_is_named_and_nothing_is_written(table: Table, cell: str | None, grid: str, said: str) -> None:
    (one, own), *_ = lines(table)
    text = f"cell,grid\n{one},{own}\n{one if cell is None else cell},{grid or own}\n"
    proposal = from_table(table, text)
    wrong = [remark for remark in proposal.remarks if remark.severity == "error"]
    assert next(remark.row for remark in wrong) == 3
    assert said in str(wrong[0])
    before = table.plan.revision
    with pytest.raises(Invalid):
        take(table, proposal)
    assert table.plan.revision == before


def test_a_cell_in_two_grids_is_an_error_in_one_is_not(table: Table) -> None:
    (one, grid), *_ = lines(table)
    assert not from_table(table, f"cell,grid\n{one},{grid}\n{one},第二格\n").acceptable
    assert from_table(table, f"cell,grid\n{one},{grid}\n{one},{grid}\n").acceptable


def test_a_table_without_its_columns_or_its_letters_is_refused(table: Table) -> None:
    for data in (b"a,b\n1,2\n", b"", b"cell,grid\n\xff\xff\x00,1\n", b"cell,grid\n"):
        with pytest.raises(Invalid):
            from_table(table, data)


def test_a_new_name_that_is_a_number_of_a_person_is_refused(table: Table) -> None:
    (one, _grid), *_ = lines(table)
    assert not from_table(table, f"cell,grid,grid_name\n{one},新,13812345678\n").acceptable


def frame(table: Table, tmp_path: Path) -> geopandas.GeoDataFrame:
    path = tmp_path / "own.geojson"
    path.write_bytes(exported(table, "geojson"))
    return geopandas.read_file(path)


def brought(table: Table, tmp_path: Path, drawn: geopandas.GeoDataFrame, **given: Any) -> Proposal:
    path = tmp_path / "drawn.geojson"
    drawn.to_file(path, driver="GeoJSON")
    return incoming.from_file(table.session, table.viewer, table.draft(), path, **given)


def test_a_drawing_with_slivers_a_gap_and_an_overlap_is_repaired_and_told(table: Table, tmp_path: Path) -> None:
    drawn = frame(table, tmp_path)
    outlines = drawn.geometry.to_numpy().copy()
    outlines[0] = shapely.buffer(outlines[0], 1.5e-5)  # about 1.5 m over its neighbours
    outlines[3] = shapely.buffer(outlines[3], -1e-5)  # about 1 m short of them
    proposal = brought(table, tmp_path, drawn.set_geometry(outlines))
    assert proposal.acceptable
    assert proposal.repair["overlap_m2"] > 50
    assert proposal.repair["moved_m2"] > 50
    assert proposal.edit("x").cells == []


def test_a_border_through_buildings_gives_each_to_the_larger_side(table: Table, tmp_path: Path) -> None:
    drawn = frame(table, tmp_path)
    draft = table.draft()
    one, two = (int(np.flatnonzero(drawn["grid"] == labels(draft)[at])[0]) for at in (0, 1))
    outlines = drawn.geometry.to_numpy().copy()
    west, south, east, _north = outlines[two].bounds
    strip = shapely.box(west, south, east, south + 0.00012)  # more than half of a row of cells
    outlines[one] = shapely.union(outlines[one], strip)
    outlines[two] = shapely.difference(outlines[two], strip)
    proposal = brought(table, tmp_path, drawn.set_geometry(outlines))
    assert proposal.acceptable
    assert len(proposal.cuts) > 3
    cut = proposal.cuts[0]
    assert [grid for grid, _share in cut.shares] == [labels(draft)[0], labels(draft)[1]]
    assert sum(share for _grid, share in cut.shares) == pytest.approx(1, abs=0.02)
    moved = proposal.edit("x")
    assert set(moved.after) == {draft.grids[0].id}
    assert {cut.cell for cut in proposal.cuts} <= set(moved.cells)


@pytest.mark.parametrize(("change", "said"), [
    (lambda at: at + 1.0, "outside"),
    (lambda at: at[:, ::-1], "swapped"),
    (lambda at: to_gcj02(at), "gcj02"),
])  # fmt: skip
def test_a_drawing_in_another_place_is_never_taken(table: Table, tmp_path: Path, change: Any, said: str) -> None:
    drawn = frame(table, tmp_path)
    proposal = brought(table, tmp_path, drawn.set_geometry(shapely.transform(drawn.geometry.to_numpy(), change)))
    assert not proposal.acceptable
    assert said in " ".join(map(str, proposal.remarks))


def test_a_shifted_drawing_is_taken_when_its_system_is_named(table: Table, tmp_path: Path) -> None:
    drawn = frame(table, tmp_path)
    shifted = drawn.set_geometry(shapely.transform(drawn.geometry.to_numpy(), to_gcj02))
    proposal = brought(table, tmp_path, shifted, crs="gcj02")
    assert proposal.acceptable
    assert proposal.edit("x").cells == []


def test_points_and_empty_rows_are_told(table: Table, tmp_path: Path) -> None:
    drawn = frame(table, tmp_path)
    outlines = drawn.geometry.to_numpy().copy()
    outlines[0] = shapely.point_on_surface(outlines[0])
    proposal = brought(table, tmp_path, drawn.set_geometry(outlines))
    assert [remark.row for remark in proposal.remarks if remark.severity == "error"] == [1]


def test_a_collection_counts_by_the_areas_in_it(table: Table, tmp_path: Path) -> None:
    drawn = frame(table, tmp_path)
    outlines = drawn.geometry.to_numpy().copy()
    outlines[0] = shapely.GeometryCollection([outlines[0], shapely.Point(0, 0)])
    proposal = brought(table, tmp_path, drawn.set_geometry(outlines))
    assert proposal.acceptable
    assert proposal.edit("x").cells == []


def test_a_ring_that_is_not_closed_is_closed_and_told_with_its_row(table: Table, tmp_path: Path) -> None:
    path = tmp_path / "open.geojson"
    held = json.loads(exported(table, "geojson"))
    held["features"][1]["geometry"]["coordinates"][0].pop()
    path.write_text(json.dumps(held), encoding="utf-8")
    proposal = incoming.from_file(table.session, table.viewer, table.draft(), path)
    assert [(remark.severity, remark.row) for remark in proposal.remarks] == [("note", 2)]
    assert "not closed" in str(proposal.remarks[0])
    assert proposal.edit("x").cells == []


@pytest.mark.parametrize("name", ["长" * 500, "李四13812345678"])
def test_names_that_no_grid_can_have_are_told_with_their_rows(table: Table, tmp_path: Path, name: str) -> None:
    drawn = frame(table, tmp_path)
    drawn.loc[[1, 4], "name"] = name
    outlines = brought(table, tmp_path, drawn)
    (one, grid), (two, _) = lines(table)
    for proposal, rows in (
        (outlines, [2, 5]),
        (from_table(table, f"cell,grid,grid_name\n{one},{grid},{name}\n{two},新格,{name}\n"), [2, 3]),
    ):
        assert [remark.row for remark in proposal.remarks if remark.severity == "error"] == rows
        with pytest.raises(Invalid):
            take(table, proposal)


def test_what_the_outlines_leave_out_is_in_no_grid_and_told(table: Table, tmp_path: Path) -> None:
    drawn = frame(table, tmp_path)
    proposal = brought(table, tmp_path, drawn.iloc[1:])
    assert proposal.acceptable
    assert any("in no outline" in str(remark) for remark in proposal.remarks)
    take(table, proposal)
    assert int((table.draft().of == -1).sum()) == len(table.village.of(1)) + 0


def test_a_file_and_a_stroke_at_the_same_cells_do_not_overwrite_each_other(table: Table) -> None:
    (one, _grid), *_ = lines(table)
    proposal = from_table(table, f"cell,grid\n{one},\n")
    cell = int(proposal.draft.ground.ids[proposal.draft.ground.codes.index(one)])
    other(table).edit("paint", [cell], table.grids[0])
    with pytest.raises(Exception, match="changed meanwhile"):
        take(table, proposal)
