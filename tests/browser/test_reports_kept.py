"""Reports that were not sent yet: none is lost or swallowed, whichever tab or way to the form comes next."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import Engine, select

from gis.cases import Case
from gis.database import transaction
from tests.browser.conftest import OPEN, PHONE, Complaints
from tests.browser.test_case_paths import OFFLINE, Spot, at_place, spot, tidy  # noqa: F401  (fixtures)

FIRST, SECOND = "甲事：路口垃圾", "乙事：井盖松动"
CASE = re.compile(r"/cases/\d+$")


def written(page: Page, title: str) -> None:
    """Write a report, and leave it unsent."""
    page.get_by_label("环境卫生", exact=True).check()
    page.locator("#title").fill(title)


def stored(engine: Engine) -> list[str]:
    """The titles of this file's reports that were stored, one for each row."""
    with transaction(engine) as session:
        return sorted(session.scalars(select(Case.title).where(Case.title.in_((FIRST, SECOND)))))


def another(page: Page, path: str) -> Page:
    """Open the form in another tab of the same browser."""
    tab = page.context.new_page()
    tab.goto(path)
    expect(tab.locator("#place strong")).to_be_visible()
    return tab


@pytest.fixture
def left(visit: OPEN, spot: Spot, complaints: Complaints, address: str) -> Page:  # noqa: F811
    """A form that comes from the map, after another report could not be sent and its page was closed."""
    page = visit("/cases/new", "grid_worker", PHONE)
    at_place(page, spot)
    written(page, FIRST)
    page.context.set_offline(True)
    page.locator("#send").tap()
    expect(page.locator("#report .message-error")).to_contain_text("没有网络")
    context = page.context
    page.goto("about:blank")  # gone for certain before the network is back
    page.close()
    context.set_offline(False)
    complaints.said = [each for each in complaints.said if not OFFLINE.search(each)]
    tab = context.new_page()
    complaints.listen(tab, address)
    tab.goto(f"/cases/new?lat={spot['latitude']}&lng={spot['longitude']}")
    expect(tab.locator("#kept")).to_contain_text(FIRST)
    assert tab.input_value("#title") == "", "the new place has a new report"
    return tab


def test_a_kept_report_is_sent_beside_the_one_from_the_map(left: Page, engine: Engine) -> None:
    written(left, SECOND)
    left.locator("#kept").get_by_role("button", name="上报", exact=True).tap()
    expect(left.locator("#kept a")).to_have_attribute("href", CASE)
    assert left.input_value("#title") == SECOND, "what is being written stays"
    left.locator("#send").tap()
    left.wait_for_url(CASE)
    assert stored(engine) == sorted([FIRST, SECOND])
    left.goto("/cases/new")
    expect(left.locator("#place strong")).to_be_visible()
    expect(left.locator("#kept li")).to_have_count(0)


def test_a_kept_report_is_gone_on_with_and_the_other_kept(left: Page, engine: Engine) -> None:
    written(left, SECOND)
    left.locator("#kept").get_by_role("button", name="继续填写").tap()
    expect(left.locator("#title")).to_have_value(FIRST)
    expect(left.locator("#kept li")).to_have_count(1)
    expect(left.locator("#kept")).to_contain_text(SECOND)
    left.locator("#send").tap()
    left.wait_for_url(CASE)
    assert stored(engine) == [FIRST]
    left.goto("/cases/new")
    expect(left.locator("#kept")).to_contain_text(SECOND)


def test_a_kept_report_is_thrown_away_on_purpose_only(left: Page, engine: Engine) -> None:
    throw = left.locator("#kept").get_by_role("button", name="放弃")
    left.once("dialog", lambda asked: asked.dismiss())
    throw.tap()
    expect(left.locator("#kept li")).to_have_count(1)
    left.once("dialog", lambda asked: asked.accept())
    throw.tap()
    expect(left.locator("#kept li")).to_have_count(0)
    left.reload()
    expect(left.locator("#place strong")).to_be_visible()
    expect(left.locator("#kept li")).to_have_count(0)
    assert stored(engine) == []


def test_two_tabs_write_two_reports(visit: OPEN, spot: Spot, engine: Engine) -> None:  # noqa: F811
    one = visit("/cases/new", "grid_worker", PHONE)
    at_place(one, spot)
    written(one, FIRST)
    two = another(one, "/cases/new")
    assert two.input_value("#title") == ""
    written(two, SECOND)
    two.locator("#send").tap()
    two.wait_for_url(CASE)
    assert one.input_value("#title") == FIRST
    one.locator("#send").tap()
    one.wait_for_url(CASE)
    assert one.url != two.url
    expect(one.locator("h1")).to_have_text(FIRST)
    assert stored(engine) == sorted([FIRST, SECOND])


def test_a_report_that_another_tab_sent_is_out_of_this_one(visit: OPEN, spot: Spot, engine: Engine) -> None:  # noqa: F811
    one = visit("/cases/new", "grid_worker", PHONE)
    at_place(one, spot)
    written(one, FIRST)
    two = another(one, "/cases/new")
    two.locator("#kept").get_by_role("button", name="继续填写").tap()
    expect(one.locator("#notices")).to_contain_text("另一个窗口")
    expect(one.locator("#title")).to_have_value("")
    two.locator("#send").tap()
    two.wait_for_url(CASE)
    written(one, SECOND)
    one.locator("#send").tap()
    one.wait_for_url(CASE)
    assert stored(engine) == sorted([FIRST, SECOND])


def test_what_this_tab_was_writing_is_thrown_away(visit: OPEN, spot: Spot) -> None:  # noqa: F811
    page = visit("/cases/new", "grid_worker", PHONE)
    at_place(page, spot)
    written(page, FIRST)
    page.reload()
    expect(page.locator("#title")).to_have_value(FIRST)
    page.once("dialog", lambda asked: asked.accept())
    page.locator("#notices").get_by_role("button", name="放弃").tap()
    expect(page.locator("#title")).to_have_value("")
    page.reload()
    expect(page.locator("#place strong")).to_be_visible()
    assert page.input_value("#title") == ""
    expect(page.locator("#kept li")).to_have_count(0)


def test_a_report_that_is_emptied_is_another_one(visit: OPEN, spot: Spot) -> None:  # noqa: F811
    page = visit("/cases/new", "grid_worker", PHONE)
    at_place(page, spot)
    written(page, FIRST)
    page.locator("#title").fill("")
    page.goto("/cases/new")
    expect(page.locator("#place strong")).to_be_visible()
    assert page.input_value("#title") == ""
    expect(page.locator("#kept li")).to_have_count(0)


def test_what_is_changed_after_a_lost_answer_is_reported_anew(
    visit: OPEN,
    spot: Spot,  # noqa: F811
    complaints: Complaints,
    engine: Engine,
) -> None:
    page = visit("/cases/new", "grid_worker", PHONE)
    at_place(page, spot)
    written(page, FIRST)
    page.route("**/cases/", lambda route: (route.fetch(), route.abort()), times=1)
    page.locator("#send").tap()
    expect(page.locator("#report .message-error")).to_contain_text("没有网络")
    page.locator("#title").fill(SECOND)
    page.locator("#send").tap()
    expect(page.locator("#report .message-error")).to_contain_text("内容与现在不同")
    page.locator("#send").tap()
    page.wait_for_url(CASE)
    assert stored(engine) == [SECOND, FIRST]
    complaints.said.clear()
    complaints.refused.clear()


def test_a_device_without_room_says_that_nothing_is_kept(
    visit: OPEN,
    spot: Spot,  # noqa: F811
) -> None:
    page = visit("/cases/new", "grid_worker", PHONE)
    at_place(page, spot)
    page.evaluate("""() => { for (let size = 1 << 20; size; size >>= 1) {
      try { while (true) localStorage.setItem(Math.random(), "x".repeat(size)); } catch { /* smaller */ } } }""")
    written(page, FIRST)
    expect(page.locator("#notices")).to_contain_text("存储空间不足")
    page.evaluate("localStorage.clear()")
