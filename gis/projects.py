"""Renovation projects: a polygon that comes from the buildings that were chosen, and a stage that is in the log."""

from __future__ import annotations

from datetime import date
from typing import Any

from geoalchemy2 import Geometry
from sqlalchemy import Select, func, select, type_coerce
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.orm import Session

from gis import audit
from gis.areas import Area
from gis.cases import facts, is_open
from gis.database import TILE_SRID
from gis.errors import Conflict, Invalid, NotFound, Refused
from gis.premises import PROJECT_STAGES, Building, Project
from gis.private import found_in_line
from gis.scope import Scope, inside
from gis.viewer import Viewer, key
from gis.words import N_

MOST_BUILDINGS = 200


def rows(scope: Scope) -> Select[Any]:
    """Select the projects of the scope that run on the day."""
    area, ground = Area.__table__.alias("area"), func.st_transform(Project.outline, TILE_SRID)
    return (
        select(
            Project.id,
            Project.territory,
            Project.outline.label("geom"),
            type_coerce(ground, Geometry("MULTIPOLYGON", TILE_SRID)).label("tile"),
            Project.name,
            Project.stage,
            Project.budget_band,
            Project.lead_body,
            area.c.name.label("place"),
            func.lower(Project.valid).label("begins_on"),
            func.upper(Project.valid).label("ends_on"),
        )
        .outerjoin(area, area.c.code == Project.area_code)
        .where(scope.holds(Project.territory), Project.valid.contains(scope.day))
    )  # fmt: skip


def listed(session: Session, viewer: Viewer, scope: Scope) -> list[Any]:
    """Return the projects of the scope with how many cases of theirs are open, and how many there were."""
    viewer.require("map.view")
    cases = (
        select(facts.c.project_id.label("of"), func.count().label("cases"),
               func.count().filter(is_open(scope.moment)).label("open_cases"))
        .where(facts.c.project_id.is_not(None)).group_by(facts.c.project_id).subquery("c")
    )  # fmt: skip
    found = rows(scope).subquery("found")
    query = select(found, func.coalesce(cases.c.cases, 0).label("cases"),
                   func.coalesce(cases.c.open_cases, 0).label("open_cases"))  # fmt: skip
    query = query.outerjoin(cases, cases.c.of == found.c.id)
    return list(session.execute(query.order_by(found.c.stage.desc(), found.c.name, found.c.id)))


def cases_of(session: Session, viewer: Viewer, project_id: int) -> list[Any]:
    """Return the cases inside a project, the newest first; restricted ones without words."""
    viewer.require("case.view")
    columns = (facts.c.case_no, facts.c.title, facts.c.status, facts.c.reported_at)
    found = select(*columns).where(facts.c.project_id == project_id)
    return list(session.execute(found.order_by(facts.c.reported_at.desc()).limit(100)))


def begin(session: Session, viewer: Viewer, name: str, lead_body: str, codes: list[str], day: date) -> Project:
    """Begin a project over the ground of the buildings with these codes, all of one village."""
    viewer.require("project.manage")
    name, lead_body = " ".join(name.split()), " ".join(lead_body.split())
    if not 1 < len(name) <= 60 or not 1 < len(lead_body) <= 60:
        raise Invalid(N_("Give the project a name and a lead body, in 2 to 60 characters each."))
    if found := found_in_line(name + lead_body):
        raise Refused(N_("Take out %(what)s: they are never stored here."), what=found)
    if not 1 <= len(codes) <= MOST_BUILDINGS:
        raise Invalid(N_("Name one to 200 buildings by their codes."))
    chosen = select(func.count(), func.min(Building.territory), func.max(Building.territory),
                    func.st_multi(func.st_union(Building.outline)))  # fmt: skip
    here = Building.code.in_(codes), inside(viewer, Building.territory)
    count, low, high, ground = session.execute(chosen.where(*here)).one()
    if count != len(set(codes)):
        raise NotFound(N_("Not all of these buildings are in your territory."))
    if low // 1000 != high // 1000:
        raise Invalid(N_("The buildings of a project lie in one village or community."))
    village = str(low // 1000)
    made = Project(name=name, lead_body=lead_body, area_code=village, stage="planned", territory=key(village),
                   outline=ground, valid=Range(day, None, bounds="[)"))  # fmt: skip
    session.add(made)
    session.flush()
    audit.record(session, viewer, "project.begin", str(made.id), buildings=count)
    return made


def move(session: Session, viewer: Viewer, project_id: int, seen: str, stage: str) -> Project:
    """Change the stage that the page showed; raises Conflict when somebody else has changed it."""
    viewer.require("project.manage")
    query = select(Project).where(Project.id == project_id, inside(viewer, Project.territory)).with_for_update()
    project = session.scalar(query.execution_options(populate_existing=True))
    if project is None:
        raise NotFound(N_("There is no such project in your territory."))
    if stage not in PROJECT_STAGES:
        raise Invalid(N_("Choose a stage."))
    if project.stage != seen:
        raise Conflict(N_("Somebody else changed the stage meanwhile. Look at it again."))
    audit.record(session, viewer, "project.stage", str(project_id), was=seen, now=stage)
    project.stage = stage
    session.flush()
    return project
