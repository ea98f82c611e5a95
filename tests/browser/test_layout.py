"""Nothing overlaps, nothing sticks out, nothing is too small to press: on a desk's screen and on a phone."""

from __future__ import annotations

from itertools import pairwise

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import DESKTOP, OPEN, PHONE, painted

SIZES = {"desktop": DESKTOP, "phone": PHONE}
PAGES = {"/login": None, "/notice/999901100001001": None,
         "/map": "town_manager", "/exports": "town_manager", "/password": "town_manager",
         "/audit": "auditor", "/audit/exports": "auditor", "/users": "sys_admin"}  # fmt: skip
GRID = "999901100001003"
Box = tuple[float, float, float, float]


FOCUSED = """() => {
  const { outlineStyle, boxShadow } = getComputedStyle(document.activeElement);
  return outlineStyle !== "none" || boxShadow !== "none";
}"""
AT_REST = "Promise.all(document.getElementById('rail').getAnimations().map((each) => each.finished)).then(() => null)"
CONTROLS_AT_REST = "Promise.all(document.getAnimations().map((each) => each.finished)).then(() => null)"
SMALL = """() => {
  const all = "#rail button, #rail a, #rail label:has(input), .leaflet-control-zoom a, header.top a";
  return [...document.querySelectorAll(all)]
    .map((one) => [one, one.getBoundingClientRect().height])
    .filter(([one, height]) => one.checkVisibility() && height > 0 && height < 40)
    .map(([one, height]) => `${one.tagName} ${one.id || one.className} "${one.textContent.trim()}" ${height}`);
}"""


def box(page: Page, selector: str) -> Box:
    found = page.locator(selector).first.bounding_box()
    assert found is not None, f"{selector} is not to be seen"
    return found["x"], found["y"], found["x"] + found["width"], found["y"] + found["height"]


def overlap(one: Box, other: Box) -> float:
    """Return the area, in square pixels, that two boxes share."""
    width = min(one[2], other[2]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[1], other[1])
    return max(width, 0) * max(height, 0)


def apart(page: Page, *selectors: str) -> None:
    boxes = {selector: box(page, selector) for selector in selectors if page.locator(selector).first.is_visible()}
    for one in boxes:
        for other in boxes:
            if one < other:
                assert overlap(boxes[one], boxes[other]) < 2, f"{one} {boxes[one]} lies over {other} {boxes[other]}"


def inside(page: Page, selector: str) -> None:
    left, top, right, bottom = box(page, selector)
    size = page.viewport_size or DESKTOP
    assert left >= -1, f"{selector} begins left of the screen"
    assert right <= size["width"] + 1, f"{selector} ends right of the screen"
    assert top >= -1
    assert bottom <= size["height"] + 1, f"{selector} ends below the screen"


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("path", PAGES)
def test_a_page_fits_its_width(path: str, size: str, visit: OPEN) -> None:
    page = visit(path, PAGES[path], SIZES[size])
    wide = page.evaluate("document.documentElement.scrollWidth")
    assert wide <= SIZES[size]["width"], f"{path} is {wide} px wide"


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_parts_of_the_map_page_lie_side_by_side(language: str, visit: OPEN) -> None:
    page = visit("/map")
    if language == "en":
        page.get_by_role("button", name="English").first.click()
        painted(page)
    apart(page, ".synthetic", "header.top", "#rail", "#figures", ".map-holder")
    apart(page, ".rail-top", ".rail-scroll", "#legend", ".rail-actions")
    apart(page, ".leaflet-control-zoom", ".leaflet-control-scale")
    for part in ("header.top", "#rail", "#figures", ".map-holder", "#legend", ".rail-actions"):
        inside(page, part)
    left, top, right, bottom = box(page, ".map-holder")
    assert (right - left) * (bottom - top) > 0.6 * 1366 * 768, "the map is not the largest thing on the page"
    assert page.evaluate("document.documentElement.scrollHeight") <= 768


def test_the_rail_can_be_used_with_the_list_of_villages_open(visit: OPEN) -> None:
    page = visit("/map")
    page.click("#children-toggle")
    apart(page, ".rail-top", ".rail-scroll", "#legend", ".rail-actions")
    _left, top, _right, bottom = box(page, ".rail-scroll")
    assert bottom - top > 200
    page.locator("#children a").first.click()
    painted(page)
    expect(page.locator("#children")).to_be_hidden()


def test_the_day_lies_beside_card_and_controls(visit: OPEN) -> None:
    page = visit(f"/map?grid={GRID}&date=2026-10-01")
    page.get_by_role("button", name="English").first.click()
    painted(page)
    expect(page.locator("#card")).to_contain_text(GRID)
    page.evaluate(CONTROLS_AT_REST)
    apart(page, "#day-chip", "#card", ".leaflet-control-zoom", ".leaflet-bar .home")


def test_an_open_card_covers_neither_rail_nor_controls(visit: OPEN) -> None:
    page = visit(f"/map?grid={GRID}")
    expect(page.locator("#card")).to_contain_text(GRID)
    apart(page, "#card", "#rail", "#figures", "header.top")
    apart(page, "#card", ".leaflet-control-zoom")
    inside(page, "#card")


def test_on_a_phone_the_map_stands_alone_and_the_rail_is_a_sheet(visit: OPEN) -> None:
    page = visit("/map", size=PHONE)
    apart(page, ".synthetic", "header.top", "#figures", ".rail-handle")
    apart(page, ".leaflet-control-zoom", ".leaflet-control-scale", ".rail-handle")
    for part in ("header.top", ".rail-handle", ".leaflet-control-zoom", ".leaflet-control-scale"):
        inside(page, part)
    _left, top, _right, bottom = box(page, ".map-holder")
    assert bottom - top > 400
    page.locator(".rail-handle").tap()
    expect(page.locator("#search")).to_be_visible()
    page.evaluate(AT_REST)
    inside(page, "#search")
    apart(page, "#themes", "#measures", "#layers")


def test_on_a_phone_everything_can_be_pressed(visit: OPEN) -> None:
    page = visit("/map", size=PHONE)
    page.locator(".rail-handle").tap()
    page.evaluate(AT_REST)
    small = page.evaluate(SMALL)
    assert small == []


def test_on_a_phone_a_tap_opens_the_card_from_below(visit: OPEN) -> None:
    page = visit(f"/map?grid={GRID}", size=PHONE)
    expect(page.locator("#card")).to_contain_text(GRID)
    left, top, right, bottom = box(page, "#card")
    assert left <= 1
    assert right >= 389
    assert 843 <= bottom <= 845
    assert top > 200, "the map is still to be seen above the card"
    page.locator("#card-close").tap()
    expect(page.locator("#card")).to_be_hidden()


def test_on_a_phone_the_card_begins_with_the_open_cases(visit: OPEN) -> None:
    page = visit(f"/map?grid={GRID}", size=PHONE)
    expect(page.locator("#card")).to_contain_text(GRID)
    heads = page.locator("#card section h2").all_inner_texts()
    cases, coverage = (next(i for i, head in enumerate(heads) if word in head) for word in ("在办案件", "覆盖"))
    assert cases < coverage


def test_on_a_phone_exports_stand_below_each_other(visit: OPEN) -> None:
    page = visit("/exports", size=PHONE)
    assert page.evaluate("document.querySelector('.table-scroll').scrollWidth") <= 390
    cells = page.locator(".table tbody tr").first.locator("td")
    boxes = [each.bounding_box() for each in cells.all()]
    assert all(one and other and one["y"] + one["height"] <= other["y"] for one, other in pairwise(boxes))


def test_the_focus_can_be_seen(visit: OPEN) -> None:
    page = visit("/login", None)
    expect(page.locator("#name")).to_be_focused()
    for keys in ("Tab", "Tab", "Shift+Tab", "Shift+Tab", "Shift+Tab"):
        page.keyboard.press(keys)
        seen = page.evaluate(FOCUSED)
        assert seen, page.evaluate("document.activeElement.outerHTML.slice(0, 80)")


@pytest.mark.parametrize("path", ["/map", "/exports", "/login"])
def test_text_stands_out_from_its_ground(path: str, visit: OPEN) -> None:
    page = visit(path, PAGES[path])
    faint = page.evaluate(CONTRAST)
    assert faint == []


CONTRAST = """() => {
  const channel = (v) => (v /= 255) <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
  const light = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
  const parse = (text) => text.match(/[\\d.]+/g).map(Number);
  const ground = (one) => {
    for (let at = one; at; at = at.parentElement) {
      const colour = parse(getComputedStyle(at).backgroundColor);
      if (colour.length === 3 || colour[3] > 0.9) return colour;
      if (getComputedStyle(at).backgroundImage !== "none") return null;
    }
    return [255, 255, 255];
  };
  const skipped = "[disabled], .leaflet-pane, .visually-hidden";
  const shown = (one) => one.checkVisibility({ opacityProperty: true, visibilityProperty: true });
  const wrong = new Set();
  for (const one of document.querySelectorAll("body *")) {
    const own = [...one.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim());
    if (!own || !shown(one) || one.getBoundingClientRect().width < 2 || one.closest(skipped)) continue;
    const back = ground(one), { color, fontSize, fontWeight } = getComputedStyle(one);
    if (!back) continue;
    const [a, b] = [light(parse(color)), light(back)].sort((x, y) => y - x), ratio = (a + 0.05) / (b + 0.05);
    const size = parseFloat(fontSize), large = size >= 24 || (size >= 18.6 && Number(fontWeight) >= 700);
    const text = one.textContent.trim().slice(0, 20);
    if (ratio < (large ? 3 : 4.5) - 0.05) wrong.add(`${one.tagName}.${one.className} "${text}" ${ratio.toFixed(2)}`);
  }
  return [...wrong];
}"""


def test_the_navigation_of_a_phone_shows_where_one_is(visit: OPEN) -> None:
    """The entry of the page that is shown lies in sight, however far behind in the row it stands."""
    page = visit("/volunteers/", size=PHONE)
    left, right = page.evaluate(
        "(() => { const box = document.querySelector('.nav [aria-current]').getBoundingClientRect();"
        " const row = document.querySelector('.nav').getBoundingClientRect();"
        " return [box.left - row.left, row.right - box.right]; })()"
    )
    assert left >= -1
    assert right >= -1


def test_no_grey_tile_where_a_figure_is_missing(visit: OPEN) -> None:
    page = visit("/forces/", size=PHONE)
    painted = "each => getComputedStyle(each).backgroundColor"
    behind = page.locator(".figures-row").evaluate(painted)
    assert behind == page.locator(".sheet").first.evaluate(painted), "an empty place looks like paper"
