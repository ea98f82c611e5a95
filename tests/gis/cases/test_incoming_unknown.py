"""What a table does not say of a case is not made up: neither how it ended nor when it was accepted."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from gis.cases import Case
from gis.indicators import behind, periods
from gis.scope import ZONE
from layers.query import Asked
from tests.conftest import DAY, NOW
from tests.gis.cases.counter import Counter
from tests.gis.cases.test_incoming import codes, line, look, table, take

REPORTED = (NOW - timedelta(days=5)).astimezone(ZONE)
CLOSED = REPORTED + timedelta(hours=5)
ENDED = {"status": "已结案", "reported_at": f"{REPORTED:%Y-%m-%d %H:%M}", "closed_at": f"{CLOSED:%Y-%m-%d %H:%M}"}


def counted(counter: Counter) -> dict[str, int]:
    """How many cases of the month the figures count."""
    viewer = counter.enter("dispatcher")
    scope, month = Asked(DAY, counter.now).scope(viewer), periods.month_of(DAY)
    names = (
        "closed_in_period",
        "ending_known",
        "closed_unsolved",
        "acceptance_known",
        "accepted_in_limit",
        "asked_for",
    )
    return {name: behind.size(counter.session, viewer, scope, month, name)[0] for name in names}


def told(counter: Counter) -> Case:
    counter.enter("dispatcher")
    return counter.session.scalars(select(Case).where(Case.external_ref == "A-1")).one()


@pytest.mark.parametrize("column", [{}, {"closure_reason": ""}])
def test_closed_is_not_solved(counter: Counter, column: dict[str, str]) -> None:
    before = counted(counter)
    rows = table([line(counter, **ENDED, **column)])
    found = look(counter, rows)
    assert codes(found) == [("case_ended_how", 2)]
    assert [each.severity for each in found.findings] == ["note"]
    assert take(counter, rows) == 1
    assert (told(counter).status, told(counter).closure_reason) == ("closed", None)
    after = counted(counter)
    assert after.pop("closed_in_period") == before.pop("closed_in_period") + 1
    assert after == before, "in the figure of solutions it is in neither number"


def test_a_reason_that_is_told_counts(counter: Counter) -> None:
    before = counted(counter)
    rows = table([line(counter, **ENDED, closure_reason="无法解决")])
    assert look(counter, rows).findings == []
    take(counter, rows)
    after = counted(counter)
    for name in ("closed_in_period", "ending_known", "closed_unsolved"):
        assert after[name] == before[name] + 1, name


@pytest.mark.parametrize("status", ["处置中", "处理中", "在办"])
def test_who_is_at_work_on_a_case_accepted_it_nobody_knows_when(counter: Counter, status: str) -> None:
    before = counted(counter)
    take(counter, table([line(counter, status=status, reported_at=f"{REPORTED:%Y-%m-%d %H:%M}")]))
    assert (told(counter).status, told(counter).accepted_at) == ("accepted", None)
    assert counted(counter) == before
    counter.walk(told(counter).case_no, "file", "dispatch")
    assert counter.look(told(counter).case_no).status == "dispatched"
