"""Visits in the field: once per key, inside the territory, taken back on the day, and equal to the coverage."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise

import pytest
from sqlalchemy import Engine, delete, func, select, text
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.orm import Session

from gis import visits
from gis.audit import AuditEntry
from gis.coverage import Visit, WithdrawnVisit
from gis.database import admit
from gis.errors import Conflict, Invalid, NotAllowed, NotFound
from gis.premises import Building, Household
from gis.viewer import Viewer, system
from layers.catalogue import COVERAGE
from layers.query import Asked, rows
from tests.conftest import DAY, NOW
from tests.leftovers import swept
from tests.racing import told

Enter = Callable[[str], Viewer]


def asked(viewer: Viewer, day: date = DAY):
    return Asked(day, NOW).scope(viewer)


def given(home: int, **more: object) -> visits.Given:
    return visits.Given(
        **{"key": "key-0001", "result": "met", "purpose": "routine", "day": DAY, "household": home, **more}
    )


@pytest.fixture
def worker(admitted: Enter) -> Viewer:
    return admitted("grid_worker")


@pytest.fixture
def home(session: Session, worker: Viewer) -> int:
    return visits.due(session, worker, asked(worker), states=visits.UNVISITED)[0].id


def reach(session: Session, viewer: Viewer) -> tuple[int, int]:
    found = rows(COVERAGE, viewer, Asked(DAY, NOW), fields=("visited", "households_listed"), geometry=None).subquery()
    sums = select(func.sum(found.c.visited), func.sum(found.c.households_listed))
    visited, listed = session.execute(sums).one()
    return int(visited), int(listed)


def test_a_visit_is_counted_at_once_and_its_household_is_not_due_any_more(
    session: Session, worker: Viewer, home: int
) -> None:
    before, (visited, listed) = visits.counts(session, worker, asked(worker)), reach(session, worker)
    assert (before.households, before.unvisited) == (listed, listed - visited)
    visits.record(session, worker, given(home), NOW)
    assert reach(session, worker) == (visited + 1, listed)
    after = visits.counts(session, worker, asked(worker))
    assert (after.unvisited, after.due) == (before.unvisited - 1, before.due - 1)
    assert home not in {row.id for row in visits.due(session, worker, asked(worker))}


@pytest.mark.parametrize(
    ("result", "counted", "state"), [("met", 1, "fine"), ("not_in", 0, None), ("revisit", 1, "again")]
)
def test_a_closed_door_does_not_count_and_stays_due(
    result: str, counted: int, state: str | None, session: Session, worker: Viewer, home: int
) -> None:
    visited, _listed = reach(session, worker)
    was = next(row for row in visits.due(session, worker, asked(worker)) if row.id == home).state
    visits.record(session, worker, given(home, result=result), NOW)
    assert reach(session, worker)[0] == visited + counted
    every = visits.due(session, worker, asked(worker), states=tuple(visits.STATES))
    row = next(row for row in every if row.id == home)
    assert (row.state, row.last_try_on, row.last_result) == (state or was, DAY, result)


def test_what_is_due_is_due_by_the_day_and_not_later(session: Session, worker: Viewer, home: int) -> None:
    """Who is to be seen again is due from the day on which that was said, not half a year after it."""
    visits.record(session, worker, given(home, result="revisit"), NOW)
    rows = visits.due(session, worker, asked(worker))
    assert next(row for row in rows if row.id == home).due_on == DAY
    assert [row.due_on for row in rows if row.due_on and row.due_on > DAY] == []


def test_who_is_to_be_seen_again_stays_so_when_nobody_is_in(session: Session, worker: Viewer, home: int) -> None:
    visits.record(session, worker, given(home, result="revisit"), NOW)
    later = DAY + timedelta(days=1)
    visits.record(session, worker, given(home, key="key-0002", result="not_in", day=later), NOW + timedelta(days=1))
    found = next(row for row in visits.due(session, worker, asked(worker, later)) if row.id == home)
    assert (found.state, found.due_on, found.last_try_on, found.last_result) == ("again", DAY, later, "not_in")


def test_sent_twice_it_is_stored_once(session: Session, worker: Viewer, home: int) -> None:
    first = visits.record(session, worker, given(home), NOW)
    assert visits.record(session, worker, given(home), NOW) == first
    assert session.scalar(select(func.count()).where(Visit.recorded_by == worker.user_id)) == 1


def test_the_keys_of_two_users_never_meet(session: Session, viewer_as: Enter, admitted: Enter) -> None:
    leader, worker = viewer_as("grid_leader"), admitted("grid_worker")
    first = visits.record(session, worker, given(visits.due(session, worker, asked(worker))[0].id), NOW)
    admit(session, leader)
    other = visits.due(session, leader, asked(leader))[0].id
    assert visits.record(session, leader, given(other), NOW) != first
    assert not visits.undo(session, leader, "key-0002", NOW)


def test_a_visit_is_taken_back_on_its_day_and_the_log_keeps_what_it_said(
    session: Session, worker: Viewer, home: int, engine
) -> None:
    before = reach(session, worker)
    number = visits.record(session, worker, given(home), NOW)
    with pytest.raises(Conflict):
        visits.undo(session, worker, "key-0001", NOW + timedelta(days=1))
    assert visits.undo(session, worker, "key-0001", NOW)
    assert reach(session, worker) == before
    assert not visits.undo(session, worker, "key-0001", NOW), "twice is once"
    session.execute(text("RESET ROLE"))
    newest = select(AuditEntry).where(AuditEntry.action == "visit.undo").order_by(AuditEntry.id.desc()).limit(1)
    entry = session.scalars(newest).one()
    assert entry.detail == {"visit": number, "household": home, "building": entry.detail["building"],
                            "day": DAY.isoformat(), "result": "met", "purpose": "routine"}  # fmt: skip


def test_what_was_taken_back_does_not_come_back(session: Session, worker: Viewer, home: int) -> None:
    """A second tab sends again what the first one sent and took back; or it sends last what was taken back before."""
    visits.record(session, worker, given(home), NOW)
    assert visits.undo(session, worker, "key-0001", NOW)
    assert visits.record(session, worker, given(home), NOW) is None
    assert not visits.undo(session, worker, "key-0002", NOW)
    assert visits.record(session, worker, given(home, key="key-0002"), NOW) is None
    assert session.scalar(select(func.count()).where(Visit.recorded_by == worker.user_id)) == 0
    assert visits.record(session, worker, given(home, key="key-0003"), NOW), "another tap counts"


def test_visits_go_after_two_years(session: Session, worker: Viewer, home: int) -> None:
    visits.undo(session, worker, "key-0001", NOW)
    session.execute(text("RESET ROLE"))
    who = system(DAY)
    old, kept = date(2024, 11, 16), date(2024, 11, 17)
    place = session.get_one(Household, home)
    for day in (old, kept):
        session.add(Visit(household_id=home, building_id=place.building_id, grid_id=place.grid_id, visited_on=day,
                          territory=place.territory, purpose="routine", result="met"))  # fmt: skip
    session.flush()
    assert visits.purge(session, who) == 1
    assert session.scalar(select(func.min(Visit.visited_on))) == kept
    assert session.scalar(select(func.count()).select_from(WithdrawnVisit)) == 1, "a device may still send it"
    assert visits.purge(session, system(DAY + timedelta(days=8))) == 1
    assert session.scalar(select(func.count()).select_from(WithdrawnVisit)) == 0
    told = select(AuditEntry.detail).where(AuditEntry.action == "visit.purge").order_by(AuditEntry.id)
    assert [detail["visits"] for detail in session.scalars(told)] == [1, 1]


def test_only_the_command_purges(session: Session, admitted: Enter) -> None:
    with pytest.raises(NotAllowed):
        visits.purge(session, admitted("village_manager"))


def test_another_users_visit_is_not_taken_back(session: Session, admitted: Enter, worker: Viewer, home: int) -> None:
    visits.record(session, worker, given(home), NOW)
    other = replace(worker, user_id=10**6)
    admit(session, other)
    assert not visits.undo(session, other, "key-0001", NOW)


@pytest.mark.parametrize(
    "wrong", [{"result": "angry"}, {"purpose": "gossip"}, {"day": DAY + timedelta(days=1)}, {"key": "short"},
              {"day": DAY - timedelta(days=8)}, {"household": None}, {"key": "schlüssel-0001"}],
)  # fmt: skip
def test_what_cannot_be_is_refused(wrong: dict, session: Session, worker: Viewer, home: int) -> None:
    with pytest.raises(Invalid):
        visits.record(session, worker, given(home, **wrong), NOW)


def test_a_device_may_send_what_it_kept_for_a_week(session: Session, worker: Viewer, home: int) -> None:
    visits.record(session, worker, given(home, day=DAY - timedelta(days=7)), NOW)
    assert visits.recorded_today(session, worker, NOW)[0].visited_on == DAY - timedelta(days=7)


def test_a_building_alone_is_visited_too(session: Session, worker: Viewer) -> None:
    building = session.scalars(select(Building.id)).first()
    visits.record(session, worker, given(None, building=building, purpose="safety"), NOW)
    row = visits.recorded_today(session, worker, NOW)[0]
    assert (row.household_id, row.building_id, row.purpose, row.key) == (None, building, "safety", "key-0001")


def test_outside_the_own_grids_there_is_no_household(session: Session, viewer_as: Enter, admitted: Enter) -> None:
    leader = viewer_as("grid_leader")
    other = visits.due(session, leader, asked(leader))[0].id
    with pytest.raises(NotFound):
        visits.record(session, admitted("grid_worker"), given(other), NOW)


def test_the_second_lock_takes_no_visit_for_another_place_or_person(
    session: Session, worker: Viewer, home: int
) -> None:
    place = session.scalars(select(Household).where(Household.id == home)).one()
    columns = "household_id, building_id, grid_id, territory, visited_on, purpose, result, recorded_by"
    said, mine, own = f"DATE '{DAY}', 'routine', 'met'", worker.user_id, f"{place.building_id}, {place.grid_id}"
    wrong = (
        f"{home}, {own}, {place.territory}, {said}, 1000000",
        f"{home}, {own}, 999901100001001, {said}, {mine}",
        f"1000000, {own}, {place.territory}, {said}, {mine}",
    )
    for values in wrong:
        with pytest.raises(ProgrammingError, match="row-level security"), session.begin_nested():
            session.execute(text(f"INSERT INTO visits ({columns}) VALUES ({values})"))
    with session.begin_nested():
        assert session.execute(text("DELETE FROM visits")).rowcount == 0, "nobody deletes what others recorded"


@pytest.mark.parametrize("role", ["village_manager", "town_manager", "planner", "auditor"])
def test_only_workers_and_leaders_record(role: str, session: Session, admitted: Enter) -> None:
    with pytest.raises(NotAllowed):
        visits.record(session, admitted(role), given(1), NOW)


def test_what_waits_longest_comes_first_building_by_building(session: Session, worker: Viewer) -> None:
    found = visits.due(session, worker, asked(worker))
    longest = {row.building_id: row.longest for row in found}
    assert list(longest.values()) == sorted(longest.values())
    order = [row.building_id for row in found]
    assert sum(a != b for a, b in pairwise(order)) == len(longest) - 1, "a building stands together"


def test_coverage_of_a_past_day_does_not_know_what_came_later(session: Session, worker: Viewer, home: int) -> None:
    past = asked(worker, DAY - timedelta(days=1))
    before = visits.counts(session, worker, past)
    visits.record(session, worker, given(home), NOW)
    assert visits.counts(session, worker, past) == before


def test_the_same_visit_under_another_key_is_told_and_stored_on_purpose_only(
    session: Session, worker: Viewer, home: int
) -> None:
    first = visits.record(session, worker, given(home), NOW)
    for result in ("met", "not_in", "revisit"):
        with pytest.raises(Conflict):
            visits.record(session, worker, given(home, key="key-0002", result=result), NOW)
    assert visits.record(session, worker, given(home), NOW) == first, "sent again it stays what it is"
    second = visits.record(session, worker, given(home, key="key-0002", again=True), NOW)
    assert second not in (first, None)
    assert visits.record(session, worker, given(home), NOW) == first, "also after a second one"
    visits.record(session, worker, given(home, key="key-0003", purpose="safety"), NOW)
    visits.record(session, worker, given(home, key="key-0004", day=DAY - timedelta(days=1)), NOW)
    assert session.scalar(select(func.count()).where(Visit.recorded_by == worker.user_id)) == 4


def test_who_is_met_after_a_closed_door_is_another_visit(session: Session, worker: Viewer, home: int) -> None:
    visits.record(session, worker, given(home, result="not_in"), NOW)
    with pytest.raises(Conflict):
        visits.record(session, worker, given(home, key="key-0002", result="not_in"), NOW)
    assert visits.record(session, worker, given(home, key="key-0002"), NOW)


def test_of_two_tabs_that_record_one_visit_at_once_the_second_is_told(
    engine: Engine, app_engine: Engine, viewer_as: Enter
) -> None:
    worker = viewer_as("grid_worker")
    with swept(engine), Session(app_engine) as first, Session(app_engine) as second:
        admit(first, worker)
        admit(second, worker)
        home = visits.due(first, worker, asked(worker), states=visits.UNVISITED)[0].id
        visits.record(first, worker, given(home), NOW)

        said = told(first, lambda: visits.record(second, worker, given(home, key="key-0002"), NOW))
        second.rollback()
    with Session(engine) as session, session.begin():
        assert len(said) == 1
        assert session.execute(delete(Visit).where(Visit.recorded_by == worker.user_id)).rowcount == 1  # type: ignore[attr-defined]
