"""Cases, their append-only log, their categories, and the powers-and-duties list that says who is responsible."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from geoalchemy2 import Geometry
from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    ColumnElement,
    Date,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    Select,
    Text,
    and_,
    case,
    column,
    func,
    not_,
    or_,
    select,
    table,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from gis.boundaries import Grid
from gis.database import SRID, TILE_SRID, Base, Dated, Territorial, one_of, place, place_in_tiles
from gis.relinks import belonging
from gis.scope import Scope
from gis.words import N_

CATEGORIES = {
    "environment": N_("environment"),
    "public_facility": N_("public facility"),
    "safety_hazard": N_("safety hazard"),
    "dispute": N_("dispute"),
    "livelihood": N_("livelihood service"),
    "property_repair": N_("property repair"),
    "unauthorized_building": N_("unauthorised building"),
    "inquiry": N_("inquiry"),
    "suggestion": N_("suggestion"),
}
STATUSES = {
    "reported": N_("reported"),
    "accepted": N_("accepted"),
    "filed": N_("filed"),
    "dispatched": N_("dispatched"),
    "in_progress": N_("in progress"),
    "handled": N_("handled"),
    "verifying": N_("being verified"),
    "returned": N_("returned"),
    "suspended": N_("suspended"),
    "verify_failed": N_("failed verification"),
    "closed": N_("closed"),
    "rejected": N_("rejected"),
    "duplicate": N_("duplicate"),
    "voided": N_("voided"),
}
SOURCES = {
    "grid_patrol": N_("grid patrol"),
    "resident_app": N_("resident report"),
    "hotline_12345": N_("hotline 12345"),
    "reception_day": N_("reception day"),
    "council": N_("council meeting"),
    "dept_transfer": N_("department transfer"),
    "visit": N_("home visit"),
    "sensor": N_("sensor"),
}
REASONS = {
    "resolved": N_("resolved"),
    "no_action_needed": N_("no action needed"),
    "not_responsible": N_("not responsible"),
    "duplicate": N_("duplicate"),
    "unable": N_("unable to resolve"),
    "withdrawn": N_("withdrawn"),
}
LEVELS = ("grid", "village", "town", "district")


class Case(Territorial, Base):
    """A case with its place, clocks and state; the log is the truth, the state is its last entry."""

    __tablename__ = "cases"
    __table_args__ = (
        one_of("category", *CATEGORIES),
        one_of("status", *STATUSES),
        one_of("source", *SOURCES),
        one_of("closure_reason", *REASONS),
        one_of("closing_level", *LEVELS),
        one_of("visibility", "public", "internal", "restricted"),
        one_of("urgency", "normal", "urgent"),
        CheckConstraint("closed_at >= reported_at", name="closed_after_report"),
        CheckConstraint(
            "(closed_at IS NOT NULL) = (status IN ('closed','rejected','duplicate','voided'))", name="ended"
        ),
        Index("ix_cases_point_tile", "point_tile", postgresql_using="gist"),
        Index("ix_cases_open", "grid_id", postgresql_where=text("closed_at IS NULL")),
        Index("ix_cases_reported_at", "reported_at"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    case_no: Mapped[str] = mapped_column(Text, unique=True)
    category: Mapped[str] = mapped_column(Text)
    subcategory: Mapped[str | None] = mapped_column(Text)
    title: Mapped[str] = mapped_column(Text)
    description: Mapped[str | None] = mapped_column(Text)
    address: Mapped[str | None] = mapped_column(Text)
    source: Mapped[str] = mapped_column(Text)
    urgency: Mapped[str] = mapped_column(Text, server_default="normal")
    visibility: Mapped[str] = mapped_column(Text, server_default="internal")
    status: Mapped[str] = mapped_column(Text)
    grid_id: Mapped[int | None] = mapped_column(ForeignKey("grids.id"), index=True)
    outline_id: Mapped[int | None] = mapped_column(ForeignKey("grid_outlines.id"), index=True)
    handler_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"), index=True)
    lead_body: Mapped[str | None] = mapped_column(Text)
    reported_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    accepted_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    filed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    dispatched_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    handled_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    verified_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    closed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    due_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    suspended_from: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    rework_count: Mapped[int] = mapped_column(Integer, server_default="0")
    return_count: Mapped[int] = mapped_column(Integer, server_default="0")
    extension_count: Mapped[int] = mapped_column(Integer, server_default="0")
    closing_level: Mapped[str | None] = mapped_column(Text)
    closure_reason: Mapped[str | None] = mapped_column(Text)
    satisfied: Mapped[bool | None] = mapped_column(Boolean)
    duplicate_of: Mapped[int | None] = mapped_column(ForeignKey("cases.id"), index=True)
    project_id: Mapped[int | None] = mapped_column(ForeignKey("projects.id"), index=True)
    point = place()
    point_tile = place_in_tiles()


class CaseEvent(Base):
    """One step of a case: appended, never changed (a trigger refuses)."""

    __tablename__ = "case_events"
    __table_args__ = (one_of("to_status", *STATUSES),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"), index=True)
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    from_status: Mapped[str | None] = mapped_column(Text)
    to_status: Mapped[str] = mapped_column(Text)
    actor: Mapped[str] = mapped_column(Text)
    note: Mapped[str | None] = mapped_column(Text)
    reason: Mapped[str | None] = mapped_column(Text)


class DutyItem(Dated, Base):
    """An entry of the powers-and-duties list: for a category on a level, who leads, who helps and the time limit."""

    __tablename__ = "duty_items"
    __table_args__ = (
        one_of("category", *CATEGORIES),
        one_of("level", *LEVELS),
        one_of("unit", "natural_hour", "working_hour", "working_day"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    category: Mapped[str] = mapped_column(Text)
    level: Mapped[str] = mapped_column(Text)
    lead_body: Mapped[str] = mapped_column(Text)
    helpers: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default="{}")
    amount: Mapped[int] = mapped_column(Integer)
    unit: Mapped[str] = mapped_column(Text)
    published_on: Mapped[date | None] = mapped_column(Date)


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
            ("point", Geometry("POINT", SRID)),
            ("point_tile", Geometry("POINT", TILE_SRID)),
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


def tally(scope: Scope) -> Select[int, int, int, int]:
    """Select how many cases of the scope are open, overdue, due today, and open outside every grid."""
    where = belonging(facts, scope)
    counted = select(
        func.count(),
        func.count().filter(is_overdue(scope.moment)),
        func.count().filter(is_due_today(scope.moment, scope.midnight)),
        func.count().filter(where.grid_id.is_(None)),
    )
    return counted.select_from(where.source).where(scope.holds(where.territory), is_open(scope.moment))
