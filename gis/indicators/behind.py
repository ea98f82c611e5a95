"""The rows behind a count: cases, grids and villages, by the very condition that counts them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Select, and_, func, select
from sqlalchemy.orm import Session

from gis.areas import Area
from gis.database import join_by_hash
from gis.errors import NotFound
from gis.indicators import casework, standing, worked
from gis.indicators.measuring import Sizes, fits, grids_of
from gis.indicators.periods import Month
from gis.scope import Scope
from gis.viewer import Viewer
from gis.words import N_

COUNTED = {
    "filing_rate": ("filed", "accepted"),
    "closure_rate": ("closed", "due"),
    "on_time_closure_rate": ("closed_on_time", "due"),
    "urgent_closure_rate": ("urgent_closed", "urgent_due"),
    "rework_rate": ("reworked", "verified"),
    "extension_rate": ("extended", "due"),
    "acceptance_timeliness": ("accepted_in_limit", "acceptance_known"),
    "dispatch_timeliness": ("dispatched_in_limit", "dispatch_known"),
    "overdue_open": ("overdue", "open"),
    "overdue_days": (None, "overdue"),
    "time_to_close": (None, "closed_in_period"),
    "time_to_close_p90": (None, "closed_in_period"),
    "no_action_rate": ("closed_unsolved", "ending_known"),
    "proactive_rate": ("patrol_filed", "filed_in_period"),
    "village_resolution_rate": ("closed_by_village", "leveled"),
    "town_resolution_rate": ("closed_by_town", "leveled"),
    "response_rate": ("answered", "asked_for"),
    "solution_rate": ("solved", "surveyed"),
    "satisfaction_rate": ("satisfied", "surveyed"),
    "open_case_density": ("open", None),
}
"""Indicator → the counts of cases that it divides."""
ANSWERS = {"surveyed", "solved", "satisfied"}
"""Counts that tell what the reporter of a case answered."""
STEP = 500
"""Rows that are fetched at a time."""
NAMES = {name for pair in COUNTED.values() for name in pair if name}


def cases(
    session: Session, viewer: Viewer, scope: Scope, month: Month, count: str, *, start: int = 0, most: int | None = None
) -> Iterator[Any]:
    """Return the cases of a count from a place in the list on, so many or all, as they come, each with the `total`.

    Cases that the viewer may not read are left out where the count itself tells what their reporter answered.
    """
    viewer.require("case.view")
    every = _listed(session, viewer, scope, month, count).add_columns(func.count().over().label("total"))
    found = every.offset(start).limit(most)
    return iter(session.execute(found, execution_options={"yield_per": STEP}))


def size(session: Session, viewer: Viewer, scope: Scope, month: Month, count: str) -> tuple[int, int]:
    """Return how many cases a count has, and how many of them are not listed."""
    viewer.require("case.view")
    shown = _listed(session, viewer, scope, month, count).subquery()
    listed = session.scalar(select(func.count()).select_from(shown)) or 0
    every = session.scalar(casework.number(scope, month, worked.clock(session, viewer, scope.day), count)) or 0
    return every, every - listed


def misfits(session: Session, viewer: Viewer, scope: Scope, wanted: Sizes) -> list[Any]:
    """Return the general grids whose households lie outside the wanted range, by code."""
    viewer.require("map.view")
    return [grid for grid in grids_of(session, viewer, scope) if grid.kind == "general" and not fits(grid, wanted)]


def uncovered(session: Session, viewer: Viewer, scope: Scope) -> list[Any]:
    """Return the villages with land that lies in no grid: code, name, how many pieces, whole square metres."""
    viewer.require("map.view")
    found = standing.gaps(scope).subquery("found")
    village = and_(Area.territory == found.c.territory, Area.level == "village")
    query = select(Area.code, Area.name, found.c.n, found.c.m2).join_from(found, Area, village)
    return list(session.execute(query.where(found.c.kind == "gap").order_by(Area.code)))


def _listed(session: Session, viewer: Viewer, scope: Scope, month: Month, count: str) -> Select[Any]:
    if count not in NAMES:
        raise NotFound(N_("There is no count %(count)s."), count=count)
    join_by_hash(session)
    return casework.listed(scope, month, worked.clock(session, viewer, scope.day), count, clear_only=count in ANSWERS)
