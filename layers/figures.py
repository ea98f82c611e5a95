"""The figures beside the map: one value per grid for the theme, and the line of totals on top."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import BigInteger, Row, Select, case, cast, func, null, select
from sqlalchemy.orm import Session

from gis import cases, coverage
from gis.database import join_by_hash
from gis.indicators.parts import closure_tally
from gis.scope import Scope
from gis.viewer import Viewer
from layers import care_counts
from layers.catalogue import COVERAGE, GRIDS
from layers.query import Asked, rows, share
from layers.themes import Measure

CLOCKED = {"open_cases", "overdue_cases", "due_today_cases", "due_soon_cases", "due_cases", "on_time_cases"}
"""Columns that depend on the minute and not only on the day."""


@dataclass(frozen=True, slots=True)
class Figure:
    """What paints one grid: the value, and the numerator and denominator behind it.

    Of two figures in one, `parts` are both quotients, then numerator and denominator of each.
    """

    id: int
    code: str
    value: float | None
    numerator: int | None
    denominator: int | None
    parts: tuple[float | None, ...] = ()


@dataclass(frozen=True)
class Standing:
    """The sums that hold for the day."""

    grids: int
    households: int
    visited: int | None
    households_listed: int | None
    volunteers: int
    teams: int
    linked: int
    full_time: int
    care_enrolled: int | None
    care_in_time: int | None


@dataclass(frozen=True)
class Running:
    """The sums that the clock moves: cases and their limits."""

    open_cases: int
    overdue_cases: int
    due_today_cases: int | None
    due_soon_cases: int
    outside_cases: int
    due: int
    on_time: int


@dataclass(frozen=True)
class Totals(Standing, Running):
    """The line on top: sums over the grids in view, and the cases of the territory in view."""


def values(of: Measure, viewer: Viewer, asked: Asked) -> Select[Any]:
    """Select id, code, value, numerator and denominator of each grid, in the order of the codes."""
    measure = of.indicator
    if of.axes is not None:
        return of.axes.values(
            rows(of.layer, viewer, asked, fields=("code", *of.axes.fields), geometry=None).subquery("found")
        )
    kind = "kind" if of.general_only else None
    names = tuple(name for name in ("code", kind, measure.numerator, measure.denominator) if name)
    found = rows(of.layer, viewer, asked, fields=names, geometry=None).subquery("found")
    numerator: Any = found.c[measure.numerator]
    if of.general_only:
        numerator = case((found.c.kind == "general", numerator))
    if measure.denominator is None:
        return select(found.c.id, found.c.code, numerator, numerator, null()).order_by(found.c.code)
    denominator = found.c[measure.denominator]
    value = share(numerator, denominator, measure.per)
    return select(found.c.id, found.c.code, value, numerator, denominator).order_by(found.c.code)


def figures(session: Session, measure: Measure, viewer: Viewer, asked: Asked) -> list[Figure]:
    """Return the figure of every grid in view; a count has no denominator."""
    join_by_hash(session)
    return [
        Figure(id_, code, value, numerator, denominator, tuple(parts))
        for id_, code, value, numerator, denominator, *parts in session.execute(values(measure, viewer, asked))
    ]


def clocked(measure: Measure) -> bool:
    """Tell whether a figure may be another one a minute later."""
    return not CLOCKED.isdisjoint((measure.indicator.numerator, measure.indicator.denominator))


def totals(session: Session, viewer: Viewer, asked: Asked) -> Totals:
    """Return the sums over the territory in view, from the same rows as the map and the lists."""
    return joined(standing(session, viewer, asked), running(session, viewer, asked))


def joined(standing: Standing, running: Running) -> Totals:
    """Return both parts as one line."""
    return Totals(**vars(standing), **vars(running))


def standing(session: Session, viewer: Viewer, asked: Asked) -> Standing:
    """Return the sums that hold for the day."""
    join_by_hash(session)
    sums = summed(session, viewer, asked, "households", "volunteers", "teams", "full_time")
    covered = ("visited", "households_listed", "link_cadres")
    reach = rows(COVERAGE, viewer, asked, fields=covered, geometry=None).subquery("reach")
    reached = session.execute(
        select(
            cast(func.sum(reach.c.visited).filter(reach.c.households_listed > 0), BigInteger),
            cast(func.sum(reach.c.households_listed), BigInteger),
            func.count().filter(reach.c.link_cadres > 0),
        ).select_from(reach)
    ).one()
    care = care_totals(session, viewer, asked.scope(viewer))
    return Standing(
        sums[0], sums.households, reached[0], reached[1], sums.volunteers, sums.teams, reached[2], sums.full_time, *care
    )


def running(session: Session, viewer: Viewer, asked: Asked) -> Running:
    """Return the sums that the clock moves; what is due today has no past."""
    join_by_hash(session)
    scope = asked.scope(viewer)
    due, on_time = session.execute(closure_tally(scope)).one()
    open_, overdue, due_today, due_soon, outside = session.execute(cases.tally(scope)).one()
    today = due_today if scope.live else None
    return Running(open_, overdue, today, due_soon, outside, due, on_time)


def summed(session: Session, viewer: Viewer, asked: Asked, *names: str) -> Row[Any]:
    """Return the number of grids in view and the sums of their columns."""
    grids = rows(GRIDS, viewer, asked, fields=names, geometry=None).subquery("grids")
    return session.execute(select(func.count(), *(total(grids, name) for name in names)).select_from(grids)).one()


def care_totals(session: Session, viewer: Viewer, scope: Scope) -> tuple[int | None, int | None]:
    """Return enrolments and visits in time, from the true counts; empty where that would tell a small one."""
    if not viewer.may("care.count"):
        return None, None
    grids = list(session.execute(coverage.care_by_grid(scope)))
    found = care_counts.Told(grids).served("", "", "")
    return found.enrolled, found.in_time


def total(of: Any, name: str) -> Any:
    """Return the sum of a column, 0 without rows."""
    return cast(func.coalesce(func.sum(of.c[name]), 0), BigInteger).label(name)
