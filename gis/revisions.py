"""How often a table was written: the stamp that cached tiles and figures are checked against."""

from __future__ import annotations

from sqlalchemy import BigInteger, Identity, Text, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from gis.database import Base


class Revision(Base):
    """One writing statement on one table; inserted by a trigger, so that no writer waits for another."""

    __tablename__ = "revisions"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    source: Mapped[str] = mapped_column(Text, index=True)
    weight: Mapped[int] = mapped_column(BigInteger, server_default="1")


def current(session: Session) -> dict[str, int]:
    """Return table → number of writes that this snapshot can see."""
    counted = select(Revision.source, func.sum(Revision.weight)).group_by(Revision.source)
    return {source: int(weight) for source, weight in session.execute(counted)}


def fold(session: Session) -> None:
    """Fold the rows of each table into one that weighs as much; run now and then by `wangge database tidy`."""
    for source, weight in current(session).items():
        session.query(Revision).filter(Revision.source == source).delete()
        session.add(Revision(source=source, weight=weight))
    session.flush()
