"""The dashboard in Chromium: every figure is drawn from the numbers in its table, on a desk, a telephone and paper."""

from __future__ import annotations

import re

import pytest
from babel.numbers import format_percent
from playwright.sync_api import Page

from tests.browser.conftest import DESKTOP, OPEN, PHONE

SIZES = pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desk", "phone"])


def drawn(page: Page) -> list[str]:
    """Scroll through the page until every figure is drawn; return their names."""
    names: list[str] = page.eval_on_selector_all("[data-chart]", "found => found.map(each => each.dataset.chart)")
    for name in names:
        place = page.locator(f'[data-chart="{name}"]')
        place.scroll_into_view_if_needed()
        page.wait_for_selector(f'[data-chart="{name}"][data-drawn=yes]')
    return names


def report(page: Page, address: str = "/figures/report?month=2026-10") -> None:
    """Go to the monthly report and wait until its figures are drawn."""
    page.goto(address)
    page.wait_for_selector("html[data-charts=drawn]", state="attached")


def sheets(page: Page) -> tuple[bytes, int]:
    """Print the page, and count its sheets."""
    body = page.pdf(prefer_css_page_size=True, print_background=True)
    return body, len(re.findall(rb"/Type\s*/Page\b", body))


@SIZES
def test_every_figure_is_drawn_and_has_its_table(visit: OPEN, size: dict[str, int]) -> None:
    page = visit("/figures/?month=2026-10", "district_manager", size)
    names = drawn(page)
    assert len(names) >= 12
    for name in names:
        figure = page.locator(f"#figure-{name}")
        figure.locator(".figure-numbers > summary").click()
        assert (
            figure.locator("tbody tr").count()
            == int(page.get_attribute(f'[data-chart="{name}"]', "data-rows") or 0)
            > 0
        )
        assert figure.locator(".chart svg path").count() > 0 or figure.get_by_text("此项均为 0").is_visible()
    wide = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    assert wide[0] <= wide[1], "the page does not scroll sideways"
    assert page.evaluate("document.querySelector('#figure-map img').naturalWidth") > 0


def test_a_figure_leads_to_its_rows_in_two_clicks(visit: OPEN) -> None:
    page = visit("/figures/?month=2026-10", "town_manager")
    line = page.locator('[data-kpi="closure_rate"]')
    number = line.locator("td.quiet a").last
    told = number.inner_text()
    number.click()
    page.wait_for_url("**/figures/cases**")
    assert page.get_attribute("[data-total]", "data-total") == told
    page.go_back()
    page.select_option("select[name=month]", "2026-09")
    page.get_by_role("button", name="查看").click()
    page.wait_for_url("**month=2026-09**")
    assert "2026-09" in page.locator("h1").inner_text()


def test_the_keyboard_opens_formula_and_table(visit: OPEN) -> None:
    page = visit("/figures/?month=2026-10", "town_manager")
    page.locator('[data-kpi="filing_rate"] summary').focus()
    page.keyboard.press("Enter")
    assert page.locator('[data-kpi="filing_rate"] p').is_visible()
    page.locator("#figure-ageing .figure-numbers summary, #figure-weeks .figure-numbers summary").first.focus()
    page.keyboard.press("Enter")
    assert page.locator(".figure-numbers[open] table").count() == 1


def test_the_report_is_sheets_of_a4_with_the_numbers_of_the_screen(visit: OPEN) -> None:
    page = visit("/figures/?month=2026-10", "town_manager")
    screen = page.eval_on_selector_all(".kpi-value", "found => found.map(each => each.innerText.trim())")
    report(page)
    page.emulate_media(media="print")
    paper = page.eval_on_selector_all(".kpi-value", "found => found.map(each => each.innerText.trim())")
    assert paper == screen
    assert page.locator(".top").is_hidden()
    assert page.locator(".no-print").is_hidden()
    names = page.eval_on_selector_all("[data-chart]", "found => found.filter(each => each.firstElementChild).length")
    assert names == page.locator("[data-chart]").count() >= 10
    body, pages = sheets(page)
    assert pages >= 3
    width, height = (float(each) for each in re.findall(rb"/MediaBox\s*\[0 0 ([\d.]+) ([\d.]+)\]", body)[0])
    assert (round(width), round(height)) in {(595, 842), (596, 842), (594, 842), (595, 841), (594, 841), (596, 843)}


def test_a_chart_rounds_as_the_table_beside_it(visit: OPEN) -> None:
    """Halves too: 66.25 % is 66.2 % for both."""
    page = visit("/figures/?month=2026-10", "town_manager")
    shares = [place / 1600 for place in range(1, 1600)]
    ask = "(shares) => import('/static/js/words.js').then(({ percent }) => shares.map(percent))"
    told = [format_percent(min(each, 0.999), "0.#%", locale="zh") for each in shares]
    assert page.evaluate(ask, shares) == told


SHEET = 263 * 96 / 25.4
"""The height between the margins of an A4 sheet, in pixels."""


def test_the_sheets_of_the_report_are_filled(visit: OPEN) -> None:
    """What does not fit on the rest of a sheet is followed by something that does."""
    page = visit("/figures/", "district_manager", {"width": 1366, "height": 994})
    report(page)
    height = page.eval_on_selector_all(
        ".report-title, .figure-cards, .report-lines, .report-figures > *",
        "found => found.reduce((sum, each) => sum + each.offsetHeight + 14, 0)",
    )
    _body, pages = sheets(page)
    assert pages <= height / SHEET + 1, (pages, height / SHEET)


def test_the_words_in_the_funnel_can_be_read(visit: OPEN) -> None:
    page = visit("/figures/", "district_manager", {"width": 1366, "height": 994})
    report(page)
    fills = page.eval_on_selector_all(
        "[data-chart=chain] svg path[fill^='#'], [data-chart=chain] svg path[fill^=rgb]",
        "found => found.map(each => getComputedStyle(each).fill).filter(each => each !== 'none')",
    )
    assert len(fills) >= 5
    for fill in fills:
        red, green, blue = (int(each) / 255 for each in re.findall(r"\d+", fill)[:3])
        light = sum(part * (each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4)
                    for part, each in ((0.2126, red), (0.7152, green), (0.0722, blue)))  # fmt: skip
        assert (light + 0.05) / (0.0171 + 0.05) >= 4.5, f"{fill} under #1e2329"


def test_grey_paper_tells_series_apart(visit: OPEN) -> None:
    page = visit("/figures/?month=2026-10", "district_manager")
    drawn(page)
    assert page.locator('[data-chart="levels"] svg pattern').count() >= 2, (
        "each series has a pattern besides its colour"
    )


def test_the_printed_dashboard_has_its_head_and_every_figure_and_no_buttons(visit: OPEN) -> None:
    """On paper the figures follow each other down the sheets; columns would run out of their right edge."""
    page = visit("/figures/", "district_manager")
    page.emulate_media(media="print")
    for gone in (".top", ".page-head a.button", ".figure footer"):
        assert not any(each.is_visible() for each in page.locator(gone).all()), gone
    assert re.search(r"20\d\d-\d\d", page.locator(".page-head").inner_text()), "the month stands in the head"
    assert "澜湾区" in page.locator(".page-head").inner_text()
    assert page.locator(".figure-columns").evaluate("each => getComputedStyle(each).columnCount") == "auto"


@pytest.mark.parametrize("language", ["zh", "en"])
def test_nothing_of_the_report_runs_out_of_its_sheet(visit: OPEN, language: str) -> None:
    """A sheet is 182 mm wide between its margins; what stands right of that is cut."""
    page = visit("/figures/", "town_manager", {"width": 688, "height": 994})
    if language == "en":
        page.get_by_role("button", name="English").click()
    page.emulate_media(media="print")
    report(page, "/figures/report")
    cut = page.eval_on_selector_all(
        ".report-paper :is(table, img, .chart, p, dl)",
        "found => found.filter(each => each.getBoundingClientRect().right > 689).map(each => each.className)",
    )
    assert cut == []
    assert page.locator("#figure-map img").evaluate("image => image.complete && image.naturalWidth > 0")
