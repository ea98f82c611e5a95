"""Real PostGIS for every test: one database per worker with the tiny district in it, rolled back after each test."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Connection, Engine, select, text, update
from sqlalchemy.orm import Session
from werkzeug.security import generate_password_hash

from gis import cluster, demo, schema, users
from gis.database import admit, connect, transaction
from gis.demo import accounts
from gis.scope import ZONE
from gis.settings import Settings
from gis.viewer import Viewer, system
from webapp import create_app, login

DAY = date(2026, 11, 18)
NOW = datetime(2026, 11, 18, 9, 30, tzinfo=ZONE).astimezone(UTC)
PASSWORD = "a demo password"
SOON_CHECKED = "scrypt:256:8:1"
"""How the accounts of the tests keep their password: checked in no time, for hundreds of tests log in."""


@pytest.fixture(scope="session")
def settings() -> Settings:
    """The settings of the suite: the checkout's own, with a fixed demo password."""
    return replace(Settings.from_environment(), demo_password=PASSWORD, database_url=None, app_database_url=None)


@pytest.fixture(scope="session")
def urls(settings: Settings) -> Iterator[cluster.ClusterUrls]:
    """The addresses of this process's empty database, dropped at the end."""
    server = cluster.ensure(settings, lambda _text: None, name="test", durable=False)
    drop_what_was_left(server)
    name = f"wangge_test_{os.getpid()}"
    cluster.drop_database(server, name)
    cluster.create_database(server, name)
    yield server.to(name)
    cluster.drop_database(server, name)


def drop_what_was_left(server: cluster.ClusterUrls) -> None:
    """Drop the databases of test processes that were killed: the number in the name is the process's."""
    engine = connect(server.owner)
    with engine.connect() as connection:
        names = connection.scalars(text("SELECT datname FROM pg_database WHERE datname LIKE 'wangge_test_%'")).all()
    engine.dispose()
    for name in names:
        if not Path(f"/proc/{name.split('_')[2]}").exists() and Path("/proc/self").exists():
            cluster.drop_database(server, name)


@pytest.fixture(scope="session")
def engine(urls: cluster.ClusterUrls, settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """The owner's engine over the migrated database with the tiny district and its accounts."""
    schema.upgrade(urls.owner)
    made = connect(urls.owner)
    with transaction(made) as session:
        folder = tmp_path_factory.mktemp("demo")
        demo.load(session, system(DAY), profile="tiny", seed=1, say=lambda _text: None, folder=folder)
        accounts.ensure(session, system(DAY), settings, DAY)
        session.execute(update(users.User).values(password_hash=generate_password_hash(PASSWORD, SOON_CHECKED)))
    yield made
    made.dispose()


@pytest.fixture(scope="session")
def app_engine(urls: cluster.ClusterUrls, engine: Engine) -> Iterator[Engine]:
    """The engine of the role that owns nothing, as the server uses it."""
    made = connect(urls.app)
    yield made
    made.dispose()


@pytest.fixture
def connection(engine: Engine) -> Iterator[Connection]:
    """A connection whose outer transaction is rolled back after the test."""
    with engine.connect() as opened, opened.begin() as outer:
        yield opened
        outer.rollback()


@pytest.fixture
def session(connection: Connection) -> Iterator[Session]:
    """The owner's session of a test; code under test may commit freely."""
    with Session(connection, join_transaction_mode="create_savepoint", expire_on_commit=False) as opened:
        yield opened


@pytest.fixture
def viewer_as(session: Session) -> Callable[[str], Viewer]:
    """Return a demo account's viewer by its name, without putting the session under its territory."""

    def find(name: str) -> Viewer:
        user_id = session.scalar(select(users.User.id).where(users.User.name == name))
        assert user_id is not None, f"there is no demo account {name}"
        return users.viewer_of(session, user_id, DAY)

    return find


@pytest.fixture
def admitted(session: Session, viewer_as: Callable[[str], Viewer]) -> Callable[[str], Viewer]:
    """Put the session under a demo account's territory, as a request does, and return its viewer."""

    def enter(name: str) -> Viewer:
        viewer = viewer_as(name)
        admit(session, viewer)
        return viewer

    return enter


@pytest.fixture(scope="session")
def app(settings: Settings, app_engine: Engine) -> Flask:
    """The application over the role that owns nothing, with the suite's clock; what it writes is committed."""
    made = create_app(settings, app_engine, now=lambda: NOW)
    made.config.update(TESTING=True, WTF_CSRF_ENABLED=False)
    login.limiter.enabled = False
    return made


@pytest.fixture(scope="session")
def cookies() -> dict[str, str]:
    """Account → the session cookie it was given: hashing a password takes its time, so that is done once."""
    return {}


@pytest.fixture(scope="session")
def client_as(app: Flask, cookies: dict[str, str]) -> Callable[[str], FlaskClient]:
    """Return a new client that is logged in as a demo account."""

    def log_in(name: str) -> FlaskClient:
        client = app.test_client()
        client.set_cookie("session", cookies.get(name, ""))
        if client.get("/password").status_code != 200:  # not logged in yet, or logged out by a test
            answer = client.post("/login", data={"name": name, "password": PASSWORD})
            assert answer.status_code == 302, answer.text
            kept = client.get_cookie("session")
            assert kept is not None
            cookies[name] = kept.value
        return client

    return log_in


@pytest.fixture(scope="session")
def lujiazui() -> Path:
    """The folder of real buildings and roads beside the project; tests that want it are skipped without it."""
    folder = Path(__file__).resolve().parents[2] / "shared" / "data" / "lujiazui"
    if not folder.is_dir():
        pytest.skip("../shared/data/lujiazui is not there")
    return folder
