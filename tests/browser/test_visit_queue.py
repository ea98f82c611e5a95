"""What is recorded while the queue of a round comes to rest is sent as well."""

from __future__ import annotations

from tests.browser.conftest import OPEN, PHONE
from tests.browser.test_visits import forgotten, ready, sent

__all__ = ["forgotten"]

SLOW_TO_GIVE_BACK = """() => {
  const request = navigator.locks.request.bind(navigator.locks);
  navigator.locks.request = async (name, work) => {
    await request(name, work);
    await new Promise((rest) => { window.giveBack = rest; });
  };
}"""


def test_a_visit_recorded_between_the_last_answer_and_the_end_of_the_turn_is_sent(visit: OPEN) -> None:
    page = visit("/visits/", "grid_worker", PHONE)
    ready(page)
    page.evaluate(SLOW_TO_GIVE_BACK)
    first, second = page.locator(".call").nth(0), page.locator(".call").nth(1)
    first.get_by_role("button", name="已见面").tap()
    page.wait_for_function("() => window.giveBack && window.wangge.round.waiting === 0")
    second.get_by_role("button", name="已见面").tap()
    page.wait_for_function("() => window.wangge.round.safe === 1")
    page.evaluate("() => window.giveBack()")
    page.wait_for_function("() => window.wangge.round.waiting === 0", timeout=3000)
    page.evaluate("() => window.giveBack()")
    sent(page, 2)
