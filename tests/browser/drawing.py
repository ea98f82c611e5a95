"""Hands on the editor: where things lie on the screen, and how a stroke is drawn."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import numpy as np
from playwright.sync_api import Page, expect
from sqlalchemy import Engine, delete, select
from sqlalchemy.orm import Session

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


WATCH = """() => {
  const { map, sheets, table } = window.wangge.editor, told = window.told = { stroke: [], sums: [] };
  let moved = null;
  const hand = (event) => { if (event.buttons) moved = performance.now(); };
  map.getContainer().addEventListener("pointermove", hand, true);
  sheets.land.onDrawn = () => moved !== null && told.stroke.push(performance.now() - moved);
  const refresh = table.refresh.bind(table);
  table.refresh = () => { refresh(); if (moved !== null) told.sums.push(performance.now() - moved); };
}"""
ROWS, COLUMNS, SIDE = 70, 72, 5
"""A village of 5,040 cells in grids of five by five."""


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


def large(session: Session) -> fabrics.Village:
    """Store a village of 5,040 cells and 210 grids."""
    rows, columns = np.indices((ROWS, COLUMNS))
    grid = (rows // SIDE) * -(-COLUMNS // SIDE) + columns // SIDE
    households = (rows * 7 + columns * 13) % 33
    return fabrics.lay(session, grid, households, number=fabrics.LARGE, name="五千地块社区")


def begin(page: Page, code: str, name: str = "春季调整") -> int:
    """Begin a plan by the form and return its number, with the editor open."""
    if urlsplit(page.url).path != "/plans/":
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


def watch(page: Page) -> None:
    """Note from now on how many milliseconds after the hand a stroke and its sums are on the screen."""
    page.evaluate(WATCH)


def stroke(page: Page, cell: int) -> dict[str, list[float]]:
    """Draw by hand from a cell on, for a second, and return what was noted."""
    x, y = spot(page, cell)
    page.mouse.move(x, y)
    page.mouse.down()
    for step in range(40):
        page.mouse.move(x + 6 * step, y + 5 * (step % 6))
        page.wait_for_timeout(25)
    page.mouse.up()
    told: dict[str, list[float]] = page.evaluate("window.told")
    return told


def sums(page: Page) -> dict[str, int]:
    """Return the households of each grid as the page has them."""
    found: dict[str, int] = page.evaluate(SUMS)
    return found


def row(page: Page, name: str, households: int) -> None:
    """Expect a number in the row of a grid."""
    expect(page.locator("#plan-grids tr", has_text=name).locator(".sum")).to_contain_text(f"{households:,}")


def give(page: Page, village: fabrics.Village) -> None:
    """Give three buildings of 03 with 62 households to 04, as a box."""
    fourth = "清河04网格"
    choose(page, fourth)
    page.keyboard.press("r")
    (x0, y0), (x1, y1) = spot(page, village.cells[14, 0]), spot(page, village.cells[14, 2])
    drag(page, (x0 - 2, y0 - 2), (x1 + 2, y1 + 2))
    saved(page)
    row(page, fourth, 423)
