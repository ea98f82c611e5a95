"""The first lock: without the row policies, core functions answer for the viewer's territory only."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from gis import leaving, posts, projects
from gis.cases import history, together
from gis.cases.tables import Case
from gis.errors import NotAllowed, NotFound
from gis.indicators import redrawn
from gis.premises import Building, Project
from gis.resources import VolunteerActivity, VolunteerTeam
from gis.viewer import ROLES, Territory, Viewer
from gis.volunteers import calls, reach, teams
from tests.conftest import DAY, NOW

EVERYTHING = frozenset(each for permissions in ROLES.values() for each in permissions)


@pytest.fixture
def stranger(session: Session, viewer_as: Callable[[str], Viewer]) -> Viewer:
    """Return who may do everything in another district; the session is the owner's, whom no policy holds."""
    return replace(viewer_as("town_manager"), territory=Territory(("888801100001",)), permissions=EVERYTHING)


@pytest.fixture
def nobody(viewer_as: Callable[[str], Viewer]) -> Viewer:
    return replace(viewer_as("town_manager"), permissions=frozenset())


def test_lists_of_another_territory_are_empty(session: Session, stranger: Viewer) -> None:
    at_home = replace(stranger, territory=Territory(("999901000000",)))
    case = session.scalars(select(Case).limit(1)).one()
    team = session.scalars(select(VolunteerActivity.team_id).where(VolunteerActivity.held_on <= DAY).limit(1)).one()
    session.add(calls.CaseCall(case_id=case.id, team_id=team, called_at=NOW, caller="x", territory=case.territory))
    session.flush()
    asked: tuple[Callable[[Viewer], list[Any]], ...] = (
        lambda viewer: calls.of_case(session, viewer, case.id),
        lambda viewer: calls.of_team(session, viewer, team),
        lambda viewer: teams.activities(session, viewer, team),
        lambda viewer: teams.months(session, viewer, team),
        lambda viewer: together.takers(session, viewer, DAY),
    )
    for ask in asked:
        assert ask(at_home)
        assert ask(stranger) == []


def test_what_lies_elsewhere_is_not_found(session: Session, stranger: Viewer) -> None:
    team, project = (session.scalars(select(table.id).limit(1)).one() for table in (VolunteerTeam, Project))
    building = session.scalars(select(Building.code).limit(1)).one()
    with pytest.raises(NotFound):
        teams.found(session, stranger, team)
    with pytest.raises(NotFound):
        projects.move(session, stranger, project, "planned", "planned")
    with pytest.raises(NotFound):
        projects.begin(session, stranger, "改造", "住建局", [building], DAY)


def test_permission_is_asked_before_anything_else(session: Session, nobody: Viewer) -> None:
    case, scope = SimpleNamespace(closed_at=NOW), None
    asked: tuple[Callable[[], Any], ...] = (
        lambda: history.near(session, nobody, case, NOW),
        lambda: leaving.end(session, nobody, 0, DAY, DAY),
        lambda: leaving.hand_over(session, nobody, 0, 0, DAY, DAY),
        lambda: posts.place_of(session, nobody, "999901100001001", DAY),
        lambda: reach.told(session, nobody, select(VolunteerTeam), NOW),
        lambda: redrawn.last(session, nobody, scope),  # type: ignore[arg-type]
    )
    for ask in asked:
        with pytest.raises(NotAllowed):
            ask()
