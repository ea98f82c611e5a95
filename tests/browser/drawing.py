"""Hands on the editor: where things lie on the screen, and how a stroke is drawn."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Page, expect
from sqlalchemy import Engine, delete, select

from gis.database import transaction
from gis.plans.tables import Plan, PlanComment
from tests import fabrics

READY = "html[data-plan=ready]"
CELL = """(id) => {
  const { mesh, map } = window.wangge.editor, view = mesh.view(map), cell = mesh.index.get(id);
  const box = map.getContainer().getBoundingClientRect(), pane = map._getMapPanePos();
  const x = mesh.middles[2 * cell] * view.k + view.dx, y = mesh.middles[2 * cell + 1] * view.k + view.dy;
  return [box.x + x + pane.x, box.y + y + pane.y];
}"""
SUMS = "() => Object.fromEntries(window.wangge.editor.board.current().map((grid) => [grid.name, grid.sums.households]))"


@contextmanager
def standing(engine: Engine, **given: object) -> Iterator[fabrics.Village]:
    """Hold 清河社区 in the database for a while, seen by the server, and take it away again with its plans."""
    with transaction(engine) as session:
        village = fabrics.qinghe(session, **given)
    try:
        yield village
    finally:
        clear(engine, village.code)


def clear(engine: Engine, code: str) -> None:
    """Take a village away with its plans and what was said of them."""
    with transaction(engine) as session:
        plans = select(Plan.id).where(Plan.area_code == code)
        session.execute(delete(PlanComment).where(PlanComment.plan_id.in_(plans)))
        fabrics.clear(session, code)


def begin(page: Page, code: str, name: str = "春季调整") -> int:
    """Begin a plan by the form and return its number, with the editor open."""
    page.goto("/plans/")
    page.select_option("#plan-area", code)
    page.fill("#plan-name", name)
    page.click("#new button[type=submit]")
    ready(page)
    return int(page.url.split("/plans/")[1].split("/")[0])


def ready(page: Page) -> None:
    """Wait until the editor stands."""
    page.wait_for_selector(READY, state="attached")


def saved(page: Page) -> None:
    """Wait until the server has everything."""
    page.wait_for_selector("#plan-state[data-state=saved]")


def choose(page: Page, name: str) -> None:
    """Choose a grid by its row."""
    page.locator("#plan-grids .row-name", has_text=name).first.click()


def spot(page: Page, cell: int) -> tuple[float, float]:
    """Return where the middle of a cell lies on the screen."""
    x, y = page.evaluate(CELL, int(cell))
    return x, y


def drag(page: Page, start: tuple[float, float], end: tuple[float, float], *, release: bool = True) -> None:
    """Press, move and release."""
    page.mouse.move(*start)
    page.mouse.down()
    page.mouse.move(*end, steps=8)
    if release:
        page.mouse.up()


def sums(page: Page) -> dict[str, int]:
    """Return the households of each grid as the page has them."""
    found: dict[str, int] = page.evaluate(SUMS)
    return found


def row(page: Page, name: str, households: int) -> None:
    """Expect a number in the row of a grid."""
    expect(page.locator("#plan-grids tr", has_text=name).locator(".sum")).to_contain_text(f"{households:,}")
