"""One planner, two tabs: what one of them is drawing is not sent by the other."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page
from sqlalchemy import Engine

from tests import fabrics
from tests.browser.drawing import choose, drag, ready, row, saved, spot, standing, sums

THIRD, FOURTH = "清河03网格", "清河04网格"


@pytest.fixture(scope="module")
def village(engine: Engine) -> Iterator[fabrics.Village]:
    with standing(engine, number=981) as found:
        yield found


def test_a_second_tab_leaves_the_stroke_that_is_being_drawn_alone(desk: Page, village: fabrics.Village) -> None:
    page = desk
    page.keyboard.press("[")
    page.keyboard.press("[")
    choose(page, FOURTH)
    drag(page, spot(page, village.cells[14, 0]), spot(page, village.cells[14, 0]), release=False)
    page.wait_for_timeout(700)  # the sketch is kept
    other = page.context.new_page()
    other.goto(page.url)
    ready(other)
    other.wait_for_timeout(700)
    assert sums(other)[THIRD] == 478
    other.close()
    page.bring_to_front()
    page.mouse.move(*spot(page, village.cells[14, 2]), steps=6)
    page.mouse.up()
    saved(page)
    page.reload()
    ready(page)
    row(page, THIRD, 416)
