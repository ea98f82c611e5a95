"""Many cases at a time, the way back from a duplicate, what the follow-up heard, and views that are kept."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError

from gis.audit import AuditEntry
from gis.cases import CaseEvent, history, together, views
from gis.cases.changes import Given
from gis.errors import Conflict, Invalid, NotAllowed, NotFound, Refused
from tests.gis.cases.counter import Counter


def chosen(counter: Counter, *numbers: str) -> dict[str, int]:
    return {number: counter.look(number).revision for number in numbers}


def test_a_choice_is_handed_over_in_one_go(counter: Counter) -> None:
    numbers = [counter.report().case_no for _ in range(3)]
    seen = chosen(counter, *numbers)
    viewer = counter.enter("dispatcher")
    taker = together.takers(counter.session, viewer, viewer.day)[-1]
    done = together.act(
        counter.session, viewer, "assign", seen, counter.now, Given(handler=taker.id, body="街道城管中队")
    )
    assert done == sorted(numbers)
    for number in numbers:
        found = counter.look(number)
        assert (found.handler_id, found.lead_body, found.status, found.revision) == (
            taker.id,
            "街道城管中队",
            "reported",
            2,
        )
    counter.session.execute(text("RESET ROLE"))
    entry = counter.session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc()).limit(1)).one()
    assert (entry.action, entry.detail["cases"]) == ("case.together", sorted(numbers))


def test_one_that_was_changed_stops_all_and_is_named(counter: Counter) -> None:
    numbers = [counter.report().case_no for _ in range(3)]
    seen = chosen(counter, *numbers)
    counter.act(numbers[1], "accept")
    with pytest.raises(Conflict, match="Changed by somebody else") as found, counter.session.begin_nested():
        together.act(
            counter.session, counter.enter("dispatcher"), "urge", seen, counter.now, Given(reason="请尽快办理")
        )
    assert found.value.params["cases"] == numbers[1]
    assert counter.look(numbers[0]).revision == 1
    urged = select(func.count()).select_from(CaseEvent).where(CaseEvent.step == "urge")
    assert counter.session.scalar(urged.where(CaseEvent.at == counter.now)) == 0


def test_what_cannot_be_done_together(counter: Counter) -> None:
    number = counter.report().case_no
    seen, session = chosen(counter, number), counter.session
    viewer = counter.enter("dispatcher")
    for name, given, error in (
        ("void", Given(reason="误报"), Invalid), ("urge", Given(), Invalid), ("assign", Given(), Invalid),
        ("assign", Given(body="电话13812345678"), Refused), ("assign", Given(handler=10**9), NotFound),
    ):  # fmt: skip
        with pytest.raises(error):
            together.act(session, viewer, name, seen, counter.now, given)
    with pytest.raises(Invalid):
        together.act(session, viewer, "urge", {}, counter.now, Given(reason="请尽快办理"))
    with pytest.raises(NotFound):
        together.act(session, viewer, "urge", {**seen, "1999": 1}, counter.now, Given(reason="请尽快办理"))
    with pytest.raises(NotAllowed):
        together.act(session, counter.enter("town_manager"), "assign", seen, counter.now, Given(body="城管中队"))
    counter.act(number, "void", reason="误报")
    with pytest.raises(Conflict, match="Nothing was done"):
        together.act(session, counter.enter("dispatcher"), "urge", chosen(counter, number), counter.now,
                     Given(reason="请尽快办理"))  # fmt: skip


def test_who_may_only_urge_changes_nothing_else(counter: Counter) -> None:
    case = counter.report()
    viewer = counter.enter("district_manager")
    together.act(counter.session, viewer, "urge", {case.case_no: 1}, counter.now, Given(reason="请尽快办理"))
    assert counter.look(case.case_no).status == "reported"
    statement = text("SELECT wangge_case_step(:id, 2, 'urge', 'closed', now(), NULL, NULL, '{}')")
    counter.enter("district_manager")
    with pytest.raises(Exception, match="not theirs"), counter.session.begin_nested():
        counter.session.execute(statement, {"id": case.id})


def test_a_duplicate_is_parted_again_with_a_reason(counter: Counter) -> None:
    first, second = counter.report().case_no, counter.report().case_no
    counter.walk(second, "accept", "file", "dispatch")
    counter.act(second, "duplicate", parent=first)
    before = counter.look(second)
    with pytest.raises(Invalid):
        counter.act(second, "part")
    counter.act(second, "part", reason="是另一处垃圾")
    found = counter.look(second)
    assert (found.status, found.duplicate_of, found.closed_at, found.closure_reason) == ("dispatched", None, None, None)
    assert found.due_at == before.due_at
    near = history.near(counter.session, counter.enter("dispatcher"), found, counter.now)
    assert first in [each.case_no for each in near]


def test_a_restricted_duplicate_is_parted_into_the_state_from_before(counter: Counter) -> None:
    first, second = (counter.report(category="dispute", title="楼上漏水纠纷").case_no for _ in range(2))
    counter.act(second, "duplicate", parent=first)
    counter.act(second, "part", reason="是另一处漏水")
    assert counter.look(second).status == "reported", "whoever parts it may not read its log"


def test_repeats_of_a_case_that_becomes_one_itself_point_at_the_first(counter: Counter) -> None:
    first, second, third = (counter.report().case_no for _ in range(3))
    counter.act(third, "duplicate", parent=second)
    counter.act(second, "duplicate", parent=first)
    assert {counter.look(number).duplicate_of for number in (second, third)} == {counter.look(first).id}
    counter.act(second, "part", reason="是另一处垃圾")
    assert counter.look(third).duplicate_of == counter.look(first).id


@pytest.mark.parametrize(("said", "kept"), [("yes", True), ("no", False), ("", None)])
def test_the_follow_up_is_kept(counter: Counter, said: str, kept: bool | None) -> None:
    number = counter.report().case_no
    counter.walk(number, "accept", "file", "dispatch", "start", "report_done", "verify")
    counter.act(number, "pass", closure="resolved", satisfied=said)
    found = history.said(counter.session, counter.enter("dispatcher"), counter.look(number))
    assert found.satisfied is kept


def test_views_are_ones_own(counter: Counter) -> None:
    session, viewer = counter.session, counter.enter("dispatcher")
    made = views.keep(session, viewer, " 超期 案件 ", {"state": "overdue"})
    assert (made.label, views.first(session, viewer)) == ("超期 案件", None)
    with pytest.raises(Conflict):
        views.keep(session, viewer, "超期 案件", {})
    with pytest.raises(Refused):
        views.keep(session, viewer, "13812345678", {})
    with pytest.raises(Refused):
        views.keep(session, viewer, "一人", {"state": "open", "text": "13812345678"})
    views.open_first(session, viewer, made.id, True)
    session.expire_all()
    found = views.first(session, viewer)
    assert found is not None
    assert found.filters == {"state": "overdue"}
    other = counter.enter("town_manager")
    assert views.kept(session, other) == []
    assert session.scalar(text("SELECT count(*) FROM case_views")) == 0, "row security too"
    for act in (lambda: views.rename(session, other, made.id, "x"), lambda: views.drop(session, other, made.id)):
        with pytest.raises(NotFound):
            act()
    viewer = counter.enter("dispatcher")
    views.rename(session, viewer, made.id, "过期")
    views.drop(session, viewer, made.id)
    assert views.kept(session, viewer) == []


def test_one_view_opens_first_and_the_database_holds_it(counter: Counter) -> None:
    session, viewer = counter.session, counter.enter("dispatcher")
    one, other = (views.keep(session, viewer, label, {}) for label in ("超期", "本周"))
    for view in (one, other, one):
        views.open_first(session, viewer, view.id, True)
        session.expire_all()
        assert views.first(session, viewer) == view
    views.open_first(session, viewer, other.id, False)  # an old tab, in which the other one still opened first
    session.expire_all()
    assert views.first(session, viewer) == one
    with pytest.raises(IntegrityError), session.begin_nested():
        session.execute(text("UPDATE case_views SET first = true"))
