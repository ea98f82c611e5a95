"""What gunicorn loads: the application over the role that owns nothing."""

from __future__ import annotations

import os

from flask import Flask

from gis.database import connect
from gis.settings import Settings
from webapp import create_app


def build(demo: bool) -> Flask:
    """Return the application; the demo's log-in page names the demo accounts."""
    settings = Settings.from_environment()
    engine = connect(os.environ["WANGGE_APP_URL"], pool_size=settings.threads, max_overflow=settings.threads)
    app = create_app(settings, engine)
    if demo:
        from gis.demo.accounts import ACCOUNTS  # brings the generator along, which other servers do without

        app.config["DEMO_ACCOUNTS"] = [{"name": each.role} for each in ACCOUNTS]
    return app
