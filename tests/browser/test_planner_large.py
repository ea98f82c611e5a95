"""A village of 5,000 cells and 200 grids in the browser: strokes follow the hand; `make bench` measures how fast."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page
from sqlalchemy import Engine

from gis.database import transaction
from tests import fabrics
from tests.browser.drawing import choose, clear, large, ready, saved, stroke, sums, watch


@pytest.fixture(scope="module")
def village(engine: Engine) -> Iterator[fabrics.Village]:
    with transaction(engine) as session:
        found = large(session)
    yield found
    clear(engine, found.code)


def test_a_stroke_in_a_large_village_is_shown_with_its_sums_while_the_hand_moves_and_is_kept(
    desk: Page, village: fabrics.Village
) -> None:
    page = desk
    assert len(village.grids) >= 200
    before = sums(page)
    assert sum(before.values()) == int(village.households.sum())
    choose(page, "清河100网格")
    watch(page)
    told = stroke(page, int(village.cells[40, 20]))
    assert len(told["stroke"]) > 20
    assert len(told["sums"]) > 5
    saved(page)
    after = sums(page)
    assert after["清河100网格"] > before["清河100网格"]
    assert sum(after.values()) == sum(before.values())
    page.reload()
    ready(page)
    assert sums(page) == after
