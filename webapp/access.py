"""Who is logged in, and deny by default: a route that is not marked public asks for a log-in."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any, TypeVar

from flask import Flask, current_app, g, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import LoginManager, UserMixin, current_user, login_user, logout_user

from gis import areas, users
from gis.errors import NotFound
from gis.scope import ZONE
from gis.settings import Settings
from gis.viewer import ROLE_NAMES, Viewer
from webapp import transaction
from webapp.language import gettext
from webapp.transaction import Database

View = TypeVar("View", bound=Callable[..., Any])
MOST_KNOWN = 1000
LONGEST_SESSION = timedelta(hours=12)
JSON_PREFIXES = ("/map/", "/tiles/", "/layers/", "/areas/")

manager = LoginManager()


class LoggedIn(UserMixin):
    """The logged-in user, for the templates and for Flask-Login."""

    def __init__(self, account: users.Account) -> None:
        self.viewer = viewer = account.viewer
        self.stamp = account.stamp
        self.id = viewer.user_id
        self.name = viewer.name
        self.role = viewer.role

    @property
    def role_label(self) -> str:
        """The role in the user's language."""
        return gettext(ROLE_NAMES[self.role])


def public(view: View) -> View:
    """Mark a view that the anonymous may call."""
    view.public = True  # type: ignore[attr-defined]
    return view


def init_app(app: Flask) -> None:
    """Install the log-in, the guard in front of every view, and the transaction of the request."""
    manager.init_app(app)
    app.extensions["viewers"] = {}
    app.extensions["made_up"] = (None, False)
    manager.user_loader(load)
    app.before_request(guard)
    app.context_processor(banner)
    transaction.init_app(app)


def banner() -> dict[str, bool]:
    """Tell every page whether the district is made up, and say nothing while that is not known.

    The process remembers the answer until an area is written; the page of an error asks the database nothing.
    """
    known: tuple[int | None, bool] = current_app.extensions["made_up"]
    if not g.get("faulty") and known[0] != (newest := writes().get("areas", 0)):
        known = current_app.extensions["made_up"] = (newest, areas.synthetic(database().session()))
    return {"synthetic": known[1]}


def database() -> Database:
    """Return the database of the running application."""
    found: Database = current_app.extensions["database"]
    return found


def settings() -> Settings:
    """Return the settings of the running application."""
    found: Settings = current_app.extensions["settings"]
    return found


def now() -> datetime:
    """Return the clock's moment."""
    moment: datetime = current_app.extensions["now"]()
    return moment


def today() -> date:
    """Return the day in the district."""
    return now().astimezone(ZONE).date()


def load(user_id: str) -> LoggedIn | None:
    """Return the user of the session, unless it is too old, was ended by a log-out or another password, or is closed.

    The process remembers whom it found for as long as no account and no territory is written and the day lasts.
    """
    known: dict[tuple[object, ...], LoggedIn] = current_app.extensions["viewers"]
    state = (user_id, today(), *(writes().get(table, 0) for table in ("users", "user_territories")))
    found = known.get(state) or looked_up(int(user_id))
    opened = datetime.fromtimestamp(session.get("since", 0), UTC)
    if found is None or session.get("stamp") != found.stamp or not opened <= now() < opened + LONGEST_SESSION:
        return None
    if len(known) >= MOST_KNOWN:
        known.clear()
    known[state] = found
    return found


def looked_up(user_id: int) -> LoggedIn | None:
    """Return the user as the database has it now, None when the account is gone or closed."""
    try:
        return LoggedIn(users.account_of(database().session(), user_id, today()))
    except NotFound:
        return None


def writes() -> dict[str, int]:
    """Return table → the number of its newest state, as it was when the request came."""
    if "writes" not in g:
        g.writes = database().writes()
    found: dict[str, int] = g.writes
    return found


def enter(viewer: Viewer) -> None:
    """Open the session of a viewer who gave the right password."""
    account = users.account_of(database().session(), viewer.user_id, today())
    kept = session.get("language", account.language)
    session.clear()
    session.update(language=kept, stamp=account.stamp, since=int(now().timestamp()))
    login_user(LoggedIn(account))


def leave() -> None:
    """Forget the user of the session, and keep the language."""
    kept = session.get("language", "zh")
    logout_user()
    session.clear()
    session["language"] = kept


def viewer() -> Viewer:
    """Return the viewer of the request."""
    found: Viewer = current_user.viewer
    return found


def guard() -> ResponseReturnValue | None:
    """Let the anonymous through to public views only, and put every other request under the viewer's territory."""
    view = current_app.view_functions.get(request.endpoint or "")
    if request.endpoint == "static" or view is None or getattr(view, "public", False):
        return None
    if not current_user.is_authenticated:
        if request.path.startswith(JSON_PREFIXES):
            return {"error": gettext("Your session has ended. Please log in again.")}, 401
        return redirect(url_for("login.log_in", next=request.full_path.rstrip("?")))
    g.viewer = viewer()
    return None
