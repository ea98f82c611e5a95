"""The main paths, walked in a real browser: log in, look, drill down, click, switch, search, export, log out."""

from __future__ import annotations

import json
import re
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import OPEN, Complaints, painted
from tests.conftest import PASSWORD

VILLAGE, GRID = "999901100001", "999901100001003"
COLOURS = """() => {
  const seen = new Set();
  for (const canvas of document.querySelectorAll("canvas.vector-tile")) {
    const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    for (let i = 0; i < data.length; i += 4) {
      if (data[i + 3] > 200) seen.add(data[i] << 16 | data[i + 1] << 8 | data[i + 2]);
    }
  }
  return [...seen];
}"""


def query(page: Page) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(page.url).query).items()}


SPOT = """async (code) => {
  const { bounds } = await (await fetch(`/map/territory?area=${code}`)).json();
  const name = Object.keys(window).find((name) => /^map_[0-9a-f]{32}$/.test(name));
  const map = window[name], box = map.getContainer().getBoundingClientRect();
  const { x, y } = map.latLngToContainerPoint(L.latLngBounds(bounds).getCenter());
  return [box.x + x, box.y + y];
}"""


def spot(page: Page, code: str) -> tuple[float, float]:
    """Return where the middle of an area lies on the screen."""
    x, y = page.evaluate(SPOT, code)
    return x, y


def test_logging_in_takes_the_right_password_only(visit: OPEN, complaints: Complaints) -> None:
    page = visit("/login", account=None)
    expect(page.locator(".synthetic")).to_contain_text("合成数据")
    page.fill("#name", "town_manager")
    page.fill("#password", "wrong password")
    page.press("#password", "Enter")
    expect(page.get_by_role("alert")).to_be_visible()
    assert [told.split()[0] for told in complaints.refused] == ["400"]
    complaints.refused.clear()
    complaints.said.clear()
    assert page.input_value("#name") == "town_manager"
    page.fill("#password", PASSWORD)
    page.press("#password", "Enter")
    page.wait_for_url("**/map**")
    painted(page)


@pytest.fixture
def on_map(visit: OPEN) -> Page:
    return visit("/map")


def test_the_map_shows_header_legend_and_colours(on_map: Page) -> None:
    page = on_map
    expect(page.locator("#area-name")).to_have_text("望潮镇")
    figures = page.locator("#figures > li")
    assert figures.count() >= 6
    expect(page.locator("#figures")).to_contain_text("在办")
    expect(page.locator("#legend")).to_contain_text("登记户数")
    assert page.locator("canvas.vector-tile").count() > 4
    assert len(page.evaluate(COLOURS)) > 8, "the map is blank"
    assert query(page).get("area", "999901100000") == "999901100000"
    expect(page.locator(".synthetic")).to_be_visible()


def test_drilling_down_and_back(on_map: Page) -> None:
    page = on_map
    if page.locator("#children").is_hidden():
        page.click("#children-toggle")
    page.locator("#children a", has_text="海棠苑社区").click()
    expect(page.locator("#area-name")).to_have_text("海棠苑社区")
    painted(page)
    assert query(page)["area"] == VILLAGE
    expect(page.locator("#crumbs")).to_contain_text("望潮镇")
    page.locator("#crumbs a", has_text="望潮镇").click()
    expect(page.locator("#area-name")).to_have_text("望潮镇")
    page.go_back()
    expect(page.locator("#area-name")).to_have_text("海棠苑社区")
    painted(page)


def test_an_ended_session_says_why_it_asks_again(on_map: Page, complaints: Complaints) -> None:
    page = on_map
    middle = spot(page, GRID)
    page.context.clear_cookies()
    page.mouse.click(*middle)
    page.wait_for_url("**/login**")
    expect(page.get_by_role("status")).to_contain_text("登录已失效")
    page.reload()
    expect(page.get_by_role("status")).to_have_count(0)
    assert {told.split()[0] for told in complaints.refused} == {"401"}
    complaints.refused.clear()
    complaints.said.clear()


def test_the_cross_of_the_keyboard_is_not_for_the_mouse(on_map: Page) -> None:
    page = on_map
    cross = "getComputedStyle(document.querySelector('.leaflet-container'), '::after').content"
    page.keyboard.press("ArrowLeft")
    page.mouse.click(*spot(page, GRID))
    expect(page.locator("#card")).to_be_visible()
    assert page.evaluate(cross) == "none"
    page.keyboard.press("ArrowLeft")
    assert page.evaluate(cross) != "none"


def test_a_click_on_a_grid_opens_its_card(on_map: Page) -> None:
    page = on_map
    page.goto(f"/map?area={VILLAGE}")
    painted(page)
    page.mouse.click(*spot(page, GRID))
    card = page.locator("#card")
    expect(card).to_be_visible()
    expect(card).to_contain_text(re.compile("党支部"))
    assert query(page)["grid"].startswith(VILLAGE)
    expect(card.locator(".code").first).to_have_text(query(page)["grid"])
    page.click("#card-close")
    expect(card).to_be_hidden()
    assert "grid" not in query(page)


def test_an_address_opens_as_it_was_left(visit: OPEN) -> None:
    page = visit(f"/map?area={VILLAGE}&theme=coverage&measure=link&grid={GRID}&date=2026-05-01")
    expect(page.locator("#area-name")).to_have_text("海棠苑社区")
    expect(page.locator("#card")).to_contain_text(GRID)
    assert page.is_checked("#measure-link")
    assert page.input_value("#date") == "2026-05-01"
    before = query(page)
    page.reload()
    painted(page)
    after = query(page)
    assert {name: before.get(name) for name in ("area", "theme", "measure", "grid", "date")} == {
        name: after.get(name) for name in ("area", "theme", "measure", "grid", "date")
    }


def test_switching_theme_measure_and_layers(on_map: Page) -> None:
    page = on_map
    legend, colours = page.locator("#legend").inner_text(), set(page.evaluate(COLOURS))
    page.click("#theme-coverage")
    painted(page)
    assert query(page)["theme"] == "coverage"
    assert page.locator("#legend").inner_text() != legend
    assert set(page.evaluate(COLOURS)) != colours
    page.check("#measure-organisation")
    painted(page)
    assert query(page)["measure"] == "organisation"
    for name in ("theme-volunteers", "theme-organisation", "theme-grids", "theme-cases"):
        page.click(f"#{name}")
        painted(page)
        expect(page.locator("#legend")).not_to_be_empty()
    page.uncheck("#layer-buildings")
    painted(page)
    assert "buildings" not in query(page)["layers"].split(",")


def test_a_day_before_the_change_shows_other_figures(on_map: Page) -> None:
    page = on_map
    page.goto("/map?area=999901100201&theme=grids")
    painted(page)
    page.fill("#date", "2026-05-31")
    page.locator("#date").dispatch_event("change")
    page.wait_for_url("**date=2026-05-31**")
    painted(page)
    page.click("#date-today")
    painted(page)


def test_searching_by_name_code_and_keyboard(on_map: Page) -> None:
    page = on_map
    page.keyboard.press("/")
    expect(page.locator("#search")).to_be_focused()
    page.keyboard.type("海棠苑")
    options = page.locator("#search-list [role=option]")
    expect(options.first).to_contain_text("海棠苑社区")
    page.keyboard.press("Enter")
    expect(page.locator("#area-name")).to_have_text("海棠苑社区")
    page.fill("#search", GRID)
    expect(options.first).to_contain_text(GRID)
    options.first.click()
    expect(page.locator("#card")).to_contain_text(GRID)
    page.fill("#search", "海")
    expect(page.locator("#search-list")).to_contain_text("至少输入两个字符")
    page.fill("#search", "zzzz")
    expect(page.locator("#search-list")).to_contain_text("未找到")
    painted(page)


def test_switching_the_language_and_back(on_map: Page) -> None:
    page = on_map
    page.get_by_role("button", name="English").first.click()
    painted(page)
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.locator("#figures")).to_contain_text("Open")
    page.get_by_role("button", name="中文").first.click()
    painted(page)
    expect(page.locator("#figures")).to_contain_text("在办")


def test_taking_a_layer_away(visit: OPEN) -> None:
    page = visit("/exports")
    page.fill("#purpose", "月度报表")
    with page.expect_download() as started:
        page.locator("button[formaction='/layers/grids.geojson']").click()
    found = json.loads(started.value.path().read_text(encoding="utf-8"))
    assert started.value.suggested_filename.startswith("grids-")
    assert len(found["features"]) == 12
    assert found["wangge"]["purpose"] == "月度报表"


def test_the_keyboard_alone_reaches_a_grid(on_map: Page) -> None:
    page = on_map
    page.goto(f"/map?area={GRID}")
    painted(page)
    page.locator(".leaflet-container").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#card")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#card")).to_be_hidden()


def test_logging_out_closes_everything(on_map: Page) -> None:
    page = on_map
    page.locator("details.menu summary").first.click()
    page.locator("form[action='/logout'] button").click()
    page.wait_for_url("**/login**")
    page.goto("/map")
    assert urlsplit(page.url).path == "/login"
    page.go_back()


def test_printing_leaves_map_legend_scale_and_source(on_map: Page) -> None:
    page = on_map
    page.emulate_media(media="print")
    expect(page.locator("header.top")).to_be_hidden()
    expect(page.locator("#legend")).to_be_visible()
    page.emulate_media(media="screen")
