"""What a form did is shown at once, also when its answer leads to a place on the same page."""

from __future__ import annotations

from playwright.sync_api import expect
from sqlalchemy import Engine

from tests.browser.conftest import OPEN
from tests.leftovers import swept


def test_a_limit_that_was_set_stands_on_the_page_and_one_that_ended_does_not(visit: OPEN, engine: Engine) -> None:
    with swept(engine):
        page = visit("/duties", "district_manager")
        page.fill("#s-amount", "3")
        page.select_option("#s-urgency", "urgent")
        page.locator("#stages form:has(#s-amount) button").click()
        expect(page.locator(".message-success")).to_be_visible()
        row = page.locator("#stages tbody tr", has_text="3 个工作小时")
        expect(row).to_have_count(1)
        row.locator("button").click()
        expect(row).to_have_count(0)
        expect(page.locator(".message-success")).to_be_visible()
