"""Visits and the care figures: who was reached, as counts of households and never of persons."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import Any

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
    Subquery,
    Text,
    and_,
    case,
    cast,
    func,
    or_,
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
RESULTS = {"met": N_("met"), "not_in": N_("nobody in"), "revisit": N_("met, visit again")}
SMALLEST_SHOWN = 5
"""Sensitive counts below this leave the house as empty (k of the small-count rule)."""
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


class WithdrawnVisit(Base):
    """The key of a visit that was taken back: whichever tab or device still sends it, it does not come back."""

    __tablename__ = "withdrawn_visits"

    visit_key: Mapped[str] = mapped_column(Text, primary_key=True)
    withdrawn_on: Mapped[date] = mapped_column(Date)


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


def care_grids(scope: Scope, since: date | None = None) -> Subquery:
    """Enrolments and those in time by month and grid of the scope, and whether the count of the grid is hidden.

    Hidden is a grid with a small count: of enrolments, of those in time or of those that are not; and where those of a
    village add up to few, so that its sum would tell them, the next larger one with them. It is looked at whole
    villages, so that a grid alone says no more than its village. Without `since` it is the last month that was tallied.
    """
    newest = select(func.max(CareTally.month)).where(CareTally.month <= scope.day).scalar_subquery()
    wanted = CareTally.month == newest if since is None else CareTally.month.between(since, scope.day)
    villages = replace(scope, spans=tuple((low // 1000 * 1000, high // 1000 * 1000 + 999) for low, high in scope.spans))
    keys = (CareTally.month, CareTally.grid_id, CareTally.territory)
    sums = [cast(func.sum(column), Integer).label(column.key) for column in (CareTally.enrolled, CareTally.in_time)]
    grids = select(*keys, *sums).where(wanted, villages.holds(CareTally.territory)).group_by(*keys).subquery("grids")
    kinds = (grids.c.enrolled, grids.c.in_time, grids.c.enrolled - grids.c.in_time)
    small = or_(*(count.between(1, SMALLEST_SHOWN - 1) for count in kinds))
    village = [grids.c.month, grids.c.territory // 1000]
    left = [func.sum(case((small, count), else_=0)).over(partition_by=village) for count in kinds]
    larger = case((small | (grids.c.enrolled == 0), 0), else_=1)
    nth = func.row_number().over(partition_by=[*village, larger], order_by=(grids.c.enrolled, grids.c.territory))
    few = or_(*(each.between(1, SMALLEST_SHOWN - 1) for each in left))
    told = and_(few, larger == 1, nth == 1)
    looked = select(grids, or_(small, told).label("hidden")).subquery("looked")
    return select(looked).where(scope.holds(looked.c.territory)).subquery("care")


def care_by_grid(scope: Scope, since: date | None = None) -> Select[Any]:
    """Select month, territory, enrolled, in_time and hidden of each grid of the scope."""
    grids = care_grids(scope, since)
    return select(grids.c.month, grids.c.territory, grids.c.enrolled, grids.c.in_time, grids.c.hidden)


def care_by_tier(scope: Scope, month: date) -> Any:
    """Select town, tier, enrolments and those in time of a month."""
    town = (CareTally.territory // 1_000_000).label("town")
    sums = [cast(func.sum(column), Integer).label(column.key) for column in (CareTally.enrolled, CareTally.in_time)]
    found = select(town, CareTally.tier, *sums).where(CareTally.month == month, scope.holds(CareTally.territory))
    return found.group_by(town, CareTally.tier)
