"""The private PostGIS of a checkout: made once, started when needed, its socket open to its own user alone."""

from __future__ import annotations

import contextlib
import fcntl
from collections.abc import Callable, Iterator
from pathlib import Path

from gis import machine
from gis.cluster import contents, place, server
from gis.cluster.contents import ClusterUrls, create_database, drop_database
from gis.cluster.place import Place
from gis.errors import Unavailable
from gis.settings import Settings
from gis.words import N_

__all__ = ["ClusterUrls", "create_database", "drop_database", "ensure", "is_running", "stop"]

Say = Callable[[str], None]


def ensure(settings: Settings, say: Say, name: str = "", durable: bool = True) -> ClusterUrls:
    """Return the addresses of the checkout's cluster of that name, made and started when it is not there yet.

    A cluster that is not durable is faster and may lose everything when the machine stops: it is for tests.
    The server stays when this process ends; `stop` ends it.
    """
    with _alone(settings, name):
        where = place.find(settings.root, settings.var, name)
        programs = _programs(where)
        if not where.data.exists():
            say("Making the database …")
            server.make(where, programs, durable)
        server.start(where, programs, durable, say)
        urls = ClusterUrls.at(where.socket)
        contents.fill(urls, say)
    return urls


def stop(settings: Settings, name: str = "") -> bool:
    """Stop the checkout's cluster of that name, and tell whether it was running."""
    with _alone(settings, name):
        where = place.existing(settings.root, settings.var, name)
        return where is not None and server.stop(where, _programs(where))


def is_running(settings: Settings, name: str = "") -> bool:
    """Tell whether the checkout's cluster of that name answers."""
    where = place.existing(settings.root, settings.var, name)
    return where is not None and server.state(where) == "up"


def _programs(where: Place) -> Path:
    """Return the folder of the server's programs: of the version that made the data, else the newest with PostGIS."""
    here = machine.postgis()
    made_by = where.version
    if made_by is None:
        if here:
            return next(iter(here.values()))
        raise Unavailable(N_("PostGIS is not installed; this mends it: %(command)s"), command=machine.mend("PostGIS"))
    if made_by in here:
        return here[made_by]
    message = N_(
        "The database in %(folder)s was made by PostgreSQL %(version)s, which is not on this machine with PostGIS; "
        "install that version again, or move the folder away to begin anew."
    )
    raise Unavailable(message, folder=where.folder, version=made_by)


@contextlib.contextmanager
def _alone(settings: Settings, name: str) -> Iterator[None]:
    """Let one process at a time make, start or stop a cluster."""
    try:
        settings.var.mkdir(mode=0o755, exist_ok=True)
        lock = (settings.var / f"{place.folder_name(name)}.lock").open("w")
    except OSError as error:
        message = N_("%(folder)s cannot be written; run the command as the user that owns the checkout.")
        raise Unavailable(message, folder=settings.var) from error
    with lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
