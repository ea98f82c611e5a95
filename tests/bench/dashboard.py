"""The dashboard of the whole district, after a write and without one, against the second it is allowed."""

from __future__ import annotations

from functools import partial

from gis.indicators import periods
from tests.bench.district import District, today
from tests.bench.page import again, ours
from tests.bench.report import Line, Report, rounds
from tests.bench.server import Crowd, Server
from tests.bench.tiles import touch

ACCOUNT = "district_manager"
LIMIT = 1.0
"""Seconds in which everything on the page is answered."""


def measure(district: District, server: Server, crowd: Crowd, report: Report, times: int) -> None:
    """Measure this month and the last one, every number made anew, and then from what is kept."""
    headers = server.cookie(ACCOUNT)
    month = periods.month_of(today())
    pages = {"this month": f"/figures/?month={month}", "a closed month": f"/figures/?month={month.back(1)}"}
    for name, path in pages.items():
        made = partial(ours, server, headers, (path,), partial(touch, district))
        found = rounds(times, {"ours": made, "kept": partial(again, server, headers, (path,))})
        for work, run in ((f"dashboard, {name}", found["ours"]), (f"dashboard, {name}, again", found["kept"])):
            report.add(Line(work, str(run), "1 s", run.seconds / LIMIT, 1, False, "as in its tests"))
