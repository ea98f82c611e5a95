"""Serves a test database with the suite's clock, in a process of its own: python -m tests.browser.serve URL."""

from __future__ import annotations

import sys
from dataclasses import replace

from werkzeug.serving import make_server

from gis.database import connect
from gis.settings import Settings
from tests.conftest import NOW
from webapp import create_app, login


def main(url: str) -> None:
    """Serve until the process is ended; the first line on standard output is the address."""
    settings = replace(Settings.from_environment(), database_url=None, app_database_url=None)
    served = create_app(settings, connect(url, pool_size=8, max_overflow=8), now=lambda: NOW)
    login.limiter.enabled = False
    server = make_server("127.0.0.1", 0, served, threaded=True)
    print(f"http://127.0.0.1:{server.server_port}", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main(sys.argv[1])
