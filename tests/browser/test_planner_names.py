"""A name that is refused while another is being typed waits for its turn in the one dialogue."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, Route, expect
from sqlalchemy import Engine

from tests import fabrics
from tests.browser.conftest import Complaints
from tests.browser.drawing import saved, standing, sums

NUMBER = "王某13800138000"
"""A name that no grid can have: a telephone number is in it."""


@pytest.fixture(scope="module")
def village(engine: Engine) -> Iterator[fabrics.Village]:
    with standing(engine, number=977) as found:
        yield found


def test_what_is_being_typed_stays_when_an_earlier_name_is_refused(desk: Page, complaints: Complaints) -> None:
    page = desk
    held: list[Route] = []
    page.route("**/edits*", lambda route: held.append(route), times=1)
    name, done = page.locator("#plan-grid [name=name]"), page.locator("#plan-grid button[value=ok]")
    page.keyboard.press("n")
    name.fill(NUMBER)
    done.click()
    page.wait_for_function("() => !document.querySelector('#plan-grid').open")
    page.keyboard.press("n")
    name.fill("清河北网格")
    with page.expect_response("**/edits*"):
        held[0].continue_()
    page.wait_for_timeout(300)
    expect(name).to_have_value("清河北网格")
    expect(page.locator("#plan-grid-reason")).to_be_hidden()
    done.click()
    expect(page.locator("#plan-grid-reason")).to_be_visible()
    expect(name).to_have_value(NUMBER)
    name.fill("清河南网格")
    done.click()
    saved(page)
    assert {"清河北网格", "清河南网格"} <= sums(page).keys()
    assert NUMBER not in sums(page)
    complaints.said.clear()
    complaints.refused.clear()
