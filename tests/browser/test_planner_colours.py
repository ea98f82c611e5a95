"""What colours and lines say on the map: a suggestion's grids differ from their neighbours, only the chosen is red."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import Engine

from tests import fabrics
from tests.browser.conftest import Complaints
from tests.browser.drawing import drag, spot, standing
from tests.browser.test_planner_sight import SEEN

RED = (155, 28, 28)
"""The colour of the line around the chosen grid."""
ALIKE = """() => {
  const { mesh, preview, board, previewGrids } = window.wangge.editor, { starts, next } = mesh.next, found = new Set();
  const tint = (id) => (board.grids.get(id) ?? previewGrids.get(id))?.tint;
  for (let cell = 0; cell < mesh.n; cell += 1) {
    for (let at = starts[cell]; at < starts[cell + 1]; at += 1) {
      const [own, other] = [preview[cell], preview[next[at]]];
      if (own !== other && (own < 0 || other < 0) && tint(own) === tint(other)) found.add(`${own} ${other}`);
    }
  }
  return [previewGrids.size, [...found]];
}"""
"""How many grids a suggestion shows, and which neighbours of those that it begins have their colour."""


@pytest.fixture(scope="module")
def village(engine: Engine) -> Iterator[fabrics.Village]:
    with standing(engine, number=978) as found:
        yield found


def test_grids_that_a_suggestion_begins_are_told_from_their_neighbours(desk: Page) -> None:
    desk.click("#tab-suggestions")
    desk.click("#suggest-new")
    lines = desk.locator("#suggestion-list .suggestion")
    expect(lines).to_have_count(3)
    for line in lines.all():
        line.locator(".suggestion-head").click()
        begun, alike = desk.evaluate(ALIKE)
        assert begun >= 1
        assert alike == []


def test_only_the_own_ground_of_a_new_grid_is_outlined_while_the_network_is_gone(
    desk: Page, village: fabrics.Village, complaints: Complaints
) -> None:
    page = desk
    page.context.set_offline(True)
    page.keyboard.press("n")
    page.locator("#plan-grid button[value=ok]").click()
    page.keyboard.press("b")
    at = spot(page, village.cells[14, 1])
    drag(page, at, at)
    page.wait_for_timeout(300)
    ends = [spot(page, village.cells[0, column]) for column in (12, 18)]
    edge = ends[0][1] + (ends[0][1] - spot(page, village.cells[1, 12])[1]) / 2
    assert not any(page.evaluate(SEEN, [[ends[0][0], edge], [ends[1][0], edge], RED])), "the far side of the village"
    page.context.set_offline(False)
    complaints.said.clear()
