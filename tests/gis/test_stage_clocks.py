"""One clock per stage: list, page and figure tell the same of one case at any moment."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from gis import stages
from gis.cases import register
from gis.indicators import periods
from gis.indicators.measuring import SIZES, measure
from gis.scope import ZONE, Scope
from gis.viewer import Viewer
from tests.conftest import DAY
from tests.gis.cases.counter import Counter, opened
from tests.gis.indicators.town import RANGE

Told = tuple[bool, bool, bool]
KNOWN = {"accept": ("accepted_in_limit", "acceptance_known"), "dispatch": ("dispatched_in_limit", "dispatch_known")}


def late(counter: Counter, number: str, stage: str, before: int) -> Told:
    """Whether a case is over the limit of a stage: on the list, on its page, and in the month's figure of late ones."""
    viewer = counter.enter("dispatcher")
    scope = Scope(counter.now.astimezone(ZONE).date(), counter.now, viewer.territory.spans)
    rows, _more = register.page(counter.session, scope, viewer, register.Wanted(late=stage), most=5000)
    told = stages.due(counter.session, viewer, counter.look(number), counter.now)
    return (
        number in {row.case_no for row in rows},
        told is not None and told[0] == stage and told[1] < counter.now,
        missed(counter, stage) > before,
    )


def missed(counter: Counter, stage: str) -> int:
    """How many cases of the month are known to have taken longer than the limit of a stage."""
    viewer = counter.enter("dispatcher")
    scope = Scope(counter.now.astimezone(ZONE).date(), counter.now, viewer.territory.spans)
    found = measure(counter.session, viewer, scope, periods.month_of(DAY), RANGE, (SIZES["all"],)).whole()
    kept, known = (int(getattr(found, name)) for name in KNOWN[stage])
    return known - kept


def test_the_clock_of_dispatch_begins_with_the_filing(session: Session, viewer_as: Callable[[str], Viewer]) -> None:
    counter = opened(session, viewer_as)
    number, before = counter.report().case_no, missed(counter, "dispatch")
    counter.walk(number, "accept")
    counter.now += timedelta(hours=5)
    assert late(counter, number, "dispatch", before) == (False, False, False), "it may be solved on the spot"
    counter.walk(number, "file")
    counter.now += timedelta(hours=1)
    assert late(counter, number, "dispatch", before) == (False, False, False), "one working hour is just over"
    counter.now += timedelta(minutes=1)
    assert late(counter, number, "dispatch", before) == (True, True, True)
    counter.walk(number, "dispatch")
    assert late(counter, number, "dispatch", before) == (False, False, True), "nothing waits, and it was late"


def test_a_case_that_comes_back_is_not_dispatched_anew(session: Session, viewer_as: Callable[[str], Viewer]) -> None:
    counter = opened(session, viewer_as)
    number, before = counter.report().case_no, missed(counter, "dispatch")
    counter.walk(number, "accept", "file", "dispatch", "return")
    counter.now += timedelta(hours=5)
    counter.walk(number, "accept", "file")
    assert late(counter, number, "dispatch", before) == (False, False, False)
    counter.walk(number, "dispatch")
    assert late(counter, number, "dispatch", before) == (False, False, False)


def test_a_suspended_case_is_late_nowhere(session: Session, viewer_as: Callable[[str], Viewer]) -> None:
    counter = opened(session, viewer_as)
    number, before = counter.report().case_no, missed(counter, "dispatch")
    counter.walk(number, "accept", "file", "suspend")
    counter.now += timedelta(hours=5)
    assert late(counter, number, "dispatch", before) == (False, False, False)


@pytest.mark.parametrize(("moment", "over"), [
    (datetime(2026, 11, 18, 17, 30, tzinfo=ZONE), False), (datetime(2026, 11, 18, 17, 31, tzinfo=ZONE), True),
    (datetime(2026, 11, 19, 2, 0, tzinfo=ZONE), True), (datetime(2026, 11, 19, 8, 30, tzinfo=ZONE), True),
])  # fmt: skip
@pytest.mark.parametrize(("amount", "unit"), [(2, "working_hour"), (2, "natural_hour")])
def test_a_limit_that_ends_with_the_day_is_over_a_minute_later(
    moment: datetime, over: bool, amount: int, unit: str, session: Session, viewer_as: Callable[[str], Viewer]
) -> None:
    counter = opened(session, viewer_as)
    stages.put(session, counter.enter("district_manager"), stages.Limit("accept", amount, unit), DAY)
    counter.now = moment
    before = missed(counter, "accept")
    counter.now = datetime(2026, 11, 18, 15, 30, tzinfo=ZONE)
    number = counter.report().case_no
    counter.now = moment
    assert late(counter, number, "accept", before) == (over, over, over)
    counter.now -= timedelta(minutes=1)
    counter.walk(number, "accept")
    assert late(counter, number, "accept", before) == (False, False, over), "the figure keeps what the list said"
