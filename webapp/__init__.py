"""The Flask application: parse, one core call, respond."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from flask import Flask, redirect
from flask.typing import ResponseReturnValue
from flask_wtf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

from gis.settings import Settings
from webapp import (
    access,
    accounts,
    areas,
    audit,
    calendar,
    care,
    cases,
    compression,
    duties,
    exports,
    faults,
    forces,
    forms,
    indicators,
    language,
    limits,
    login,
    maps,
    navigation,
    notices,
    open311,
    plans,
    policy,
    stages,
    tiles,
    visits,
    volunteers,
)
from webapp.transaction import Database


def create_app(settings: Settings, bind: Any, *, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> Flask:
    """Return the application over an engine (or, in tests, a connection); nothing is read from the environment."""
    app = Flask(__name__, static_folder=str(settings.root / "static"))
    app.config.update(
        SECRET_KEY=settings.secret_key,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.cookie_secure,
        SEND_FILE_MAX_AGE_DEFAULT=policy.STATIC_SECONDS,
        WTF_CSRF_TIME_LIMIT=None,
        MAX_CONTENT_LENGTH=64 * 1024 * 1024,
        RATELIMIT_STORAGE_URI="memory://",
        BABEL_DEFAULT_LOCALE="zh",
        BABEL_DEFAULT_TIMEZONE="Asia/Shanghai",
    )
    # Each proxy appends to the header what it sees; what stands further left is the client's own word.
    proxies = settings.trusted_proxies
    app.wsgi_app = ProxyFix(app.wsgi_app, x_for=proxies, x_proto=proxies)  # type: ignore[method-assign]
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    app.extensions["settings"] = settings
    app.extensions["now"] = now
    app.extensions["database"] = Database(bind)
    csrf = CSRFProtect(app)
    for part in (policy, language, access, navigation, faults, forms, compression):
        part.init_app(app)
    for noun in (login, maps, areas, tiles, exports, audit, accounts, notices, duties, calendar, stages, care):
        app.register_blueprint(noun.bp)
    for many in (cases, plans, indicators, visits, forces, volunteers):
        for blueprint in many.BLUEPRINTS:
            app.register_blueprint(blueprint)
    open311.protect(csrf, app)
    limits.limiter.init_app(app)
    tiles.init_app(app)
    app.add_url_rule("/", "home", home)
    app.add_url_rule("/healthz", "healthz", healthz)
    return app


def home() -> ResponseReturnValue:
    """Send to the first page of the user's role."""
    return redirect(navigation.start())


@access.public
def healthz() -> ResponseReturnValue:
    """Say whether the database answers."""
    access.database().check()
    return {"status": "ok"}
