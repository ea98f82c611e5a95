"""Sessions and what surrounds them: how long they last, how often one may try, what an answer lets others keep."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, select, text
from sqlalchemy.orm import Session

from gis import cluster, users
from gis.areas import Area
from gis.audit import AuditEntry
from gis.database import APP_ROLE, connect, transaction
from gis.settings import Settings
from gis.viewer import key, system
from tests import builders
from tests.conftest import DAY, NOW, PASSWORD
from webapp import create_app, login, wsgi

MADE_UP = "合成数据"
REAL = "110101000000"
Build = Callable[..., Flask]


@pytest.fixture
def build(settings: Settings, app_engine: Engine) -> Build:
    """Make an application as another worker would, with settings and a clock of its own."""

    def make(now: Callable[[], datetime] = lambda: NOW, bind: Engine = app_engine, **given: object) -> Flask:
        made = create_app(replace(settings, **given), bind, now=now)  # type: ignore[arg-type]
        made.config.update(TESTING=True, WTF_CSRF_ENABLED=False)
        return made

    return make


@pytest.fixture
def limited(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(login.limiter, "enabled", True)
    yield
    login.limiter.reset()


def account(engine: Engine, name: str) -> str:
    """Make an account that a test may spoil."""
    with transaction(engine) as session:
        users.create(session, system(DAY), name=name, role="grid_leader", password=PASSWORD,
                     codes=["999901100001001"], since=DAY)  # fmt: skip
    return name


def log_in(app: Flask, name: str, password: str = PASSWORD, **sent: str) -> tuple[FlaskClient, int]:
    client = app.test_client()
    answer = client.post("/login", data={"name": name, "password": password}, headers=sent)
    return client, answer.status_code


def cookie(client: FlaskClient) -> str:
    found = client.get_cookie("session")
    assert found is not None
    return found.value


def test_a_copied_cookie_dies_with_the_log_out(build: Build, engine: Engine) -> None:
    app = build()
    client, _status = log_in(app, account(engine, "copied"))
    thief = app.test_client()
    thief.set_cookie("session", cookie(client))
    assert thief.get("/map").status_code == 200
    client.post("/language/en")
    assert client.post("/logout").status_code == 302
    assert thief.get("/map").status_code == 302
    assert client.get("/map").status_code == 302
    assert 'lang="en"' in client.get("/login").text, "the language outlasts the log-out"


def test_a_session_ends_after_twelve_hours(build: Build, engine: Engine) -> None:
    clock = [NOW]
    app = build(now=lambda: clock[0])
    client, _status = log_in(app, "planner")
    clock[0] = NOW + timedelta(hours=11, minutes=59)
    assert client.get("/password").status_code == 200
    clock[0] = NOW + timedelta(hours=12)
    assert client.get("/password").status_code == 302
    assert "登录已失效" in client.get("/login").text, "and it is said why"
    assert "登录已失效" not in client.get("/login").text, "once"


def test_the_cookie_is_kept_to_https_when_that_is_set(build: Build) -> None:
    for secure in (False, True):
        answer = build(cookie_secure=secure).test_client().post(
            "/login", data={"name": "planner", "password": PASSWORD}, base_url="https://localhost"
        )  # fmt: skip
        kept = answer.headers["Set-Cookie"]
        assert ("Secure" in kept) is secure
        assert "HttpOnly" in kept
        assert ("Strict-Transport-Security" in answer.headers) is secure


def test_ten_failures_make_an_account_rest_for_every_worker(build: Build, engine: Engine) -> None:
    name, app = account(engine, "tried"), build()
    for _ in range(users.MOST_FAILURES):
        assert log_in(app, name, "a guess that is wrong")[1] == 400
    client = build().test_client()
    answer = client.post("/login", data={"name": name, "password": PASSWORD})
    assert answer.status_code == 429
    assert "15 分钟" in answer.text
    with Session(engine) as session:
        found = session.scalars(select(AuditEntry).where(AuditEntry.user_name == name)).all()
        assert [each.action for each in found] == ["log_in_failed"] * users.MOST_FAILURES
        everything = session.execute(text("SELECT row_to_json(a)::text FROM audit_log a")).scalars()
        assert not [row for row in everything if "a guess that" in row]
    assert log_in(build(), "planner")[1] == 302, "others are not held up"


def test_limits_go_by_name_and_address(build: Build, limited: None) -> None:
    app = build()
    tries = [log_in(app, "nobody-of-this-name", "x")[1] for _ in range(11)]
    assert tries == [400] * 10 + [429]
    assert log_in(app, "nobody-else", "x")[1] == 400
    for _ in range(15):
        assert log_in(app, "planner")[1] == 302, "only what failed counts"


def test_a_forwarded_address_counts_only_from_a_proxy(build: Build, limited: None) -> None:
    alone, behind = build(), build(trusted_proxies=1)
    tries = [log_in(alone, "liar", "x", **{"X-Forwarded-For": f"10.0.0.{n}"})[1] for n in range(11)]
    assert tries[-1] == 429
    login.limiter.reset()
    tries = [log_in(behind, "liar", "x", **{"X-Forwarded-For": f"6.6.6.6, 10.0.1.{n}"})[1] for n in range(11)]
    assert tries == [400] * 11
    login.limiter.reset()
    tries = [log_in(behind, "liar", "x", **{"X-Forwarded-For": f"6.6.6.{n}, 10.0.2.1"})[1] for n in range(11)]
    assert tries[-1] == 429, "what the client wrote itself is believed"


@pytest.mark.parametrize("path", ["/login", "/map", "/password", "/map/territory", "/no/such/page", "/healthz"])
def test_nothing_is_kept_by_default(path: str, client_as: Callable[[str], FlaskClient]) -> None:
    assert client_as("town_manager").get(path).headers["Cache-Control"] == "no-store"


def test_static_files_are_kept_for_a_while_and_asked_again(app: Flask) -> None:
    client = app.test_client()
    with client.get("/static/css/base.css") as first:
        assert "max-age=" in first.headers["Cache-Control"]
        assert "no-store" not in first.headers["Cache-Control"]
        stamp = first.headers["ETag"]
    with client.get("/static/css/base.css", headers={"If-None-Match": stamp}) as again:
        assert again.status_code == 304


def test_only_what_a_page_asks_for_is_served(app: Flask, settings: Settings) -> None:
    files = [path for path in (settings.root / "static").rglob("*") if path.is_file()]
    hidden = [path for path in files if path.suffix in (".json", ".md", ".ts", "") or path.name.startswith(".")]
    assert len(hidden) > 3
    for path in hidden:
        address = path.relative_to(settings.root).as_posix()
        assert app.test_client().get(f"/{address}").status_code == 404, address
    for name in ("js/map.js", "css/base.css", "img/logo.svg", "node_modules/leaflet/dist/leaflet.js"):
        with app.test_client().get(f"/static/{name}") as answer:
            assert answer.status_code == 200, name


def test_the_banner_follows_the_areas_and_a_fault_of_a_real_district_does_not_say_made_up(
    build: Build, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = build()
    assert MADE_UP in app.test_client().get("/login").text
    with transaction(engine) as session:
        outline = builders.square(116.3, 39.9)
        session.add(Area(code=REAL, level="district", kind="district", name="x", outline=outline, territory=key(REAL)))
    try:
        assert MADE_UP not in app.test_client().get("/login").text
        monkeypatch.setitem(app.view_functions, "login.log_in", lambda: 1 / 0)
        app.view_functions["login.log_in"].public = True  # type: ignore[attr-defined]
        app.config.update(TESTING=False, PROPAGATE_EXCEPTIONS=False)
        broken = app.test_client().get("/login")
        assert broken.status_code == 500
        assert MADE_UP not in broken.text
    finally:
        with transaction(engine) as session:
            session.delete(session.get_one(Area, REAL))
    assert MADE_UP in build().test_client().get("/login").text


def test_a_fault_says_nothing_of_a_district_that_it_does_not_know(build: Build) -> None:
    engine = connect("postgresql+psycopg2://nobody@127.0.0.1:1/nothing")
    page = build(bind=engine).test_client().get("/login")
    assert page.status_code == 503
    assert MADE_UP not in page.text
    engine.dispose()


@pytest.mark.parametrize("given", ["DATABASE_URL", "APP_DATABASE_URL"])
@pytest.mark.parametrize("login_", ["owner", "superuser"])
def test_the_server_works_as_the_role_that_owns_nothing(
    given: str, login_: str, urls: cluster.ClusterUrls, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("DATABASE_URL", "APP_DATABASE_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv(given, getattr(urls, login_))
    app = wsgi.build(False)
    with app.extensions["database"].bind.connect() as connection:
        assert connection.scalar(text("SELECT current_user")) == APP_ROLE
    app.config["WTF_CSRF_ENABLED"] = False
    assert log_in(app, "planner")[1] == 302
    assert re.search(MADE_UP, app.test_client().get("/login").text)
    app.extensions["database"].bind.dispose()


def test_the_accounts_page_lists_everybody(client_as: Callable[[str], FlaskClient]) -> None:
    page = client_as("sys_admin").get("/users").text
    assert "grid_leader" in page
    assert "scrypt" not in page


def test_the_address_of_the_database_is_handed_on_as_a_setting() -> None:
    root = Path(__file__).resolve().parent.parent
    assert "WANGGE_APP_URL" not in (root / "webapp" / "wsgi.py").read_text(encoding="utf-8")
