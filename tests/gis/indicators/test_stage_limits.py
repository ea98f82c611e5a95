"""Acceptance and dispatch in time: by the table of the stages as at the day, and of what is known only."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import literal, select, text
from sqlalchemy.orm import Session

from gis import deadlines, stages
from gis.cases import Case, facts, incoming
from gis.indicators import periods, worked
from gis.indicators.counts import Counts
from gis.indicators.measuring import SIZES, measure
from gis.scope import ZONE, Scope
from gis.stages import Limit
from gis.viewer import Viewer, system
from tests.conftest import DAY
from tests.gis.cases.counter import Counter, opened
from tests.gis.cases.test_incoming import line, table
from tests.gis.indicators.town import RANGE, Town, at

LONG_AGO = date(2016, 1, 1)


def limited(town: Town, *limits: Limit) -> Counts:
    """The counts of the month with these limits in force, and no others."""
    if town.written:
        town.store()
    town.session.execute(text("RESET ROLE"))
    town.session.execute(text("DELETE FROM stage_limits"))
    for limit in limits:
        stages.put(town.session, town.viewer, limit, LONG_AGO)
    return town.counts()


def test_the_figures_follow_the_table_of_the_stages(town: Town) -> None:
    """Reported Friday at nine, accepted in an hour, filed at eleven, sent an hour later: one hour of work each."""
    town.case(dispatched_at=at(2, 12))
    town.case(accepted_at=at(2, 15), dispatched_at=at(5, 10), urgency="urgent")

    def in_time(*limits: Limit) -> tuple[int, int, int, int]:
        counts = limited(town, *limits)
        return (counts.accepted_in_limit, counts.acceptance_known, counts.dispatched_in_limit, counts.dispatch_known)

    hour = (Limit("accept", 1, "working_hour"), Limit("dispatch", 1, "working_hour"))
    assert in_time(*hour) == (1, 2, 1, 2)
    assert in_time(Limit("accept", 6, "natural_hour"), Limit("dispatch", 1, "working_day")) == (2, 2, 2, 2)
    assert in_time(*hour, Limit("accept", 5, "working_hour", "urgent")) == (2, 2, 1, 2)
    assert in_time(Limit("accept", 1, "working_hour", "urgent")) == (0, 1, 0, 0), "no limit, no figure"


@pytest.mark.parametrize("unit", ["natural_hour", "working_hour", "working_day"])
def test_a_limit_is_kept_in_sql_exactly_when_its_end_has_not_passed(session: Session, unit: str) -> None:
    calendar = deadlines.calendar(session)
    clock = worked.clock(session, system(DAY), DAY)
    first = datetime(2026, 9, 28, 7, 30, tzinfo=ZONE)
    starts = [first + timedelta(hours=5) * step for step in range(60)]
    for step, start in enumerate(starts):
        end, amount = start + timedelta(hours=2.5 * (step % 17)), 1 + step % 3
        if step % 5 == 0:
            end = deadlines.due(start, amount, unit, calendar)
        kept = session.scalar(select(worked.kept(clock.row, literal(start), literal(end), amount, unit)))
        assert kept == (end <= deadlines.due(start, amount, unit, calendar)), (start, end, amount)


def acceptance(counter: Counter) -> tuple[int, int]:
    """How many of the month's cases were accepted in time, and of how many that is known."""
    viewer = counter.enter("dispatcher")
    scope = Scope(DAY, counter.now, viewer.territory.spans)
    found = measure(counter.session, viewer, scope, periods.month_of(DAY), RANGE, (SIZES["all"],)).whole()
    return found.accepted_in_limit, found.acceptance_known


def test_an_acceptance_that_the_other_system_does_not_tell_is_in_no_figure(
    session: Session, viewer_as: Callable[[str], Viewer]
) -> None:
    counter = opened(session, viewer_as)
    before = acceptance(counter)
    lines = [
        line(counter, status="受理"),
        line(counter, ref="A-2", status="已办结", closed_at="2026-11-17 16:00"),
        line(counter, ref="A-3", status="受理", accepted_at="2026-11-16 10:00"),
        line(counter, ref="A-4", status="已办结", accepted_at="2026-11-17 10:00", closed_at="2026-11-17 16:00"),
        line(counter, ref="A-5", status="在办", accepted_at="2026-11-16 10:10"),
    ]
    data, options = table(lines, {"accepted_at": "受理时间"}), incoming.Options("12345")
    given = incoming.examine(session, counter.enter("dispatcher"), "a.csv", data, options, counter.now)
    assert {found.code for found in given.findings} == {"case_ended_how"}, "closed without a word of how"
    incoming.accept(session, counter.enter("dispatcher"), given, counter.now)
    told = select(Case.external_ref, Case.accepted_at, Case.status).where(Case.external_source == "12345")
    stored = {ref: (moment and moment.astimezone(ZONE).strftime("%d %H:%M"), status)
              for ref, moment, status in session.execute(told)}  # fmt: skip
    assert stored == {
        "A-1": (None, "accepted"), "A-2": (None, "closed"), "A-3": ("16 10:00", "accepted"),
        "A-4": ("17 10:00", "closed"), "A-5": ("16 10:10", "accepted"),
    }  # fmt: skip
    assert acceptance(counter) == (before[0] + 2, before[1] + 3)
    number = session.scalar(select(facts.c.case_no).join(Case, Case.id == facts.c.id).where(Case.external_ref == "A-1"))
    counter.walk(str(number), "file", "dispatch", "return", "accept")
    assert counter.look(str(number)).accepted_at is None, "a case that comes back was accepted long before"
