"""The card of one grid: who is in charge, how far coverage reaches, what is open, who can help."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from gis import boundaries, party, premises, resources, staffing
from gis.errors import NotFound
from gis.viewer import Viewer
from gis.words import N_
from layers.catalogue import CASES, COVERAGE, GRIDS, SERVICE_POINTS
from layers.query import Asked, rows

MOST_CASES = 10


@dataclass(frozen=True)
class GridCard:
    """Everything the card shows, as rows; `open_cases` is None for a role that sees their number only."""

    grid: Any
    coverage: Any
    chain: list[party.Organisation]
    people: list[Any]
    corps: list[staffing.Team]
    honours: int | None
    open_cases: list[Any] | None
    teams: list[Any]
    points: list[Any]
    history: list[boundaries.GridOutline]


def card(session: Session, viewer: Viewer, code: str, asked: Asked) -> GridCard:
    """Return the card of a grid on a day; raise NotFound outside the viewer's territory or the grid's time."""
    viewer.require("map.view")
    own = Asked(asked.day, asked.now, area=code)
    found = select(rows(GRIDS, viewer, own, geometry=None).subquery())
    grid = session.execute(found).mappings().one_or_none()
    if grid is None:
        raise NotFound(N_("There is no grid %(code)s in your territory on this day."), code=code)
    here = Asked(asked.day, asked.now, filters={"grid_code": (code,)})
    return GridCard(
        grid=grid,
        coverage=session.execute(rows(COVERAGE, viewer, own, geometry=None)).mappings().one(),
        chain=party.chain(session, viewer, grid["id"], asked.day),
        people=staffing.on_duty(session, viewer, grid["id"], asked.day),
        corps=staffing.covering(session, viewer, code),
        honours=premises.honoured(session, viewer, grid["id"]) if viewer.may("building.view") else None,
        open_cases=oldest_cases(session, viewer, here),
        teams=resources.nearest(session, viewer, grid["id"], asked.day),
        points=list(session.execute(rows(SERVICE_POINTS, viewer, here, geometry=None)).mappings()),
        history=list(session.scalars(boundaries.history(grid["id"]))),
    )


def oldest_cases(session: Session, viewer: Viewer, here: Asked) -> list[Any] | None:
    """Return the open cases of the grid, the longest open first, or None when the role does not include cases."""
    if not viewer.may(CASES.permission):
        return None
    found = rows(CASES, viewer, here, geometry=None).subquery("found")
    return list(session.execute(select(found).order_by(found.c.reported_at, found.c.id).limit(MOST_CASES)).mappings())
