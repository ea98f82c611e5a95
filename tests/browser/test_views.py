"""View and paper: an address brings its picture back, a territory fills the map, paper explains what it shows."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import OPEN, painted
from tests.browser.test_paths import GRID, query

VIEW = """() => {
  const map = window[Object.keys(window).find((name) => /^map_[0-9a-f]{32}$/.test(name))];
  const { lat, lng } = map.getCenter();
  return [map.getZoom(), lat, lng].map((each) => Number(each.toFixed(3)));
}"""
SHARE = """async (code) => {
  const { bounds } = await (await fetch(`/map/territory?area=${code}`)).json();
  const map = window[Object.keys(window).find((name) => /^map_[0-9a-f]{32}$/.test(name))];
  const box = L.bounds(bounds.map((corner) => map.latLngToContainerPoint(corner)));
  const size = map.getSize(), all = L.bounds([0, 0], size);
  return all.contains(box) ? Math.max(box.getSize().x / size.x, box.getSize().y / size.y) : 0;
}"""
VEIL = """async (code) => {
  const { bounds } = await (await fetch(`/map/territory?area=${code}`)).json();
  const map = window[Object.keys(window).find((name) => /^map_[0-9a-f]{32}$/.test(name))];
  const [canvas] = [...document.querySelectorAll(".wangge-overlay")].sort((a, b) => a.style.zIndex - b.style.zIndex);
  const box = canvas.getBoundingClientRect(), frame = map.getContainer().getBoundingClientRect();
  const alpha = ({ x, y }) => canvas.getContext("2d").getImageData(
    (frame.x + x - box.x) * canvas.width / box.width, (frame.y + y - box.y) * canvas.height / box.height, 1, 1).data[3];
  return [alpha({ x: 4, y: 4 }), alpha(map.latLngToContainerPoint(L.latLngBounds(bounds).getCenter()))];
}"""
TOWN = "999901100000"
FOLDED = ("buildings", "cases", "service_points", "organisations", "volunteers")


@pytest.fixture
def on_map(visit: OPEN) -> Page:
    return visit("/map")


def test_every_step_back_brings_its_own_view(on_map: Page) -> None:
    page = on_map
    town, title = page.evaluate(VIEW), page.title()
    if page.locator("#children").is_hidden():
        page.click("#children-toggle")
    page.locator("#children a", has_text="海棠苑社区").click()
    expect(page.locator("#area-name")).to_have_text("海棠苑社区")
    page.wait_for_url("**at=**")
    painted(page)
    village = page.evaluate(VIEW)
    assert village != town
    page.fill("#search", "999901100201")
    page.locator("#search-list [role=option]").first.click()
    page.wait_for_url("**area=999901100201**at=**")
    painted(page)
    for wanted, go in ((village, page.go_back), (town, page.go_back), (village, page.go_forward)):
        go()
        painted(page)
        assert page.evaluate(VIEW) == wanted
        page.reload()
        painted(page)
        assert page.evaluate(VIEW) == wanted
    page.go_back()
    painted(page)
    assert page.title() == title


@pytest.mark.parametrize("at", ["99/0/0", "12/0/0", "0/30/120", "14/95/400", "somewhere"])
def test_an_impossible_view_falls_back_to_the_territory(at: str, visit: OPEN) -> None:
    page = visit(f"/map?at={at}")
    assert page.evaluate(SHARE, TOWN) > 0.75, "the town does not fill the map"
    assert query(page)["at"] != at


def test_the_way_back_to_the_territory(on_map: Page) -> None:
    page = on_map
    town = page.evaluate(VIEW)
    for _each in range(12):
        page.keyboard.press("ArrowLeft")
    painted(page)
    page.locator(".leaflet-container").focus()
    page.get_by_role("button", name="回到望潮镇").click()
    painted(page)
    assert page.evaluate(SHARE, TOWN) > 0.75
    assert page.evaluate(VIEW)[0] == town[0]


def test_paper_shows_every_colour_that_is_drawn(on_map: Page) -> None:
    page = on_map
    at = query(page)["at"].split("/")
    page.goto(f"/map?layers=areas,grids,{','.join(FOLDED)}&at=17/{at[1]}/{at[2]}")
    painted(page)
    folds, folded = page.locator("#legend details"), page.locator("#legend details:not([open])")
    assert folded.count() > 0
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert folds.count() > 0
    assert folded.count() == 0
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert folded.count() > 0


def test_what_lies_outside_the_territory_is_veiled(on_map: Page) -> None:
    outside, inside = on_map.evaluate(VEIL, GRID)
    assert outside > 200
    assert inside == 0
    on_map.uncheck("#layer-areas")
    painted(on_map)
    assert on_map.evaluate(VEIL, GRID) == [0, 0], "without the areas nothing says what lies outside"
