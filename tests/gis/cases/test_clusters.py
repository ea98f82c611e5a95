"""Scenario 9: sewage cases within 300 m stand out, lie in one project, and are merged all or none."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from sqlalchemy import func, select, text, update
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.orm import Session

from gis.boundaries import Grid
from gis.cases import Case, clusters, facts, is_open, register
from gis.cases.clusters import Cluster
from gis.database import admit
from gis.errors import Conflict, Invalid, NotAllowed
from gis.premises import Project
from gis.scope import Scope
from gis.viewer import Viewer
from layers.query import Asked
from tests import builders
from tests.conftest import DAY, NOW


def scope_of(viewer: Viewer) -> Scope:
    return Asked(DAY, NOW).scope(viewer)


@pytest.fixture
def worker(viewer_as: Callable[[str], Viewer]) -> Viewer:
    return viewer_as("grid_worker")


@pytest.fixture
def fourteen(session: Session) -> None:
    """Ten more sewage cases beside the four that the tiny district has."""
    known = session.scalars(select(Case).where(Case.subcategory == "sewage", Case.closed_at.is_(None))).all()
    assert len(known) == 4
    grid = session.get_one(Grid, known[0].grid_id)
    for number in range(10):
        at = func.st_translate(known[0].point, number * 1e-5, 0)
        given = {"category": known[0].category, "subcategory": "sewage", "outline_id": known[0].outline_id}
        session.add(builders.case(grid, None, at, case_no=f"20261117{number:06d}", **given))
    session.flush()


@pytest.fixture
def viewer(worker: Viewer, fourteen: None, admitted: Callable[[str], Viewer]) -> Viewer:
    return admitted("dispatcher")


@pytest.fixture
def largest(session: Session, viewer: Viewer) -> Cluster:
    return clusters.found(session, viewer, scope_of(viewer))[0]


def opened(session: Session) -> int:
    return int(session.scalar(select(func.count()).select_from(facts).where(is_open(NOW))) or 0)


def test_the_planted_cluster_stands_out_in_its_project(session: Session, largest: Cluster) -> None:
    assert largest.subcategory == "sewage"
    assert len(largest.members) == 14
    assert largest.project is not None
    assert largest.in_project > 7
    assert all(each.metres <= clusters.NEAR_M for each in largest.members)


def test_a_project_that_has_ended_names_no_cluster(session: Session, viewer: Viewer, largest: Cluster) -> None:
    session.execute(text("RESET ROLE"))
    session.execute(update(Project).values(valid=Range(date(2026, 1, 1), DAY, bounds="[)")))
    admit(session, viewer)
    assert clusters.found(session, viewer, scope_of(viewer))[0].project is None


def test_merging_links_both_ways_and_counts_the_parent_once(session: Session, viewer: Viewer, largest: Cluster) -> None:
    before, parent = opened(session), largest.first
    children = [(each.case_no, each.revision) for each in largest.members if each != parent][:9]
    assert clusters.merge(session, viewer, parent.case_no, children, NOW) == 9
    session.expire_all()
    assert opened(session) == before - 9
    case = session.execute(select(facts).where(facts.c.case_no == parent.case_no)).one()
    _parent, repeating = register.repeats(session, viewer, case)
    assert {each.case_no for each in repeating} == {number for number, _revision in children}
    child = session.execute(select(facts).where(facts.c.case_no == children[0][0])).one()
    assert child.status == "duplicate"
    assert register.repeats(session, viewer, child)[0].case_no == parent.case_no


def test_one_that_somebody_acted_on_stops_them_all(session: Session, viewer: Viewer, largest: Cluster) -> None:
    before, parent = opened(session), largest.first
    rest = [each for each in largest.members if each != parent]
    children = [(each.case_no, each.revision) for each in rest[:-1]] + [(rest[-1].case_no, rest[-1].revision - 1)]
    with pytest.raises(Conflict):
        clusters.merge(session, viewer, parent.case_no, children, NOW)
    assert opened(session) == before


def test_merging_needs_a_parent_a_child_and_the_permission(
    session: Session, viewer: Viewer, largest: Cluster, worker: Viewer
) -> None:
    with pytest.raises(Invalid):
        clusters.merge(session, viewer, largest.first.case_no, [(largest.first.case_no, 1)], NOW)
    with pytest.raises(NotAllowed):
        clusters.merge(session, worker, largest.first.case_no, [("x", 1)], NOW)


def test_restricted_cases_are_in_no_cluster(session: Session, viewer: Viewer) -> None:
    shown = {each.case_no for cluster in clusters.found(session, viewer, scope_of(viewer)) for each in cluster.members}
    hidden = set(session.scalars(select(facts.c.case_no).where(facts.c.visibility == "restricted")))
    assert not shown & hidden
