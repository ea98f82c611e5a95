"""Teams in reach and calls to a case, on real PostGIS, behind both locks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from gis.boundaries import Grid, GridOutline
from gis.cases import CaseEvent, register
from gis.database import admit
from gis.errors import Conflict, NotAllowed, NotFound
from gis.resources import VolunteerTeam
from gis.viewer import Territory, Viewer
from gis.volunteers import calls, reach
from tests import builders
from tests.conftest import DAY, NOW

GRID = "999901100001001"
Act = Callable[[str], Viewer]


@pytest.fixture
def case_no(session: Session) -> Callable[..., str]:
    """Store a case in the middle of a grid and return its number."""

    def store(**given: Any) -> str:
        grid = session.scalars(select(Grid).where(Grid.code == GRID)).one()
        outline = session.scalars(
            select(GridOutline).where(GridOutline.grid_id == grid.id, GridOutline.valid.contains(DAY))
        ).one()
        made = builders.case(
            grid, outline, outline.centre, **{"case_no": "2026111899001", "status": "in_progress", **given}
        )
        session.add(made)
        session.flush()
        return made.case_no

    return store


@pytest.fixture
def team(session: Session) -> VolunteerTeam:
    """A team right there, whose skills fit an environmental case."""
    outline = session.scalars(
        select(GridOutline).where(GridOutline.code == GRID, GridOutline.valid.contains(DAY))
    ).one()
    made = VolunteerTeam(
        area_code=GRID[:12], grid_id=outline.grid_id, territory=int(GRID), name="保洁队", skills=["environment"],
        active_count=9, registered_count=20, availability="any_time", radius_m=500, point=outline.centre,
    )  # fmt: skip
    session.add(made)
    session.flush()
    return made


def near(session: Session, viewer: Viewer, number: str) -> list[reach.Near]:
    return reach.of_case(session, viewer, register.found(session, viewer, number), NOW)


def test_teams_in_reach_are_those_of_brute_force_fitting_first_then_by_metres(
    session: Session, case_no: Callable[..., str], team: VolunteerTeam, admitted: Act
) -> None:
    number = case_no(category="environment")
    found = near(session, admitted("town_manager"), number)
    assert found[0].team.id == team.id
    assert (found[0].metres, found[0].suited, found[0].available) == (0, True, True)
    order = [(not each.suited, each.metres) for each in found]
    assert order == sorted(order)
    session.execute(text("RESET ROLE"))
    far = func.st_distance(
        func.geography(func.st_transform(VolunteerTeam.point, 4326)),
        func.geography(func.st_transform(team.point, 4326)),
    )
    within = select(VolunteerTeam.id).where(far <= VolunteerTeam.radius_m, VolunteerTeam.territory.between(*SPAN))
    assert {each.team.id for each in found} == set(session.scalars(within))


SPAN = (999901100000000, 999901100999999)


def test_a_call_stands_in_the_log_makes_the_team_busy_and_is_withdrawn(
    session: Session, case_no: Callable[..., str], team: VolunteerTeam, admitted: Act
) -> None:
    number = case_no(category="environment")
    viewer = admitted("dispatcher")
    made = calls.call(session, viewer, number, team.id, 1, NOW)
    session.refresh(team)
    assert team.open_calls == 1
    assert not near(session, viewer, number)[0].available
    with pytest.raises(Conflict):
        calls.call(session, viewer, number, team.id, 2, NOW)
    calls.answer(session, viewer, number, made.id, "withdrawn", 2, NOW)
    session.refresh(team)
    assert team.open_calls == 0
    log = session.execute(
        select(CaseEvent.step, CaseEvent.note).where(CaseEvent.case_id == made.case_id).order_by(CaseEvent.id)
    )
    assert [tuple(row) for row in log][-2:] == [("call_team", "保洁队"), ("call_withdrawn", "保洁队")]
    case = register.found(session, viewer, number)
    assert (case.status, case.revision) == ("in_progress", 3)
    with pytest.raises(Conflict):
        calls.answer(session, viewer, number, made.id, "came", 3, NOW)


def test_the_second_of_two_who_call_is_told(
    session: Session, case_no: Callable[..., str], team: VolunteerTeam, admitted: Act
) -> None:
    number = case_no(category="environment")
    viewer = admitted("dispatcher")
    calls.call(session, viewer, number, team.id, 1, NOW)
    other = next((each.team.id for each in near(session, viewer, number) if each.team.id != team.id), None)
    if other is not None:
        with pytest.raises(Conflict):
            calls.call(session, viewer, number, other, 1, NOW)
    case = register.found(session, viewer, number)
    assert len(calls.of_case(session, viewer, case.id)) == 1


def test_a_restricted_case_tells_a_team_grid_and_time_only(
    session: Session, case_no: Callable[..., str], team: VolunteerTeam, viewer_as: Act
) -> None:
    worker = viewer_as("grid_worker")
    others = {name: viewer_as(name) for name in ("grid_worker", "dispatcher", "town_manager")}
    grid = worker.territory.codes[0]
    own = session.scalars(select(Grid.id).where(Grid.code == grid)).one()
    number = case_no(
        category="dispute",
        visibility="restricted",
        handler_id=worker.staff_id,
        title="楼上漏水",
        grid_id=own,
        territory=int(grid),
    )
    team.territory = int(grid)
    session.flush()
    admit(session, others["dispatcher"])
    assert near(session, others["dispatcher"], number) == []
    with pytest.raises(NotAllowed):
        calls.call(session, others["dispatcher"], number, team.id, 1, NOW)
    admit(session, worker)
    calls.call(session, worker, number, team.id, 1, NOW)
    for name, viewer in others.items():
        admit(session, viewer)
        told = calls.of_team(session, viewer, team.id)
        assert [(row.case_no, row.title) for row in told] == [(None, None)], name
        assert told[0].grid
        assert told[0].called_at == NOW


def test_a_team_too_far_away_cannot_be_called(
    session: Session, case_no: Callable[..., str], team: VolunteerTeam, admitted: Act
) -> None:
    number = case_no(category="environment")
    team.point = func.st_translate(team.point, 0.05, 0)
    session.flush()
    with pytest.raises(NotFound):
        calls.call(session, admitted("dispatcher"), number, team.id, 1, NOW)


def test_calls_of_another_territory_are_not_seen_and_the_team_is_busy_all_the_same(
    session: Session, case_no: Callable[..., str], team: VolunteerTeam, admitted: Act, viewer_as: Act
) -> None:
    number = case_no(category="environment")
    leader = replace(viewer_as("grid_leader"), territory=Territory(("999901100001003",)))
    calls.call(session, admitted("dispatcher"), number, team.id, 1, NOW)
    session.execute(text("RESET ROLE"))
    team.territory = 999901100000000
    session.flush()
    admit(session, leader)
    assert calls.of_team(session, leader, team.id) == []
    assert session.scalar(select(VolunteerTeam.open_calls).where(VolunteerTeam.id == team.id)) == 1
