"""What a planner sees: sums on the map and in the panel that are SQL's, names on grids, the line in force dashed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

import pytest
from playwright.sync_api import Page
from sqlalchemy import Engine, text

from tests import fabrics
from tests.browser.drawing import choose, drag, give, saved, spot, standing

THIRD, FOURTH = "清河03网格", "清河04网格"
COUNTED = """
SELECT g.name, sum(b.households), sum(b.residents), count(b.id),
  (SELECT count(*) FROM cases k JOIN cells c ON ST_Covers(c.outline, k.point) JOIN plan_cells p ON p.cell_id = c.id
   WHERE p.plan_grid_id = g.id AND k.closed_at IS NULL),
  (SELECT count(*) FROM assignments a WHERE a.grid_id = g.grid_id AND a.valid @> date '2026-11-18')
FROM plan_grids g JOIN plan_cells p ON p.plan_grid_id = g.id JOIN cells c ON c.id = p.cell_id
LEFT JOIN buildings b ON b.id = c.building_id WHERE g.plan_id = :plan GROUP BY g.id, g.name, g.grid_id
"""
"""Households, residents, buildings, open cases and workers of each grid of a plan, from the rows themselves."""
WRITTEN = """() => {
  const told = window.written = [], ctx = CanvasRenderingContext2D.prototype, fill = ctx.fillText;
  ctx.fillText = function (text, ...rest) { told.push(text); return fill.call(this, text, ...rest); };
  window.wangge.editor.sheets.labels.refresh();
}"""
"""Note what is written on the map from now on, and write it anew."""
SEEN = """([[x0, y0], [x1, y1], colour]) => {
  const all = [...document.querySelectorAll(".leaflet-container canvas")];
  const canvases = all.map((canvas) => [canvas, canvas.getBoundingClientRect()]);
  const near = (data) => colour.every((each, i) => Math.abs(data[i] - each) < 24) && data[3] > 200;
  const hit = (x, y) => canvases.some(([canvas, box]) => {
    const scale = canvas.width / box.width;
    const [left, top] = [Math.round((x - box.x) * scale), Math.round((y - box.y) * scale)];
    return near(canvas.getContext("2d").getImageData(left, top, 1, 1).data);
  });
  const found = [];
  for (let step = 0; step <= 60; step += 1) {
    const [x, y] = [x0 + ((x1 - x0) * step) / 60, y0 + ((y1 - y0) * step) / 60];
    found.push([-2, -1, 0, 1, 2].some((off) => hit(x, y + off)));
  }
  return found;
}"""
"""At which of 61 places along a level line a colour is on the map."""
BLUE, DARK = (31, 78, 140), (51, 58, 67)
"""The colours of the line in force and of a border."""


@pytest.fixture(scope="module")
def village(engine: Engine) -> Iterator[fabrics.Village]:
    with standing(engine, number=979) as found:
        yield found


@pytest.fixture
def pushed(desk: Page, village: fabrics.Village) -> Page:
    """An editor in which 03 has given three buildings with 62 households to 04."""
    give(desk, village)
    return desk


def numbers(said: str) -> list[int]:
    """Return the numbers in a text, in their order."""
    return [int(each.replace(",", "")) for each in re.findall(r"\d[\d,]*", said)]


def counted(page: Page, engine: Engine) -> dict[str, list[int]]:
    """Return what SQL counts for each grid of the plan that is open."""
    plan = int(page.url.split("/plans/")[1].split("/")[0])
    with engine.connect() as connection:
        rows = connection.execute(text(COUNTED), {"plan": plan}).all()
    return {name: [int(each) for each in sums] for name, *sums in rows}


def test_map_and_panel_tell_what_sql_counts(pushed: Page, engine: Engine) -> None:
    found = counted(pushed, engine)
    assert found[FOURTH][0] == 423
    assert sum(sums[3] for sums in found.values()) == sum(fabrics.CASES)
    assert {sums[4] for sums in found.values()} == {1}, "a cadre each"
    assert len(found) == 9
    for name, sums in found.items():
        line = pushed.locator("#plan-grids tr", has_text=name)
        told = [
            numbers(cell)[0]
            for cell in [line.locator(".sum").inner_text(), *line.locator("td.number").all_inner_texts()]
        ]
        assert told == sums, f"the panel on {name}"
        choose(pushed, name)
        strip = pushed.locator("#plan-strip li")
        assert strip.count() == 1
        said = [strip.locator(".strip-sum").inner_text(), strip.locator(".strip-rest").inner_text()]
        assert numbers(" ".join(said)) == sums, f"the map on {name}"


def test_while_a_stroke_is_drawn_the_map_tells_both_grids(
    pushed: Page, village: fabrics.Village, engine: Engine
) -> None:
    page = pushed
    before = counted(page, engine)
    page.keyboard.press("b")
    for _ in range(2):
        page.keyboard.press("[")
    at = spot(page, village.cells[14, 3])
    drag(page, at, at, release=False)
    page.wait_for_function("() => document.querySelectorAll('#plan-strip li').length === 2")
    lines = dict(zip(page.locator("#plan-strip .strip-name").all_inner_texts(),
                     page.locator("#plan-strip .strip-rest").all_inner_texts(), strict=True))  # fmt: skip
    page.mouse.up()
    saved(page)
    after = counted(page, engine)
    assert after[FOURTH] != before[FOURTH]
    assert {name: numbers(said) for name, said in lines.items()} == {name: after[name][1:] for name in (THIRD, FOURTH)}


def test_names_and_sums_are_written_on_the_grids(pushed: Page) -> None:
    pushed.evaluate(WRITTEN)
    pushed.wait_for_function("() => window.written.length > 8")
    written = pushed.evaluate("window.written")
    for name, households in ((THIRD, "416"), (FOURTH, "423"), ("清河07网格", "▲ 742"), ("清河08网格", "▼ 148")):
        assert name in written
        assert households in written
    assert "361" not in written, "the sum of before"


def test_the_line_in_force_is_dashed_where_it_was_and_nowhere_else(pushed: Page, village: fabrics.Village) -> None:
    page = pushed

    def along(row_: int, columns: tuple[int, int], colour: tuple[int, int, int]) -> list[bool]:
        """Where a colour is on the line above a row of cells, between the middles of two of them."""
        (x0, y0), (x1, _), (_, above) = (spot(page, village.cells[at]) for at in
                                         ((row_, columns[0]), (row_, columns[1]), (row_ + 1, columns[0])))  # fmt: skip
        found: list[bool] = page.evaluate(SEEN, [[x0, (y0 + above) / 2], [x1, (y0 + above) / 2], colour])
        return found

    choose(page, "清河07网格")
    assert not any(along(14, (0, 2), BLUE)), "before comparing"
    page.keyboard.press("d")
    page.wait_for_function("() => document.querySelector('#plan-compare').getAttribute('aria-pressed') === 'true'")
    page.wait_for_timeout(400)
    old = along(14, (0, 2), BLUE)
    assert 0.3 < sum(old) / len(old) < 0.9, "a line with gaps"
    assert sum(one != other for one, other in pairwise(old)) >= 4, "dashes"
    kept = along(14, (4, 8), DARK)
    assert sum(kept) / len(kept) > 0.9, "a border that stays is drawn through"
    assert not any(along(14, (4, 8), BLUE))
