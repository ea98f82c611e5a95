"""What gunicorn loads: the application over the role that owns nothing."""

from __future__ import annotations

from flask import Flask

from gis.database import APP_ROLE, connect
from gis.errors import Unavailable
from gis.settings import Settings
from gis.words import N_
from webapp import create_app


def build(demo: bool) -> Flask:
    """Return the application; the demo's log-in page names the demo accounts."""
    settings = Settings.from_environment()
    address = settings.app_database_url or settings.database_url
    if address is None:
        raise Unavailable(
            N_("%(variable)s says where the database is; `wangge serve` sets it."), variable="DATABASE_URL"
        )
    engine = connect(address, role=APP_ROLE, pool_size=settings.threads, max_overflow=settings.threads)
    app = create_app(settings, engine)
    if demo:
        from gis.demo.accounts import ACCOUNTS  # brings the generator along, which other servers do without

        app.config["DEMO_ACCOUNTS"] = [{"name": each.role} for each in ACCOUNTS]
    return app
