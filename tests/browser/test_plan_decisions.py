"""The server dies, or is slow, while a plan is decided on: the page says that nobody knows, and sends nothing twice."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Locator, Page, Request, Route, expect
from sqlalchemy import Engine, select, update

from gis.database import transaction
from gis.plans.tables import Plan, PlanGrid
from tests import fabrics
from tests.browser.conftest import OPEN, Complaints
from tests.browser.drawing import begin, standing
from tests.conftest import DAY

UNKNOWN = "服务器尚未应答，无法确知这一步是否已完成。系统不会自动再次提交"


@pytest.fixture(scope="module")
def village(engine: Engine) -> Iterator[fabrics.Village]:
    with standing(engine, number=976) as found:
        yield found


@pytest.fixture
def plan(visit: OPEN, village: fabrics.Village, engine: Engine) -> int:
    """A draft in which one grid has another name."""
    number = begin(visit("/plans/", "planner"), village.code)
    with transaction(engine) as session:
        first = select(PlanGrid.id).where(PlanGrid.plan_id == number).order_by(PlanGrid.id).limit(1)
        session.execute(update(PlanGrid).where(PlanGrid.id == first.scalar_subquery()).values(name="清河新名"))
    return number


def status(engine: Engine, plan: int, new: str | None = None) -> str:
    """Return how a plan stands in the database, after putting it so."""
    with transaction(engine) as session:
        if new:
            session.execute(update(Plan).where(Plan.id == plan).values(status=new, effective_from=DAY))
        return str(session.scalar(select(Plan.status).where(Plan.id == plan)))


def posts(page: Page) -> list[str]:
    """Return a list that fills with where the page posts to."""
    found: list[str] = []

    def note(request: Request) -> None:
        if request.method == "POST":
            found.append(request.url.rsplit("/", 1)[1])

    page.on("request", note)
    return found


def told(page: Page) -> Locator:
    """Expect the page to say that it is unknown what happened."""
    message = page.locator(".decide .message-error")
    expect(message).to_contain_text(UNKNOWN)
    expect(message).to_be_focused()
    return message


def forgive(complaints: Complaints) -> None:
    complaints.said = [said for said in complaints.said if "ERR_FAILED" not in said]


def test_a_plan_whose_handing_in_was_not_answered_shows_that_it_was_handed_in(
    plan: int, visit: OPEN, engine: Engine, complaints: Complaints
) -> None:
    page = visit(f"/plans/{plan}", "planner")
    sent = posts(page)

    def lose(route: Route) -> None:
        route.fetch()
        route.abort()

    page.route("**/submit", lose)
    page.get_by_role("button", name="提交审核").click()
    message = told(page)
    assert sent == ["submit"], "sent once"
    assert status(engine, plan) == "submitted"
    message.get_by_role("link", name="查看当前状态").click()
    expect(page.get_by_role("button", name="撤回")).to_be_visible()
    forgive(complaints)


def test_a_publication_that_never_reached_the_server_is_not_tried_again_by_itself(
    plan: int, visit: OPEN, engine: Engine, complaints: Complaints
) -> None:
    status(engine, plan, "approved")
    page = visit(f"/plans/{plan}", "town_manager")
    sent = posts(page)
    page.route("**/publish", lambda route: route.abort())
    page.locator(".decide summary", has_text="发布").click()
    publish = page.locator(".decide form button", has_text="发布")
    publish.click()
    message = told(page)
    assert sent == ["publish"], "sent once"
    assert status(engine, plan) == "approved"
    message.get_by_role("link").click()
    expect(page.locator(".message-error")).to_have_count(0)
    expect(publish).to_be_enabled()
    forgive(complaints)


def test_who_waits_long_for_an_approval_is_told_and_led_on_when_it_comes(
    plan: int, visit: OPEN, engine: Engine
) -> None:
    status(engine, plan, "submitted")
    page, held = visit("/plans/", "town_manager"), list[Route]()
    page.clock.install()
    page.goto(f"/plans/{plan}")
    page.route("**/approve", lambda route: held.append(route))
    page.fill("#effective", f"{DAY + timedelta(7):%Y-%m-%d}")
    page.locator(".decide").get_by_role("button", name="批准").click()
    page.wait_for_function("document.querySelector('.decide [data-sent]')")
    page.clock.run_for(20_000)
    told(page)
    expect(page.locator(".decide").get_by_role("button", name="批准")).to_be_disabled()
    held[0].continue_()
    expect(page.locator(".message-success")).to_be_visible()
    assert status(engine, plan) == "approved"
