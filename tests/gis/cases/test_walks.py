"""Any sequence of steps, legal or not, over real PostGIS: the machine is kept, and the log alone tells the state."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as any_of
from sqlalchemy import select

from gis.cases import CaseEvent
from gis.cases.pauses import ANSWERS
from gis.cases.states import ENDED, STEPS, Step
from gis.errors import Conflict, Invalid, NotAllowed
from tests.gis.cases.counter import NEEDED, Counter

WALKS = any_of.lists(any_of.sampled_from(STEPS), min_size=1, max_size=16)


def expected(before: str, step: Step, paused_in: str | None, repeated_in: str | None) -> str:
    """Return where a legal step leads, worked out from the walk and not from the database."""
    back = {"resume": paused_in, "part": repeated_in}.get(step.name)
    return back or step.target or before


@settings(max_examples=30, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(walk=WALKS, category=any_of.sampled_from(("environment", "dispute")), own=any_of.booleans())
def test_a_walk_keeps_to_the_machine(counter: Counter, walk: list[Step], category: str, own: bool) -> None:
    """Of a restricted case (a dispute) the steps of handling are those of its handler alone."""
    other, number = counter.report().case_no, counter.report(category=category).case_no
    handler = "grid_worker" if own else "dispatcher"
    asked, shut = False, category == "dispute" and not own
    status, limited, paused_in, repeated_in, revision = "reported", False, None, None, 1
    for step in walk:
        given = {**NEEDED.get(step.name, {}), **({"parent": other} if step.name == "duplicate" else {})}
        legal = status in step.sources and not (step.name == "extend" and not limited)
        legal = legal and not (shut and step.permission == "case.handle")
        legal = legal and (step.name != "refuse_pause" or asked)
        who = {"case.suspend": "town_manager", "case.handle": handler}.get(step.permission, "dispatcher")
        try:
            counter.act(number, step.name, who, **given)
        except (Conflict, Invalid, NotAllowed):
            assert not legal, f"{step.name} from {status} was refused"
            continue
        assert legal, f"{step.name} from {status} was taken"
        status, before, revision = expected(status, step, paused_in, repeated_in), status, revision + 1
        paused_in = before if step.name == "suspend" else paused_in
        repeated_in = before if step.name == "duplicate" else repeated_in
        asked = step.name == "ask_pause" or (asked and step.name not in ANSWERS)
        limited = limited or step.name in ("file", "dispatch")
    found = counter.look(number)
    assert (found.status, found.revision) == (status, revision)
    assert (found.closed_at is not None) == (status in ENDED)
    counter.enter("grid_worker")  # who reported it reads its log, also of a restricted case
    log = counter.session.scalars(select(CaseEvent).where(CaseEvent.case_id == found.id).order_by(CaseEvent.id)).all()
    assert [event.from_status for event in log] == [None, *(event.to_status for event in log[:-1])]
    assert log[-1].to_status == status
