"""The made-up district into the database: every table by COPY, in the transaction of the caller."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from gis import (
    audit,
    barriers,
    boundaries,
    care,
    cases,
    coverage,
    deadlines,
    duties,
    party,
    premises,
    resources,
    staffing,
)
from gis.areas import Area
from gis.database import SRID, Base, copy_in, in_bulk
from gis.demo import stories
from gis.demo.district import District, Say
from gis.demo.geography import to_storage
from gis.demo.making import make
from gis.demo.numbers import DISTRICT_CODE, Frame
from gis.demo.stories import Story
from gis.errors import Conflict
from gis.viewer import Viewer
from gis.volunteers import calls
from gis.words import N_

NOUNS = (barriers, boundaries, calls, care, cases, coverage, duties, party, premises, resources, staffing)
"""The nouns whose tables are filled: importing them is what registers these."""
NULL = "\\N"
ROWS_AT_A_TIME = 40_000
TABLES: dict[str, dict[str, str]] = {
    "areas": {},
    "grids": {},
    "grid_outlines": {"grid_id": "grids"},
    "barriers": {},
    "buildings": {"grid_id": "grids"},
    "households": {"grid_id": "grids", "building_id": "buildings"},
    "gaps": {"building_id": "buildings"},
    "honours": {"building_id": "buildings"},
    "projects": {},
    "organisations": {"parent_id": "organisations", "grid_id": "grids"},
    "organisation_grids": {"organisation_id": "organisations", "grid_id": "grids"},
    "staff": {},
    "teams": {"parent_id": "teams"},
    "assignments": {"staff_id": "staff", "team_id": "teams", "grid_id": "grids"},
    "duty_items": {},
    "cases": {"grid_id": "grids", "outline_id": "grid_outlines", "handler_id": "staff", "project_id": "projects"},
    "case_events": {"case_id": "cases"},
    "visits": {"household_id": "households", "building_id": "buildings", "grid_id": "grids"},
    "care_tallies": {"grid_id": "grids"},
    "care.enrolments": {"grid_id": "grids", "household_id": "households", "staff_id": "staff"},
    "care.visits": {"enrolment_id": "care.enrolments"},
    "volunteer_teams": {"grid_id": "grids"},
    "volunteer_activities": {"team_id": "volunteer_teams"},
    "case_calls": {"case_id": "cases", "team_id": "volunteer_teams"},
    "service_points": {"grid_id": "grids"},
    "reception_days": {},
    "reception_cases": {"case_id": "cases", "reception_id": "reception_days"},
    "council_meetings": {"case_id": "cases", "project_id": "projects"},
}
"""Table → its columns that count rows of another table from 0; the order is the order of loading."""

SHAPES = ("outline", "point", "line")


def load(session: Session, viewer: Viewer, *, profile: str, seed: int, say: Say, folder: Path) -> list[Story]:
    """Make the district of a profile and a seed as of the viewer's day, store it, and return what is planted in it.

    stories.json and the two files that an import has to refuse go into `folder`. Raises Conflict when the district
    is already there.
    """
    viewer.require("data.import")
    if session.get(Area, DISTRICT_CODE) is not None:
        raise Conflict(N_("The demo district %(code)s is already there."), code=DISTRICT_CODE)
    district = make(profile, seed, viewer.day, say)
    store(session, district, say)
    for year in (viewer.day.year - 1, viewer.day.year):
        deadlines.fill(session, viewer, year)
    audit.record(session, viewer, "load_demo", DISTRICT_CODE, profile=profile, seed=seed)
    return stories.write(district, folder)


def store(session: Session, district: District, say: Say) -> None:
    """Copy every table of the district; ids continue after those that the tables already hold."""
    models = {str(mapper.local_table): mapper.class_ for mapper in Base.registry.mappers}
    bases: dict[str, int] = {}
    for name in TABLES:
        table, rows = Base.metadata.tables[name], district.tables[name]
        if "id" in table.columns:
            bases[name] = int(session.scalar(select(func.coalesce(func.max(table.columns["id"]), 0))) or 0) + 1
        if len(rows) > ROWS_AT_A_TIME:
            say(f"{name}: {len(rows):,} …")
        with in_bulk(session, models[name], len(rows)):
            columns = list(texts(rows.iloc[:1], name, bases))
            copy_in(session, table, columns, lines(rows, name, bases))
        if name in bases:
            counter = func.pg_get_serial_sequence(name, "id")
            session.execute(select(func.setval(counter, bases[name] + max(len(rows), 1) - 1)))


def lines(rows: Frame, table: str, bases: dict[str, int]) -> Iterator[str]:
    """Yield the rows as lines for COPY, a piece at a time to keep memory flat."""
    whole = rows.reset_index(drop=True)
    for first in range(0, len(whole), ROWS_AT_A_TIME):
        piece = texts(whole.iloc[first : first + ROWS_AT_A_TIME], table, bases)
        yield from map("\t".join, zip(*piece.values(), strict=True))


def texts(rows: Frame, table: str, bases: dict[str, int]) -> dict[str, list[str]]:
    """Return column → the text of each value as COPY reads it; `bases` holds the id of each table's first row."""
    links, known = TABLES[table], Base.metadata.tables[table].columns
    shape = next((name for name in SHAPES if name in known), None)
    columns: dict[str, list[str]] = {}
    if table in bases:
        columns["id"] = list((rows.index.to_numpy() + bases[table]).astype(str))
    for name in rows.columns:
        if name == "geometry" and shape is not None:
            columns[shape] = geometry(rows["geometry"].to_numpy())
        elif name in links:
            number = rows[name].to_numpy().astype(np.int64)
            columns[name] = list(np.where(number < 0, NULL, (number + bases[links[name]]).astype(str)))
        elif name in known:
            columns[name] = plain(rows[name])
    return columns


def plain(column: Frame) -> list[str]:
    """Return the text of numbers, truth values, local times and words; what is empty or missing is null."""
    if column.dtype.kind == "M":
        written = pd.Series(np.datetime_as_string(column.to_numpy().astype("datetime64[s]")) + np.array("+08"))
        return list(written.where(column.notna().to_numpy(), NULL))
    if column.dtype.kind in "iuf" and not column.hasnans:
        return list(column.to_numpy().astype(str))
    missing = column.isna().to_numpy()
    return [NULL if gone or value == "" else str(value) for value, gone in zip(column, missing, strict=True)]


def geometry(shapes: NDArray[np.object_]) -> list[str]:
    """Return metric shapes as hexadecimal EWKB in storage degrees; polygons and lines become multi-part."""
    stored = to_storage(np.asarray(shapes, dtype=object))
    for single, many in ((3, shapely.multipolygons), (1, shapely.multilinestrings)):
        rows = np.flatnonzero(shapely.get_type_id(stored) == single)
        if len(rows):
            stored[rows] = many(stored[rows], indices=np.arange(len(rows)))
    return [str(text) for text in shapely.to_wkb(shapely.set_srid(stored, SRID), hex=True, include_srid=True)]
