"""Visits and the care figures: who was reached, as counts of households and never of persons."""

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
    Integer,
    Select,
    Text,
    cast,
    func,
    select,
)
from sqlalchemy.orm import Mapped, mapped_column

from gis.database import Base, Territorial, one_of
from gis.scope import Scope
from gis.words import N_

PURPOSES = {
    "routine": N_("routine visit"),
    "safety": N_("safety check"),
    "service": N_("service visit"),
    "follow_up": N_("follow-up"),
}
RESULTS = {"met": N_("met"), "not_in": N_("nobody in"), "revisit": N_("visit again")}
TIERS = {"weekly": N_("weekly"), "monthly": N_("monthly"), "quarterly": N_("quarterly")}


class Visit(Territorial, Base):
    """A visit to a household or a building: a day, a purpose and a result code; no words about persons.

    One that was recorded here bears who did and when, and a key of that user's: sent twice, it is stored once.
    """

    __tablename__ = "visits"
    __table_args__ = (
        one_of("purpose", *PURPOSES),
        one_of("result", *RESULTS),
        CheckConstraint("num_nonnulls(household_id, building_id) >= 1", name="some_place"),
        # In the order in which households are counted, with all that is asked of a visit: the table is not read.
        Index(
            "ix_visits_grid_id_household_id_visited_on",
            "grid_id",
            "household_id",
            "visited_on",
            postgresql_include=["territory", "result"],
        ),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    household_id: Mapped[int | None] = mapped_column(ForeignKey("households.id"), index=True)
    building_id: Mapped[int | None] = mapped_column(ForeignKey("buildings.id"), index=True)
    grid_id: Mapped[int | None] = mapped_column(ForeignKey("grids.id"))
    visited_on: Mapped[date] = mapped_column(Date)
    purpose: Mapped[str] = mapped_column(Text)
    result: Mapped[str] = mapped_column(Text)
    recorded_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"), index=True)
    recorded_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    visit_key: Mapped[str | None] = mapped_column(Text, unique=True)


class CareTally(Territorial, Base):
    """How many enrolments of the elder-care action a grid has in a tier, and how many were visited in time."""

    __tablename__ = "care_tallies"
    __table_args__ = (
        one_of("tier", *TIERS),
        CheckConstraint("enrolled >= 0 AND in_time BETWEEN 0 AND enrolled", name="in_time_of_enrolled"),
        Index("uq_care_tallies_grid_month_tier", "grid_id", "month", "tier", unique=True),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    grid_id: Mapped[int] = mapped_column(ForeignKey("grids.id"))
    month: Mapped[date] = mapped_column(Date)
    tier: Mapped[str] = mapped_column(Text)
    enrolled: Mapped[int] = mapped_column(Integer)
    in_time: Mapped[int] = mapped_column(Integer)


def care_by_grid(scope: Scope) -> Select[int, int, int]:
    """Select territory, enrolments and those visited in time of each grid in the last month that was tallied."""
    month = select(func.max(CareTally.month)).where(CareTally.month <= scope.day).scalar_subquery()
    summed = (
        cast(func.sum(CareTally.enrolled), Integer).label("enrolled"),
        cast(func.sum(CareTally.in_time), Integer).label("in_time"),
    )
    kept = CareTally.month == month, scope.holds(CareTally.territory)
    return select(CareTally.territory, *summed).where(*kept).group_by(CareTally.territory)


def care_by_tier(scope: Scope, since: date) -> Select[date, int, str, int, int]:
    """Select month, territory, tier, enrolments and those in time of each grid, for the months from a day on."""
    columns = (CareTally.month, CareTally.territory, CareTally.tier, CareTally.enrolled, CareTally.in_time)
    return select(*columns).where(
        CareTally.month >= since, CareTally.month <= scope.day, scope.holds(CareTally.territory)
    )
