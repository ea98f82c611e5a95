"""A worker's round on a phone without a mouse: ten visits in a row, with a network that breaks off half-way."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import Engine, delete, func, select, update

from gis.care import CareVisit, Enrolment
from gis.coverage import Visit, WithdrawnVisit
from gis.database import transaction
from gis.users import User
from tests.browser.conftest import OPEN, PHONE, Complaints, log_in

WORKER = select(User.id).where(User.name == "grid_worker").scalar_subquery()
GONE = "net::ERR_INTERNET_DISCONNECTED"


@pytest.fixture(autouse=True)
def forgotten(engine: Engine) -> Iterator[None]:
    """Leave the district as it was."""
    with transaction(engine) as session:
        due = {row.id: row.next_due for row in session.execute(select(Enrolment.id, Enrolment.next_due))}
    yield
    with transaction(engine) as session:
        session.execute(delete(Visit).where(Visit.recorded_by.is_not(None)))
        session.execute(delete(CareVisit).where(CareVisit.recorded_by.is_not(None)))
        session.execute(delete(WithdrawnVisit))
        for enrolment in session.scalars(select(Enrolment)):
            enrolment.next_due = due[enrolment.id]


def stored(engine: Engine) -> list[tuple[int, str]]:
    """Return household and result of what the worker recorded, in order."""
    with transaction(engine) as session:
        found = select(Visit.household_id, Visit.result).where(Visit.recorded_by == WORKER)
        return [tuple(row) for row in session.execute(found.order_by(Visit.id))]


def ready(page: Page) -> None:
    page.wait_for_selector("html[data-ready=yes]", state="attached")


def to_the_first_call(page: Page) -> None:
    """Go there with the keyboard alone."""
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.matches('.call [data-result]')"):
            return
    pytest.fail("the keyboard does not reach the list")


def focused(page: Page) -> str:
    return str(page.evaluate("document.activeElement.closest('.call')?.dataset.place"))


def sent(page: Page, count: int) -> None:
    expect(page.locator("#round-state")).to_have_attribute("data-waiting", "0")
    expect(page.locator(".call[data-state=saved]")).to_have_count(count)


def forgive(complaints: Complaints) -> None:
    """Take out what the browser says of a network that the test itself cut."""
    complaints.said[:] = [said for said in complaints.said if GONE not in said]


def test_ten_visits_in_a_row_with_one_key(visit: OPEN, engine: Engine) -> None:
    page = visit("/visits/", "grid_worker", PHONE)
    ready(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    to_the_first_call(page)
    places = []
    for _ in range(10):
        places.append(focused(page))
        page.keyboard.press("Enter")
    assert len(set(places)) == 10
    sent(page, 10)
    assert [f"household:{home}" for home, _ in stored(engine)] == places
    assert {result for _, result in stored(engine)} == {"met"}
    assert page.url.endswith("/visits/"), "the page was never left"


def test_the_network_breaks_off_half_way_and_nothing_is_lost_or_doubled(
    visit: OPEN, engine: Engine, complaints: Complaints
) -> None:
    page = visit("/visits/", "grid_worker", PHONE)
    ready(page)
    to_the_first_call(page)
    places = []
    for at in range(10):
        if at == 4:
            sent(page, 4)
            page.context.set_offline(True)
        places.append(focused(page))
        page.keyboard.press("Enter")
    expect(page.locator("#round-state")).to_have_attribute("data-waiting", "6")
    expect(page.locator("#notices")).to_contain_text("6")
    assert len(stored(engine)) == 4
    page.context.set_offline(False)
    sent(page, 10)
    forgive(complaints)
    assert [f"household:{home}" for home, _ in stored(engine)] == places


def test_an_answer_that_is_lost_on_its_way_doubles_nothing(visit: OPEN, engine: Engine, complaints: Complaints) -> None:
    page = visit("/visits/", "grid_worker", PHONE)
    ready(page)

    def lose(route) -> None:
        route.fetch()
        route.abort()

    page.route("**/visits/record", lose, times=1)
    to_the_first_call(page)
    page.keyboard.press("Enter")
    expect(page.locator("#round-state")).to_have_attribute("data-state", "offline")
    assert len(stored(engine)) == 1
    sent(page, 1)
    assert len(stored(engine)) == 1
    complaints.said[:] = [said for said in complaints.said if "ERR_FAILED" not in said]


def test_what_waits_outlives_the_page_and_another_user_of_the_device_does_not_send_it(
    visit: OPEN, engine: Engine, complaints: Complaints
) -> None:
    page = visit("/visits/", "grid_worker", PHONE)
    ready(page)
    page.context.set_offline(True)
    to_the_first_call(page)
    for _ in range(3):
        page.keyboard.press("Enter")
    expect(page.locator("#round-state")).to_have_attribute("data-waiting", "3")
    page.close()
    context = page.context
    context.set_offline(False)
    context.clear_cookies()
    other = context.new_page()
    log_in(other, "grid_leader", "/visits/")
    ready(other)
    expect(other.locator("#round-state")).to_be_hidden()
    with transaction(engine) as session:
        assert session.scalar(select(func.count()).where(Visit.recorded_by.is_not(None))) == 0
    context.clear_cookies()
    back = context.new_page()
    log_in(back, "grid_worker", "/visits/")
    ready(back)
    for _ in range(100):  # the page first asks whether another tab is sending them
        if len(stored(engine)) == 3:
            break
        back.wait_for_timeout(100)
    assert len(stored(engine)) == 3
    expect(back.locator("#round-state")).to_have_attribute("data-waiting", "0")
    forgive(complaints)


def test_a_page_of_another_session_keeps_what_its_user_recorded(
    visit: OPEN, engine: Engine, complaints: Complaints
) -> None:
    page = visit("/visits/", "grid_worker", PHONE)
    ready(page)
    page.context.clear_cookies()
    other = page.context.new_page()
    log_in(other, "grid_leader", "/visits/")
    to_the_first_call(page)
    page.keyboard.press("Enter")
    expect(page.locator("#round-state")).to_have_attribute("data-state", "logged_out")
    expect(page.locator("#notices")).to_contain_text("grid_worker")
    assert page.evaluate("window.wangge.round.waiting") == 1
    with transaction(engine) as session:
        assert session.scalar(select(func.count()).where(Visit.recorded_by.is_not(None))) == 0
    complaints.said.clear()
    complaints.refused.clear()


def test_a_tap_is_taken_back_before_and_after_it_was_sent(visit: OPEN, engine: Engine, complaints: Complaints) -> None:
    page = visit("/visits/", "grid_worker", PHONE)
    ready(page)
    first = page.locator(".call").first
    first.get_by_role("button", name="已见面").tap()
    sent(page, 1)
    first.get_by_role("button", name="撤回").tap()
    page.wait_for_function("() => window.wangge.round.waiting === 0")
    assert stored(engine) == []
    page.context.set_offline(True)
    first.get_by_role("button", name="无人在家").tap()
    expect(first).to_have_attribute("data-state", "waiting")
    first.get_by_role("button", name="撤回").tap()
    page.context.set_offline(False)
    page.wait_for_function("() => window.wangge.round.waiting === 0")
    assert stored(engine) == []
    first.get_by_role("button", name="见面，需再访").tap()
    sent(page, 1)
    assert [result for _, result in stored(engine)] == ["revisit"]
    forgive(complaints)


def test_what_one_tab_took_back_does_not_come_back_from_another(
    visit: OPEN, engine: Engine, complaints: Complaints
) -> None:
    page = visit("/visits/", "grid_worker", PHONE)
    ready(page)
    network = page.context.new_cdp_session(page)
    network.send("Network.enable")
    network.send("Network.emulateNetworkConditions",
                 {"offline": True, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1})  # fmt: skip
    page.locator(".call").first.get_by_role("button", name="已见面").tap()
    expect(page.locator("#round-state")).to_have_attribute("data-state", "offline")
    page.evaluate("window.wangge.round.journal.channel.close()")  # a tab that sleeps does not say that it is there
    other = page.context.new_page()
    other.goto(page.url)
    ready(other)
    sent(other, 1)
    other.locator(".call[data-state=saved]").get_by_role("button", name="撤回").tap()
    other.wait_for_function("() => window.wangge.round.waiting === 0")
    assert stored(engine) == []
    network.send("Network.emulateNetworkConditions",
                 {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1})  # fmt: skip
    page.evaluate("window.wangge.round.run()")
    page.wait_for_function("() => window.wangge.round.waiting === 0")
    expect(page.locator(".call[data-state]")).to_have_count(0)
    assert stored(engine) == []
    forgive(complaints)


def test_what_the_server_refuses_is_told_and_kept_or_discarded(
    visit: OPEN, engine: Engine, complaints: Complaints
) -> None:
    page = visit("/visits/", "grid_worker", PHONE)
    ready(page)
    role = update(User).where(User.name == "grid_worker")
    try:
        with transaction(engine) as session:
            session.execute(role.values(role="planner"))
        for name in ("已见面", "无人在家"):
            page.locator(".call:not([data-state])").first.get_by_role("button", name=name).tap()
        refused = page.locator("#round-refused .refused")
        expect(refused).to_have_count(2)
        expect(refused.first).to_contain_text("已见面")
        expect(refused.first).to_contain_text("登记走访")
        assert page.evaluate("window.wangge.round.waiting") == 0, "the others are not held up"
    finally:
        with transaction(engine) as session:
            session.execute(role.values(role="grid_worker"))
    page.reload()
    ready(page)
    expect(refused).to_have_count(2)
    refused.first.get_by_role("button", name="重新发送").tap()
    expect(refused).to_have_count(1)
    refused.get_by_role("button", name="放弃").tap()
    expect(page.locator("#round-refused")).to_be_hidden()
    page.wait_for_function("() => window.wangge.round.waiting === 0")
    assert [result for _, result in stored(engine)] == ["met"]
    page.reload()
    ready(page)
    expect(page.locator("#round-refused")).to_be_hidden()
    complaints.said.clear()
    complaints.refused.clear()


def test_a_visit_that_another_tab_recorded_is_told_and_recorded_a_second_time_on_purpose(
    visit: OPEN, engine: Engine, complaints: Complaints
) -> None:
    page = visit("/visits/", "grid_worker", PHONE)
    ready(page)
    other = page.context.new_page()
    other.goto(page.url)
    ready(other)
    for each in (page, other):
        each.locator(".call").first.get_by_role("button", name="已见面").tap()
        each.wait_for_function("() => window.wangge.round.waiting === 0")
    refused = other.locator("#round-refused .refused")
    expect(refused).to_have_count(1)
    expect(refused).to_contain_text("您已登记过这次走访")
    assert len(stored(engine)) == 1
    other.reload()
    ready(other)
    refused.get_by_role("button", name="再登记一次").tap()
    expect(refused).to_have_count(0)
    other.wait_for_function("() => window.wangge.round.waiting === 0")
    first, second = stored(engine)
    assert first == second
    complaints.said.clear()
    complaints.refused.clear()


def test_a_care_visit_is_recorded_on_the_own_list_only(visit: OPEN, engine: Engine) -> None:
    page = visit("/care/", "grid_worker", PHONE)
    ready(page)
    call = page.locator(".call").first
    place = int(str(call.get_attribute("data-place")).split(":")[1])
    call.get_by_role("button", name="已见面").tap()
    sent(page, 1)
    with transaction(engine) as session:
        found = select(CareVisit.enrolment_id).where(CareVisit.recorded_by == WORKER)
        assert session.scalars(found).all() == [place]
    page.reload()
    expect(page.locator(f'[data-place="care:{place}"]')).to_have_attribute("data-state", "saved")
