"""What a form did is shown at once, also when its answer leads to a place on the same page."""

from __future__ import annotations

from playwright.sync_api import expect
from sqlalchemy import Engine, select

from gis.database import transaction
from gis.premises import Project
from tests.browser.conftest import OPEN, Complaints
from tests.leftovers import swept


def test_a_limit_that_was_set_stands_on_the_page_and_one_that_ended_does_not(visit: OPEN, engine: Engine) -> None:
    with swept(engine):
        page = visit("/duties", "district_manager")
        page.fill("#s-amount", "3")
        page.select_option("#s-urgency", "urgent")
        page.locator("#stages form:has(#s-amount) button").click()
        expect(page.locator(".message-success")).to_be_visible()
        row = page.locator("#stages tbody tr", has_text="3 个工作小时")
        expect(row).to_have_count(1)
        row.locator("button").click()
        expect(row).to_have_count(0)
        expect(page.locator(".message-success")).to_be_visible()


def test_what_is_refused_is_read_above_the_button_that_was_pressed(
    visit: OPEN, engine: Engine, complaints: Complaints
) -> None:
    with transaction(engine) as session:
        number = session.scalar(select(Project.id).order_by(Project.id).limit(1))
    page = visit(f"/projects/{number}", "district_manager")
    page.evaluate("document.querySelector('[name=seen_name]').value = '旧名称'")
    page.fill("#p-lead", "城建部门")
    page.locator("form:has(#p-name) .form-actions button").last.click()
    expect(page.locator(".message-error")).to_be_visible()
    expect(page.locator(".message-error")).to_contain_text("他人已修改")
    assert page.input_value("#p-lead") == "城建部门"
    complaints.said.clear()
    complaints.refused.clear()
