"""The `full` district in a database of its own, loaded once and kept: what everything is measured on."""

from __future__ import annotations

import hashlib
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cached_property
from pathlib import Path

from sqlalchemy import Engine, func, select
from sqlalchemy.engine import URL, make_url
from sqlalchemy.orm import Session

from gis import areas, cluster, demo, schema, users
from gis.database import admit, connect, transaction
from gis.demo import accounts
from gis.premises import Building
from gis.scope import ZONE
from gis.settings import ROOT, Settings
from gis.viewer import Viewer, system
from layers.query import Asked

SEED = 1
WHOLE = "bench"
"""An account that may see households, in the whole district; no demo account may see so much."""
BEGAN = time.monotonic()


def say(text: str) -> None:
    """Show a step with the seconds since the start."""
    print(f"{time.monotonic() - BEGAN:7.1f} s  {text}", flush=True)


@dataclass(frozen=True)
class District:
    """The loaded database, the settings with the demo's password, and who looks at it."""

    settings: Settings
    urls: cluster.ClusterUrls
    password: str
    profile: str
    took: float | None

    @cached_property
    def engine(self) -> Engine:
        """The engine of the owner."""
        return connect(self.urls.owner)

    @property
    def url(self) -> URL:
        """The parts of the owner's address."""
        return make_url(self.urls.owner)

    @property
    def libpq(self) -> str:
        """The owner's connection as libpq and GDAL write it."""
        return f"host={self.url.query['host']} port={self.url.query['port']} dbname={self.url.database} user=wangge"

    def command(self, program: str) -> list[str]:
        """Return a PostgreSQL program with its connection options, as the role that the application takes."""
        return [program, "-h", str(self.url.query["host"]), "-p", str(self.url.query["port"]), "-U", "wangge_app"]

    def viewer(self, name: str) -> Viewer:
        """Return the viewer of a demo account today."""
        with transaction(self.engine) as session:
            found = session.scalars(select(users.User.id).where(users.User.name == name)).one()
            return users.viewer_of(session, found, today())

    @contextmanager
    def session(self, viewer: Viewer) -> Iterator[Session]:
        """Open a session under the viewer's row security."""
        with Session(self.engine) as session:
            admit(session, viewer)
            yield session
            session.rollback()

    def count(self) -> int:
        """Return how many buildings the district has."""
        with transaction(self.engine) as session:
            return session.scalars(select(func.count()).select_from(Building)).one()


def today() -> date:
    """Return the day in the district."""
    return datetime.now(ZONE).date()


def asked() -> Asked:
    """Return a request for today that asks for everything."""
    return Asked(today(), datetime.now(UTC))


def ready(profile: str, *, fresh: bool) -> District:
    """Return the district, loading it when it is not there yet or when a fresh one is wanted."""
    settings = Settings.from_environment()
    here = cluster.ensure(settings, say)
    name = f"bench_{profile}_{version()}"
    for other in databases(here, f"bench_{profile}"):
        if fresh or other != name:
            cluster.drop_database(here, other)
    urls = here.to(name)
    if fresh or not loaded(urls):
        cluster.drop_database(here, name)
        cluster.create_database(here, name)
        return load(settings, urls, profile)
    schema.upgrade(urls.owner)
    return District(settings, urls, passwords(settings, urls), profile, None)


def version() -> str:
    """Return a short digest of the schema's source: another schema asks for another load."""
    files = sorted((ROOT / "migrations" / "versions").glob("*.py"))
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:8]


def databases(urls: cluster.ClusterUrls, prefix: str) -> list[str]:
    """Return the databases of the cluster whose names begin so."""
    with connect(urls.owner).connect() as connection:
        found = connection.exec_driver_sql("SELECT datname FROM pg_database WHERE starts_with(datname, %s)", (prefix,))
        return [str(name) for name in found.scalars()]


def loaded(urls: cluster.ClusterUrls) -> bool:
    """Tell whether the database is there with its district and its accounts."""
    try:
        with transaction(connect(urls.owner)) as session:
            return areas.synthetic(session) and bool(session.scalar(select(func.count()).select_from(users.User)))
    except Exception:
        return False


def load(settings: Settings, urls: cluster.ClusterUrls, profile: str) -> District:
    """Migrate and load, as `wangge demo` does, and say how long it took."""
    schema.upgrade(urls.owner)
    began, engine = time.monotonic(), connect(urls.owner)
    with transaction(engine) as session, tempfile.TemporaryDirectory() as folder:
        demo.load(session, system(today()), profile=profile, seed=SEED, say=say, folder=Path(folder))
    with engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT").exec_driver_sql("VACUUM (ANALYZE)")
    took = time.monotonic() - began
    say(f"The {profile} district is loaded in {took:.0f} s.")
    return District(settings, urls, passwords(settings, urls), profile, took)


def passwords(settings: Settings, urls: cluster.ClusterUrls) -> str:
    """Give the demo's accounts and our own, which sees the households of the whole district, their password."""
    with transaction(connect(urls.owner)) as session:
        viewer = system(today())
        password = accounts.ensure(session, viewer, settings, today())
        if session.scalar(select(users.User.id).where(users.User.name == WHOLE)) is None:
            code = session.scalars(select(areas.Area.code).where(areas.Area.level == "district")).one()
            users.create(
                session, viewer, name=WHOLE, role="village_manager", password=password, codes=[code], since=today()
            )
    return password
