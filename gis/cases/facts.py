"""What is counted and shown of cases: a view that gives a restricted one's words and place to its handler only."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from geoalchemy2 import Geometry
from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    ColumnElement,
    DateTime,
    Integer,
    Select,
    Text,
    and_,
    case,
    column,
    extract,
    func,
    not_,
    or_,
    select,
    table,
)

from gis.boundaries import Grid
from gis.cases.tables import CaseEvent
from gis.database import SRID, TILE_SRID
from gis.deadlines.hours import NEAR
from gis.relinks import belonging
from gis.scope import Scope

facts = table(
    "case_facts",
    *(
        column(name, kind)
        for name, kind in (
            ("id", BigInteger()),
            ("grid_id", BigInteger()),
            ("outline_id", BigInteger()),
            ("territory", BigInteger()),
            ("case_no", Text()),
            ("category", Text()),
            ("status", Text()),
            ("source", Text()),
            ("urgency", Text()),
            ("visibility", Text()),
            ("lead_body", Text()),
            ("title", Text()),
            ("address", Text()),
            ("clear", Boolean()),
            ("reported_at", DateTime(timezone=True)),
            ("filed_at", DateTime(timezone=True)),
            ("closed_at", DateTime(timezone=True)),
            ("due_at", DateTime(timezone=True)),
            ("suspended_from", DateTime(timezone=True)),
            ("rework_count", Integer()),
            ("return_count", Integer()),
            ("closing_level", Text()),
            ("closure_reason", Text()),
            ("revision", Integer()),
            ("project_id", BigInteger()),
            ("handler_id", BigInteger()),
            ("reporter_id", BigInteger()),
            ("duplicate_of", BigInteger()),
            ("extension_count", Integer()),
            ("accepted_at", DateTime(timezone=True)),
            ("dispatched_at", DateTime(timezone=True)),
            ("handled_at", DateTime(timezone=True)),
            ("verified_at", DateTime(timezone=True)),
            ("before_suspension", Text()),
            ("limit_amount", Integer()),
            ("limit_unit", Text()),
            ("helpers", ARRAY(Text())),
            ("subcategory", Text()),
            ("description", Text()),
            ("point", Geometry("POINT", SRID)),
            ("point_tile", Geometry("POINT", TILE_SRID)),
            ("suspended_ms", BigInteger()),
            ("soon_at", DateTime(timezone=True)),
        )
    ),
)
"""The view that counts every case of the territory; only its handler gets a restricted one's words and place."""


def is_open(moment: datetime) -> ColumnElement[bool]:
    """Return the condition that a case was open at a moment."""
    return and_(facts.c.reported_at <= moment, or_(facts.c.closed_at.is_(None), facts.c.closed_at > moment))


def is_overdue(moment: datetime) -> ColumnElement[bool]:
    """Return the condition that an open case was past its limit at a moment and not suspended."""
    return and_(facts.c.due_at < moment, not_suspended(moment))


def is_due_soon(moment: datetime) -> ColumnElement[bool]:
    """Return the condition that less than a fifth of an open case's limit is left at a moment.

    Where the duty list set the limit, the moment is stored; else it is a fifth of the time since filing, pauses apart.
    """
    since = func.coalesce(facts.c.filed_at, facts.c.reported_at) + facts.c.suspended_ms * timedelta(milliseconds=1)
    fifth = extract("epoch", facts.c.due_at - since) * timedelta(seconds=NEAR)
    near = func.coalesce(facts.c.soon_at, facts.c.due_at - fifth)
    return and_(facts.c.due_at >= moment, near < moment, not_suspended(moment))


def is_due_today(moment: datetime, midnight: datetime) -> ColumnElement[bool]:
    """Return the condition that an open case's limit ends between a moment and midnight."""
    return and_(facts.c.due_at >= moment, facts.c.due_at < midnight, not_suspended(moment))


def not_suspended(moment: datetime) -> ColumnElement[bool]:
    """Return the condition that the clock of a case was running at a moment."""
    return or_(facts.c.suspended_from.is_(None), facts.c.suspended_from > moment)


def state(scope: Scope) -> ColumnElement[str]:
    """Return overdue, due_today, suspended or open for a case that is open at the moment, else ended."""
    return case(
        (not_(is_open(scope.moment)), "ended"),
        (status_at(scope) == "suspended", "suspended"),
        (is_overdue(scope.moment), "overdue"),
        (is_due_today(scope.moment, scope.midnight), "due_today"),
        else_="open",
    )


def status_at(scope: Scope) -> ColumnElement[str]:
    """Return the status of a case at the moment: now the present one, on a past day the log's last entry by then."""
    if scope.live:
        return facts.c.status
    last = select(CaseEvent.to_status).where(CaseEvent.case_id == facts.c.id, CaseEvent.at <= scope.moment)
    newest = last.order_by(CaseEvent.at.desc(), CaseEvent.id.desc()).limit(1)
    return func.coalesce(newest.scalar_subquery(), facts.c.status)


def rows(scope: Scope) -> Select[Any]:
    """Select the cases of the scope that were open at the moment, restricted ones wordless at their grid's middle."""
    where = belonging(facts, scope)
    return (
        select(
            facts.c.id,
            where.territory.label("territory"),
            facts.c.point.label("geom"),
            facts.c.point_tile.label("tile"),
            facts.c.case_no,
            facts.c.category,
            facts.c.title,
            facts.c.address,
            status_at(scope).label("status"),
            state(scope).label("state"),
            facts.c.urgency,
            facts.c.source,
            facts.c.lead_body,
            facts.c.reported_at,
            facts.c.due_at,
            facts.c.rework_count,
            facts.c.return_count,
            Grid.code.label("grid_code"),
            Grid.id.label("grid_id"),
        )
        .select_from(where.source)
        .outerjoin(Grid, Grid.id == where.grid_id)
        .where(scope.holds(where.territory), is_open(scope.moment))
    )


def tally(scope: Scope) -> Select[int, int, int, int, int]:
    """Select how many cases of the scope are open, overdue, due today, due soon, and open outside every grid."""
    where = belonging(facts, scope)
    counted = select(
        func.count(),
        func.count().filter(is_overdue(scope.moment)),
        func.count().filter(is_due_today(scope.moment, scope.midnight)),
        func.count().filter(is_due_soon(scope.moment)),
        func.count().filter(where.grid_id.is_(None)),
    )
    return counted.select_from(where.source).where(scope.holds(where.territory), is_open(scope.moment))
