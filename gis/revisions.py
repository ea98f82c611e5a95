"""How often a table was written: the stamp that cached tiles and figures are checked against."""

from __future__ import annotations

from sqlalchemy import BigInteger, Engine, Identity, Text, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from gis.database import Base
from gis.prepared import prepare, run, run_alone


class Revision(Base):
    """One writing statement on one table; inserted by a trigger, so that no writer waits for another."""

    __tablename__ = "revisions"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    source: Mapped[str] = mapped_column(Text, index=True)
    weight: Mapped[int] = mapped_column(BigInteger, server_default="1")


# The number grows with every write that is committed, in whatever order; one that was rolled back is never used again.
CURRENT = prepare(select(Revision.source, func.sum(Revision.weight) + func.max(Revision.id)).group_by(Revision.source))


def current(asked: Session | Engine) -> dict[str, int]:
    """Return table → the number of its newest state: what the session's snapshot sees, or what is committed by now."""
    found = run_alone(asked, CURRENT) if isinstance(asked, Engine) else run(asked, CURRENT)
    return {source: int(number) for source, number in found}
