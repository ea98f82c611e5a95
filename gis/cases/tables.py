"""Cases, their append-only log, the photos of the place, and the words of their fields."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from gis.database import Base, Territorial, one_of, place, place_in_tiles
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
        UniqueConstraint("external_source", "external_ref"),
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
    revision: Mapped[int] = mapped_column(Integer, server_default="1")
    helpers: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default="{}")
    soon_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    suspended_ms: Mapped[int] = mapped_column(BigInteger, server_default="0")
    before_suspension: Mapped[str | None] = mapped_column(Text)
    limit_amount: Mapped[int | None] = mapped_column(Integer)
    limit_unit: Mapped[str | None] = mapped_column(Text)
    reporter_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"), index=True)
    report_key: Mapped[str | None] = mapped_column(Text, unique=True)
    external_source: Mapped[str | None] = mapped_column(Text)
    external_ref: Mapped[str | None] = mapped_column(Text)
    point = place()
    point_tile = place_in_tiles()


class CaseEvent(Base):
    """One step of a case: appended, never changed (a trigger refuses)."""

    __tablename__ = "case_events"
    __table_args__ = (
        one_of("to_status", *STATUSES),
        Index("ix_case_events_pauses", "case_id", postgresql_where=text("step = 'ask_pause'")),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"), index=True)
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    from_status: Mapped[str | None] = mapped_column(Text)
    to_status: Mapped[str] = mapped_column(Text)
    step: Mapped[str | None] = mapped_column(Text)
    actor: Mapped[str] = mapped_column(Text)
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"), index=True)
    note: Mapped[str | None] = mapped_column(Text)
    reason: Mapped[str | None] = mapped_column(Text)


class CasePhoto(Base):
    """A picture of the place of a case, made anew from its pixels: nothing of the camera or its place is left in it."""

    __tablename__ = "case_photos"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"), index=True)
    added_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    added_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"), index=True)
    width: Mapped[int] = mapped_column(Integer)
    height: Mapped[int] = mapped_column(Integer)
    image: Mapped[bytes] = mapped_column(LargeBinary)
