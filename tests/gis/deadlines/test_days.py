"""The working calendar: filled, brought in, taken away, and changed day by day, by who may."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from gis import deadlines
from gis.errors import Invalid, NotAllowed
from gis.viewer import Viewer
from tests.racing import at_once

Enter = Callable[[str], Viewer]


def test_a_year_is_filled_with_its_holidays_and_make_up_days(session: Session, admitted: Enter) -> None:
    steward = admitted("data_steward")
    assert deadlines.fill(session, steward, 2026) > 20
    calendar = deadlines.calendar(session)
    assert not calendar.works(date(2026, 10, 1))
    assert calendar.works(date(2026, 10, 10)), "a Saturday that is worked"
    assert calendar.works(date(2026, 10, 9))
    assert "2026-10-01,holiday,国庆节" in deadlines.export(session, steward, 2026)


def test_a_year_that_nobody_knows_yet_is_told(session: Session, admitted: Enter) -> None:
    with pytest.raises(Invalid, match="not known yet"):
        deadlines.fill(session, admitted("data_steward"), 2035)


def test_what_goes_out_comes_in_again(session: Session, admitted: Enter) -> None:
    steward = admitted("data_steward")
    deadlines.fill(session, steward, 2026)
    body = deadlines.export(session, steward, 2026)
    deadlines.put(session, steward, date(2026, 3, 2), "holiday", "试验")
    assert deadlines.export(session, steward, 2026) != body
    assert deadlines.replace(session, steward, body.encode()) == [2026]
    assert deadlines.export(session, steward, 2026) == body


@pytest.mark.parametrize(("table", "said"), [
    ("day,kind,name\n2026-13-01,holiday,x\n", "Row 2"), ("day,kind,name\n2026-10-01,off,x\n", "Row 2"),
    ("a,b\n1,2\n", "columns"), ("day,kind,name\n2026-10-01,holiday,x\n2026-10-01,holiday,y\n", "twice"),
])  # fmt: skip
def test_a_wrong_row_is_named_and_nothing_is_written(session: Session, admitted: Enter, table: str, said: str) -> None:
    steward = admitted("data_steward")
    deadlines.fill(session, steward, 2026)
    before = deadlines.export(session, steward, 2026)
    with pytest.raises(Invalid, match=said):
        deadlines.replace(session, steward, table.encode())
    assert deadlines.export(session, steward, 2026) == before


def test_a_day_goes_back_to_what_its_weekday_says(session: Session, admitted: Enter) -> None:
    steward, day = admitted("data_steward"), date(2026, 3, 2)
    deadlines.put(session, steward, day, "holiday", "台风")
    assert not deadlines.calendar(session).works(day)
    deadlines.put(session, steward, day, None)
    assert deadlines.calendar(session).works(day)


@pytest.mark.parametrize("name", ["dispatcher", "grid_worker", "planner"])
def test_only_the_steward_changes_it(session: Session, admitted: Enter, name: str) -> None:
    with pytest.raises(NotAllowed):
        deadlines.put(session, admitted(name), date(2026, 3, 2), "holiday")


def test_a_year_that_two_fill_at_once_is_filled_once(viewer_as: Enter, engine: Engine, app_engine: Engine) -> None:
    steward = viewer_as("data_steward")
    try:
        got = at_once(app_engine, steward, [lambda session: deadlines.fill(session, steward, 2025)] * 2)
        assert got[0] == got[1] > 20
    finally:
        with engine.begin() as connection:
            connection.execute(text("DELETE FROM calendar_days WHERE extract(year FROM day) = 2025"))


@pytest.mark.parametrize("day", [date(1900, 1, 1), date(9999, 1, 1)])
def test_a_day_that_no_page_shows_is_refused(session: Session, admitted: Enter, day: date) -> None:
    steward = admitted("data_steward")
    with pytest.raises(Invalid, match="too far away"):
        deadlines.put(session, steward, day, "holiday")
    with pytest.raises(Invalid, match="Row"):
        deadlines.replace(session, steward, f"day,kind,name\n{day},holiday,x\n".encode())
