"""Volunteers per 1,000 residents on a day in the past: its teams and its residents, and a word on what is of today."""

from __future__ import annotations

import csv
import io
from datetime import date, timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from gis.resources import VolunteerTeam
from tests.conftest import DAY
from tests.webapp.desk import Enter

GRID = "999901100001001"
BEFORE = DAY - timedelta(days=1)


@pytest.fixture
def moved(session: Session) -> int:
    """Since today the grid has 1,000 residents more and a team of 40 less; returns how many residents it had."""
    of, names = (
        {"code": GRID, "day": DAY},
        "grid_id, territory, code, name, kind, outline, area_m2, households, buildings",
    )
    grid, residents = session.execute(
        text("UPDATE grid_outlines SET valid = daterange(lower(valid), :day) WHERE code = :code "
             "AND valid @> cast(:day AS date) RETURNING grid_id, residents"), of,
    ).one()  # fmt: skip
    session.execute(
        text(f"INSERT INTO grid_outlines ({names}, residents, valid) SELECT {names}, residents + 1000, "
             "daterange(:day, NULL) FROM grid_outlines WHERE code = :code AND upper(valid) = :day"), of,
    )  # fmt: skip
    point = session.scalar(select(VolunteerTeam.point).limit(1))
    session.add(VolunteerTeam(
        area_code=GRID[:12], grid_id=grid, territory=int(GRID), name="旧队", skills=[], active_count=40,
        registered_count=40, availability="any_time", radius_m=500, closed_on=DAY, point=point,
    ))  # fmt: skip
    session.flush()
    return int(residents)


def line(client: FlaskClient, day: date | None) -> dict[str, str]:
    """Return the row of the grid in the table of a day."""
    query = f"&date={day}" if day else ""
    body = client.get(f"/volunteers/density.csv?level=grid{query}").get_data().decode("utf-8-sig")
    return next(row for row in csv.DictReader(io.StringIO(body)) if row["编码"] == GRID)


def test_a_past_day_has_its_own_teams_and_residents(enter: Enter, moved: int) -> None:
    client = enter("town_manager")
    now, before = line(client, None), line(client, BEFORE)
    assert line(client, DAY) == now
    assert int(before["常住人口"]) == moved
    assert int(now["常住人口"]) == moved + 1000
    assert int(before["活跃志愿者"]) == int(now["活跃志愿者"]) + 40
    assert before["2 公里内未在出动的志愿队"] == "", "nobody knows who was free then"


def test_the_page_of_a_past_day_says_what_is_of_today(enter: Enter) -> None:
    client = enter("town_manager")
    page = client.get(f"/volunteers/density?level=grid&date={BEFORE}").text
    assert f'name="date" value="{BEFORE}"' in page
    assert f"date={BEFORE}" in page.split("density.csv")[1][:60]
    assert "活跃人数为 2026-11-18 的数据" in page
    assert "活跃人数为" not in client.get("/volunteers/density?level=grid").text
    assert client.get("/volunteers/density?date=2026-11-19").status_code == 400


def test_the_header_of_the_map_says_of_which_day_the_members_are(enter: Enter) -> None:
    client = enter("town_manager")

    def said(query: str) -> str:
        header = client.get(f"/map/figures?theme=volunteers&measure=density{query}").get_json()["header"]
        return str(next(each["n"] for each in header if each["name"] == "volunteers"))

    assert "今日" not in said(f"&date={BEFORE}")
    assert said(f"&date={BEFORE}").endswith("人数为 2026-11-18 的数据")
    assert "人数为" not in said("")
