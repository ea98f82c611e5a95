"""Scenarios 4 and 5 of the field in a real browser, and the path from vacancy to vacancy with the keyboard alone."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import Engine, delete, func, select

from gis.database import transaction
from gis.staffing import Assignment
from tests.browser.conftest import OPEN, PHONE, painted


@pytest.fixture
def undone(engine: Engine) -> Iterator[None]:
    """Take the posts of a test out again: the other tests share the district."""
    with transaction(engine) as session:
        last = session.scalar(select(func.max(Assignment.id))) or 0
    yield
    with transaction(engine) as session:
        session.execute(delete(Assignment).where(Assignment.id > last))


def table(page: Page, address: str) -> list[list[str]]:
    text = page.evaluate("async (address) => (await fetch(address)).text()", address)
    return list(csv.reader(io.StringIO(text.lstrip("\ufeff"))))[1:]


def figures(page: Page, date: str = "") -> list[list[object]]:
    address = f"/map/figures?theme=coverage&measure=link&date={date}"
    values: dict[str, list[object]] = page.evaluate("async (a) => (await (await fetch(a)).json()).values", address)
    return list(values.values())


def test_scenario_4_where_the_party_chain_is_thin(visit: OPEN) -> None:
    page = visit("/party/villages")
    counts = {
        name: int(page.locator(f"#state-{name} strong").inner_text()) for name in ("both", "sunken", "social", "none")
    }
    rows = table(page, "/party/villages.csv")
    branches, members = sum(int(row[4]) + int(row[5]) for row in rows), sum(int(row[6]) for row in rows)
    assert sum(counts.values()) == len(rows)
    page.click("#state-none")
    expect(page.locator("#villages tbody tr")).to_have_count(counts["none"])
    page.goto("/party/")
    figure = page.locator("#chain-figures > div").last
    expect(figure).to_contain_text(str(branches))
    expect(figure).to_contain_text(str(members))
    expect(page.locator("#odd .table")).to_contain_text("不足 3 人")
    expect(page.locator("#odd .table")).to_contain_text("超过 50 人")


def test_the_tree_is_walked_with_the_keyboard(visit: OPEN) -> None:
    page = visit("/party/")
    items = page.locator("#tree [role=treeitem]")
    first = items.first
    first.focus()
    page.keyboard.press("ArrowRight")
    expect(first).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    chosen = page.locator("#tree [aria-selected=true]")
    expect(chosen).to_have_count(1)
    expect(page.locator("#organisation h2")).to_have_text(chosen.locator(".tree-name").first.inner_text())
    expect(page.locator("#organisation svg .covered").first).to_be_visible()
    assert "org=" in page.url
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    expect(first).to_have_attribute("aria-expanded", "false")


@pytest.mark.usefixtures("undone")
def test_scenario_5_a_grid_turns_when_a_cadre_is_assigned_and_yesterday_stays(visit: OPEN) -> None:
    page = visit("/forces/vacancies?kind=no_link_cadre")
    codes = [row[1] for row in table(page, "/forces/vacancies.csv?kind=no_link_cadre")]
    before = figures(page)
    assert sorted(codes) == sorted(str(each[3]) for each in before if each[0] == 0)
    expect(page.locator("#vacancy-figure")).to_contain_text(str(len(before) - len(codes)))
    expect(page.locator("#vacancies")).to_contain_text("望潮镇")
    page.locator("#vacancies a", has_text="安排").first.click()
    page.select_option("#staff", index=1)
    page.click("#assign button.button-primary")
    page.wait_for_url(lambda url: codes[0] not in url)
    after = figures(page)
    assert codes[0] not in [each[3] for each in after if each[0] == 0]
    assert codes[0] in [each[3] for each in figures(page, "2026-11-17") if each[0] == 0]
    page.goto(f"/map?theme=coverage&measure=link&area={codes[0]}&layers=barriers,grids,vacancies")
    painted(page)
    expect(page.locator("#legend")).to_contain_text("包联")


@pytest.mark.usefixtures("undone")
def test_from_vacancy_to_vacancy_with_the_keyboard_alone(visit: OPEN) -> None:
    page = visit("/forces/vacancies?kind=no_link_cadre")
    left = len(table(page, "/forces/vacancies.csv?kind=no_link_cadre"))
    page.locator("#vacancies a", has_text="安排").first.focus()
    page.keyboard.press("Enter")
    for done in range(left):
        page.wait_for_selector("#staff:focus")
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")
        page.locator("#assign button.button-primary").focus()
        was = page.url
        page.keyboard.press("Enter")
        page.wait_for_url(lambda url, was=was: url != was)
        assert len(table(page, "/forces/vacancies.csv?kind=no_link_cadre")) == left - done - 1
    expect(page.locator(".empty h2")).to_have_text("没有空缺")


def test_next_week_is_read_on_a_phone(visit: OPEN) -> None:
    page = visit("/meetings/?view=week", size=PHONE)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.goto("/meetings/")
    expect(page.locator("#meetings tbody tr").first).to_be_visible()
