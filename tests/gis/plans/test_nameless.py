"""Files that do not say which grid is which: the ground tells, and what it comes to is told."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas
import numpy as np
import shapely
from sqlalchemy.orm import Session

from gis.plans import incoming, store
from gis.plans.draft import draft
from gis.plans.incoming import Proposal
from gis.plans.labels import labels
from gis.viewer import Viewer
from layers.files import plan as files
from tests import fabrics
from tests.conftest import NOW
from tests.gis.plans.desk import Table


def outlines(table: Table, tmp_path: Path) -> geopandas.GeoDataFrame:
    """Return the outlines of the plan as they are drawn by hand: without code and name."""
    path = tmp_path / "own.geojson"
    path.write_bytes(files.write(table.session, table.viewer, table.plan.id, "geojson"))
    frame = geopandas.read_file(path)
    order = [labels(table.draft()).index(code) for code in frame["grid"]]
    return frame.set_index(np.array(order)).sort_index()[["geometry"]]


def brought(table: Table, tmp_path: Path, drawn: geopandas.GeoDataFrame) -> Proposal:
    path = tmp_path / "drawn.geojson"
    drawn.to_file(path, driver="GeoJSON")
    return incoming.from_file(table.session, table.viewer, table.draft(), path)


def said(proposal: Proposal, severity: str) -> list[str]:
    return [str(remark) for remark in proposal.remarks if remark.severity == severity]


def test_outlines_without_code_and_name_are_the_grids_whose_ground_they_hold(table: Table, tmp_path: Path) -> None:
    proposal = brought(table, tmp_path, outlines(table, tmp_path).sample(frac=1, random_state=1))
    edit = proposal.edit("x")
    assert (edit.cells, edit.grids) == ([], [])
    assert len(said(proposal, "note")) == 1
    assert said(proposal, "note")[0].startswith("9 outlines have neither code nor name")
    assert said(proposal, "warning") == []


def test_a_border_drawn_by_hand_moves_its_cells_and_nothing_else(table: Table, tmp_path: Path) -> None:
    drawn, grids = outlines(table, tmp_path), table.draft().grids
    shapes = drawn.geometry.to_numpy().copy()
    west, south, east, _north = shapes[1].bounds
    strip = shapely.box(west, south, east, south + 0.00012)
    shapes[0], shapes[1] = shapely.union(shapes[0], strip), shapely.difference(shapes[1], strip)
    proposal = brought(table, tmp_path, drawn.set_geometry(shapes))
    edit = proposal.edit("x")
    assert edit.cells
    assert set(edit.after) == {grids[0].id}
    assert edit.grids == []
    assert [grid for grid, _share in proposal.cuts[0].shares] == labels(table.draft())[:2]


def test_an_outline_too_many_is_a_new_grid_called_as_its_neighbours(table: Table, tmp_path: Path) -> None:
    drawn = outlines(table, tmp_path)
    shapes = drawn.geometry.to_numpy().copy()
    west, south, east, north = shapes[0].bounds
    part = shapely.box(west, south, west + 0.3 * (east - west), north)
    smaller, rest = shapely.intersection(shapes[0], part), shapely.difference(shapes[0], part)
    proposal = brought(table, tmp_path, geopandas.GeoDataFrame(geometry=[smaller, rest, *shapes[1:]], crs=drawn.crs))
    edit = proposal.edit("x")
    assert [(grid["id"], grid["name"]) for grid in edit.grids] == [(-1, following(table))]
    assert set(edit.after) == {-1}
    assert incoming.accept(table.session, table.viewer, proposal, table.key(), NOW) is not None


def following(table: Table) -> str:
    return f"清河{max(int(grid.name[2:4]) for grid in table.draft().grids) + 1:02}网格"


def test_grids_that_get_no_land_any_more_are_named(table: Table, tmp_path: Path) -> None:
    drawn, grids = outlines(table, tmp_path), table.draft().grids
    shapes = drawn.geometry.to_numpy()
    merged = [shapely.union(shapes[0], shapes[1]), *shapes[2:]]
    told = brought(table, tmp_path, geopandas.GeoDataFrame(geometry=merged, crs=drawn.crs))
    gone = grids[min((0, 1), key=lambda at: table.households()[at])].name
    assert said(told, "warning") == [f"These grids get no land any more: {gone}."]


def test_a_table_of_other_grids_says_which_ones_it_leaves_without_land(table: Table) -> None:
    draft = table.draft()
    first = [draft.ground.codes[at] for at in np.flatnonzero(draft.of == 0)]
    text = "cell,grid\n" + "".join(f"{code},1\n" for code in first)
    told = said(listed(table, text), "warning")
    assert f"These grids get no land any more: {draft.grids[0].name}." in told


def test_a_table_names_its_grids_in_either_column_and_says_which_cells_have_none(table: Table) -> None:
    draft = table.draft()
    one, two = (draft.ground.codes[at] for at in np.flatnonzero(draft.of == 0)[:2])
    proposal = listed(table, f"cell,grid,grid_name\n{one},,{draft.grids[1].name}\n{two},,\n")
    assert list(proposal.edit("x").after) == [draft.grids[1].id, None]
    assert "1 cells have no grid in the table; they would be in no grid." in said(proposal, "warning")


def test_what_a_file_names_is_not_given_to_an_outline_without_a_name(table: Table, tmp_path: Path) -> None:
    drawn, grids = outlines(table, tmp_path), table.draft().grids
    drawn["grid"] = [labels(table.draft())[1], *[None] * (len(drawn) - 1)]
    proposal = brought(table, tmp_path, drawn)
    assert [grid["name"] for grid in proposal.edit("x").grids] == [following(table)], "the second outline begins anew"
    assert said(proposal, "warning") == [f"These grids get no land any more: {grids[0].name}."]


def test_villages_without_an_outline_in_the_file_stay_as_they_are(
    session: Session, admitted: Callable[[str], Viewer], tmp_path: Path
) -> None:
    town, (one, _two) = fabrics.lay_town(session, np.array([[0, 1]]), np.array([[9, 9]]))
    path = tmp_path / "part.geojson"
    viewer = admitted("planner")
    plan = store.create(session, viewer, town, "全镇", NOW)
    path.write_bytes(files.write(session, viewer, store.create(session, viewer, one.code, "清河", NOW).id, "geojson"))
    proposal = incoming.from_file(session, viewer, draft(session, viewer, plan.id), path)
    assert proposal.edit("x").cells == []
    assert [str(remark) for remark in proposal.remarks] == [
        "1 villages have no outline in the file; they stay as they are."
    ]
    assert len(proposal.sums(proposal.laid())) == 4, "the page shows all grids of the plan"


def test_an_outline_between_the_middles_of_cells_is_looked_at_all_the_same(table: Table, tmp_path: Path) -> None:
    corner = fabrics.WEST + fabrics.STEP, fabrics.SOUTH + fabrics.STEP
    tiny = shapely.Point(corner).buffer(0.2 * fabrics.STEP)
    frame = geopandas.GeoDataFrame(geometry=[tiny], crs="EPSG:4490")
    assert said(brought(table, tmp_path, frame), "error") == ["The outlines hold no cell of this plan."]


def listed(table: Table, text: str) -> Any:
    return incoming.from_table(table.session, table.viewer, table.draft(), text.encode())
