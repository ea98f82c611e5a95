"""A planner at work in a real browser: paint, push, split, undo; a crash, a dead network and a second planner."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Error, Page, expect
from sqlalchemy import Engine

from tests import fabrics
from tests.browser.conftest import OPEN, PHONE, Complaints
from tests.browser.drawing import choose, drag, ready, row, saved, spot, standing, sums
from tests.gis.plans.test_names import CASES

THIRD, FOURTH, SEVENTH = "清河03网格", "清河04网格", "清河07网格"


@pytest.fixture(scope="module")
def village(engine: Engine) -> Iterator[fabrics.Village]:
    with standing(engine, number=984) as found:
        yield found


@pytest.fixture
def desk(desk: Page) -> Page:
    desk.keyboard.press("[")
    desk.keyboard.press("[")
    return desk


def border(
    page: Page, village: fabrics.Village
) -> tuple[tuple[float, float], tuple[float, float], tuple[float, float]]:
    """Return a place on the line between 03 and 04, and the first and last of three cells of 03 beside it."""
    first, last = spot(page, village.cells[14, 0]), spot(page, village.cells[14, 2])
    above = spot(page, village.cells[15, 0])
    return [(first[0], (first[1] + above[1]) / 2), first, last]


def test_a_stroke_shows_its_sums_is_saved_and_undone(desk: Page, village: fabrics.Village) -> None:
    page = desk
    before = sums(page)
    assert list(before.values()) == list(fabrics.HOUSEHOLDS)
    choose(page, FOURTH)
    drag(page, spot(page, village.cells[14, 0]), spot(page, village.cells[14, 2]), release=False)
    expect(page.locator("#plan-strip")).to_contain_text("423")
    page.mouse.up()
    saved(page)
    row(page, THIRD, 416)
    row(page, FOURTH, 423)
    page.reload()
    ready(page)
    assert (sums(page)[THIRD], sums(page)[FOURTH]) == (416, 423)
    page.keyboard.press("Control+z")
    row(page, THIRD, 478)
    saved(page)
    assert sums(page) == before
    page.keyboard.press("Control+y")
    row(page, FOURTH, 423)


def test_scenario_1_a_border_is_pushed_and_escape_puts_it_back(desk: Page, village: fabrics.Village) -> None:
    page = desk
    before = sums(page)
    page.keyboard.press("p")
    line, first, last = border(page, village)
    drag(page, line, first, release=False)
    page.mouse.move(*last, steps=6)
    expect(page.locator("#plan-strip")).to_contain_text("416")
    expect(page.locator("#plan-strip")).to_contain_text("423")
    page.keyboard.press("Escape")
    page.mouse.up()
    assert sums(page) == before
    drag(page, line, first, release=False)
    page.mouse.move(*last, steps=6)
    page.mouse.up()
    saved(page)
    assert (sums(page)[THIRD], sums(page)[FOURTH]) == (416, 423)
    page.keyboard.press("Control+z")
    row(page, THIRD, 478)


def test_scenario_2_a_grid_is_split_by_a_line_named_merged_and_all_undone(desk: Page, village: fabrics.Village) -> None:
    page = desk
    before = sums(page)
    page.keyboard.press("x")
    (x0, y0), (x1, y1) = spot(page, village.cells[10, 11]), spot(page, village.cells[9, 21])
    drag(page, (x0 - 40, (y0 + y1) / 2), (x1 + 40, (y0 + y1) / 2))
    saved(page)
    parts = sorted(value for name, value in sums(page).items() if before.get(name) != value)
    assert sum(parts) == 742
    assert all(300 <= part <= 500 for part in parts)
    page.keyboard.press("e")
    page.fill("#grid-name", "<img src=x onerror=alert(1)>")
    page.keyboard.press("Enter")
    expect(page.locator("#plan-grids")).to_contain_text("<img src=x onerror=alert(1)>")
    page.keyboard.press("m")
    page.click("#plan-merge button[value=ok]")
    saved(page)
    assert len(sums(page)) == 9
    for _ in range(3):
        page.keyboard.press("Control+z")
    expect(page.locator("#plan-grids tr")).to_have_count(9)
    row(page, SEVENTH, 742)
    saved(page)
    assert sums(page) == before


def test_what_is_refused_is_said_in_the_form_and_what_was_typed_stays(
    visit: OPEN, village: fabrics.Village, complaints: Complaints
) -> None:
    page = visit("/plans/", "planner")
    page.select_option("#plan-area", village.code)
    page.fill("#plan-name", "春天的方案")
    page.fill("#plan-low", "900")
    page.click("#new button[type=submit]")
    expect(page.locator("#new .message-error")).to_be_focused()
    expect(page.locator("#plan-name")).to_have_value("春天的方案")
    expect(page.locator("#new button[type=submit]")).to_be_enabled()
    assert [told[:4] for told in complaints.refused] == ["400 "]
    complaints.refused.clear()
    complaints.said.clear()
    page.fill("#plan-low", "300")
    page.click("#new button[type=submit]")
    ready(page)


def test_scenario_8_a_stroke_outlives_a_crash_of_the_page(desk: Page, village: fabrics.Village) -> None:
    page = desk
    address, context = page.url, page.context
    choose(page, FOURTH)
    drag(page, spot(page, village.cells[14, 0]), spot(page, village.cells[14, 2]), release=False)
    page.wait_for_timeout(400)
    with pytest.raises(Error):
        page.goto("chrome://crash", timeout=3000)
    page.close()
    again = context.new_page()
    again.goto(address)
    ready(again)
    row(again, FOURTH, 423)
    saved(again)
    again.reload()
    ready(again)
    assert sums(again)[FOURTH] == 423, "the server has it"


def test_strokes_wait_for_a_dead_network_and_are_sent_once(
    desk: Page, village: fabrics.Village, complaints: Complaints
) -> None:
    page = desk
    choose(page, FOURTH)
    page.context.set_offline(True)
    for column in range(3):
        drag(page, spot(page, village.cells[14, column]), spot(page, village.cells[14, column]))
    expect(page.locator("#plan-state")).to_contain_text("3")
    row(page, FOURTH, 423)
    page.context.set_offline(False)
    saved(page)
    complaints.said.clear()
    page.reload()
    ready(page)
    assert sums(page)[FOURTH] == 423
    for households in (402, 381, 361):
        page.keyboard.press("Control+z")
        row(page, FOURTH, households)


def test_scenario_8_two_planners_merge_and_are_asked_where_they_meet(
    desk: Page, village: fabrics.Village, visit: OPEN, complaints: Complaints
) -> None:
    page, other = desk, visit(desk.url, "planner")
    ready(other)
    for each in (page, other):
        each.evaluate("window.wangge.editor.status.look = () => {}")
        each.evaluate("window.wangge.editor.brush = 2")
    choose(page, FOURTH)
    drag(page, spot(page, village.cells[14, 0]), spot(page, village.cells[14, 0]))
    saved(page)
    choose(other, "清河02网格")
    drag(other, spot(other, village.cells[10, 4]), spot(other, village.cells[10, 4]))
    saved(other)
    row(other, FOURTH, 381)
    drag(page, spot(page, village.cells[14, 2]), spot(page, village.cells[14, 2]))
    saved(page)
    drag(other, spot(other, village.cells[14, 2]), spot(other, village.cells[14, 2]))
    dialog = other.locator("#plan-clash")
    expect(dialog).to_be_visible()
    expect(dialog.locator("tbody")).to_contain_text(THIRD)
    expect(dialog.locator("tbody")).to_contain_text(FOURTH)
    expect(dialog.locator("tbody td").nth(1)).to_have_text("21")
    dialog.locator("[data-choice=theirs]").click()
    saved(other)
    row(other, FOURTH, 402)
    drag(page, spot(page, village.cells[14, 1]), spot(page, village.cells[14, 1]))
    saved(page)
    drag(other, spot(other, village.cells[14, 1]), spot(other, village.cells[14, 1]))
    number = page.url
    dialog.locator("[data-choice=fork]").click()
    other.wait_for_url(lambda url: url.split("?")[0] != number.split("?")[0])
    ready(other)
    saved(other)
    assert sums(other)["清河02网格"] > sums(page)["清河02网格"], "what was drawn last lives on in the branch"
    said = [told for told in complaints.refused if told.startswith("409 ")]
    assert len(said) == 2
    complaints.refused = [told for told in complaints.refused if told not in said]
    complaints.said = [told for told in complaints.said if "409" not in told]


def test_scenario_6_a_piece_that_is_cut_off_is_found_and_given_to_its_neighbour(
    desk: Page, village: fabrics.Village
) -> None:
    page = desk
    choose(page, "清河01网格")
    drag(page, spot(page, village.cells[18, 18]), spot(page, village.cells[18, 18]))
    saved(page)
    page.click("#tab-findings")
    expect(page.locator("#plan-findings")).to_contain_text("E3")
    page.click("#find-pieces")
    page.locator("#plan-piece button.button").click()
    saved(page)
    expect(page.locator("#plan-findings")).not_to_contain_text("E3")


def test_a_suggestion_is_looked_at_before_it_is_taken(desk: Page) -> None:
    page = desk
    before = sums(page)
    choose(page, SEVENTH)
    page.click("#tab-suggestions")
    page.click("#suggest-split")
    first = page.locator("#suggestion-list .suggestion").first
    expect(first).to_be_visible()
    assert sums(page) == before, "nothing changes before it is taken"
    first.locator(".button").click()
    saved(page)
    assert len(sums(page)) == 10
    expect(page.locator("#notices")).to_contain_text("已采用")
    page.keyboard.press("Control+z")
    expect(page.locator("#plan-grids tr")).to_have_count(9)
    assert "已采用" not in page.locator("#notices").inner_text(), "what was taken back is not said to be taken"
    saved(page)
    assert sums(page) == before


def test_everything_goes_by_the_keyboard(desk: Page) -> None:
    page = desk
    before = sums(page)
    page.keyboard.press(".")
    page.keyboard.press("b")
    page.locator(".leaflet-container").focus()
    page.keyboard.press("Enter")
    saved(page)
    assert sums(page) != before
    page.keyboard.press("Control+z")
    saved(page)
    page.keyboard.press("?")
    expect(page.locator("#shortcuts")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("d")
    expect(page.locator("#plan-compare")).to_have_attribute("aria-pressed", "true")


def test_who_only_views_has_no_tools_and_a_phone_neither(desk: Page, visit: OPEN) -> None:
    address = desk.url
    reader = visit(address, "town_manager")
    ready(reader)
    expect(reader.locator("[data-tool=brush]")).to_have_count(0)
    expect(reader.locator("#plan-state")).to_have_attribute("data-state", "readonly")
    phone = visit(address, "planner", PHONE)
    ready(phone)
    expect(phone.locator(".plan-tools")).to_be_hidden()
    assert phone.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


def test_a_new_name_goes_on_in_the_style_of_the_others(desk: Page) -> None:
    ask = "(names) => import('/static/js/plan/names.js').then((module) => module.nextName(names))"
    for names, expected in CASES.items():
        assert desk.evaluate(ask, list(names)) == expected
    assert desk.evaluate(ask, ["东岸", "西岸"]) is None


def test_there_is_a_word_when_nothing_is_left_to_undo_and_what_an_undo_did_to_a_lock(desk: Page) -> None:
    page = desk
    page.keyboard.press("Control+z")
    expect(page.locator("#notices")).to_contain_text("您没有可撤销的操作")
    choose(page, THIRD)
    page.keyboard.press("k")
    saved(page)
    page.keyboard.press("Control+z")
    expect(page.locator("#notices")).to_contain_text(f"已撤销：{THIRD}")
