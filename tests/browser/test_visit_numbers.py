"""The numbers above a round are those of a reload, whatever was recorded or taken back since."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import OPEN, PHONE
from tests.browser.test_visits import forgotten, ready

__all__ = ["forgotten"]


@pytest.mark.parametrize(("path", "gone"), [("/visits/", {"due": 1}), ("/care/", {"due": 1, "late": 1})])
def test_the_numbers_on_top_follow_each_visit_as_a_reload_would(visit: OPEN, path: str, gone: dict[str, int]) -> None:
    page = visit(path, "grid_worker", PHONE)
    ready(page)

    def numbers() -> dict[str, int]:
        found = page.locator("[data-count]").all()
        for each in found:
            expect(each).to_have_text(re.compile(r"\d"))
        return {str(each.get_attribute("data-count")): int(each.inner_text().replace(",", "")) for each in found}

    before = numbers()
    page.locator(".call [data-result=met]").first.tap()
    for name, less in gone.items():
        for each in page.locator(f"[data-count={name}]").all():
            expect(each).to_have_text(f"{before[name] - less:,}")
    after = numbers()
    if "today" in before:
        assert after["today"] == before["today"] + 1
    page.reload()
    assert numbers() == after
    page.locator(".call [data-undo]:visible").first.tap() if path == "/care/" else page.goto(f"{path}?show=today")
    ready(page)
    if path == "/visits/":
        page.locator("[data-undo]").first.tap()
    for name, number in before.items():
        expect(page.locator(f"[data-count={name}]").first).to_have_text(f"{number:,}")
