"""The demo's accounts: one per role, named as the role, in different territories."""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.security import check_password_hash

from gis import areas, users
from gis.areas import Area
from gis.boundaries import Grid
from gis.cases.views import CaseView
from gis.errors import Conflict, Invalid
from gis.settings import Settings, variable
from gis.staffing import Assignment
from gis.viewer import Viewer, span
from gis.words import N_


@dataclass(frozen=True)
class Account:
    """A role and the level of the area that its account is given; none for roles that see no territory."""

    role: str
    level: str | None


ACCOUNTS = (
    Account("district_manager", "district"),
    Account("town_manager", "town"),
    Account("dispatcher", "town"),
    Account("village_manager", "village"),
    Account("grid_leader", "grid"),
    Account("grid_worker", "other grid"),
    Account("planner", "district"),
    Account("data_steward", "district"),
    Account("auditor", None),
    Account("sys_admin", None),
    Account("intake", "town"),
)
SHOWCASE = "999901100000"
VIEWS: dict[str, dict[str, dict[str, str]]] = {
    "village_manager": {
        "超期案件": {"state": "overdue"},
        "安全隐患": {"state": "open", "category": "safety_hazard"},
        "外系统转来": {"state": "open", "source": "dept_transfer"},
    }
}
"""Role → the views of the list that its account keeps."""


def refuse_real(session: Session) -> None:
    """Raise Conflict in a database that holds a real district, or accounts and no district yet."""
    if areas.synthetic(session):
        return
    for model in (Area, users.User):
        if session.scalar(select(func.count()).select_from(model)):
            raise Conflict(N_("This database is not the demo's: it holds real areas or accounts. Nothing was changed."))


def chosen(settings: Settings) -> str:
    """Return the demo's password: the one that was set, which may not be short, or this checkout's random one."""
    if settings.demo_password and len(settings.demo_password) < users.SHORTEST_PASSWORD:
        message = N_("%(variable)s is too short; it has to have at least %(count)s characters.")
        raise Invalid(message, variable=variable("demo_password"), count=users.SHORTEST_PASSWORD)
    return settings.demo_password or kept(settings.var / "demo-password")


def ensure(session: Session, viewer: Viewer, settings: Settings, day: date) -> str:
    """Create the accounts that are missing, give all of them the demo's password and town, and return the password.

    Raises Conflict unless everything in the database is made up, and Invalid for a password that is too short.
    """
    refuse_real(session)
    password = chosen(settings)
    territories = choose(session)
    for account in ACCOUNTS:
        user = session.scalar(select(users.User).where(users.User.name == account.role))
        if user is None:
            codes = [territories[account.level]] if account.level else []
            user = users.create(
                session, viewer, name=account.role, role=account.role, password=password, codes=codes, since=day
            )
            if account.role in ("grid_leader", "grid_worker"):
                user.staff_id = holder(session, account.role, codes[0])
            session.add_all(CaseView(user_id=user.id, label=label, filters=filters) for label, filters in
                            VIEWS.get(account.role, {}).items())  # fmt: skip
            continue
        if not check_password_hash(user.password_hash, password):
            users.set_password(session, viewer, account.role, password)
        if account.level == "town":
            seat(session, viewer, user, territories["town"])
    return password


def seat(session: Session, viewer: Viewer, user: users.User, town: str) -> None:
    """Bring an account of an older demo into the town of the others, so that a case goes from one to the next."""
    now = users.UserTerritory.user_id == user.id, users.UserTerritory.valid.contains(viewer.day)
    held = set(session.scalars(select(users.UserTerritory.code).where(*now)))
    for code in held - {town}:
        users.set_territory(session, viewer, user.name, code, until=viewer.day)
    if town not in held:
        users.set_territory(session, viewer, user.name, town)


def choose(session: Session) -> dict[str, str]:
    """Return one area code per level: the showcase town with a village and two grids of it."""
    towns = list(session.scalars(select(Area.code).where(Area.level == "town").order_by(Area.code)))
    town = SHOWCASE if SHOWCASE in towns else towns[0]
    villages = list(session.scalars(select(Area.code).where(Area.parent_code == town).order_by(Area.code)))
    grids = select(Grid.code).where(Grid.territory.between(*span(villages[0])), Grid.status == "active")
    own = list(session.scalars(grids.order_by(Grid.code)))
    return {
        "district": str(session.scalar(select(Area.code).where(Area.level == "district"))),
        "town": town,
        "village": villages[0],
        "grid": own[0],
        "other grid": own[1],
    }


def holder(session: Session, role: str, code: str) -> int | None:
    """Return the member of staff who holds the role on the grid, so that the account acts as that one."""
    held = select(Assignment.staff_id).join(Grid, Grid.id == Assignment.grid_id)
    return session.scalar(held.where(Assignment.role == role, Grid.code == code).order_by(Assignment.id).limit(1))


def kept(path: Path) -> str:
    """Return the random password of this checkout, made once and readable by its owner only."""
    if not path.exists() or path.stat().st_size < users.SHORTEST_PASSWORD:  # a full disk left it empty
        path.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(path, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(9))
    return path.read_text().strip()
