"""Tokens for programs: shown once, kept as a hash, with the role and the territory of their account."""

from __future__ import annotations

import hashlib
import secrets
from datetime import date, datetime, timedelta

from sqlalchemy import BigInteger, Date, DateTime, ForeignKey, Identity, Text, cast, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from gis import audit, users
from gis.database import Base
from gis.errors import Invalid, NotFound
from gis.scope import ZONE
from gis.viewer import Viewer
from gis.words import N_

YEAR, LONGEST = 365, 5 * 365
"""For how many days a token is made when nothing else is said, and at most."""
MARK = "wg_"
"""What every token begins with, so that one that lies about in a file is recognised."""


class Token(Base):
    """A token of an account; the secret itself is stored nowhere, and of its use only the last day.

    It holds to the end of its last day; another password of the account, or its closing, revokes it (a trigger does).
    """

    __tablename__ = "tokens"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    label: Mapped[str] = mapped_column(Text)
    hash: Mapped[str] = mapped_column(Text, unique=True, deferred=True)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    last_used_on: Mapped[date | None] = mapped_column(Date)
    revoked_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    expires_on: Mapped[date] = mapped_column(Date)


def digest(secret: str) -> str:
    """Return the hash that a token is kept as: 256 random bits need no slow one."""
    return hashlib.sha256(secret.encode()).hexdigest()


def create(
    session: Session, viewer: Viewer, name: str, label: str, now: datetime, *, days: int = YEAR
) -> tuple[Token, str]:
    """Make a token of an account for so many days, and return it with its secret, which nobody can read again."""
    viewer.require("user.manage")
    said = " ".join(label.split())
    if not 0 < len(said) <= 60:
        raise Invalid(N_("Say in 1 to 60 characters what the token is for."))
    if not 0 < days <= LONGEST:
        raise Invalid(N_("A token is made for 1 to %(most)s days."), most=LONGEST)
    secret, last = MARK + secrets.token_urlsafe(32), now.astimezone(ZONE).date() + timedelta(days=days)
    user = users.named(session, name)
    made = Token(user_id=user.id, label=said, hash=digest(secret), created_at=now, expires_on=last)
    session.add(made)
    session.flush()
    audit.record(session, viewer, "token.create", name, token=made.id, label=said, until=str(last))
    return made, secret


def revoke(session: Session, viewer: Viewer, token_id: int, now: datetime) -> None:
    """End a token; its row stays."""
    viewer.require("user.manage")
    token = session.get(Token, token_id)
    if token is None or token.revoked_at is not None:
        raise NotFound(N_("There is no token %(number)s in use."), number=token_id)
    token.revoked_at = now
    session.flush()
    audit.record(session, viewer, "token.revoke", str(token_id), label=token.label)


def listed(session: Session, viewer: Viewer) -> list[tuple[Token, str]]:
    """Return every token with the name of its account, the newest first."""
    viewer.require("user.manage")
    found = select(Token, users.User.name).join(users.User, users.User.id == Token.user_id).order_by(Token.id.desc())
    return [(token, name) for token, name in session.execute(found)]


def bearer(session: Session, secret: str, day: date) -> Viewer | None:
    """Return the viewer of a token on a day, None for one that is unknown, expired, revoked or of a closed account.

    Nobody is admitted yet: a function of the owner's finds the account by the hash and keeps the day.
    """
    if not secret.startswith(MARK):
        return None
    user_id = session.scalar(select(func.wangge_token(digest(secret), cast(day, Date))))
    return None if user_id is None else users.viewer_of(session, user_id, day)
