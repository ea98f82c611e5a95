"""Clusters: open cases of one kind close to each other, the project they lie in, and merging them into one."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from gis import audit
from gis.cases import steps
from gis.cases.changes import Given
from gis.cases.facts import facts, is_open
from gis.database import TILE_SRID
from gis.errors import Invalid
from gis.premises import Project
from gis.scope import Scope
from gis.viewer import Viewer
from gis.words import N_

NEAR_M = 300
"""Each case of a cluster lies within this distance of the cluster's middle case."""
SMALLEST = 4
"""So many cases are a cluster."""
MOST_MERGED = 50
METRES = 111_320.0
"""Metres in a degree of latitude."""


@dataclass(frozen=True)
class Member:
    """A case of a cluster, with its distance in metres from the middle one."""

    case_no: str
    title: str
    status: str
    reported_at: datetime
    revision: int
    metres: int


@dataclass(frozen=True)
class Cluster:
    """Open cases of one kind (category and subcategory) around a middle one, and the project most of them lie in."""

    category: str
    subcategory: str | None
    members: list[Member]
    project: str | None
    in_project: int
    lon: float
    lat: float

    @property
    def first(self) -> Member:
        """The case that was reported first: the parent that is offered."""
        return min(self.members, key=lambda each: (each.reported_at, each.case_no))


def found(session: Session, viewer: Viewer, scope: Scope, *, case_no: str = "") -> list[Cluster]:
    """Return the clusters of the scope, the largest first, or that of a case; restricted cases are in none."""
    viewer.require("case.view")
    rows = session.execute(grouped(scope)).all()
    made: list[Cluster] = []
    for _key, group in groupby(rows, key=lambda row: (row.category, row.subcategory, row.number)):
        made += cut(list(group))
    if case_no:
        made = [each for each in made if case_no in {member.case_no for member in each.members}]
    return sorted(made, key=lambda each: (-len(each.members), each.first.case_no))


def grouped(scope: Scope) -> Any:
    """Select the open cases that have enough of their kind within 300 m, by kind and chain of neighbours.

    Distances are in web mercator, stretched by the latitude of each kind's northernmost case: never too small a circle.
    """
    public = facts.c.clear & (facts.c.visibility != "restricted")
    kept = (
        select(facts)
        .where(is_open(scope.moment), public, facts.c.point.is_not(None))
        .where(scope.holds(facts.c.territory))
    )
    one = kept.subquery("one")
    stretch = 1 / func.cos(func.radians(func.max(func.st_y(one.c.point)).over()))
    placed = select(one, (NEAR_M * stretch).label("reach")).subquery("placed")
    kind = [placed.c.category, placed.c.subcategory]
    reach = select(func.max(placed.c.reach)).scalar_subquery()
    number = func.st_clusterdbscan(func.st_setsrid(placed.c.point_tile, TILE_SRID), reach, SMALLEST).over(
        partition_by=kind
    )
    chains = select(placed, number.label("number")).subquery("chains")
    inside = and_(Project.valid.contains(scope.day), func.st_intersects(Project.outline, chains.c.point))
    project = select(Project.name).where(inside).order_by(Project.id).limit(1).scalar_subquery()
    columns = [
        chains.c[name]
        for name in ("case_no", "title", "status", "reported_at", "revision", "category", "subcategory", "number")
    ]
    x, y = func.st_x(chains.c.point).label("lon"), func.st_y(chains.c.point).label("lat")
    chosen = select(*columns, x, y, project.label("project")).where(chains.c.number.is_not(None))
    return chosen.order_by(chains.c.category, chains.c.subcategory, chains.c.number, chains.c.case_no)


def cut(rows: list[Any]) -> list[Cluster]:
    """Return the clusters of a chain of neighbours: around the case with most within 300 m, then what is left."""
    made = []
    while len(rows) >= SMALLEST:
        circles = [[(metres(middle, each), each) for each in rows if metres(middle, each) <= NEAR_M] for middle in rows]
        best = max(range(len(rows)), key=lambda at: (len(circles[at]), -sum(far for far, _each in circles[at])))
        if len(circles[best]) < SMALLEST:
            break
        made.append(cluster(rows[best], circles[best]))
        taken = {each.case_no for _far, each in circles[best]}
        rows = [each for each in rows if each.case_no not in taken]
    return made


def cluster(middle: Any, circle: list[tuple[float, Any]]) -> Cluster:
    """Return what lies around a case as a cluster."""
    members = [
        Member(each.case_no, each.title, each.status, each.reported_at, each.revision, round(far))
        for far, each in sorted(circle, key=lambda pair: (pair[1].reported_at, pair[1].case_no))
    ]
    projects = [each.project for _far, each in circle if each.project]
    most = max(sorted(set(projects)), key=projects.count, default=None)
    inside = projects.count(most) if most else 0
    return Cluster(middle.category, middle.subcategory, members, most, inside, middle.lon, middle.lat)


def metres(one: Any, other: Any) -> float:
    """Return the distance of two places in metres, flat, which is right to a centimetre at such distances."""
    squeeze = math.cos(math.radians((one.lat + other.lat) / 2))
    return math.hypot((one.lon - other.lon) * squeeze, one.lat - other.lat) * METRES


def merge(session: Session, viewer: Viewer, parent: str, children: Sequence[tuple[str, int]], now: datetime) -> int:
    """Mark cases as duplicates of one, all of them or, when a step is refused, none; returns how many.

    A child is a number with the revision that was shown. Raises Invalid for none or too many, Conflict for one that
    somebody acted on meanwhile.
    """
    viewer.require("case.dispatch")
    chosen = {number: revision for number, revision in children if number != parent}
    if not parent or not chosen:
        raise Invalid(N_("Choose the case that stays and at least one that repeats it."))
    if len(chosen) > MOST_MERGED:
        raise Invalid(N_("At most %(most)s cases can be merged at a time."), most=MOST_MERGED)
    with session.begin_nested():
        for number, revision in sorted(chosen.items()):
            steps.act(session, viewer, number, "duplicate", revision, now, Given(parent=parent))
        audit.record(session, viewer, "case.merge", parent, merged=sorted(chosen))
    return len(chosen)
