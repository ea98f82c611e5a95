"""A form that a page sends by script is told where to go, or what to mend, and loses nothing."""

from __future__ import annotations

from collections.abc import Callable

from flask.testing import FlaskClient

JSON_ONLY = {"Accept": "application/json"}


def test_a_refusal_is_a_sentence_and_a_success_an_address(client_as: Callable[[str], FlaskClient]) -> None:
    client = client_as("planner")
    refused = client.post(
        "/plans/", data={"area": "999901100001", "name": "x", "low": "9", "high": "2"}, headers=JSON_ONLY
    )
    assert refused.status_code == 400
    assert refused.get_json()["error"]
    said = client.post("/password", data={"current": "x", "new": "y", "again": "z"}, headers=JSON_ONLY)
    assert said.status_code == 400


def test_a_browser_without_scripts_is_led_on_as_ever(client_as: Callable[[str], FlaskClient]) -> None:
    page = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
    answer = client_as("planner").post("/language/zh", headers=page)
    assert answer.status_code == 302
    told = client_as("planner").post("/language/zh", headers=JSON_ONLY)
    assert (told.status_code, told.get_json()) == (200, {"to": "/"})


def test_who_is_logged_out_is_told_in_the_form(client_as: Callable[[str], FlaskClient]) -> None:
    client = client_as("planner")
    client.delete_cookie("session")
    answer = client.post("/plans/", data={"name": "x"}, headers=JSON_ONLY)
    assert answer.status_code == 401
    assert answer.get_json()["error"]
