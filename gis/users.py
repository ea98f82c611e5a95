"""Accounts, roles and dated territories: who may log in, and what lies in front of them on a day."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import BigInteger, Boolean, CheckConstraint, DateTime, ForeignKey, Identity, Text, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column
from werkzeug.security import check_password_hash, generate_password_hash

from gis import audit
from gis.database import Base, Dated, from_day, one_of
from gis.errors import Invalid, NotFound
from gis.viewer import ROLES, Territory, Viewer
from gis.words import N_

SHORTEST_PASSWORD = 10
NO_ACCOUNT = generate_password_hash("no account has this password")


class User(Base):
    """An account: a name to log in with, one role, and the member of staff it acts as, if any."""

    __tablename__ = "users"
    __table_args__ = (one_of("role", *ROLES), one_of("language", "zh", "en"))

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    name: Mapped[str] = mapped_column(Text, unique=True)
    display_name: Mapped[str] = mapped_column(Text)
    role: Mapped[str] = mapped_column(Text)
    password_hash: Mapped[str] = mapped_column(Text)
    language: Mapped[str] = mapped_column(Text, server_default="zh")
    active: Mapped[bool] = mapped_column(Boolean, server_default="true")
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())


class UserTerritory(Dated, Base):
    """An area or a grid that a user is responsible for, from a day to a day."""

    __tablename__ = "user_territories"
    __table_args__ = (
        CheckConstraint(r"code ~ '^(\d{12}|\d{15})$'", name="code_12_or_15_digits"),
        CheckConstraint("NOT isempty(valid)", name="some_day"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    code: Mapped[str] = mapped_column(Text)


def viewer_of(session: Session, user_id: int, day: date) -> Viewer:
    """Return the user as the viewer of a day, or raise NotFound when the account is gone or closed."""
    user = session.get(User, user_id)
    if user is None or not user.active:
        raise NotFound(N_("This account does not exist or is closed."))
    held = select(UserTerritory.code).where(UserTerritory.user_id == user_id, UserTerritory.valid.contains(day))
    territory = Territory(tuple(sorted(session.scalars(held))))
    return Viewer(user.id, user.name, user.role, territory, day, user.staff_id, ROLES.get(user.role, frozenset()))


def log_in(session: Session, name: str, password: str, day: date) -> Viewer:
    """Return the viewer for a name and its password; raise Invalid, in the same time and words, for any other."""
    user = session.scalar(select(User).where(User.name == name.strip()))
    right = check_password_hash(user.password_hash if user else NO_ACCOUNT, password)
    if user is None or not right or not user.active:
        raise Invalid(N_("The name or the password is wrong."))
    viewer = viewer_of(session, user.id, day)
    audit.record(session, viewer, "log_in")
    return viewer


def change_password(session: Session, viewer: Viewer, *, current: str, new: str) -> None:
    """Set a new password for the viewer's own account."""
    viewer.require("password.change")
    user = session.get_one(User, viewer.user_id)
    if not check_password_hash(user.password_hash, current):
        raise Invalid(N_("The present password is wrong."))
    if len(new) < SHORTEST_PASSWORD:
        raise Invalid(N_("A password has at least %(count)s characters."), count=SHORTEST_PASSWORD)
    if new == current:
        raise Invalid(N_("The new password is the same as the present one."))
    user.password_hash = generate_password_hash(new)
    audit.record(session, viewer, "change_password", user.name)


def create(
    session: Session, viewer: Viewer, *, name: str, role: str, password: str, codes: list[str], since: date
) -> User:
    """Create an account with its territories from a day on; raise Invalid for a short password or an unknown role."""
    viewer.require("user.manage")
    if role not in ROLES:
        raise Invalid(N_("There is no role %(role)s; choose one of %(roles)s."), role=role, roles=", ".join(ROLES))
    if len(password) < SHORTEST_PASSWORD:
        raise Invalid(N_("A password has at least %(count)s characters."), count=SHORTEST_PASSWORD)
    if session.scalar(select(User.id).where(User.name == name)) is not None:
        raise Invalid(N_("There is already an account named %(name)s."), name=name)
    user = User(name=name, display_name=name, role=role, password_hash=generate_password_hash(password))
    session.add(user)
    session.flush()
    session.add_all(UserTerritory(user_id=user.id, code=code, valid=from_day(since)) for code in codes)
    audit.record(session, viewer, "create_user", name, role=role, codes=codes)
    return user


def accounts(session: Session, viewer: Viewer, day: date) -> list[tuple[User, list[str]]]:
    """Return every account with the codes of its territory on a day, by name."""
    viewer.require("user.manage")
    held: dict[int, list[str]] = {}
    for user_id, code in session.execute(
        select(UserTerritory.user_id, UserTerritory.code).where(UserTerritory.valid.contains(day))
    ):
        held.setdefault(user_id, []).append(code)
    return [(user, sorted(held.get(user.id, []))) for user in session.scalars(select(User).order_by(User.name))]
