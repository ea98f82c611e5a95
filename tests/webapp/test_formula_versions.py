"""A kept figure is told with the version of the formula that it was made by, and compared within one version only."""

from __future__ import annotations

import csv
import io
import re

import pytest
from sqlalchemy import insert, text
from sqlalchemy.orm import Session

from gis.indicators import periods
from gis.indicators.kpis import ALL, BY_CODE
from gis.indicators.snapshots import KpiSnapshot
from tests.conftest import DAY, NOW
from tests.webapp.desk import Enter

LAST = periods.month_of(DAY).back(1)
CODE = "acceptance_timeliness"
TODAY = BY_CODE[CODE].version


@pytest.fixture(autouse=True)
def kept(session: Session) -> None:
    """The last month of the whole district, kept when every formula had its first version."""
    given = {"month": LAST.first, "territory": 999901000000000, "version": 1, "made_at": NOW}
    rows = [{**given, "code": kpi.code, "numerator": 1, "denominator": 2, "value": 0.5} for kpi in ALL]
    session.execute(text("RESET ROLE"))
    session.execute(insert(KpiSnapshot), rows)


def line(page: str, code: str) -> str:
    """A line of the table of figures, as it is read."""
    found = re.search(rf'<tr data-kpi="{code}".*?</tr>', page, re.S)
    assert found
    return " ".join(re.sub("<[^>]+>", " ", found[0]).split())


def test_a_kept_month_tells_the_versions_it_was_kept_by(enter: Enter) -> None:
    client = enter("district_manager")
    page = client.get(f"/figures/?month={LAST}").text
    assert f"{CODE} · v1" in line(page, CODE)
    assert f"现行公式为 v{TODAY}" in line(page, CODE), "the sentence beside it is that of today's formula"
    assert "现行公式" not in line(page, "on_time_closure_rate")
    assert "公式版本 1 " in client.get(f"/figures/report?month={LAST}").text
    body = client.get(f"/figures/table.csv?month={LAST}").get_data().decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(body.split("\r\n\r\n")[0])))[1:]
    assert {row[2]: row[8] for row in rows}[CODE] == "1"


def test_two_versions_are_told_apart_and_not_compared(enter: Enter) -> None:
    page = enter("district_manager").get("/figures/").text
    assert f"{CODE} · v{TODAY}" in line(page, CODE)
    assert "50.0% 公式 v1，不作比较" in line(page, CODE)
    assert "不作比较" not in line(page, "on_time_closure_rate")
