"""Renovation projects: a polygon from chosen buildings, drawn or brought in, and a stage that is in the log."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any

from geoalchemy2 import Geometry
from sqlalchemy import ColumnElement, Select, case, func, select, type_coerce
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.orm import Session

from gis import audit, grounds
from gis.areas import Area
from gis.boundaries import reaching
from gis.cases import facts, is_open
from gis.database import NEVER, SRID, TILE_SRID, hold_name
from gis.errors import Conflict, Invalid, NotFound, Refused
from gis.grounds import Ground, Wrong
from gis.premises import PROJECT_STAGES, Building, Project
from gis.private import found_in_line
from gis.scope import Scope, inside
from gis.viewer import Viewer, key
from gis.words import N_

MOST_BUILDINGS = 200
FARTHEST = timedelta(days=366)
SLACK = 1e-5
THERE = N_("A project of this name goes on here already. Give it another name, or leave the row out.")
TAKEN = N_("A project of this name goes on here already. Give it another name.")
"""Degrees, about a metre, by which an outline may leave the area that it was drawn along."""


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
    cases = (
        select(facts.c.project_id.label("of"), func.count().label("cases"),
               func.count().filter(is_open(scope.moment)).label("open_cases"))
        .where(facts.c.project_id.is_not(None)).group_by(facts.c.project_id).subquery("c")
    )  # fmt: skip
    found = chosen.subquery("found")
    query = select(found, func.coalesce(cases.c.cases, 0).label("cases"),
                   func.coalesce(cases.c.open_cases, 0).label("open_cases"))  # fmt: skip
    return query.outerjoin(cases, cases.c.of == found.c.id).order_by(found.c.stage.desc(), found.c.name, found.c.id)


def cases_of(session: Session, viewer: Viewer, project_id: int) -> list[Any]:
    """Return the cases inside a project, the newest first; restricted ones without words."""
    viewer.require("case.view")
    columns = (facts.c.case_no, facts.c.title, facts.c.status, facts.c.reported_at)
    found = select(*columns).where(facts.c.project_id == project_id)
    return list(session.execute(found.order_by(facts.c.reported_at.desc()).limit(100)))


def begin(
    session: Session, viewer: Viewer, name: str, lead_body: str, codes: list[str], day: date, drawn: str = ""
) -> Project:
    """Begin a project over the ground of the buildings with these codes, of one village, or over a drawn outline."""
    viewer.require("project.manage")
    name, lead_body = " ".join(name.split()), " ".join(lead_body.split())
    if not 1 < len(name) <= 60 or not 1 < len(lead_body) <= 60:
        raise Invalid(N_("Give the project a name and a lead body, in 2 to 60 characters each."))
    if found := found_in_line(name + lead_body):
        raise Refused(N_("Take out %(what)s: they are never stored here."), what=found)
    if bool(codes) == bool(drawn):
        raise Invalid(N_("Name the buildings of the project, or draw its outline: one of the two."))
    village, ground = drawn_ground(session, viewer, drawn) if drawn else built_ground(session, viewer, codes)
    if name in running(session, village, day):
        raise Conflict(TAKEN)
    made = Project(name=name, lead_body=lead_body, area_code=village, stage="planned", territory=key(village),
                   outline=ground, valid=Range(day, None, bounds="[)"))  # fmt: skip
    session.add(made)
    session.flush()
    audit.record(session, viewer, "project.begin", str(made.id), buildings=len(set(codes)))
    return made


def built_ground(session: Session, viewer: Viewer, codes: list[str]) -> tuple[str, Any]:
    """Return the village and the ground of some buildings; raises NotFound when one is not in the territory."""
    if len(codes) > MOST_BUILDINGS:
        raise Invalid(N_("Name one to 200 buildings by their codes."))
    chosen = select(func.count(), func.min(Building.territory), func.max(Building.territory),
                    func.st_multi(func.st_union(Building.outline)))  # fmt: skip
    here = Building.code.in_(codes), inside(viewer, Building.territory)
    count, low, high, ground = session.execute(chosen.where(*here)).one()
    if count != len(set(codes)):
        raise NotFound(N_("Not all of these buildings are in your territory."))
    if low // 1000 != high // 1000:
        raise Invalid(N_("The buildings of a project lie in one village or community."))
    return str(low // 1000), ground


def drawn_ground(session: Session, viewer: Viewer, drawn: str) -> tuple[str, Any]:
    """Return the area and the ground of an outline that was drawn, a GeoJSON geometry."""
    try:
        shape = grounds.outline(json.loads(drawn))
    except ValueError as error:
        raise Invalid(N_("An outline is a Polygon or a MultiPolygon.")) from error
    return home_of(session, viewer, shape), written(shape)


def home_of(session: Session, viewer: Viewer, shape: Any) -> str:
    """Return the code of the smallest area that holds an outline; raises Invalid outside the territory."""
    ground = func.st_geomfromtext(shape.wkt, SRID)
    holds = Area.outline.op("&&")(ground) & func.st_covers(func.st_buffer(Area.outline, SLACK), ground)
    rank = func.array_position(["village", "town", "district"], Area.level)
    found = session.scalars(select(Area.code).where(holds, inside(viewer, Area.territory)).order_by(rank))
    home = next((code for code in found if viewer.territory.holds(code)), None)
    if home is None:
        raise Invalid(N_("The outline does not lie inside your territory."))
    return home


def written(shape: Any) -> str:
    """Return a multipolygon as it is stored."""
    return f"SRID={SRID};{shape.wkt}"


def examine(session: Session, viewer: Viewer, text: str) -> tuple[list[tuple[str, Ground]], list[Wrong]]:
    """Return the projects of a GeoJSON text with the code of the area of each, and what is wrong with which row."""
    viewer.require("project.manage")
    found, wrong = grounds.read(text)
    placed = []
    for each in found:
        try:
            placed.append((home_of(session, viewer, each.shape), each))
        except Invalid as error:
            wrong.append(Wrong(each.row, "geometry", error))
    wrong += [Wrong(row, "name", Conflict(THERE)) for row in there_already(session, viewer, placed)]
    return placed, sorted(wrong, key=lambda each: each.row)


def there_already(session: Session, viewer: Viewer, placed: list[tuple[str, Ground]]) -> list[int]:
    """Return the rows whose area has a project of that name: one that goes on, or one further up in the file."""
    known = {code: running(session, code, viewer.day) for code in sorted({code for code, _ in placed})}
    rows = []
    for code, each in placed:
        if each.name in known[code]:
            rows.append(each.row)
        known[code].add(each.name)
    return rows


def running(session: Session, area: str, day: date, but: int = 0) -> set[str]:
    """Return the names of the projects of an area that go on, and hold them until the transaction ends."""
    hold_name(session, f"projects/{area}")
    goes_on = func.upper_inf(Project.valid) | (func.upper(Project.valid) > day)
    return set(session.scalars(select(Project.name).where(Project.area_code == area, goes_on, Project.id != but)))


def bring(session: Session, viewer: Viewer, text: str, day: date) -> int:
    """Begin all projects of a GeoJSON text or none, and return how many."""
    viewer.require("project.manage")
    placed, wrong = examine(session, viewer, text)
    if wrong:
        raise Invalid(N_("Nothing was written: mend the errors and bring the file again."))
    for code, each in placed:
        session.add(Project(name=each.name, lead_body=each.lead_body, area_code=code, stage=each.stage,
                            budget_band=each.budget_band, territory=key(code), outline=written(each.shape),
                            valid=Range(day, None, bounds="[)")))  # fmt: skip
    session.flush()
    audit.record(session, viewer, "project.import", None, projects=len(placed))
    return len(placed)


def changing(session: Session, viewer: Viewer, project_id: int) -> Project:
    """Return a project to change; raises NotFound outside the territory, Conflict when it has ended."""
    viewer.require("project.manage")
    own = inside(viewer, Project.territory), ~func.isempty(Project.valid)
    query = select(Project).where(Project.id == project_id, *own).with_for_update()
    project = session.scalar(query.execution_options(populate_existing=True))
    if project is None:
        raise NotFound(N_("There is no such project in your territory."))
    if project.valid.upper and project.valid.upper <= viewer.day:
        raise Conflict(N_("This project has ended: %(day)s."), day=project.valid.upper)
    return project


def move(session: Session, viewer: Viewer, project_id: int, seen: str, stage: str) -> Project:
    """Change the stage that the page showed from today on; raises Conflict when somebody else has changed it."""
    viewer.require("project.manage")
    project = changing(session, viewer, project_id)
    if stage not in PROJECT_STAGES:
        raise Invalid(N_("Choose a stage."))
    if project.stage != seen:
        raise Conflict(N_("Somebody else changed the stage meanwhile. Look at it again."))
    audit.record(session, viewer, "project.stage", str(project_id), was=seen, now=stage)
    project.stage = stage
    if "planned" in (seen, stage):
        project.started_on = None if stage == "planned" else viewer.day
    project.completed_on = viewer.day if stage == "accepted" else None
    session.flush()
    return project


def end(session: Session, viewer: Viewer, project_id: int, seen: date | None, day: date | None) -> Project:
    """Let a project be over from a day on, or without one take that back; `seen` is the end that the page showed.

    One that is over from its first day on never was: it was drawn by mistake.
    """
    viewer.require("project.manage")
    project = changing(session, viewer, project_id)
    if project.valid.upper != seen:
        raise Conflict(N_("Somebody else changed the end of this project meanwhile. Look at it again."))
    if day and not viewer.day <= day <= viewer.day + FARTHEST:
        raise Invalid(N_("A project ends today or within a year: what was stays as it was."))
    if day is None and project.name in running(session, project.area_code, viewer.day, but=project.id):
        raise Conflict(TAKEN)
    first = project.valid.lower
    project.valid = NEVER if day and day == first else Range(first, day, bounds="[)")
    session.flush()
    audit.record(session, viewer, "project.end", str(project_id), ends_on=day and day.isoformat())
    return project
