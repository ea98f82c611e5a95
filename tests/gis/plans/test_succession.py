"""Which grid goes on, which ends, which begins, and the way back."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
import shapely
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from gis.boundaries import Grid, GridOutline
from gis.cases import Case
from gis.database import from_day
from gis.plans import edits, store
from gis.plans.freshness import lines
from gis.plans.rollback import roll_back
from gis.plans.tables import Plan
from gis.premises import Building
from gis.scope import ZONE
from gis.staffing import Assignment
from gis.users import UserTerritory
from gis.viewer import key
from tests import fabrics
from tests.conftest import DAY, NOW
from tests.gis.plans import history, scene
from tests.gis.plans.scene import Enter

TOMORROW = DAY + timedelta(days=1)


def test_a_grid_that_loses_half_its_households_ends_and_two_new_ones_begin(
    session: Session, enter: Enter, found: scene.Scene
) -> None:
    village = found.village
    seven = village.grids[6]
    leader = enter("grid_leader").user_id
    assert leader is not None
    history.owner(session)
    session.add(UserTerritory(user_id=leader, code=f"{village.code}007", valid=from_day(date(2025, 1, 1))))
    session.flush()
    plan = scene.split(session, enter, found, NOW)
    scene.in_force(session, enter, plan, NOW)
    history.owner(session)
    new = {grid.code[-3:]: grid for grid in session.scalars(select(Grid).where(Grid.village_code == village.code))}
    assert new["007"].status == "retired"
    assert {number for number in new if number > "009"} == {"010", "011"}
    west, east = (
        history.current(session, village, DAY)[f"{village.code}{number}"].centroid.x for number in ("010", "011")
    )
    assert west < east, "codes run from west to east"
    assert f"{village.code}007" not in history.current(session, village, DAY)
    duties = select(Assignment.grid_id, Assignment.valid, Assignment.staff_id)
    held = session.execute(duties.where(Assignment.grid_id.in_([seven, new["010"].id, new["011"].id]))).all()
    assert {(row.grid_id, row.valid.lower, row.valid.upper) for row in held} == {
        (seven, date(2023, 1, 1), DAY), (new["010"].id, DAY, None), (new["011"].id, DAY, None)
    }  # fmt: skip
    assert len({row.staff_id for row in held}) == 1
    covers = session.execute(text("SELECT grid_id FROM organisation_grids WHERE grid_id = ANY (:ids)"),
                             {"ids": [new["010"].id, new["011"].id]}).all()  # fmt: skip
    assert len(covers) == 2
    codes = select(UserTerritory.code).where(UserTerritory.code.startswith(village.code))
    assert sorted(session.scalars(codes.where(UserTerritory.valid.contains(DAY)))) == [
        f"{village.code}010", f"{village.code}011"
    ]  # fmt: skip
    assert {row.status for row in session.scalars(select(Grid).where(Grid.id.in_(village.grids[:6])))} == {"active"}


def test_two_grids_that_become_one(session: Session, enter: Enter, found: scene.Scene) -> None:
    """The survivor that the planner chose keeps code and cadre; the other code is never used again."""
    village = found.village
    eight, nine = village.grids[7], village.grids[8]
    merged(session, enter, village, eight, nine)
    history.owner(session)
    outline = session.scalars(
        select(GridOutline).where(GridOutline.grid_id == nine, GridOutline.valid.contains(DAY))
    ).one()
    assert (outline.code[-3:], outline.households) == ("009", 148 + 171)
    assert session.get_one(Grid, eight).status == "retired"
    assert scene.rows(session, Case).values()
    open_in_nine = session.scalar(select(func.count()).where(Case.grid_id == nine, Case.closed_at.is_(None)))
    assert open_in_nine == 6 + 5
    later = split_again(session, enter, village, NOW + timedelta(days=1))
    history.owner(session)
    assert f"{village.code}008" not in later


def merged(session: Session, enter: Enter, village: fabrics.Village, eight: int, nine: int) -> None:
    """Put a plan in force in which the eighth grid goes into the ninth."""
    plan = scene.begun(session, enter, village, NOW)
    number, gone = scene.numbers(session, enter("planner"), plan), village.of(8)
    edit = edits.Edit(kind="merge", base=plan.revision, key="merge", cells=gone, after=[number[nine]] * len(gone),
                      grids=[{"id": number[eight], "retired": True}])  # fmt: skip
    edits.apply(session, enter("planner"), plan.id, edit, NOW)
    scene.in_force(session, enter, plan, NOW)


def split_again(session: Session, enter: Enter, village: fabrics.Village, now: datetime) -> set[str]:
    plan = scene.begun(session, enter, village, now)
    cells = [int(cell) for cell in village.cells[8:12, 15:].ravel()]
    edit = edits.Edit(kind="split", base=plan.revision, key="again", cells=cells, after=[-1] * len(cells),
                      grids=[{"id": -1, "name": "又一网格", "village": village.code}])  # fmt: skip
    edits.apply(session, enter("planner"), plan.id, edit, now)
    scene.in_force(session, enter, plan, now)
    return set(history.current(session, village, now.astimezone(ZONE).date()))


def test_going_back_is_another_publication(session: Session, enter: Enter, found: scene.Scene) -> None:
    village = found.village
    before = history.current(session, village, DAY)
    first = scene.split(session, enter, found, NOW)
    stood = scene.rows(session, Building)
    scene.in_force(session, enter, first, NOW)
    morning = NOW + timedelta(days=1)
    back = roll_back(session, enter("planner"), first.id, morning)
    assert (back.status, back.parent_id) == ("draft", first.id)
    scene.in_force(session, enter, back, morning)
    history.owner(session)
    again = history.current(session, village, TOMORROW)
    assert again.keys() == before.keys(), "the grid that had ended is itself again, with its code"
    assert all(shapely.equals(again[code], before[code]) for code in before)
    assert scene.rows(session, Building) == stood
    assert session.get_one(Grid, village.grids[6]).status == "active"
    assert (session.get_one(Plan, first.id).status, session.get_one(Plan, back.id).status) == (
        "superseded",
        "published",
    )
    assert len(history.current(session, village, DAY)) == 10, "the day in between stays what it was"
    rows = session.scalars(select(GridOutline).where(GridOutline.grid_id == village.grids[6])).all()
    assert len(rows) == 2


def test_a_branch_stands_on_what_its_parent_stood_on(session: Session, enter: Enter, found: scene.Scene) -> None:
    plan = history.pushed(session, enter, found)
    early = store.branch(session, enter("planner"), plan.id, "甲", NOW + timedelta(minutes=1))
    scene.in_force(session, enter, plan, NOW + timedelta(minutes=2))
    late = store.branch(session, enter("planner"), plan.id, "乙", NOW + timedelta(minutes=3))
    assert early.lines != late.lines == lines(session, [found.village.code])


@pytest.mark.parametrize("begins", [DAY, TOMORROW + timedelta(days=3)])
def test_what_begins_today_or_later_goes_to_the_heir(
    session: Session, enter: Enter, found: scene.Scene, begins: date
) -> None:
    village = found.village
    leader, eight, nine = enter("grid_leader").user_id, village.grids[7], village.grids[8]
    history.owner(session)
    ahead = Assignment(role="link_cadre", headcount=1, grid_id=eight, territory=key(f"{village.code}008"),
                       valid=from_day(begins))  # fmt: skip
    session.add_all([ahead, UserTerritory(user_id=leader, code=f"{village.code}008", valid=from_day(begins))])
    session.flush()
    merged(session, enter, village, eight, nine)
    history.owner(session)
    session.refresh(ahead)
    assert (ahead.grid_id, ahead.valid.lower) == (nine, begins)
    left = select(func.count()).where(Assignment.grid_id == eight, func.upper_inf(Assignment.valid))
    assert session.scalar(left) == 0
    codes = select(UserTerritory.code).where(UserTerritory.user_id == leader, UserTerritory.valid.contains(begins))
    assert f"{village.code}009" in session.scalars(codes).all()


def test_what_begins_today_goes_to_both_halves_of_a_grid_that_ends(
    session: Session, enter: Enter, found: scene.Scene
) -> None:
    village = found.village
    leader, seven = enter("grid_leader").user_id, village.grids[6]
    history.owner(session)
    session.add_all([
        Assignment(role="link_cadre", headcount=1, grid_id=seven, territory=key(f"{village.code}007"),
                   valid=from_day(DAY)),
        UserTerritory(user_id=leader, code=f"{village.code}007", valid=from_day(DAY)),
    ])  # fmt: skip
    session.flush()
    plan = scene.split(session, enter, found, NOW)
    scene.in_force(session, enter, plan, NOW)
    history.owner(session)
    duties = select(func.count()).where(Assignment.role == "link_cadre", Assignment.valid.contains(DAY))
    halves = select(Grid.id).where(Grid.code.in_([f"{village.code}010", f"{village.code}011"]))
    assert session.scalar(duties.where(Assignment.grid_id.in_(halves))) == 2
    assert session.scalar(duties.where(Assignment.grid_id == seven)) == 0
    codes = select(UserTerritory.code).where(UserTerritory.user_id == leader, UserTerritory.valid.contains(DAY))
    assert {f"{village.code}010", f"{village.code}011"} <= set(session.scalars(codes))
    assert f"{village.code}007" not in session.scalars(codes).all()
