"""A case comes in: in its grid, to its worker, once, without anybody's number."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from gis.boundaries import Grid
from gis.cases import CaseEvent, filing, register
from gis.errors import Conflict, Invalid, NotAllowed, Refused
from gis.staffing import Assignment
from tests.conftest import DAY
from tests.gis.cases.counter import Counter

NORTH = 1 / 111_000
"""A metre to the north, in degrees."""


def test_a_report_lies_in_its_grid_and_goes_to_its_worker(counter: Counter) -> None:
    case = counter.report(title=" 路口  垃圾 ", description="三袋")
    grid = counter.session.get_one(Grid, case.grid_id)
    assert grid.code == counter.viewers["grid_worker"].territory.codes[0]
    assert case.territory == int(grid.code)
    workers = select(Assignment.staff_id).where(Assignment.grid_id == grid.id, Assignment.role == "grid_worker")
    assert case.handler_id in counter.session.scalars(workers.where(Assignment.valid.contains(DAY))).all()
    assert (case.title, case.status, case.visibility, case.outline_id is not None) == (
        "路口 垃圾",
        "reported",
        "internal",
        True,
    )
    (event,) = counter.session.scalars(select(CaseEvent).where(CaseEvent.case_id == case.id))
    assert (event.step, event.to_status, event.actor) == ("report", "reported", "grid_worker")


def test_the_same_report_sent_twice_is_one_case(counter: Counter) -> None:
    assert counter.report(key="phone-1").id == counter.report(key="phone-1").id
    with pytest.raises(Conflict, match="says something else"):
        counter.report(key="phone-1", title="路口垃圾未清")
    assert counter.report(key="phone-2").id != counter.report(key="phone-1").id


def test_a_spot_outside_every_grid_names_the_nearest_with_its_distance(counter: Counter) -> None:
    lon, lat = counter.spot
    place = filing.place_of(counter.session, counter.enter("grid_worker"), (lon + 0.2, lat), DAY)
    assert (place.outline, place.nearest.code) == (None, counter.viewers["grid_worker"].territory.codes[0])
    assert 15_000 < (place.metres or 0) < 20_000
    with pytest.raises(Invalid, match=r"nearest is .* m away"):
        counter.report(spot=(lon + 0.2, lat))


def test_open_cases_of_the_category_within_50_m_are_offered(counter: Counter) -> None:
    lon, lat = counter.spot
    there = {}
    for metres in (10, 45, 55):
        there[metres] = counter.report(spot=(lon, lat + metres * NORTH)).case_no
    counter.report(spot=(lon, lat + 5 * NORTH), category="safety_hazard", title="飞线充电")
    viewer = counter.enter("grid_worker")
    near = filing.similar(counter.session, viewer, counter.spot, "environment", counter.now + timedelta(minutes=1))
    assert [each.case_no for each in near if each.case_no in there.values()] == [there[10], there[45]]
    assert [round(each.metres) for each in near if each.case_no in there.values()] == [10, 45]


def test_a_report_of_the_same_thing_is_stored_linked_both_ways(counter: Counter) -> None:
    first = counter.report()
    counter.now += timedelta(minutes=1)
    again = counter.report(same_as=first.case_no)
    assert (again.status, again.duplicate_of, again.closure_reason) == ("duplicate", first.id, "duplicate")
    viewer = counter.enter("grid_worker")
    (child,) = register.repeats(counter.session, viewer, counter.look(first.case_no, "grid_worker"))[1]
    parent, _children = register.repeats(counter.session, viewer, counter.look(again.case_no, "grid_worker"))
    assert (child.case_no, parent.case_no) == (again.case_no, first.case_no)
    log = register.timeline(counter.session, viewer, again.id)
    assert [(each.step, each.to_status, each.actor) for each in log] == [
        ("report", "reported", "grid_worker"), ("duplicate", "duplicate", "grid_worker"),
    ]  # fmt: skip
    counter.act(again.case_no, "part", reason="另一处")
    assert counter.look(again.case_no).status == "reported", "the centre can part them again"


def test_only_an_open_case_that_is_offered_can_be_the_same(counter: Counter) -> None:
    lon, lat = counter.spot
    far = counter.report(spot=(lon, lat + 60 * NORTH)).case_no
    other = counter.report(category="safety_hazard", title="飞线充电").case_no
    counter.now += timedelta(minutes=1)
    for number in (far, other, "20990101000001"):
        with pytest.raises(Conflict, match="not among the open ones"):
            counter.report(same_as=number)


@pytest.mark.parametrize("given", [
    {"title": ""}, {"title": "x" * 61}, {"category": "persons"}, {"source": "rumour"}, {"description": "y" * 1001},
])  # fmt: skip
def test_what_is_missing_or_too_long_is_told(counter: Counter, given: dict[str, str]) -> None:
    with pytest.raises(Invalid):
        counter.report(**given)


@pytest.mark.parametrize("words", [{"title": "找13812345678"}, {"description": "身份证11010519491231002X"}])
def test_numbers_of_persons_are_refused(counter: Counter, words: dict[str, str]) -> None:
    with pytest.raises(Refused):
        counter.report(**words)


def test_disputes_and_care_are_restricted_from_the_first_moment(counter: Counter) -> None:
    case = counter.report(category="dispute", title="楼上漏水纠纷")
    assert case.visibility == "restricted"
    assert counter.look(case.case_no, "grid_worker").title == "楼上漏水纠纷", "who reported it reads it"
    seen = counter.look(case.case_no, "dispatcher")
    assert (seen.title, bool(seen.clear), seen.category) == (None, False, "dispute"), "counted, and wordless"


def test_who_may_not_report_and_who_reports_for_another(counter: Counter) -> None:
    for name in ("town_manager", "planner"):
        with pytest.raises(NotAllowed):
            counter.report(name)
    case = counter.report()
    counter.enter("grid_worker")
    forged = text(
        "INSERT INTO cases (case_no, category, title, source, status, territory, reported_at, reporter_id, point) "
        "SELECT 'X1', category, title, source, :status, territory, reported_at, :who, point FROM cases WHERE id = :id"
    )
    for status, who in (("closed", case.reporter_id), ("reported", (case.reporter_id or 0) + 1)):
        with pytest.raises(DBAPIError, match=r"row-level security|check constraint"), counter.session.begin_nested():
            counter.session.execute(forged, {"status": status, "who": who, "id": case.id})
