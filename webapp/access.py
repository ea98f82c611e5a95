"""Who is logged in, and deny by default: a route that is not marked public asks for a log-in."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import date, datetime
from typing import Any, TypeVar

from flask import Flask, current_app, g, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import LoginManager, UserMixin, current_user, login_user

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
JSON_PREFIXES = ("/map/", "/tiles/", "/layers/", "/areas/")

manager = LoginManager()


class LoggedIn(UserMixin):
    """The logged-in user, for the templates and for Flask-Login."""

    def __init__(self, viewer: Viewer, stamp: str) -> None:
        self.viewer = viewer
        self.stamp = stamp
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
    manager.user_loader(load)
    app.before_request(guard)
    app.context_processor(banner)
    transaction.init_app(app)


def banner() -> dict[str, bool]:
    """Tell every page whether the district is made up; an error page is shown without asking."""
    return {"synthetic": "session" not in g or areas.synthetic(database().session())}


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


def stamp_of(password_hash: str) -> str:
    """Return what a session keeps of the password it was opened with: another password ends it."""
    return hashlib.sha256(password_hash.encode()).hexdigest()[:16]


def load(user_id: str) -> LoggedIn | None:
    """Return the user of the session, unless the account is closed or the password has changed since.

    The process remembers whom it found for as long as no account and no territory is written and the day lasts.
    """
    known: dict[tuple[object, ...], LoggedIn] = current_app.extensions["viewers"]
    state = (user_id, today(), *(writes().get(table, 0) for table in ("users", "user_territories")))
    found = known.get(state) or looked_up(int(user_id))
    if found is None or session.get("stamp") != found.stamp:
        return None
    if len(known) >= MOST_KNOWN:
        known.clear()
    known[state] = found
    return found


def looked_up(user_id: int) -> LoggedIn | None:
    """Return the user as the database has it now, None when the account is gone or closed."""
    open_session = database().session()
    try:
        viewer = users.viewer_of(open_session, user_id, today())
    except NotFound:
        return None
    return LoggedIn(viewer, stamp_of(open_session.get_one(users.User, viewer.user_id).password_hash))


def writes() -> dict[str, int]:
    """Return table → the number of its newest state, as it was when the request came."""
    if "writes" not in g:
        g.writes = database().writes()
    found: dict[str, int] = g.writes
    return found


def enter(viewer: Viewer) -> None:
    """Open the session of a viewer who gave the right password."""
    user = database().session().get_one(users.User, viewer.user_id)
    kept = session.get("language", user.language)
    session.clear()
    session["language"] = kept
    session["stamp"] = stamp_of(user.password_hash)
    login_user(LoggedIn(viewer, session["stamp"]))


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
