"""A planner at a village of 5,000 cells and 200 grids in Chromium: how soon it is open, and how a stroke follows."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import numpy as np
from playwright.sync_api import Browser, Page, sync_playwright

from gis import machine
from gis.database import transaction
from gis.plans.draft import draft, totals
from gis.viewer import system
from tests import fabrics
from tests.bench.browser import FLAGS
from tests.bench.district import District, today
from tests.bench.report import Line, Report, Run, rounds, spell
from tests.bench.server import Crowd, Server
from tests.browser.conftest import DESKTOP
from tests.browser.drawing import begin, choose, clear, large, ready, saved, stroke, sums, watch

ACCOUNT = "planner"
OPEN_S, STROKE_S, SUMS_S = 2.0, 0.05, 0.15


@contextmanager
def village(district: District) -> Iterator[fabrics.Village]:
    """Hold a village in the district for a while."""
    with transaction(district.engine) as session:
        code = f"{fabrics.first(session, 'town')[:9]}{fabrics.LARGE}"
    clear(district.engine, code)
    with transaction(district.engine) as session:
        found = large(session)
    try:
        yield found
    finally:
        clear(district.engine, code)


@dataclass
class Desk:
    """The editor in a browser, with a plan of the village; `stroke` and `sums` are the seconds of each answer."""

    page: Page
    village: fabrics.Village
    plan: int
    stroke: list[float] = field(default_factory=list)
    sums: list[float] = field(default_factory=list)
    strokes: int = 0

    def open(self) -> Run:
        """Open the plan anew and wait until the editor stands."""
        began = time.perf_counter()
        self.page.reload()
        ready(self.page)
        return Run(time.perf_counter() - began, self.village.cells.size, 0)

    def draw(self) -> None:
        """Draw a stroke by hand over land of other grids, and note how late it and its sums were on the screen."""
        choose(self.page, f"清河{100 + self.strokes}网格")
        watch(self.page)
        told = stroke(self.page, int(self.village.cells[40 - 3 * self.strokes, 20]))
        self.stroke += [ms / 1000 for ms in told["stroke"]]
        self.sums += [ms / 1000 for ms in told["sums"]]
        self.strokes += 1
        saved(self.page)

    def agrees(self, district: District) -> bool:
        """Tell whether the page shows the sums that the server has, and something was drawn."""
        with transaction(district.engine) as session:
            drawn = draft(session, system(today()), self.plan)
            stored = {grid.name: sums.households for grid, sums in zip(drawn.grids, totals(drawn), strict=True)}
            changed = int((drawn.of != self.village.grid.ravel()).sum())
        return sums(self.page) == stored and changed > 0


def desk(browser: Browser, server: Server, found: fabrics.Village) -> Desk:
    """Begin a plan of the village as the planner."""
    context = browser.new_context(viewport=DESKTOP, base_url=server.address, locale="zh-CN")  # type: ignore[arg-type]
    cookie = server.cookie(ACCOUNT).split("session=")[1].strip()
    context.add_cookies([{"name": "session", "value": cookie, "url": server.address}])
    page = context.new_page()
    return Desk(page, found, begin(page, found.code))


def measure(district: District, server: Server, crowd: Crowd, report: Report, times: int) -> None:
    """Measure the editor against what a hand does not feel."""
    with village(district) as found, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=machine.chromium(), args=list(FLAGS))
        seat = desk(browser, server, found)
        opened = rounds(times, {"ours": seat.open})["ours"]
        for _ in range(times):
            seat.draw()
        agree = "same sums as the server" if seat.agrees(district) else "SUMS DIFFER"
        browser.close()
    what = f"a village of {found.cells.size:,} cells and {len(found.grids)} grids in Chromium"
    report.add(Line(f"{what}: open", str(opened), f"{OPEN_S:g} s", opened.seconds / OPEN_S, 1, False, agree))
    for name, seconds, limit in (("stroke", seat.stroke, STROKE_S), ("sums", seat.sums, SUMS_S)):
        middle, late = np.percentile(seconds, [50, 95]).tolist()
        note = f"the middle one of {len(seconds)}; 19 of 20 within {spell(late)}"
        work = f"{what}: {name} on the screen after the hand moved"
        report.add(Line(work, spell(middle), f"{spell(limit)}", middle / limit, 1, False, agree, note))
