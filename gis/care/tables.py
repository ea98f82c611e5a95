"""What is stored of the elder-care action: a paper's number, a tier, a household and who calls there; no person."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Date,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Text,
    column,
    table,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from gis.coverage import RESULTS, TIERS
from gis.database import Base, Territorial, one_of

SCHEMA = "care"
DAYS = {"weekly": 7, "monthly": 31, "quarterly": 92}
"""Tier → the days within which the next visit is due."""
CONSENT = r"[A-Z]{1,4}-?[0-9]{4}-?[0-9]{1,6}"
"""What the number of a consent paper looks like: letters, a year, a running number; too short for a person's number."""


class Enrolment(Territorial, Base):
    """A household that is called on within a tier, by consent on paper; only its assigned staff read it."""

    __tablename__ = "enrolments"
    __table_args__ = (
        one_of("tier", *TIERS),
        CheckConstraint(f"consent_ref ~ '^{CONSENT}$'", name="consent_a_paper_number"),
        CheckConstraint("ended_on >= enrolled_on", name="ended_after_enrolled"),
        Index("uq_enrolments_household_id", "household_id", unique=True, postgresql_where=text("ended_on IS NULL")),
        {"schema": SCHEMA},
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    consent_ref: Mapped[str] = mapped_column(Text, unique=True)
    tier: Mapped[str] = mapped_column(Text)
    grid_id: Mapped[int] = mapped_column(ForeignKey("grids.id"), index=True)
    household_id: Mapped[int | None] = mapped_column(ForeignKey("households.id"), index=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), index=True)
    enrolled_on: Mapped[date] = mapped_column(Date)
    next_due: Mapped[date] = mapped_column(Date)
    ended_on: Mapped[date | None] = mapped_column(Date)


class CareVisit(Territorial, Base):
    """A visit within an enrolment: a day and a result code; it goes when its enrolment is purged."""

    __tablename__ = "visits"
    __table_args__ = (one_of("result", *RESULTS), {"schema": SCHEMA})

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    enrolment_id: Mapped[int] = mapped_column(ForeignKey("care.enrolments.id", ondelete="CASCADE"), index=True)
    visited_on: Mapped[date] = mapped_column(Date)
    result: Mapped[str] = mapped_column(Text)
    recorded_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"), index=True)
    recorded_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    visit_key: Mapped[str | None] = mapped_column(Text, unique=True)


register = table(
    "register",
    *(column(name, getattr(Enrolment, name).type) for name in
      ("id", "territory", "consent_ref", "tier", "grid_id", "staff_id", "enrolled_on", "next_due", "ended_on")),
    schema=SCHEMA,
)  # fmt: skip
"""The enrolments as the care lead of a village sees them: by paper number, tier and staff, without the household."""
