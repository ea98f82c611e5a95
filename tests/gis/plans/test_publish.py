"""A plan in force: outlines, codes and links follow the ground, and it leaves its trace."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
import shapely
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from gis import gaps
from gis.audit import AuditEntry
from gis.boundaries import Gap, GridOutline
from gis.cases import Case
from gis.coverage import Visit
from gis.party import Organisation
from gis.plans import compare, impact
from gis.plans.tables import PlanGrid
from gis.premises import Building, Household
from gis.resources import ServicePoint, VolunteerTeam
from gis.viewer import key
from tests.conftest import DAY, NOW
from tests.gis.plans import history, scene
from tests.gis.plans.scene import SRID, Enter

TOMORROW = DAY + timedelta(days=1)


def test_the_comparison_of_a_published_plan_is_what_it_changed(
    session: Session, enter: Enter, found: scene.Scene
) -> None:
    plan = history.pushed(session, enter, found)
    before = compare.against_force(session, enter("planner"), plan.id)
    scene.in_force(session, enter, plan, NOW)
    after = compare.against_force(session, enter("planner"), plan.id)
    assert before.cells
    assert after == before


def test_what_stands_on_the_moved_ground_goes_along_and_nothing_else(
    session: Session, enter: Enter, found: scene.Scene
) -> None:
    village = found.village
    models = (Building, Household, Case, Visit)
    before = {model: scene.rows(session, model) for model in models}
    stored = history.outlines(session, village)
    plan = history.pushed(session, enter, found)
    scene.in_force(session, enter, plan, NOW)
    history.owner(session)
    went = (village.grids[3], key(village.code) + 4)
    after = {model: scene.rows(session, model) for model in models}
    changed = {model: {id_ for id_ in after[model] if after[model][id_] != before[model][id_]} for model in models}
    assert changed[Building] == {int(building) for building in village.buildings[14, :3]}
    assert len(changed[Household]) == 3 * scene.FLOOR
    assert changed[Visit] == set(), "a visit stays in the grid it was made in"
    assert found.restricted in changed[Case], "nobody but its handler sees the case, and yet it went along"
    assert found.closed not in changed[Case]
    assert {after[model][id_] for model in models for id_ in changed[model]} == {went}
    for model, id_ in ((VolunteerTeam, found.team), (ServicePoint, found.point)):
        assert scene.rows(session, model, [id_])[id_] == went
    now = history.outlines(session, village)
    assert [row for row in now if row in stored] == [row for at, row in enumerate(stored) if at not in (2, 3)]
    assert len(now) == len(stored) + 2


def test_a_party_group_begins_anew_where_it_stands(session: Session, enter: Enter, found: scene.Scene) -> None:
    scene.in_force(session, enter, history.pushed(session, enter, found), NOW)
    history.owner(session)
    groups = session.scalars(
        select(Organisation).where(Organisation.name == "清河党小组").order_by(Organisation.id)
    ).all()
    assert [(g.grid_id, g.valid.lower, g.valid.upper) for g in groups] == [
        (found.village.grids[2], date(2023, 1, 1), DAY), (found.village.grids[3], DAY, None)
    ]  # fmt: skip


def test_published_outlines_tile_the_village(session: Session, enter: Enter, found: scene.Scene) -> None:
    scene.in_force(session, enter, history.pushed(session, enter, found), NOW)
    history.owner(session)
    shapes = list(history.current(session, found.village, DAY).values())
    assert len(shapes) == 9
    assert shapely.coverage_is_valid(shapes)
    whole = shapely.union_all(list(history.current(session, found.village, DAY - timedelta(days=1)).values()))
    assert shapely.union_all(shapes).symmetric_difference(whole).area == 0
    own = gaps.within(Gap.territory, [found.village.code])
    assert session.scalars(select(Gap).where(own)).all() == []
    area = func.st_area(func.st_transform(GridOutline.outline, SRID))
    for told, measured in session.execute(select(GridOutline.area_m2, area).where(GridOutline.valid.contains(DAY),
                                          func.lower(GridOutline.valid) == DAY)):  # fmt: skip
        assert told == pytest.approx(measured, abs=0.01)


def test_counts_of_the_new_outlines_are_those_of_the_rows(session: Session, enter: Enter, found: scene.Scene) -> None:
    scene.in_force(session, enter, history.pushed(session, enter, found), NOW)
    history.owner(session)
    counted = select(Building.grid_id, func.sum(Building.households), func.sum(Building.residents), func.count())
    stands = {row[0]: tuple(row[1:]) for row in session.execute(counted.group_by(Building.grid_id))}
    begun = session.scalars(select(GridOutline).where(func.lower(GridOutline.valid) == DAY)).all()
    assert {(o.grid_id, o.households, o.residents, o.buildings) for o in begun} == {
        (grid, *stands[grid]) for grid in found.village.grids[2:4]
    }
    assert {o.households for o in begun} == {478 - 62, 361 + 62}


def test_a_publication_leaves_its_trace(session: Session, enter: Enter, found: scene.Scene) -> None:
    plan = scene.in_force(session, enter, history.pushed(session, enter, found), NOW)
    assert plan.report is not None
    assert plan.report["relinked"]["cases"] == plan.report["cases_rerouted"] == 4
    assert plan.report["relinked"]["buildings"] == plan.report["buildings_moved"] == 3
    assert [line["numbers"] for line in plan.report["cases"]] == [[]], "the stored report tells no case number"
    grids = session.scalars(select(PlanGrid).where(PlanGrid.plan_id == plan.id).order_by(PlanGrid.id)).all()
    assert [grid.published_id for grid in grids] == found.village.grids
    history.owner(session)
    done = session.scalars(select(AuditEntry.action).order_by(AuditEntry.id.desc()).limit(4)).all()
    assert done[::-1] == ["plan.create", "plan.submit", "plan.approve", "plan.publish"]


def test_the_stored_report_finds_every_building_again(session: Session, enter: Enter, found: scene.Scene) -> None:
    plan = scene.in_force(session, enter, history.pushed(session, enter, found), NOW)
    assert plan.report is not None
    told = plan.report["buildings"]
    assert told["ids"] == [int(building) for building in found.village.buildings[14, :3]]
    assert told["cells"] == [int(cell) for cell in found.village.cells[14, :3]]
    assert {told["codes"][at][-3:] for at in told["from"]} == {"003"}
    assert {told["codes"][at][-3:] for at in told["to"]} == {"004"}


def test_the_report_says_the_same_afterwards(session: Session, enter: Enter, found: scene.Scene) -> None:
    plan = history.pushed(session, enter, found)
    before = impact.report(session, enter("town_manager"), plan.id)
    scene.in_force(session, enter, plan, NOW)
    assert impact.report(session, enter("town_manager"), plan.id) == before
    assert impact.report(session, enter("planner"), plan.id).cases_rerouted == before.cases_rerouted
