"""More tools of a planner: box, lasso, locked ground, cells in no grid, new and retired grids."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import Engine

from tests import fabrics
from tests.browser.conftest import OPEN, PHONE, Complaints
from tests.browser.drawing import choose, drag, ready, row, saved, spot, standing, sums

FIRST, SECOND, THIRD, FOURTH = (f"清河{number:02}网格" for number in (1, 2, 3, 4))


@pytest.fixture(scope="module")
def village(engine: Engine) -> Iterator[fabrics.Village]:
    with standing(engine, number=982) as found:
        yield found


def inside(
    page: Page, village: fabrics.Village, row_: int, columns: tuple[int, int]
) -> tuple[tuple[float, float], ...]:
    """The middles of the first and last cell of a row."""
    return spot(page, village.cells[row_, columns[0]]), spot(page, village.cells[row_, columns[1]])


def test_a_box_takes_the_cells_that_lie_in_it(desk: Page, village: fabrics.Village) -> None:
    page = desk
    choose(page, FOURTH)
    page.keyboard.press("r")
    first, last = inside(page, village, 14, (0, 2))
    drag(page, (first[0] - 2, first[1] - 2), (last[0] + 2, last[1] + 2))
    saved(page)
    row(page, THIRD, 416)
    row(page, FOURTH, 423)


def test_a_lasso_takes_the_cells_that_it_goes_around(desk: Page, village: fabrics.Village) -> None:
    page = desk
    choose(page, FOURTH)
    page.keyboard.press("l")
    (x0, y0), (x1, y1) = inside(page, village, 14, (0, 2))
    page.mouse.move(x0 - 6, y0 - 6)
    page.mouse.down()
    for x, y in ((x1 + 6, y0 - 6), (x1 + 6, y1 + 6), (x0 - 6, y1 + 6), (x0 - 6, y0 - 5)):
        page.mouse.move(x, y, steps=12)
    page.mouse.up()
    saved(page)
    row(page, THIRD, 416)
    row(page, FOURTH, 423)


def test_locked_ground_takes_no_stroke_and_says_so(desk: Page, village: fabrics.Village) -> None:
    page = desk
    before = sums(page)
    choose(page, FOURTH)
    page.keyboard.press("r")
    page.select_option("#plan-action", "lock")
    first, last = inside(page, village, 14, (0, 2))
    drag(page, (first[0] - 2, first[1] - 2), (last[0] + 2, last[1] + 2))
    saved(page)
    page.select_option("#plan-action", "assign")
    drag(page, (first[0] - 2, first[1] - 2), (last[0] + 2, last[1] + 2))
    expect(page.locator("#notices")).to_contain_text("锁定")
    saved(page)
    assert sums(page) == before
    page.reload()
    ready(page)
    assert page.evaluate("() => window.wangge.editor.board.lockedCells.reduce((sum, each) => sum + each, 0)") == 3


def test_cells_in_no_grid_are_found_and_given_to_their_neighbour(desk: Page, village: fabrics.Village) -> None:
    page = desk
    before = sums(page)
    page.click("#plan-eraser")
    page.keyboard.press("[")
    page.keyboard.press("[")
    drag(page, spot(page, village.cells[2, 1]), spot(page, village.cells[2, 1]))
    saved(page)
    assert sums(page)[FIRST] < before[FIRST]
    page.keyboard.press("u")
    expect(page.locator("#plan-piece")).to_contain_text(FIRST)
    page.locator("#plan-piece button.button").click()
    saved(page)
    assert sums(page) == before
    page.keyboard.press("u")
    expect(page.locator("#notices")).to_contain_text("所有地块均已划入网格")


def test_a_grid_is_made_painted_and_another_is_retired(desk: Page, village: fabrics.Village) -> None:
    page = desk
    page.keyboard.press("n")
    dialog = page.locator("#plan-grid")
    expect(dialog.locator("[name=name]")).to_have_value("清河10网格")
    dialog.locator("button[value=ok]").click()
    page.keyboard.press("r")
    first, last = inside(page, village, 14, (0, 2))
    drag(page, (first[0] - 2, first[1] - 2), (last[0] + 2, last[1] + 2))
    saved(page)
    row(page, "清河10网格", 62)
    choose(page, "清河10网格")
    page.click("#grid-retire")
    page.locator("dialog[open] button[value=ok], dialog[open] [data-choice=yes]").first.click()
    saved(page)
    assert "清河10网格" not in sums(page)
    row(page, THIRD, 416)
    page.keyboard.press("Control+z")
    saved(page)
    row(page, "清河10网格", 62)


def test_a_name_that_is_there_already_is_not_taken(desk: Page) -> None:
    desk.keyboard.press("n")
    dialog = desk.locator("#plan-grid")
    dialog.get_by_label("名称").fill(FOURTH)
    dialog.get_by_role("button", name="确定").click()
    expect(dialog).to_be_visible()
    assert FOURTH in desk.evaluate("document.getElementById('grid-name').validationMessage")
    dialog.get_by_label("名称").fill("清河新网格")
    dialog.get_by_role("button", name="确定").click()
    expect(dialog).to_be_hidden()
    expect(desk.locator("#plan-grids")).to_contain_text("清河新网格")


def test_a_refused_name_is_told_and_not_praised(desk: Page, complaints: Complaints) -> None:
    desk.keyboard.press("n")
    dialog = desk.locator("#plan-grid")
    dialog.get_by_label("名称").fill("王某13800138000")
    dialog.get_by_role("button", name="确定").click()
    expect(dialog.get_by_text("系统从不保存此类内容")).to_be_visible()
    expect(dialog.get_by_label("名称")).to_have_value("王某13800138000")
    expect(desk.get_by_text("已建立，请涂入")).to_have_count(0)
    dialog.get_by_label("名称").fill("清河北网格")
    dialog.get_by_role("button", name="确定").click()
    saved(desk)
    desk.reload()
    expect(desk.locator("#plan-grids")).to_contain_text("清河北网格")
    complaints.said.clear()
    complaints.refused.clear()


def test_a_phone_says_that_plans_are_drawn_on_a_wide_screen(desk: Page, visit: OPEN) -> None:
    address = desk.url.replace("http://", "").partition("/")[2]
    expect(desk.locator(".plan-narrow")).to_be_hidden()
    expect(visit(f"/{address}", "planner", PHONE).locator(".plan-narrow")).to_be_visible()


def test_a_second_click_on_a_button_of_a_dialogue_draws_nothing_below_it(desk: Page) -> None:
    desk.keyboard.press("b")
    desk.keyboard.press("n")
    before = sums(desk)
    desk.locator("#plan-grid button[value=ok]").dblclick()
    saved(desk)
    assert {name: total for name, total in sums(desk).items() if name in before} == before


def test_a_suggestion_is_taken_once(desk: Page) -> None:
    desk.get_by_role("tab", name="建议").click()
    desk.click("#suggest-rebalance")
    desk.locator(".suggestion .button-primary").first.dblclick()
    saved(desk)
    expect(desk.locator(".suggestion")).to_have_count(0)
    desk.keyboard.press("Control+z")
    saved(desk)
    expect(desk.locator("#plan-undo")).to_be_disabled()
