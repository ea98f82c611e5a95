"""Projects as they stood on a day, and the cases of their ground."""

from __future__ import annotations

from datetime import date
from typing import Any

from geoalchemy2 import Geometry
from sqlalchemy import ColumnElement, FromClause, Select, and_, case, func, or_, select, true, type_coerce
from sqlalchemy.orm import Session

from gis.areas import Area
from gis.boundaries import reaching
from gis.cases import facts, is_open
from gis.database import TILE_SRID
from gis.errors import NotFound
from gis.premises import Project
from gis.scope import Scope
from gis.viewer import Viewer
from gis.words import N_


def rows(scope: Scope) -> Select[Any]:
    """Select the projects of the scope that run on the day."""
    return known(scope).where(Project.valid.contains(scope.day))


def stage_on(day: date) -> ColumnElement[str]:
    """Return the stage of a project on a day; where nobody knows since when, the one it has now."""
    return case((Project.started_on > day, "planned"), (Project.completed_on > day, "under_way"), else_=Project.stage)


def known(scope: Scope) -> Select[Any]:
    """Select the projects of the scope as they stood on the day, those that have ended too, but none that never began.

    One of several villages belongs to the area above them, and is there for each of them.
    """
    area, ground = Area.__table__.alias("area"), func.st_transform(Project.outline, TILE_SRID)
    return (
        select(
            Project.id,
            Project.territory,
            Project.outline.label("geom"),
            type_coerce(ground, Geometry("MULTIPOLYGON", TILE_SRID)).label("tile"),
            Project.name,
            Project.area_code,
            stage_on(scope.day).label("stage"),
            Project.budget_band,
            Project.lead_body,
            area.c.name.label("place"),
            func.lower(Project.valid).label("begins_on"),
            func.upper(Project.valid).label("ends_on"),
            case((Project.completed_on <= scope.day, Project.completed_on)).label("completed_on"),
        )
        .outerjoin(area, area.c.code == Project.area_code)
        .where(reaching(scope, Project.territory, Project.outline), ~func.isempty(Project.valid))
    )  # fmt: skip


def listed(session: Session, viewer: Viewer, scope: Scope) -> list[Any]:
    """Return the projects of the scope with how many cases of theirs are open, and how many there were."""
    viewer.require("map.view")
    return list(session.execute(with_cases(scope, rows(scope))))


def one(session: Session, viewer: Viewer, scope: Scope, project_id: int) -> Any:
    """Return one project, also when it has ended; raises NotFound outside the territory."""
    viewer.require("map.view")
    row = session.execute(with_cases(scope, known(scope).where(Project.id == project_id))).first()
    if row is None:
        raise NotFound(N_("There is no such project in your territory."))
    return row


def with_cases(scope: Scope, chosen: Select[Any]) -> Select[Any]:
    """Select projects with how many cases of theirs are open, and how many there were."""
    found = chosen.subquery("found")
    columns = (
        facts.c.project_id,
        facts.c.visibility,
        facts.c.clear,
        facts.c.point,
        is_open(scope.moment).label("open"),
    )
    # The view looks at every case; it is asked once, and not again for each project.
    seen = select(*columns).where(facts.c.reported_at <= scope.moment).cte("seen").prefix_with("MATERIALIZED")
    counted = func.count().label("cases"), func.count().filter(seen.c.open).label("open_cases")
    cases = select(*counted).where(of_ground(seen, found.c.id, found.c.geom)).lateral("c")
    query = select(found, cases.c.cases, cases.c.open_cases).join(cases, true())
    return query.order_by(found.c.stage.desc(), found.c.name, found.c.id)


def of_ground(cases: FromClause, project_id: Any, outline: Any) -> ColumnElement[bool]:
    """Return the condition that a case is not restricted, and linked to a project or known to lie on its ground."""
    lies = and_(cases.c.clear, func.st_intersects(outline, cases.c.point))
    return and_(cases.c.visibility != "restricted", or_(cases.c.project_id == project_id, lies))


def cases_of(session: Session, viewer: Viewer, scope: Scope, project: Any) -> list[Any]:
    """Return the cases of a project that were reported by the moment, the newest first."""
    viewer.require("case.view")
    columns = (facts.c.case_no, facts.c.title, facts.c.status, facts.c.reported_at)
    here = facts.c.reported_at <= scope.moment, of_ground(facts, project.id, project.geom)
    found = select(*columns).where(*here)
    return list(session.execute(found.order_by(facts.c.reported_at.desc()).limit(100)))


def around(session: Session, viewer: Viewer, scope: Scope, case_no: str) -> list[Any]:
    """Return number and name of the projects that run on the ground of a case, or that it was linked to."""
    viewer.require("case.view")
    found = rows(scope).subquery("found")
    query = select(found.c.id, found.c.name).join(facts, of_ground(facts, found.c.id, found.c.geom))
    return list(session.execute(query.where(facts.c.case_no == case_no).order_by(found.c.id)))
