"""A case goes its way: legal steps and illegal ones, the clocks, two people at once, and both locks."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from gis import deadlines
from gis.audit import AuditEntry
from gis.cases import CaseEvent, steps
from gis.cases.pauses import ANSWERS
from gis.cases.states import BY_NAME, ENDED, STEPS
from gis.errors import Conflict, Invalid, NotAllowed, NotFound
from gis.scope import ZONE
from gis.viewer import ROLES
from tests.gis.cases.counter import NEEDED, Counter

WHOLE = ("accept", "file", "dispatch", "start", "report_done", "verify", "pass")


def test_a_case_goes_its_whole_way(counter: Counter) -> None:
    case = counter.report().case_no
    counter.walk(case, *WHOLE)
    found = counter.look(case)
    assert (found.status, found.closure_reason, found.closing_level, found.revision) == (
        "closed",
        "resolved",
        "grid",
        8,
    )
    assert (
        found.reported_at
        < found.accepted_at
        < found.filed_at
        < found.dispatched_at
        < found.handled_at
        < found.closed_at
    )
    log = counter.session.scalars(select(CaseEvent).where(CaseEvent.case_id == found.id).order_by(CaseEvent.id)).all()
    assert [event.step for event in log] == ["report", *WHOLE]
    assert [event.from_status for event in log[1:]] == [event.to_status for event in log[:-1]]
    assert {event.actor for event in log[1:]} == {"dispatcher"}
    counter.session.execute(text("RESET ROLE"))
    audited = select(AuditEntry.action).where(AuditEntry.subject == case).order_by(AuditEntry.id)
    assert counter.session.scalars(audited).all() == ["case.report", *["case.step"] * 7]


def test_the_limit_is_that_of_the_duty_list_over_a_holiday_and_a_make_up_day(counter: Counter) -> None:
    counter.session.execute(text("DELETE FROM calendar_days"))
    for day, kind in (("2026-11-20", "holiday"), ("2026-11-21", "workday")):
        counter.session.execute(text("INSERT INTO calendar_days VALUES (:day, :kind, '')"), {"day": day, "kind": kind})
    case = counter.report(category="property_repair", title="屋面渗漏").case_no
    counter.walk(case, "accept", "file")
    found = counter.look(case)
    assert (found.limit_amount, found.limit_unit) == (3, "working_day")
    assert found.due_at == datetime(2026, 11, 23, 17, 30, tzinfo=ZONE), "Thursday, the worked Saturday, Monday"


def test_a_pause_gives_back_what_was_left(counter: Counter) -> None:
    case = counter.report().case_no
    counter.walk(case, "accept", "file", "dispatch", "suspend")
    before = counter.look(case)
    assert (before.status, before.before_suspension) == ("suspended", "dispatched")
    counter.now += timedelta(days=7)
    counter.walk(case, "resume")
    after = counter.look(case)
    assert (after.status, after.suspended_from) == ("dispatched", None)
    assert after.due_at == deadlines.resumed(before.due_at, before.suspended_from, counter.now, "working_day",
                                             deadlines.calendar(counter.session))  # fmt: skip
    assert after.due_at >= before.due_at + timedelta(days=6)


def test_rework_return_and_extension_are_counted_with_their_reasons(counter: Counter) -> None:
    case = counter.report().case_no
    counter.walk(
        case, "accept", "file", "dispatch", "return", "dispatch", "extend", "start", "report_done", "verify", "fail"
    )
    found = counter.look(case)
    assert (found.return_count, found.extension_count, found.rework_count) == (1, 1, 1)
    assert found.status == "verify_failed"
    counter.walk(case, "dispatch", "start", "report_done", "verify")
    counter.act(case, "pass", closure="unable", level="town")
    found = counter.look(case)
    assert (found.closure_reason, found.closing_level) == ("unable", "town"), "closed is not solved"


@pytest.mark.parametrize("name", [step.name for step in STEPS if step.needs])
def test_what_a_step_needs_is_asked_for(counter: Counter, name: str) -> None:
    way: dict[str, tuple[str, ...]] = {
        "dispatch": ("accept", "file"), "pass": WHOLE[:-1], "fail": WHOLE[:-1], "self_close": ("accept",),
        "return": WHOLE[:3], "extend": WHOLE[:2],
    }  # fmt: skip
    case = counter.report().case_no
    counter.walk(case, *way.get(name, ()))
    if name == "part":
        counter.act(case, "duplicate", parent=counter.report().case_no)
    if name == "dispatch":
        counter.session.execute(text("RESET ROLE"))
        counter.session.execute(text("DELETE FROM duty_items"))
    who = "town_manager" if BY_NAME[name].permission == "case.suspend" else "dispatcher"
    before = counter.look(case)
    with pytest.raises(Invalid):
        counter.act(case, name, who)
    assert counter.look(case) == before, "nothing is half written"


def test_a_repeat_leads_to_the_first_case_and_both_know(counter: Counter) -> None:
    first, second, third = (counter.report().case_no for _ in range(3))
    counter.act(second, "duplicate", parent=first)
    counter.act(third, "duplicate", parent=second)
    assert counter.look(third).duplicate_of == counter.look(first).id
    with pytest.raises(Invalid, match="itself"):
        counter.act(first, "duplicate", parent=first)
    with pytest.raises(Conflict, match="repeats this one"):
        counter.act(first, "duplicate", parent=second)
    with pytest.raises(NotFound):
        counter.act(first, "duplicate", parent="1999")


def test_the_second_of_two_is_told_what_the_first_did(counter: Counter) -> None:
    case = counter.report().case_no
    seen = counter.look(case).revision
    counter.act(case, "accept", "grid_worker", seen=seen)
    with pytest.raises(Conflict, match="grid_worker took the step"):
        counter.act(case, "reject", seen=seen, reason="不受理")
    assert counter.look(case).status == "accepted"


def test_steps_are_offered_to_who_may_take_them(counter: Counter) -> None:
    case = counter.report().case_no
    found = counter.look(case)
    offered = {name: [step.name for step in steps.offered(counter.viewers[name], found)] for name in counter.viewers}
    assert offered["grid_worker"] == ["accept", "ask_pause"]
    assert {"accept", "reject", "duplicate", "void", "suspend"} <= set(offered["dispatcher"])
    assert offered["town_manager"] == ["suspend", "refuse_pause", "urge"]
    assert offered["planner"] == []
    with pytest.raises(NotAllowed):
        counter.act(case, "void", "grid_worker", reason="误报")
    with pytest.raises(NotAllowed):
        counter.act(case, "accept", "town_manager")


def test_a_restricted_case_is_handled_by_who_it_is_assigned_to(counter: Counter) -> None:
    case = counter.report(category="dispute", title="宅基地纠纷").case_no
    with pytest.raises(NotAllowed, match="restricted"):
        counter.act(case, "accept", "dispatcher")
    worker = counter.viewers["grid_worker"]
    if counter.look(case, "grid_worker").handler_id == worker.staff_id:
        counter.act(case, "accept", "grid_worker")
        counter.act(case, "file", "dispatcher")
        assert counter.look(case).title is None


def test_the_database_refuses_what_the_code_forgot(counter: Counter) -> None:
    case = counter.report()
    step = text("SELECT wangge_case_step(:id, 1, 'accept', 'accepted', now(), NULL, NULL, '{}')")
    for name in ("planner", "district_manager"):
        counter.enter(name)
        with pytest.raises(DBAPIError, match="not theirs"), counter.session.begin_nested():
            counter.session.execute(step, {"id": case.id})
    counter.enter("dispatcher")
    for direct in (
        "UPDATE cases SET status = 'closed'",
        "DELETE FROM cases",
        "UPDATE case_events SET reason = ''",
        "INSERT INTO case_events (case_id, at, to_status, actor) SELECT id, now(), 'closed', '' FROM cases",
    ):
        with (
            pytest.raises(DBAPIError, match=r"permission denied|append-only|row-level"),
            counter.session.begin_nested(),
        ):
            counter.session.execute(text(direct))


def test_random_walks_keep_to_the_machine(counter: Counter) -> None:
    """Legal steps lead where the table says, illegal ones change nothing; the log alone gives the state."""
    chance = random.Random(20261123)
    for _ in range(25):
        case, asked = counter.report().case_no, False
        for _ in range(14):
            before = counter.look(case)
            step = chance.choice(STEPS)
            who = "town_manager" if step.permission == "case.suspend" else "dispatcher"
            given = {**NEEDED.get(step.name, {})}
            legal = before.status in step.sources and step.name != "duplicate"
            legal = legal and not (step.name == "extend" and before.due_at is None)
            legal = legal and not (step.name == "refuse_pause" and not asked)
            try:
                counter.act(case, step.name, who, **given)
            except (Conflict, Invalid):
                assert not legal, f"{step.name} from {before.status}"
                assert counter.look(case) == before
                continue
            after, asked = counter.look(case), step.name == "ask_pause" or (asked and step.name not in ANSWERS)
            assert legal, f"{step.name} from {before.status}"
            expected = {"resume": before.before_suspension}.get(step.name) or step.target or before.status
            assert (after.status, after.revision) == (expected, before.revision + 1)
            assert (after.closed_at is not None) == (after.status in ENDED)
            log = select(CaseEvent).where(CaseEvent.case_id == after.id).order_by(CaseEvent.id.desc()).limit(1)
            assert counter.session.scalars(log).one().to_status == after.status


def test_every_step_belongs_to_a_role_and_every_open_state_has_a_way_out() -> None:
    permissions = frozenset().union(*ROLES.values())
    assert {step.permission for step in STEPS} <= permissions
    ways = {source for step in STEPS for source in step.sources if step.target in (*ENDED, "accepted", "dispatched")}
    assert {source for step in STEPS for source in step.sources} <= ways | {"suspended", "duplicate"}
