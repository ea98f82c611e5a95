"""Projects of a GeoJSON file: looked at first, and begun all or none."""

from __future__ import annotations

from datetime import date

from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.orm import Session

from gis import audit, grounds
from gis.errors import Conflict, Invalid
from gis.grounds import Ground
from gis.premises import Project
from gis.projects.ground import home_of, written
from gis.projects.keeping import running
from gis.tabular import Wrong
from gis.viewer import Viewer, key
from gis.words import N_

THERE = N_("A project of this name goes on here already. Give it another name, or leave the row out.")


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
