"""Open cases and households that a publication gave another grid: where each was, so that no past figure moves."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import (
    BigInteger,
    Date,
    DateTime,
    ForeignKey,
    FromClause,
    Identity,
    Index,
    Subquery,
    case,
    select,
)
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Mapped, mapped_column

from gis.database import Base, Territorial
from gis.scope import Scope


class PlanCase(Territorial, Base):
    """An open case that a publication gave another grid; before the moment `until` it belonged to the former one."""

    __tablename__ = "plan_cases"
    __table_args__ = (Index("ix_plan_cases_case_id_until", "case_id", "until"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    plan_id: Mapped[int] = mapped_column(ForeignKey("plans.id"), index=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"))
    until: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    from_grid_id: Mapped[int | None] = mapped_column(ForeignKey("grids.id"), index=True)
    from_territory: Mapped[int] = mapped_column(BigInteger, index=True)
    grid_id: Mapped[int] = mapped_column(ForeignKey("grids.id"), index=True)


class PlanHousehold(Territorial, Base):
    """A household that a publication gave another grid on a day, with the last day by then on which somebody was met.

    Visits keep the grid they were made in; this row says which grid they count for from that day on.
    """

    __tablename__ = "plan_households"
    __table_args__ = (Index("ix_plan_households_household_id_day", "household_id", "day"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    plan_id: Mapped[int] = mapped_column(ForeignKey("plans.id"), index=True)
    household_id: Mapped[int] = mapped_column(ForeignKey("households.id"))
    day: Mapped[date] = mapped_column(Date)
    from_grid_id: Mapped[int | None] = mapped_column(ForeignKey("grids.id"), index=True)
    from_territory: Mapped[int] = mapped_column(BigInteger, index=True)
    grid_id: Mapped[int] = mapped_column(ForeignKey("grids.id"), index=True)
    last_met_on: Mapped[date | None] = mapped_column(Date)


class Belonging(NamedTuple):
    """Where cases are selected from, and the columns of the grid and the territory that they belong to."""

    source: FromClause
    grid_id: Any
    territory: Any


def belonging(facts: FromClause, scope: Scope) -> Belonging:
    """Return to which grid cases belong at the moment: now the present one, on a past day the one of that day."""
    if scope.live:
        return Belonging(facts, facts.c.grid_id, facts.c.territory)
    former = former_grids(scope.moment)
    stayed = former.c.case_id.is_(None)
    return Belonging(
        facts.outerjoin(former, former.c.case_id == facts.c.id),
        case((stayed, facts.c.grid_id), else_=former.c.from_grid_id),
        case((stayed, facts.c.territory), else_=former.c.from_territory),
    )


def former_grids(moment: datetime) -> Subquery:
    """Cases that belonged to another grid at a moment: case_id, from_grid_id, from_territory."""
    later = select(PlanCase.case_id, PlanCase.from_grid_id, PlanCase.from_territory).where(PlanCase.until >= moment)
    first = later.ext(distinct_on(PlanCase.case_id)).order_by(PlanCase.case_id, PlanCase.until)
    return first.subquery("former")


def moved_households(since: date, day: date) -> Any:
    """Select the last move of each household after one day and by another: household_id, day, grid_id, last_met_on."""
    columns = (PlanHousehold.household_id, PlanHousehold.day, PlanHousehold.grid_id, PlanHousehold.last_met_on)
    moves = select(*columns).where(PlanHousehold.day > since, PlanHousehold.day <= day)
    newest_first = (PlanHousehold.household_id, PlanHousehold.day.desc(), PlanHousehold.id.desc())
    return moves.ext(distinct_on(PlanHousehold.household_id)).order_by(*newest_first)
