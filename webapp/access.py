"""Who is logged in, and deny by default: a route that is not marked public asks for a log-in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any, TypeVar

from flask import Flask, current_app, g, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import LoginManager, UserMixin, current_user, login_user, logout_user

from gis import areas, tokens, users
from gis.errors import NotAllowed, NotFound
from gis.scope import ZONE
from gis.settings import Settings
from gis.viewer import ROLE_NAMES, Viewer
from gis.words import N_
from webapp import forms, limits, transaction
from webapp.language import gettext
from webapp.transaction import Database

View = TypeVar("View", bound=Callable[..., Any])
MOST_KNOWN = 1000
LONGEST_SESSION = timedelta(hours=12)
WRITES = "wangge.writes"
"""Where a request carries what it was found to be as new as, once somebody has asked."""
JSON_PREFIXES = (
    "/map/", "/tiles/", "/layers/", "/areas/", "/drafts/", "/fabrics/", "/cases/place", "/cases/pressing",
    "/visits/record", "/visits/undo", "/visits/token", "/visits/numbers",
    "/care/visits/",
)  # fmt: skip

manager = LoginManager()


def by_script() -> bool:
    """Tell whether a script or a program asks, which read JSON; a browser that goes there itself wants a page."""
    asks_for_page = any(kind == "text/html" for kind, _quality in request.accept_mimetypes)
    return forms.by_script() or (request.path.startswith(JSON_PREFIXES) and not asks_for_page)


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


def by_token(view: View) -> View:
    """Mark a view for programs: a token is asked for, and no session counts."""
    view.by_token = True  # type: ignore[attr-defined]
    return view


def token_of() -> str:
    """Return the token that a program shows: as bearer, as the password of Basic, or as api_key."""
    given = request.authorization
    if given is not None:
        return str((given.token if given.type == "bearer" else given.password if given.type == "basic" else "") or "")
    return request.args.get("api_key", "") or request.form.get("api_key", "")


def program() -> Viewer:
    """Return the viewer of the token that is shown; raises NotAllowed without a good one, TooMany after many wrong."""
    limits.check_tokens()
    found = tokens.bearer(database().session(), token_of(), today())
    if found is None:
        limits.note_wrong_token()
        raise NotAllowed(N_("Missing or invalid API key."))
    return found


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
    state = state_of(user_id, now(), writes())
    found = known.get(state) or looked_up(int(user_id))
    if found is None or not lasts(session, found, now()):
        return None
    if len(known) >= MOST_KNOWN:
        known.clear()
    known[state] = found
    return found


def remembered(app: Flask, kept: Mapping[str, Any], now: datetime, written: Mapping[str, int]) -> Viewer | None:
    """Return the viewer of a session by what the process remembers alone, None when `load` has to be asked."""
    found: LoggedIn | None = app.extensions["viewers"].get(state_of(kept.get("_user_id"), now, written))
    return found.viewer if found is not None and lasts(kept, found, now) else None


def state_of(user_id: str | None, now: datetime, written: Mapping[str, int]) -> tuple[object, ...]:
    """Return everything that decides what the database says of a user."""
    return user_id, now.astimezone(ZONE).date(), written.get("users", 0), written.get("user_territories", 0)


def lasts(kept: Mapping[str, Any], found: LoggedIn, now: datetime) -> bool:
    """Tell whether a session of this user is neither too old nor ended by a log-out or another password."""
    opened = datetime.fromtimestamp(kept.get("since", 0), UTC)
    return kept.get("stamp") == found.stamp and opened <= now < opened + LONGEST_SESSION


def looked_up(user_id: int) -> LoggedIn | None:
    """Return the user as the database has it now, None when the account is gone or closed."""
    try:
        return LoggedIn(users.account_of(database().session(), user_id, today()))
    except NotFound:
        return None


def writes() -> dict[str, int]:
    """Return table → the number of its newest state, as it was when the request came."""
    if "writes" not in g:
        g.writes = request.environ.get(WRITES) or database().writes()
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


def forget_ended() -> bool:
    """Forget a session that has ended by itself or elsewhere, and tell whether there was one."""
    ended = "stamp" in session and not current_user.is_authenticated
    if ended:
        leave()
    return ended


def viewer() -> Viewer:
    """Return the viewer of the request."""
    found: Viewer = g.viewer if g.get("by_token") else current_user.viewer
    return found


def guard() -> ResponseReturnValue | None:
    """Let the anonymous through to public views only, and put every other request under the viewer's territory."""
    view = current_app.view_functions.get(request.endpoint or "")
    if request.endpoint == "static" or view is None or getattr(view, "public", False):
        return None
    if getattr(view, "by_token", False):
        g.viewer, g.by_token = program(), True
        return None
    if not current_user.is_authenticated:
        if request.authorization is not None and request.method in ("GET", "HEAD"):
            g.viewer, g.by_token = program(), True
            return None
        if by_script():
            return {"error": gettext("Your session has ended. Please log in again.")}, 401
        return redirect(url_for("login.log_in", next=request.full_path.rstrip("?")))
    g.viewer = viewer()
    return None
