"""Limits and ends of cases: what was granted stays granted, a pause brings nothing nearer, an end says whose it is."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, text

from gis import deadlines, duties, stages
from gis.cases import facts, is_due_soon, pauses
from gis.errors import NotFound
from gis.scope import ZONE
from tests.conftest import DAY
from tests.gis.cases.counter import Counter


def test_what_was_granted_before_a_dispatch_outlives_it(counter: Counter) -> None:
    number = counter.report(category="property_repair", title="屋面渗漏").case_no
    counter.walk(number, "accept", "file", "extend")
    granted = counter.look(number).due_at
    counter.walk(number, "dispatch")
    assert counter.look(number).due_at == granted
    counter.walk(number, "suspend")
    counter.now += timedelta(days=20)
    counter.walk(number, "resume")
    granted = counter.look(number).due_at
    counter.walk(number, "return", "dispatch")
    assert counter.look(number).due_at == granted > counter.now


def test_a_limit_that_stands_is_not_counted_anew_over_another_calendar(counter: Counter) -> None:
    number = counter.report(category="property_repair", title="屋面渗漏").case_no
    counter.walk(number, "accept", "file")
    before = counter.look(number).due_at
    counter.session.execute(text("RESET ROLE"))
    off = {"day": DAY + timedelta(days=1)}
    counter.session.execute(text("DELETE FROM calendar_days WHERE day = :day"), off)
    counter.session.execute(text("INSERT INTO calendar_days VALUES (:day, 'holiday', '')"), off)
    counter.walk(number, "dispatch")
    assert counter.look(number).due_at == before


def test_another_entry_of_the_duty_list_takes_over_what_was_granted(counter: Counter) -> None:
    number = counter.report(category="property_repair", title="屋面渗漏").case_no
    counter.walk(number, "accept", "file")
    plain = counter.look(number)
    entry = duties.Entry("property_repair", "town", "住建部门", 5, "working_day")
    other = duties.put(counter.session, counter.enter("district_manager"), entry, DAY)
    calendar = deadlines.calendar(counter.session)
    fresh = deadlines.due(plain.filed_at, other.amount, other.unit, calendar)
    counter.walk(number, "extend")
    counter.act(number, "dispatch", duty=other.id)
    found = counter.look(number)
    assert (found.limit_amount, found.limit_unit) == (other.amount, other.unit)
    assert found.due_at == deadlines.extended(fresh, 2, other.unit, calendar)


def test_a_pause_brings_no_case_near_its_limit(counter: Counter) -> None:
    number = counter.report(category="property_repair", title="屋面渗漏").case_no
    counter.walk(number, "accept", "file", "dispatch", "suspend")
    counter.now += timedelta(days=40)
    counter.walk(number, "resume")
    assert not soon(counter, number)
    counter.now = counter.look(number).due_at - timedelta(hours=1)
    assert soon(counter, number)


def soon(counter: Counter, number: str) -> bool:
    """Tell whether a case is counted as due soon now."""
    return bool(counter.session.scalar(select(is_due_soon(counter.now)).where(facts.c.case_no == number)))


def test_a_stage_stands_still_with_its_case(counter: Counter) -> None:
    number = counter.report().case_no
    counter.walk(number, "accept", "file", "suspend")
    counter.now += timedelta(days=5)
    counter.walk(number, "resume")
    viewer, case = counter.enter("dispatcher"), counter.look(number)
    stage, ends = stages.due(counter.session, viewer, case, counter.now) or ("", counter.now)
    assert stage == "dispatch"
    assert ends > counter.now
    for moment, late in ((counter.now, False), (ends + timedelta(minutes=1), True)):
        over = stages.late(counter.session, viewer, moment)["dispatch"]
        assert bool(counter.session.scalar(select(over).where(facts.c.case_no == number))) is late


def test_what_is_solved_on_the_spot_is_of_the_level_that_solved_it_and_nobody_verified_it(counter: Counter) -> None:
    for who, level in (("grid_worker", "grid"), ("village_manager", "village"), ("dispatcher", "town")):
        number = counter.report().case_no
        counter.walk(number, "accept")
        counter.act(number, "self_close", who, closure="resolved")
        found = counter.look(number)
        assert (found.closing_level, found.verified_at) == (level, None)


def test_a_case_goes_to_nobody_of_another_territory(counter: Counter) -> None:
    number = counter.report().case_no
    counter.walk(number, "accept", "file")
    for step in ("dispatch", "assign"):
        with pytest.raises(NotFound):
            counter.act(number, step, handler=99_999_999)


def test_a_case_that_was_closed_waits_for_no_pause(counter: Counter) -> None:
    number = counter.report().case_no
    counter.walk(number, "accept", "file", "dispatch", "start", "report_done", "ask_pause", "verify", "pass")
    viewer = counter.enter("dispatcher")
    assert not pauses.is_awaited(counter.session, viewer, counter.look(number))


def test_a_weekend_brings_no_case_of_working_hours_near_its_limit(counter: Counter) -> None:
    entry = duties.Entry("environment", "grid", "城管部门", 4, "working_hour")
    duties.put(counter.session, counter.enter("district_manager"), entry, DAY)
    counter.now = datetime(2026, 11, 20, 16, 26, tzinfo=ZONE)
    number = counter.report().case_no
    counter.walk(number, "accept", "file")
    for day, hour, near in ((22, 23, False), (23, 10, False), (23, 11, True)):
        counter.now = datetime(2026, 11, day, hour, tzinfo=ZONE)
        assert soon(counter, number) is near
