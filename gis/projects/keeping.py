"""Projects begin, are mended, change their stage, and end."""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.orm import Session

from gis import audit
from gis.database import NEVER, hold_name
from gis.errors import Conflict, Invalid, NotFound
from gis.premises import PROJECT_STAGES, Project
from gis.private import refuse
from gis.projects.ground import built_ground, drawn_ground
from gis.scope import inside
from gis.viewer import Viewer, key
from gis.words import N_

FARTHEST = timedelta(days=366)
TAKEN = N_("A project of this name goes on here already. Give it another name.")
Called = tuple[str, str]
"""Name and lead body."""


def begin(
    session: Session, viewer: Viewer, name: str, lead_body: str, codes: list[str], day: date, drawn: str = ""
) -> Project:
    """Begin a project over the ground of the buildings with these codes, of one village, or over a drawn outline."""
    viewer.require("project.manage")
    name, lead_body = called(name, lead_body)
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


def called(name: str, lead_body: str) -> Called:
    """Return name and lead body as they are stored; raises Invalid or Refused for what is none."""
    name, lead_body = " ".join(name.split()), " ".join(lead_body.split())
    if not 1 < len(name) <= 60 or not 1 < len(lead_body) <= 60:
        raise Invalid(N_("Give the project a name and a lead body, in 2 to 60 characters each."))
    refuse(name, lead_body)
    return name, lead_body


def running(session: Session, area: str, day: date, but: int = 0) -> set[str]:
    """Return the names of the projects of an area that go on, and hold them until the transaction ends."""
    hold_name(session, f"projects/{area}")
    goes_on = func.upper_inf(Project.valid) | (func.upper(Project.valid) > day)
    return set(session.scalars(select(Project.name).where(Project.area_code == area, goes_on, Project.id != but)))


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


def correct(
    session: Session, viewer: Viewer, project_id: int, seen: Called, name: str, lead_body: str, drawn: str = ""
) -> Project:
    """Mend name and lead body that the page showed as `seen` and, where it is drawn anew, the outline.

    Raises Conflict when somebody else has mended them meanwhile.
    """
    viewer.require("project.manage")
    project, now = changing(session, viewer, project_id), called(name, lead_body)
    if (project.name, project.lead_body) != seen:
        raise Conflict(N_("Somebody else changed this project meanwhile. Look at it again."))
    village, ground = drawn_ground(session, viewer, drawn) if drawn else (project.area_code, project.outline)
    if now[0] in running(session, village, viewer.day, but=project.id):
        raise Conflict(TAKEN)
    project.name, project.lead_body = now
    project.area_code, project.territory, project.outline = village, key(village), ground
    session.flush()
    audit.record(session, viewer, "project.correct", str(project_id), was=seen[0], now=now[0], drawn=bool(drawn))
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
