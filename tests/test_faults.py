"""What went wrong is told in a sentence, in the user's language, and never gives away its cause."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from gis.database import connect
from gis.settings import Settings
from tests.conftest import NOW
from webapp import create_app, login, maps

CHINESE = re.compile("[\u4e00-\u9fff]")
WRONG = {
    "/map/figures?date=2026-13-01": 400,
    "/map/figures?date=gestern": 400,
    "/map/figures?area=12345": 400,
    "/map/figures?area=999902001001001": 404,
    "/map/figures?theme=weather": 404,
    "/layers/grids.geojson?bbox=1,2,3": 400,
    "/layers/grids.geojson?bbox=120,33,119,32": 400,
    "/layers/grids.geojson?bbox=nan,nan,nan,nan": 400,
    "/layers/grids.geojson?colour=red": 404,
    "/layers/organisations.geojson?tier=high": 400,
    "/layers/cases.geojson?title=x": 400,
    "/layers/grids.docx": 404,
    "/layers/residents.geojson": 404,
    "/layers/households.geojson": 403,
    "/tiles/households/16/1/1.mvt": 403,
    "/areas/999909000000": 404,
    "/no/such/page": 404,
    "/users": 403,
}
"""Address → status for the town manager."""


def sentence(client: FlaskClient, path: str) -> tuple[int, str]:
    answer = client.get(path)
    if answer.is_json:
        return answer.status_code, answer.get_json()["error"]
    found = re.search(r"<main.*?</main>", answer.text, re.S)
    assert found is not None, answer.text
    return answer.status_code, re.sub(r"\s+", " ", re.sub("<[^>]+>", " ", found.group())).strip()


@pytest.fixture
def in_english(client_as: Callable[[str], FlaskClient]) -> FlaskClient:
    client = client_as("town_manager")
    client.post("/language/en")
    return client


@pytest.mark.parametrize("path", WRONG)
def test_a_wrong_address_is_answered_with_a_sentence_in_both_languages(
    path: str, client_as: Callable[[str], FlaskClient], in_english: FlaskClient
) -> None:
    status, chinese = sentence(client_as("town_manager"), path)
    again, english = sentence(in_english, path)
    assert (status, again) == (WRONG[path], WRONG[path])
    assert CHINESE.search(chinese), f"not Chinese: {chinese}"
    assert not CHINESE.search(english), f"not English: {english}"
    assert len(english) > 20
    assert "%(" not in chinese + english


def test_a_cause_is_never_given_away(
    app: Flask, client_as: Callable[[str], FlaskClient], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_given: object) -> None:
        raise RuntimeError("SELECT secret FROM vault")

    monkeypatch.setattr(maps, "config_of", broken)
    answer = client_as("town_manager").get("/map")
    assert answer.status_code == 500
    assert "vault" not in answer.text
    assert "RuntimeError" not in answer.text
    assert CHINESE.search(answer.text)


def test_a_failed_statement_ends_in_a_page_too(
    client_as: Callable[[str], FlaskClient], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(session: Session, *_given: object) -> None:
        session.execute(text("SELECT 1 / 0"))

    monkeypatch.setattr(maps, "config_of", broken)
    answer = client_as("town_manager").get("/map")
    assert answer.status_code == 500
    assert "division" not in answer.text
    assert CHINESE.search(answer.text)
    monkeypatch.undo()
    assert client_as("town_manager").get("/map").status_code == 200


@pytest.fixture
def without_database(settings: Settings) -> Iterator[Flask]:
    engine = connect("postgresql+psycopg2://nobody@127.0.0.1:1/nothing")
    yield create_app(settings, engine, now=lambda: NOW)
    engine.dispose()


def test_while_the_database_is_down_every_page_says_so(
    without_database: Flask, client_as: Callable[[str], FlaskClient], cookies: dict[str, str]
) -> None:
    client_as("town_manager")
    for path in ("/healthz", "/map", "/map/figures", "/tiles/grids/14/1/1.mvt", "/layers/grids.geojson", "/exports"):
        client = without_database.test_client()
        client.set_cookie("session", cookies["town_manager"])
        status, told = sentence(client, path)
        assert status == 503, path
        assert CHINESE.search(told)
        assert "127.0.0.1" not in told


def test_the_log_in_page_stands_without_a_database(without_database: Flask) -> None:
    client = without_database.test_client()
    assert client.get("/login").status_code in (200, 503)
    with client.get("/static/css/base.css") as style:
        assert style.status_code == 200


def test_healthz_says_that_all_is_well(app: Flask) -> None:
    answer = app.test_client().get("/healthz")
    assert (answer.status_code, answer.get_json()) == (200, {"status": "ok"})


def test_chinese_is_the_default_and_english_is_kept(app: Flask) -> None:
    client = app.test_client()
    assert 'lang="zh-CN"' in client.get("/login", headers={"Accept-Language": "de"}).text
    assert client.post("/language/en").status_code == 302
    assert 'lang="en"' in client.get("/login").text
    client.post("/language/tlh")
    assert 'lang="zh-CN"' in client.get("/login").text


def test_too_many_tries_are_slowed_down(
    settings: Settings, app_engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(login.limiter, "enabled", True)
    app = create_app(settings, app_engine, now=lambda: NOW)
    app.config["WTF_CSRF_ENABLED"] = False
    client = app.test_client()
    answers = [client.post("/login", data={"name": "", "password": "x"}).status_code for _ in range(22)]
    assert answers[0] == 400
    assert answers[-1] == 429
