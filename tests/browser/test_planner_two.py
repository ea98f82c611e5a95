"""Two planners with accounts of their own at one plan: what they draw apart is merged, where they meet they choose."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect
from sqlalchemy import Engine, delete, select, text

from gis import users
from gis.audit import AuditEntry
from gis.database import transaction
from gis.plans.tables import Plan, PlanEvent
from gis.viewer import system
from tests import builders, fabrics
from tests.browser.conftest import OPEN, Complaints
from tests.browser.drawing import begin, choose, drag, ready, row, saved, spot, standing, sums
from tests.conftest import DAY, PASSWORD

SECOND, THIRD, FOURTH = "清河02网格", "清河03网格", "清河04网格"
OTHER = "planner_two"
LOCKED = "已锁定"


@pytest.fixture(scope="module")
def other(engine: Engine) -> Iterator[str]:
    """A second planner of the district, with a name and a password, until the plans are gone."""
    with transaction(engine) as session:
        district = fabrics.first(session, "district")
        users.create(session, system(DAY), name=OTHER, role="planner", password=PASSWORD, codes=[district],
                     since=builders.LONG_AGO)  # fmt: skip
    yield OTHER
    log: Any = AuditEntry.__table__
    with transaction(engine) as session:
        number = session.scalar(select(users.User.id).where(users.User.name == OTHER))
        fabrics.switched(session, log, "DISABLE")
        session.execute(delete(log).where(log.c.user_id == number))
        fabrics.switched(session, log, "ENABLE")
        session.execute(delete(users.UserTerritory).where(users.UserTerritory.user_id == number))
        session.execute(delete(users.User).where(users.User.id == number))


@pytest.fixture(scope="module")
def village(engine: Engine, other: str) -> Iterator[fabrics.Village]:
    with standing(engine, number=978) as found:
        yield found


@pytest.fixture
def pair(visit: OPEN, village: fabrics.Village, other: str) -> tuple[Page, Page]:
    """Two planners before the same plan; neither looks what the other does, as on a slow network."""
    first = visit("/plans/", "planner")
    begin(first, village.code)
    second = visit(first.url, other)
    ready(second)
    for page in (first, second):
        page.evaluate("window.wangge.editor.status.look = () => {}")
        for _ in range(2):
            page.keyboard.press("[")
    return first, second


def paint(page: Page, grid: str, cell: int) -> None:
    """Choose a grid and give it one cell."""
    choose(page, grid)
    drag(page, spot(page, cell), spot(page, cell))


def met(pair: tuple[Page, Page], village: fabrics.Village, complaints: Complaints) -> Page:
    """Have both draw over one cell of 03: the first gives it to 04, the second one to 02 and is asked."""
    first, second = pair
    paint(first, FOURTH, village.cells[14, 1])
    saved(first)
    paint(second, SECOND, village.cells[14, 1])
    dialog = second.locator("#plan-clash")
    expect(dialog).to_be_visible()
    expect(dialog.locator("tbody td")).to_have_text(["1", "21", THIRD, FOURTH, SECOND])
    expect(dialog.locator("#clash-text")).to_contain_text("其中 1 个地块期间已被 planner 修改。")
    assert [told[:4] for told in complaints.refused] == ["409 "]
    complaints.refused.clear()
    complaints.said = [told for told in complaints.said if "409" not in told]
    return second


def stored(engine: Engine, page: Page, cell: int) -> tuple[str, str]:
    """Return the grid that a cell has in the database, and who drew last."""
    plan = number(page)
    held = text("SELECT g.name FROM plan_cells p JOIN plan_grids g ON g.id = p.plan_grid_id "
                "WHERE p.plan_id = :plan AND p.cell_id = :cell")  # fmt: skip
    with engine.connect() as connection:
        grid = connection.scalar(held, {"plan": plan, "cell": int(cell)})
        last = select(PlanEvent.user_name).where(PlanEvent.plan_id == plan).order_by(PlanEvent.seq.desc()).limit(1)
        return str(grid), str(connection.scalar(last))


def number(page: Page) -> int:
    return int(page.url.split("/plans/")[1].split("/")[0])


def test_what_two_planners_draw_apart_is_in_the_plan_under_their_names(
    pair: tuple[Page, Page], village: fabrics.Village, engine: Engine
) -> None:
    first, second = pair
    paint(first, FOURTH, village.cells[14, 0])
    saved(first)
    paint(second, FOURTH, village.cells[14, 1])
    saved(second)
    row(second, FOURTH, 402)
    first.reload()
    ready(first)
    assert sums(first) == sums(second)
    with engine.connect() as connection:
        names = select(PlanEvent.user_name).where(PlanEvent.plan_id == number(first), PlanEvent.kind == "paint")
        assert list(connection.scalars(names.order_by(PlanEvent.seq))) == ["planner", OTHER]


def test_mine_puts_the_own_stroke_over_theirs(
    pair: tuple[Page, Page], village: fabrics.Village, engine: Engine, complaints: Complaints
) -> None:
    second = met(pair, village, complaints)
    second.click("#plan-clash [data-choice=mine]")
    saved(second)
    assert stored(engine, second, village.cells[14, 1]) == (SECOND, OTHER)
    row(second, SECOND, 476 + 21)
    first = pair[0]
    first.reload()
    ready(first)
    assert sums(first) == sums(second)
    row(first, FOURTH, 361)


def test_theirs_keeps_what_the_other_one_drew(
    pair: tuple[Page, Page], village: fabrics.Village, engine: Engine, complaints: Complaints
) -> None:
    second = met(pair, village, complaints)
    second.click("#plan-clash [data-choice=theirs]")
    saved(second)
    assert stored(engine, second, village.cells[14, 1]) == (FOURTH, "planner")
    row(second, FOURTH, 361 + 21)
    row(second, SECOND, 476)
    second.reload()
    ready(second)
    row(second, FOURTH, 361 + 21)


def test_a_plan_of_ones_own_leaves_the_other_plan_alone(
    pair: tuple[Page, Page], village: fabrics.Village, engine: Engine, complaints: Complaints
) -> None:
    second, shared = met(pair, village, complaints), number(pair[0])
    second.click("#plan-clash [data-choice=fork]")
    second.wait_for_url(lambda url: f"/plans/{shared}/" not in url)
    ready(second)
    expect(second.get_by_text("已带来您的 1 步操作")).to_be_visible()
    saved(second)
    branch = number(second)
    assert stored(engine, second, village.cells[14, 1]) == (SECOND, OTHER)
    assert stored(engine, pair[0], village.cells[14, 1]) == (FOURTH, "planner")
    with engine.connect() as connection:
        found = connection.execute(select(Plan.parent_id, Plan.author_name).where(Plan.id == branch)).one()
    assert tuple(found) == (shared, OTHER)
    row(second, SECOND, 476 + 21)


def test_the_own_stroke_below_is_not_taken_for_the_other_planners(
    pair: tuple[Page, Page], village: fabrics.Village, complaints: Complaints
) -> None:
    first, second = pair
    first.context.set_offline(True)
    paint(first, FOURTH, village.cells[14, 0])
    choose(first, SECOND)
    drag(first, spot(first, village.cells[14, 0]), spot(first, village.cells[14, 1]))
    expect(first.locator("#plan-state")).to_contain_text("2")
    paint(second, FOURTH, village.cells[14, 1])
    saved(second)
    first.context.set_offline(False)
    dialog = first.locator("#plan-clash")
    expect(dialog.locator("tbody td")).to_have_text(["1", "21", THIRD, FOURTH, SECOND])
    expect(dialog.locator("#clash-text")).to_contain_text(f"其中 1 个地块期间已被 {OTHER} 修改。")
    dialog.locator("[data-choice=theirs]").click()
    saved(first)
    row(first, SECOND, 476 + fabrics.PUSHED[0])
    row(first, FOURTH, 361 + 21)
    complaints.refused.clear()
    complaints.said.clear()


def test_a_branch_whose_answer_was_lost_is_asked_for_again_and_there_is_one(
    pair: tuple[Page, Page], village: fabrics.Village, engine: Engine, complaints: Complaints
) -> None:
    second, shared = met(pair, village, complaints), number(pair[0])

    def lose(route: Route) -> None:
        route.fetch()
        route.abort()

    second.route("**/fork*", lose, times=1)
    second.click("#plan-clash [data-choice=fork]")
    expect(second.locator("#clash-text")).to_contain_text("无法连接服务器")
    second.click("#plan-clash [data-choice=fork]")
    second.wait_for_url(lambda url: f"/plans/{shared}/" not in url)
    ready(second)
    saved(second)
    row(second, SECOND, 476 + 21)
    with engine.connect() as connection:
        assert connection.scalars(select(Plan.id).where(Plan.parent_id == shared)).all() == [number(second)]
    complaints.said = [told for told in complaints.said if "ERR_FAILED" not in told]


def test_ground_that_the_other_one_locked_takes_no_stroke_and_no_undo(
    pair: tuple[Page, Page], village: fabrics.Village, engine: Engine, complaints: Complaints
) -> None:
    first, second = pair
    cell = village.cells[14, 1]
    paint(first, FOURTH, cell)
    saved(first)
    second.reload()
    ready(second)
    second.keyboard.press("r")
    second.select_option("#plan-action", "lock")
    x, y = spot(second, cell)
    drag(second, (x - 2, y - 2), (x + 2, y + 2))
    saved(second)
    paint(first, SECOND, cell)  # who has not seen the lock yet is told by the server
    expect(first.locator("#notices")).to_contain_text(LOCKED)
    row(first, SECOND, 476)
    row(first, FOURTH, 361 + 21)
    first.locator("#notices .quiet-icon").click()
    first.keyboard.press("Control+z")
    expect(first.locator("#notices")).to_contain_text(LOCKED)
    saved(first)
    row(first, FOURTH, 361 + 21)
    assert [told[:4] for told in complaints.refused] == ["422 ", "422 "]
    complaints.refused.clear()
    complaints.said = [told for told in complaints.said if "422" not in told]
    first.locator("#notices .quiet-icon").click()
    paint(first, SECOND, cell)  # and by the page, once it was
    expect(first.locator("#notices")).to_contain_text("1 个地块已锁定，请先解锁。")
    assert stored(engine, first, cell) == (FOURTH, OTHER), "nothing but the lock came after the first stroke"
