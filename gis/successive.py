"""Lists in which one entry holds in a place at a time: whether it is the one that a page showed, and its end."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import ClassVar

from sqlalchemy import BigInteger, ColumnElement, Identity, and_, select
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.orm import Mapped, Session, mapped_column

from gis.database import Dated
from gis.errors import Conflict
from gis.words import N_


class Successive(Dated):
    """A row that another may follow in its place from a day on; one that began on that day never held."""

    PLACE: ClassVar[tuple[str, ...]]
    """The columns that make a place; where one has no value, the place has an empty word."""

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)

    @classmethod
    def at(cls, place: tuple[str, ...]) -> ColumnElement[bool]:
        """Return the condition that a row is, or was, the one in a place."""
        columns = (cls.__table__.c[name] for name in cls.PLACE)  # type: ignore[attr-defined]
        pairs = zip(columns, place, strict=True)
        return and_(*(column == word if word else column.is_(None) for column, word in pairs))

    def taken(self) -> Conflict:
        """Return what to tell somebody who did not see that this row holds."""
        raise NotImplementedError


def as_seen(session: Session, list_of: type[Successive], place: tuple[str, ...], seen: Collection[int]) -> None:
    """Raise Conflict with what holds in a place now when it is not what a page showed, and hold it."""
    shown = session.scalar(select(list_of.id).where(list_of.at(place), list_of.id.in_(seen)))
    held = session.scalar(select(list_of).where(list_of.at(place), list_of.lasting()).with_for_update())
    if held is None and shown is not None:
        raise Conflict(N_("What the page shows here does not hold any more. Look at the list again."))
    if held is not None and held.id != shown:
        raise held.taken()


def all_as_seen(session: Session, list_of: type[Successive], seen: Collection[int]) -> None:
    """Raise Conflict when what holds in a list is not what a page showed, and hold it."""
    held = select(list_of.id).where(list_of.lasting()).order_by(list_of.id).with_for_update()
    if set(session.scalars(held)) != set(seen):
        raise Conflict(N_("Somebody else changed this list meanwhile. Look at it again, and bring the file anew."))


def end_at(session: Session, list_of: type[Successive], place: tuple[str, ...], day: date) -> int:
    """Let what holds in a place end before a day, and return how many rows that were."""
    ended = list(session.scalars(select(list_of).where(list_of.at(place), list_of.lasting())))
    for each in ended:
        each.valid = Range(min(each.valid.lower or day, day), day, bounds="[)")
    session.flush()
    return len(ended)
