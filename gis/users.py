"""Accounts, roles and dated territories: who may log in, and what lies in front of them on a day."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Date,
    DateTime,
    ForeignKey,
    Identity,
    Integer,
    Text,
    cast,
    column,
    func,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY, Range
from sqlalchemy.orm import Mapped, Session, mapped_column
from werkzeug.security import check_password_hash, generate_password_hash

from gis import audit
from gis.areas import Area
from gis.boundaries import Grid
from gis.database import Base, Dated, admit, from_day, one_of
from gis.errors import Invalid, NotFound, TooMany
from gis.viewer import ROLES, Territory, Viewer
from gis.words import N_

SHORTEST_PASSWORD = 10
MOST_FAILURES = 10
"""Wrong passwords of an account in a quarter of an hour, after which no password is looked at."""
NO_ACCOUNT = generate_password_hash("no account has this password")
CODE = re.compile(r"[0-9]{12}|[0-9]{15}")


class User(Base):
    """An account: a name to log in with, one role, and the member of staff it acts as, if any.

    The epoch is part of every session: raising it ends them all. The application may not read the password's hash,
    which is therefore only loaded when it is asked for.
    """

    __tablename__ = "users"
    __table_args__ = (one_of("role", *ROLES), one_of("language", "zh", "en"))

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    name: Mapped[str] = mapped_column(Text, unique=True)
    display_name: Mapped[str] = mapped_column(Text)
    role: Mapped[str] = mapped_column(Text)
    password_hash: Mapped[str] = mapped_column(Text, deferred=True)
    session_epoch: Mapped[int] = mapped_column(Integer, server_default="0")
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


@dataclass(frozen=True)
class Account:
    """An account that is in use, as the viewer of a day; the stamp changes with its password and its epoch."""

    viewer: Viewer
    language: str
    stamp: str


def account_of(session: Session, user_id: int | None, day: date) -> Account:
    """Return the account of a user on a day, or raise NotFound when it is gone or closed.

    It is asked of a function of the owner's: nobody is admitted yet, and without a viewer no account is seen.
    """
    found = func.wangge_viewer(cast(user_id, BigInteger), cast(day, Date)).table_valued(
        column("id", BigInteger), column("name", Text), column("role", Text), column("staff_id", BigInteger),
        column("language", Text), column("stamp", Text), column("codes", ARRAY(Text)),
    )  # fmt: skip
    user = session.execute(select(found)).one_or_none()
    if user is None:
        raise NotFound(N_("This account does not exist or is closed."))
    permissions = ROLES.get(user.role, frozenset())
    viewer = Viewer(user.id, user.name, user.role, Territory(tuple(user.codes)), day, user.staff_id, permissions)
    return Account(viewer, user.language, user.stamp)


def viewer_of(session: Session, user_id: int, day: date) -> Viewer:
    """Return the user as the viewer of a day, or raise NotFound when the account is gone or closed."""
    return account_of(session, user_id, day).viewer


def _credentials(session: Session, name: str) -> Any:
    """Return id, password_hash, active and the recent failures of a name, None when nobody has it."""
    found = func.wangge_credentials(name).table_valued(
        column("id", BigInteger), column("password_hash", Text), column("active", Boolean), column("failures", Integer)
    )
    return session.execute(select(found)).one_or_none()


def log_in(session: Session, name: str, password: str, day: date) -> Viewer:
    """Admit the viewer for a name and its password, and return it.

    Any other pair raises Invalid, in the same time and words; after many of them the account rests, and TooMany is
    raised whatever the password.
    """
    known = _credentials(session, name.strip())
    if known is not None and known.failures >= MOST_FAILURES:
        raise TooMany(N_("Too many wrong passwords. Wait 15 minutes, then try again."))
    right = check_password_hash(known.password_hash if known else NO_ACCOUNT, password)
    if known is None or not right or not known.active:
        raise Invalid(N_("The name or the password is wrong."))
    viewer = viewer_of(session, known.id, day)
    admit(session, viewer)
    audit.record(session, viewer, "log_in")
    return viewer


def note_failure(session: Session, name: str) -> None:
    """Write a log-in that failed to the audit log: with the name if an account bears it, and never the password."""
    session.execute(select(func.wangge_log_in_failed(name.strip())))


def log_out(session: Session, viewer: Viewer) -> None:
    """End every session of the viewer's account, also those that a copied cookie holds."""
    _change(session, viewer.user_id, session_epoch=User.session_epoch + 1)
    audit.record(session, viewer, "log_out")


def change_password(session: Session, viewer: Viewer, *, current: str, new: str) -> None:
    """Set a new password for the viewer's own account; every session of it ends."""
    viewer.require("password.change")
    if not check_password_hash(_credentials(session, viewer.name).password_hash, current):
        raise Invalid(N_("The present password is wrong."))
    check_length(new)
    if new == current:
        raise Invalid(N_("The new password is the same as the present one."))
    _change(session, viewer.user_id, password_hash=generate_password_hash(new), session_epoch=User.session_epoch + 1)
    audit.record(session, viewer, "change_password", viewer.name)


def check_length(password: str) -> None:
    """Raise Invalid for a password that is too short."""
    if len(password) < SHORTEST_PASSWORD:
        raise Invalid(N_("A password has at least %(count)s characters."), count=SHORTEST_PASSWORD)


def create(
    session: Session, viewer: Viewer, *, name: str, role: str, password: str, codes: list[str], since: date
) -> User:
    """Create an account with its territories from a day on; raise Invalid for a short password or an unknown role."""
    viewer.require("user.manage")
    if role not in ROLES:
        raise Invalid(N_("There is no role %(role)s; choose one of %(roles)s."), role=role, roles=", ".join(ROLES))
    if not name.strip() or name != name.strip():
        raise Invalid(N_("The name of an account is not empty and has no blanks around it."))
    check_length(password)
    if session.scalar(select(User.id).where(User.name == name)) is not None:
        raise Invalid(N_("There is already an account named %(name)s."), name=name)
    for code in codes:
        check_code(session, code)
    user = User(name=name, display_name=name, role=role, password_hash=generate_password_hash(password))
    session.add(user)
    session.flush()
    session.add_all(UserTerritory(user_id=user.id, code=code, valid=from_day(since)) for code in dict.fromkeys(codes))
    audit.record(session, viewer, "create_user", name, role=role, codes=codes)
    return user


def set_active(session: Session, viewer: Viewer, name: str, active: bool) -> None:
    """Close an account, which ends its sessions, or open it again; what it did stays in the logs."""
    viewer.require("user.manage")
    user = named(session, name)
    _change(session, user.id, active=active, session_epoch=User.session_epoch + 1)
    audit.record(session, viewer, "open_user" if active else "close_user", name)


def set_password(session: Session, viewer: Viewer, name: str, password: str) -> None:
    """Give another's account a new password, which ends its sessions."""
    viewer.require("user.manage")
    check_length(password)
    user = named(session, name)
    _change(session, user.id, password_hash=generate_password_hash(password), session_epoch=User.session_epoch + 1)
    audit.record(session, viewer, "set_password", name)


def set_territory(
    session: Session, viewer: Viewer, name: str, code: str, *, since: date | None = None, until: date | None = None
) -> None:
    """Make a user responsible for a code from a day to the day before another.

    What was held of the code from that day on is replaced. Without `since`, a code that is held keeps its beginning,
    and one that is not begins on the viewer's day.
    """
    viewer.require("user.manage")
    user = named(session, name)
    check_code(session, code)
    later = UserTerritory.valid.overlaps(from_day(since or viewer.day))
    query = select(UserTerritory).where(UserTerritory.user_id == user.id, UserTerritory.code == code, later)
    held = session.scalars(query).all()
    start = since or min((each.valid.lower for each in held if each.valid.lower), default=viewer.day)
    if until is not None and (until < start or (until == start and not held)):
        message = N_("The territory would end on %(until)s, before it begins on %(since)s.")
        raise Invalid(message, until=until, since=start)
    for each in held:
        if each.valid.lower and each.valid.lower < start:
            each.valid = Range(each.valid.lower, start, bounds="[)")
        else:
            session.delete(each)
    if until != start:
        session.add(UserTerritory(user_id=user.id, code=code, valid=Range(start, until, bounds="[)")))
    audit.record(session, viewer, "set_territory", name, code=code, since=str(start), until=until and str(until))


def check_code(session: Session, code: str) -> None:
    """Raise Invalid for what is no code, and NotFound for a code that no area and no grid bears."""
    if not CODE.fullmatch(code):
        raise Invalid(N_("%(value)s is not a code: an area has 12 digits, a grid 15."), value=code)
    bears = Grid.code if len(code) == 15 else Area.code
    if session.scalar(select(bears).where(bears == code)) is None:
        raise NotFound(N_("There is no area or grid %(code)s; import it first."), code=code)


def named(session: Session, name: str) -> User:
    """Return the account of a name, or raise NotFound."""
    user = session.scalar(select(User).where(User.name == name))
    if user is None:
        raise NotFound(N_("There is no account named %(name)s."), name=name)
    return user


def _change(session: Session, user_id: int | None, **values: Any) -> None:
    changed = update(User).where(User.id == user_id).values(**values)
    session.execute(changed.execution_options(synchronize_session=False))


def accounts(session: Session, viewer: Viewer, day: date) -> list[tuple[User, list[str]]]:
    """Return every account with the codes of its territory on a day, by name."""
    viewer.require("user.manage")
    held: dict[int, list[str]] = {}
    for user_id, code in session.execute(
        select(UserTerritory.user_id, UserTerritory.code).where(UserTerritory.valid.contains(day))
    ):
        held.setdefault(user_id, []).append(code)
    return [(user, sorted(held.get(user.id, []))) for user in session.scalars(select(User).order_by(User.name))]
