"""`wangge serve`: the production server over the database as it stands."""

from __future__ import annotations

import os
import socket
import sys

import click

from gis import schema
from gis.errors import Unavailable
from gis.words import N_
from webapp.commands.place import Place, here, say


@click.command()
def serve() -> None:
    """Serve the maps on HOST and PORT until Ctrl-C."""
    run(here(), demo=False)


def run(place: Place, *, demo: bool) -> None:
    """Replace this process by gunicorn; threads, because an export outlives a synchronous worker's limit."""
    settings = place.settings
    free(settings.host, settings.port, "make demo" if demo else "wangge serve")
    warn(place)
    os.environ["APP_DATABASE_URL"] = place.app
    address = f"{settings.host}:{settings.port}"
    arguments = [
        "--bind", address, "--workers", str(settings.workers), "--threads", str(settings.threads),
        "--worker-class", "gthread", "--timeout", "120", "--graceful-timeout", "5", "--keep-alive", "15",
        "--log-level", "warning", "--config", "python:webapp.processes", "--worker-tmp-dir", str(settings.var),
        f"webapp.wsgi:build({demo})",
    ]  # fmt: skip
    click.echo(f"http://{address}/")
    os.chdir(settings.root)
    os.execv(sys.executable, [sys.executable, "-m", "gunicorn", *arguments])


def warn(place: Place) -> None:
    """Say that the database should be asked by a role of its own, when a superuser's address is the only one."""
    settings = place.settings
    if settings.database_url is not None and settings.app_database_url is None and schema.superuser(place.owner):
        say("DATABASE_URL is a superuser's: set APP_DATABASE_URL to a login that is a member of wangge_app only.")


def free(host: str, port: int, command: str) -> None:
    """Raise Unavailable when something else listens there, with the command that tries the next port."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            message = N_("%(host)s:%(port)s cannot be used (%(why)s). Choose another port: PORT=%(other)s %(command)s")
            said = {"host": host, "port": port, "why": error.strerror, "other": port + 1, "command": command}
            raise Unavailable(message, **said) from error
