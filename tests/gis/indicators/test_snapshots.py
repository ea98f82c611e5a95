"""What was kept of a month never moves, is seen inside the territory and above it, and is kept once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from sqlalchemy import Engine, func, insert, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from gis import areas
from gis.database import admit
from gis.errors import Conflict, NotAllowed
from gis.indicators import board, periods, snapshots
from gis.indicators.kpis import ALL
from gis.indicators.snapshots import KpiSnapshot
from gis.scope import Scope, moment_of
from gis.viewer import Viewer, key, system
from tests.conftest import DAY, NOW
from tests.gis.indicators.town import MONTH, RANGE, Town, at
from tests.racing import at_once

LAST = periods.month_of(DAY).back(1)


@pytest.fixture
def kept(session: Session) -> int:
    """The last month, kept for the whole made-up district."""
    with snapshots.of_district(session, system(DAY)) as everywhere:
        return snapshots.take(session, everywhere, LAST, RANGE, NOW)


def seen(session: Session, viewer: Viewer, month: periods.Month = LAST) -> board.Board:
    admit(session, viewer)
    scope = Scope(month.last, moment_of(month.last, NOW), viewer.territory.spans, live=False)
    place = areas.whereabouts(session, viewer, viewer.territory.home or "", month.last)
    return board.board(session, viewer, scope, month, place, RANGE, board.CareShown())


def test_every_area_and_grid_has_every_figure_once(session: Session, kept: int) -> None:
    assert kept > 500
    plain = select(KpiSnapshot.territory, func.count()).where(~KpiSnapshot.code.contains("."))
    found = dict(session.execute(plain.group_by(KpiSnapshot.territory)).all())
    assert set(found.values()) == {len(ALL)}
    assert {999901000000000, key("999901001000"), key("999901001001")} <= set(found) or len(found) > 12
    with snapshots.of_district(session, system(DAY)) as everywhere:
        assert snapshots.take(session, everywhere, LAST, RANGE, NOW) == 0


@pytest.mark.parametrize("statement", [
    "UPDATE kpi_snapshots SET value = 1", "DELETE FROM kpi_snapshots", "TRUNCATE kpi_snapshots"])  # fmt: skip
def test_nobody_changes_what_was_kept(session: Session, kept: int, statement: str) -> None:
    with pytest.raises(DBAPIError, match="append-only"):
        session.execute(text(statement))


def test_the_application_may_only_add_and_only_who_keeps(
    session: Session, kept: int, viewer_as: Callable[[str], Viewer]
) -> None:
    row = {"month": LAST.back(40).first, "code": "x", "version": 1, "made_at": NOW, "territory": 999901000000000}
    viewers = {name: viewer_as(name) for name in ("town_manager", "planner", "grid_worker", "district_manager")}
    for account in ("town_manager", "planner", "grid_worker"):
        admit(session, viewers[account])
        with pytest.raises(DBAPIError, match="row-level security"), session.begin_nested():
            session.execute(insert(KpiSnapshot).values(row).inline())
    admit(session, viewers["district_manager"])
    session.execute(insert(KpiSnapshot).values(row).inline())
    for statement in ("UPDATE kpi_snapshots SET value = 1", "DELETE FROM kpi_snapshots"):
        with pytest.raises(DBAPIError, match="permission denied"), session.begin_nested():
            session.execute(text(statement))


def test_a_running_month_is_not_kept_and_not_by_everybody(session: Session, viewer_as: Callable[[str], Viewer]) -> None:
    with pytest.raises(Conflict):
        snapshots.take(session, viewer_as("district_manager"), periods.month_of(DAY), RANGE, NOW)
    with pytest.raises(NotAllowed):
        snapshots.take(session, viewer_as("town_manager"), LAST, RANGE, NOW)


def test_a_late_entry_and_a_redraw_move_no_kept_figure(
    session: Session, kept: int, viewer_as: Callable[[str], Viewer]
) -> None:
    viewer = viewer_as("town_manager")
    before = seen(session, viewer)
    assert before.kept
    session.execute(text("RESET ROLE"))
    late = "UPDATE cases SET closed_at = due_at + interval '9 days' WHERE due_at < '2026-11-01' AND status = 'closed'"
    session.execute(text(late))
    session.execute(text("UPDATE grid_outlines SET households = households + 400"))
    after = seen(session, viewer)
    assert after.results == before.results
    assert [part.results for part in after.parts] == [part.results for part in before.parts]
    assert after.grids == before.grids
    assert after.counts != before.counts, "the rows did change"


def test_what_lies_above_is_seen_and_what_lies_beside_is_not(
    session: Session, kept: int, viewer_as: Callable[[str], Viewer]
) -> None:
    viewer, town = viewer_as("grid_worker"), viewer_as("town_manager")
    admit(session, viewer)
    found = set(session.scalars(select(KpiSnapshot.territory).distinct()))
    own = viewer.territory.codes[0]
    assert found == {key(own), key(own[:12]), key(own[:9] + "000"), key(own[:6] + "000000")}
    care = select(func.count()).where(KpiSnapshot.code.startswith("care"))
    assert session.scalar(care) == 0, "a grid worker does not count care visits"
    admit(session, town)
    assert session.scalar(care) > 0


def test_the_month_before_and_the_area_above_stand_beside(
    session: Session, kept: int, viewer_as: Callable[[str], Viewer]
) -> None:
    now = periods.month_of(DAY)
    viewer = viewer_as("grid_worker")
    admit(session, viewer)
    scope = Scope(DAY, NOW, viewer.territory.spans)
    place = areas.whereabouts(session, viewer, viewer.territory.home or "", DAY)
    made = board.board(session, viewer, scope, now, place, RANGE, board.CareShown())
    assert not made.kept
    assert made.compared["before"].month == made.compared["above"].month == LAST
    assert "last_year" not in made.compared
    assert made.weeks[-1][3] == made.counts.open, "the backlog ends at what is open"


def test_every_week_is_told_and_the_backlog_goes_on() -> None:
    monday = date(2026, 10, 19)
    rows = [(date(2026, 10, 12), 9, 4), (monday, 2, 3), (date(2026, 11, 2), 1, 0)]
    assert board.weekly(rows, monday, NOW)[:3] == [
        (monday, 2, 3, 4), (date(2026, 10, 26), 0, 0, 4), (date(2026, 11, 2), 1, 0, 5)]  # fmt: skip
    assert len(board.weekly(rows, monday, NOW)) == 5
    assert board.weekly([(monday, 2, 0)], monday, NOW)[0] == (monday, 2, 0, 2), "no week before it"


def test_last_year_is_told_when_it_was_kept(town: Town) -> None:
    town.case()
    town.store()
    admit(town.session, town.viewer)
    assert snapshots.take(town.session, town.viewer, MONTH, RANGE, NOW) > 0
    found = snapshots.kept(town.session, town.viewer, [MONTH], [key("999902000000")])
    assert found[key("999902000000"), MONTH, "closure_rate"].value == 1
    assert found[key("999902000000"), MONTH, "category.environment"].value == 1
    assert at(5) < MONTH.end


def test_a_month_that_two_keep_at_once_is_kept_once(
    viewer_as: Callable[[str], Viewer], engine: Engine, app_engine: Engine
) -> None:
    manager, month = viewer_as("district_manager"), LAST.back(30)
    try:
        got = at_once(app_engine, manager, [lambda session: snapshots.take(session, manager, month, RANGE, NOW)] * 2)
        assert sorted(got)[0] == 0
        assert sorted(got)[1] > 0
    finally:
        with engine.begin() as connection:
            connection.execute(text("ALTER TABLE kpi_snapshots DISABLE TRIGGER USER"))
            connection.execute(text("DELETE FROM kpi_snapshots WHERE month = :first"), {"first": month.first})
            connection.execute(text("ALTER TABLE kpi_snapshots ENABLE TRIGGER USER"))
