"""Every route: closed to the anonymous, guarded against forged forms, audited, and with nothing from another host."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from html.parser import HTMLParser

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from gis import users
from gis.audit import AuditEntry, ExportEntry
from gis.boundaries import GridOutline
from gis.database import from_day, transaction
from gis.settings import Settings
from gis.viewer import system
from tests import builders
from tests.conftest import DAY, NOW, PASSWORD
from tests.doors import ARGUMENTS, AUDITED, BY_TOKEN, GRID, LOGGED, NOT_STORED, PAGES, PUBLIC
from webapp import create_app
from webapp.access import JSON_PREFIXES

NEW_PASSWORD = "another password"


def addresses(app: Flask, method: str) -> Iterator[tuple[str, str]]:
    """Endpoint and a full address of every rule that takes the method."""
    urls = app.url_map.bind("localhost")
    for rule in app.url_map.iter_rules():
        if method in (rule.methods or ()):
            values = {name: ARGUMENTS[name] for name in rule.arguments}
            if rule.endpoint in BY_TOKEN:
                values["form"] = "json"
            yield rule.endpoint, urls.build(rule.endpoint, values, method=method)


@pytest.fixture(scope="module")
def guarded(settings: Settings, app_engine: Engine) -> Flask:
    """The application as it is served: forms need their token."""
    return create_app(settings, app_engine, now=lambda: NOW)


@pytest.fixture
def anna(engine: Engine) -> Iterator[str]:
    """An account that a test may spoil."""
    name = "anna"
    with transaction(engine) as session:
        user = session.scalar(select(users.User).where(users.User.name == name))
        if user is None:
            users.create(
                session, system(DAY), name=name, role="grid_leader", password=PASSWORD, codes=[GRID], since=DAY
            )
        else:
            from werkzeug.security import generate_password_hash

            user.password_hash, user.active, user.role = generate_password_hash(PASSWORD), True, "grid_leader"
    return name


def log_in(app: Flask, name: str, password: str = PASSWORD) -> FlaskClient:
    client = app.test_client()
    client.post("/login", data={"name": name, "password": password})
    return client


def test_only_a_few_routes_are_public(app: Flask) -> None:
    views = app.view_functions
    assert {name for name in views if getattr(views[name], "public", False)} | {"static"} == PUBLIC


def test_every_other_route_refuses_the_anonymous(app: Flask) -> None:
    for method in ("GET", "POST", "HEAD"):
        for endpoint, address in addresses(app, method):
            if endpoint in PUBLIC:
                continue
            answer = app.test_client().open(address, method=method)
            if endpoint in BY_TOKEN:
                assert answer.status_code == 403, address
            elif address.startswith(JSON_PREFIXES):
                assert answer.status_code == 401, address
            else:
                assert answer.status_code == 302, address
                assert answer.location.startswith("/login?next="), address


def test_a_method_or_an_address_that_is_not_there_opens_nothing(app: Flask) -> None:
    for method in ("PUT", "DELETE", "PATCH", "TRACE"):
        assert app.test_client().open("/map", method=method).status_code in (302, 405)
    assert app.test_client().get("/no/such/page").status_code in (302, 404)
    assert app.test_client().get("/static/../pyproject.toml").status_code in (302, 404)


def test_every_post_needs_its_token(
    guarded: Flask, client_as: Callable[[str], FlaskClient], cookies: dict[str, str]
) -> None:
    client_as("town_manager")
    posts = dict(addresses(guarded, "POST"))
    assert len(posts) >= 4
    for endpoint, address in posts.items():
        client = guarded.test_client()
        if endpoint not in PUBLIC:
            client.set_cookie("session", cookies["town_manager"])
        refused = 403 if endpoint in BY_TOKEN else 400
        assert client.post(address, data={"name": "x"}).status_code == refused, f"{address} takes a forged form"


def test_a_form_with_its_token_passes(guarded: Flask) -> None:
    client = guarded.test_client()
    found = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/login").text)
    assert found is not None
    form = {"name": "town_manager", "password": PASSWORD, "csrf_token": found.group(1)}
    assert client.post("/login", data=form).status_code == 302


def newest(engine: Engine) -> AuditEntry:
    with Session(engine) as session:
        return session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc()).limit(1)).one()


def test_every_write_leaves_an_audit_row(app: Flask, engine: Engine, anna: str) -> None:
    writes = {endpoint for endpoint, _address in addresses(app, "POST")}
    assert writes == set(AUDITED) | set(NOT_STORED) | LOGGED, "a new write: say here which audit row it leaves"
    client = log_in(app, anna)
    assert (newest(engine).action, newest(engine).user_name) == ("log_in", anna)
    form = {"current": PASSWORD, "new": NEW_PASSWORD, "again": NEW_PASSWORD}
    assert client.post("/password", data=form).status_code == 302
    assert (newest(engine).action, newest(engine).subject) == ("change_password", anna)
    assert client.post("/logout").status_code == 302
    assert newest(engine).action == "log_out"


def test_an_export_leaves_two_rows(engine: Engine, client_as: Callable[[str], FlaskClient]) -> None:
    client_as("town_manager").get("/layers/gaps.csv?purpose=Kontrolle").get_data()
    assert newest(engine).action == "export"
    with Session(engine) as session:
        taken = session.scalars(select(ExportEntry).order_by(ExportEntry.id.desc()).limit(1)).one()
    assert (taken.user_name, taken.layer, taken.format, taken.purpose) == ("town_manager", "gaps", "csv", "Kontrolle")
    assert taken.rows is not None
    assert taken.ended_at is not None


def test_what_failed_leaves_no_row_but_a_failed_log_in(app: Flask, engine: Engine, anna: str) -> None:
    client = log_in(app, anna)
    before = newest(engine).id
    assert (
        client.post("/password", data={"current": "wrong", "new": NEW_PASSWORD, "again": NEW_PASSWORD}).status_code
        == 400
    )
    assert newest(engine).id == before
    assert app.test_client().post("/login", data={"name": anna, "password": "wrong"}).status_code == 400
    assert (newest(engine).action, newest(engine).user_name) == ("log_in_failed", anna)


def test_a_new_password_ends_every_other_session(app: Flask, anna: str) -> None:
    here, elsewhere = log_in(app, anna), log_in(app, anna)
    form = {"current": PASSWORD, "new": NEW_PASSWORD, "again": NEW_PASSWORD}
    here.post("/password", data=form)
    assert here.get("/password").status_code == 200
    assert elsewhere.get("/password").status_code == 302
    assert log_in(app, anna).get("/password").status_code == 302
    assert log_in(app, anna, NEW_PASSWORD).get("/password").status_code == 200


def test_a_closed_account_and_another_role_count_at_once(app: Flask, engine: Engine, anna: str) -> None:
    client = log_in(app, anna)
    assert client.get("/map").status_code == 200
    with transaction(engine) as session:
        session.scalars(select(users.User).where(users.User.name == anna)).one().role = "auditor"
    assert client.get("/map").status_code == 403
    assert client.get("/audit").status_code == 200
    with transaction(engine) as session:
        session.scalars(select(users.User).where(users.User.name == anna)).one().active = False
    assert client.get("/audit").status_code == 302


def test_another_territory_counts_at_once(app: Flask, engine: Engine, anna: str) -> None:
    client, other = log_in(app, anna), "999901100001002"
    assert client.get(f"/map/card/{GRID}").status_code == 200
    assert client.get(f"/map/card/{other}").status_code == 404
    with transaction(engine) as session:
        user = session.scalars(select(users.User).where(users.User.name == anna)).one()
        session.add(users.UserTerritory(user_id=user.id, code=other, valid=from_day(DAY)))
    assert client.get(f"/map/card/{other}").status_code == 200
    with transaction(engine) as session:
        mine = (users.UserTerritory.code == other) & (users.UserTerritory.user_id == user.id)
        for held in session.scalars(select(users.UserTerritory).where(mine)):  # the grid worker's stays
            session.delete(held)
    assert client.get(f"/map/card/{other}").status_code == 404


@pytest.mark.parametrize(
    "target", ["https://example.org/", "//example.org", "/\\example.org", "javascript:alert(1)", "\\\\x"]
)
def test_the_log_in_leads_to_no_other_host(target: str, app: Flask) -> None:
    form = {"name": "town_manager", "password": PASSWORD, "next": target}
    location = app.test_client().post("/login", data=form).location
    assert location.startswith("/")
    assert not location.startswith(("//", "/\\"))


class Markup(HTMLParser):
    """What a page says that a browser would fetch, run or obey."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))


@pytest.mark.parametrize("path", PAGES)
def test_a_page_runs_and_fetches_only_what_is_ours(
    path: str, app: Flask, client_as: Callable[[str], FlaskClient]
) -> None:
    account = PAGES[path]
    answer = (client_as(account) if account else app.test_client()).get(path)
    policy = answer.headers["Content-Security-Policy"]
    nonce = re.search(r"script-src 'self' 'nonce-([\w-]{16,})'", policy)
    assert nonce is not None
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy
    for tag, attributes in Markup(answer.text).tags:
        if tag == "style" or (tag == "script"):
            assert attributes.get("nonce") == nonce.group(1), f"{tag} without the nonce of this answer"
        assert "style" not in attributes, f"<{tag} style=…> is not allowed by the policy"
        assert not [name for name in attributes if name.startswith("on")], f"<{tag} on…=…>"
        for name in ("href", "src", "action", "formaction", "data"):
            assert not re.match(r"(?!tel:)[a-z]+:|//", attributes.get(name) or ""), f"{tag} {name}={attributes[name]}"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "same-origin"
    assert "localhost" not in answer.text
    assert not re.search(r"https?://(?!www\.w3\.org/)", answer.text), "a page names another host"


def test_a_nonce_is_used_once(app: Flask) -> None:
    policies = {app.test_client().get("/login").headers["Content-Security-Policy"] for _ in range(3)}
    assert len(policies) == 3


def test_the_map_page_is_light_and_names_no_feature(client_as: Callable[[str], FlaskClient]) -> None:
    page = client_as("district_manager").get("/map").get_data()
    assert len(page) < 150_000
    assert GRID.encode() not in page


def test_names_from_data_never_become_markup(engine: Engine, client_as: Callable[[str], FlaskClient]) -> None:
    evil = "<script>alert(1)</script><img src=x onerror=alert(2)>"
    with transaction(engine) as session:
        outline = session.scalars(select(GridOutline).where(GridOutline.code == GRID)).one()
    with builders.changed(engine, outline, name=evil):
        client = client_as("town_manager")
        card = client.get(f"/map/card/{GRID}").text
        assert evil not in card
        assert "&lt;script&gt;" in card
        export = f"/layers/grids.geojson?purpose=x&area={GRID}"
        for path in (f"/map/search?q={GRID}", f"/map/territory?area={GRID}", export):
            answer = client.get(path)
            assert "json" in answer.mimetype
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "<script>alert" not in client.get(f"/map?area={GRID}&grid={GRID}").text
    page = client_as("town_manager").get("/map?at=%3C/script%3E%3Cscript%3Ealert(3)%3C/script%3E").text
    assert "<script>alert(3)" not in page
