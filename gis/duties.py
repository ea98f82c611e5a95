"""The powers-and-duties list: for a category on a level, who leads, who helps, and within which time."""

from __future__ import annotations

from datetime import date

from sqlalchemy import BigInteger, Identity, Integer, Select, Text, case, or_, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, Session, mapped_column

from gis.cases.tables import CATEGORIES, LEVELS
from gis.database import Base, Dated, one_of
from gis.viewer import Viewer
from gis.words import N_

UNITS = {"natural_hour": N_("hours"), "working_hour": N_("working hours"), "working_day": N_("working days")}
LEVEL_NAMES = {"grid": N_("grid"), "village": N_("village"), "town": N_("town"), "district": N_("district")}


class DutyItem(Dated, Base):
    """An entry of the list; with an urgency it holds for such cases only, before the entry without one."""

    __tablename__ = "duty_items"
    __table_args__ = (
        one_of("category", *CATEGORIES),
        one_of("level", *LEVELS),
        one_of("unit", *UNITS),
        one_of("urgency", "normal", "urgent"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    category: Mapped[str] = mapped_column(Text)
    level: Mapped[str] = mapped_column(Text)
    urgency: Mapped[str | None] = mapped_column(Text)
    lead_body: Mapped[str] = mapped_column(Text)
    helpers: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default="{}")
    amount: Mapped[int] = mapped_column(Integer)
    unit: Mapped[str] = mapped_column(Text)
    published_on: Mapped[date | None] = mapped_column()


def in_force(category: str, urgency: str, day: date) -> Select[DutyItem]:
    """Select the entries for a category on a day: the lowest level first, those for the urgency before the general."""
    fits = or_(DutyItem.urgency == urgency, DutyItem.urgency.is_(None))
    rank = case({level: at for at, level in enumerate(LEVELS)}, value=DutyItem.level)
    chosen = select(DutyItem).where(DutyItem.category == category, fits, DutyItem.valid.contains(day))
    return chosen.order_by(rank, DutyItem.urgency.is_(None), DutyItem.id)


def offered(session: Session, viewer: Viewer, category: str, urgency: str, day: date) -> list[DutyItem]:
    """Return the one entry of each level that answers for such a case, the lowest level first."""
    viewer.require("case.view")
    found: dict[str, DutyItem] = {}
    for item in session.scalars(in_force(category, urgency, day)):
        found.setdefault(item.level, item)
    return list(found.values())
