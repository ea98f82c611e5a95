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
from gis.database import admit
from gis.errors import NotFound
from gis.scope import ZONE
from gis.viewer import ROLE_NAMES, Viewer
from webapp import transaction
from webapp.language import gettext
from webapp.transaction import Database

View = TypeVar("View", bound=Callable[..., Any])
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
    """Return the user of the session, unless the account is closed or the password has changed since."""
    open_session = database().session()
    try:
        viewer = users.viewer_of(open_session, int(user_id), today())
    except NotFound:
        return None
    stamp = stamp_of(open_session.get_one(users.User, viewer.user_id).password_hash)
    return LoggedIn(viewer, stamp) if session.get("stamp") == stamp else None


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
    admit(database().session(), viewer())
    g.viewer = viewer()
    return None
