"""The elder-care action: seen by whom it is assigned to, led by paper number, counted monthly, purged after its end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.orm import Session

from gis.care import DAYS, CareVisit, Enrolment, counting, leading, serving
from gis.coverage import CareTally
from gis.database import admit
from gis.errors import Conflict, Invalid, NotAllowed, NotFound
from gis.premises import Household
from gis.viewer import Viewer, system
from tests.conftest import DAY, NOW

Enter = Callable[[str], Viewer]
PAPER = "QN-2026-900001"
GRID, ELSEWHERE = "999901100001002", "999901100001001"


def enrolling(session: Session, lead: Viewer, **more: object) -> leading.Enrolling:
    home = free(session, lead)[0]
    staff = callers(session, lead)[0]
    return leading.Enrolling(**{"consent_ref": PAPER, "tier": "weekly", "home": home, "staff": staff, **more})


def callers(session: Session, lead: Viewer, grid: str = GRID) -> list[int]:
    """Return the staff who can be assigned in a grid."""
    number = leading.grid_id(session, grid)
    return [each.id for each in leading.callers(session, lead, DAY) if each.grid_id == number]


def free(session: Session, lead: Viewer) -> list[int]:
    """Return the households of a grid that are not enrolled, as the owner sees them."""
    session.connection().exec_driver_sql("RESET ROLE")
    enrolled = select(Enrolment.household_id).where(Enrolment.ended_on.is_(None), Enrolment.household_id.is_not(None))
    homes = select(Household.id).where(Household.territory == int(GRID), Household.id.not_in(enrolled))
    found = list(session.scalars(homes.order_by(Household.id)))
    admit(session, lead)
    return found


def served(session: Session, viewer: Viewer, **more: object) -> int:
    first = serving.listed(session, viewer)[0].id
    told = {"enrolment": first, "key": "care-0001", "result": "met", "day": DAY, "now": NOW, **more}
    return serving.record(session, viewer, **told)


def test_a_care_visit_that_is_recorded_twice_is_told_and_stored_on_purpose_only(
    session: Session, admitted: Enter
) -> None:
    worker = admitted("grid_worker")
    mine = serving.listed(session, worker)[0].id
    first = served(session, worker, enrolment=mine)
    with pytest.raises(Conflict):
        served(session, worker, enrolment=mine, key="care-0002")
    assert served(session, worker, enrolment=mine) == first, "sent again it stays what it is"
    assert served(session, worker, enrolment=mine, key="care-0002", again=True) != first
    assert served(session, worker, enrolment=mine, key="care-0003", day=DAY - timedelta(days=1))


def test_a_visit_from_before_the_enrolment_brings_the_next_one_no_nearer(session: Session, viewer_as: Enter) -> None:
    lead, worker = viewer_as("village_manager"), viewer_as("grid_worker")
    admit(session, lead)
    leading.enrol(session, lead, enrolling(session, lead, staff=worker.staff_id), DAY)
    admit(session, worker)
    number = next(row.id for row in serving.listed(session, worker) if row.consent_ref == PAPER)
    due = DAY + timedelta(days=DAYS["weekly"])
    for key, day, then in (("care-0001", DAY - timedelta(days=6), due), ("care-0002", DAY, due)):
        served(session, worker, enrolment=number, key=key, day=day)
        assert next(row for row in serving.listed(session, worker) if row.id == number).next_due == then


def test_a_worker_sees_the_own_enrolments_and_nobody_elses(session: Session, viewer_as: Enter, admitted: Enter) -> None:
    worker = viewer_as("grid_worker")
    mine = set(session.scalars(select(Enrolment.id).where(Enrolment.staff_id == worker.staff_id)))
    every = session.scalar(select(func.count()).select_from(Enrolment))
    assert 0 < len(mine) < every
    admitted("grid_worker")
    assert {row.id for row in serving.listed(session, worker)} == mine
    assert set(session.scalars(select(Enrolment.id))) == mine, "the second lock alone says the same"
    assert set(session.scalars(select(CareVisit.enrolment_id))) <= mine


@pytest.mark.parametrize(
    "role", ["village_manager", "dispatcher", "town_manager", "district_manager", "planner", "data_steward", "auditor"]
)
def test_no_other_role_reads_an_enrolment_or_its_visits(role: str, session: Session, admitted: Enter) -> None:
    admitted(role)
    assert session.scalars(select(Enrolment.id)).all() == []
    assert session.scalars(select(CareVisit.id)).all() == []
    led = session.execute(text("SELECT count(*) FROM care.register")).scalar()
    assert (led > 0) == (role == "village_manager")


def test_the_register_of_a_village_knows_no_household(session: Session, admitted: Enter) -> None:
    lead = admitted("village_manager")
    columns = session.execute(text("SELECT * FROM care.register")).keys()
    assert not {"household_id", "building_id"} & set(columns)
    assert leading.listed(session, lead)


def test_a_visit_moves_the_next_one_by_its_tier_and_back(session: Session, admitted: Enter) -> None:
    worker = admitted("grid_worker")
    row = serving.listed(session, worker)[0]
    first = served(session, worker)
    assert served(session, worker) == first, "sent twice it is stored once"
    moved = next(each for each in serving.listed(session, worker) if each.id == row.id)
    assert moved.next_due == DAY + timedelta(days=DAYS[row.tier])
    with pytest.raises(Conflict):
        serving.undo(session, worker, "care-0001", NOW + timedelta(days=1))
    assert serving.undo(session, worker, "care-0001", NOW)
    assert next(each for each in serving.listed(session, worker) if each.id == row.id).next_due == row.next_due
    served(session, worker, result="not_in", key="care-0002")
    assert next(each for each in serving.listed(session, worker) if each.id == row.id).next_due == row.next_due


def test_the_enrolment_of_somebody_else_is_not_there(session: Session, viewer_as: Enter, admitted: Enter) -> None:
    mine = viewer_as("grid_worker").staff_id
    other = session.scalar(select(func.min(Enrolment.id)).where(Enrolment.staff_id != mine))
    with pytest.raises(NotFound):
        served(session, admitted("grid_worker"), enrolment=other)


def test_the_lead_enrols_hands_over_and_ends(session: Session, viewer_as: Enter, admitted: Enter) -> None:
    worker, lead = viewer_as("grid_worker"), admitted("village_manager")

    def own() -> set[str]:
        admit(session, worker)
        found = {each.consent_ref for each in serving.listed(session, worker)}
        admit(session, lead)
        return found

    other = next(each for each in callers(session, lead) if each != worker.staff_id)
    leading.enrol(session, lead, enrolling(session, lead, staff=other), DAY)
    row = next(each for each in leading.listed(session, lead) if each.consent_ref == PAPER)
    assert (row.tier, row.next_due, row.staff_id) == ("weekly", DAY + timedelta(days=7), other)
    assert PAPER not in own()
    leading.hand_over(session, lead, PAPER, other, worker.staff_id, DAY)
    assert PAPER in own()
    for late in (lambda: leading.end(session, lead, PAPER, other, DAY),
                 lambda: leading.hand_over(session, lead, PAPER, other, other, DAY)):  # fmt: skip
        with pytest.raises(Conflict, match="meanwhile"):
            late()
    leading.end(session, lead, PAPER, worker.staff_id, DAY)
    assert PAPER not in own()
    with pytest.raises(NotFound):
        leading.end(session, lead, PAPER, worker.staff_id, DAY)


def test_only_who_works_in_the_grid_of_the_household_is_assigned(
    session: Session, viewer_as: Enter, admitted: Enter
) -> None:
    """Nobody else would see it: the household would be visited by no one."""
    worker, lead = viewer_as("grid_worker"), admitted("village_manager")
    assert worker.staff_id in callers(session, lead)
    far = next(each for each in callers(session, lead, ELSEWHERE) if each not in callers(session, lead))
    with pytest.raises(Invalid, match="nobody else sees it"):
        leading.enrol(session, lead, enrolling(session, lead, staff=far), DAY)
    leading.enrol(session, lead, enrolling(session, lead, staff=worker.staff_id), DAY)
    with pytest.raises(Invalid, match="nobody else sees it"):
        leading.hand_over(session, lead, PAPER, worker.staff_id, far, DAY)


@pytest.mark.parametrize(
    "wrong", [{"consent_ref": "张小明"}, {"consent_ref": "11010519491231002X"}, {"consent_ref": "QN-13812345678"},
              {"tier": "daily"}, {"staff": 10**6}],
)  # fmt: skip
def test_a_name_or_a_number_of_a_person_is_no_paper_number(wrong: dict, session: Session, admitted: Enter) -> None:
    lead = admitted("village_manager")
    with pytest.raises(Invalid):
        leading.enrol(session, lead, enrolling(session, lead, **wrong), DAY)


def test_a_paper_is_used_once_and_a_household_lies_in_the_village(session: Session, admitted: Enter) -> None:
    lead = admitted("village_manager")
    first = enrolling(session, lead)
    leading.enrol(session, lead, first, DAY)
    with pytest.raises(Conflict, match="paper number"):
        leading.enrol(session, lead, enrolling(session, lead, home=free(session, lead)[0]), DAY)
    with pytest.raises(Conflict, match="household is enrolled already"):
        leading.enrol(session, lead, replace(first, consent_ref="QN-2026-900003"), DAY)
    with pytest.raises(NotFound):
        leading.enrol(session, lead, enrolling(session, lead, consent_ref="QN-2026-900002", home=10**6), DAY)


@pytest.mark.parametrize("role", ["grid_worker", "grid_leader", "town_manager", "planner"])
def test_who_does_not_lead_changes_no_enrolment(role: str, session: Session, admitted: Enter) -> None:
    viewer = admitted(role)
    with pytest.raises(NotAllowed):
        leading.end(session, viewer, PAPER, 1, DAY)
    for statement in ("UPDATE care.register SET ended_on = DATE '2026-11-18'",):
        assert session.execute(text(statement)).rowcount == 0
    with pytest.raises(ProgrammingError, match="permission denied"), session.begin_nested():
        session.execute(text("UPDATE care.enrolments SET staff_id = 1"))


def month_of(session: Session, month: date) -> set[tuple]:
    found = select(CareTally.grid_id, CareTally.tier, CareTally.enrolled, CareTally.in_time)
    return {tuple(row) for row in session.execute(found.where(CareTally.month == month))}


def test_the_tally_says_what_the_figures_of_the_demo_say(session: Session) -> None:
    month = DAY.replace(day=1)
    before = month_of(session, month)
    enrolled, in_time = counting.tally(session, system(DAY), DAY)
    assert (enrolled, in_time) == (sum(row[2] for row in before), sum(row[3] for row in before))
    assert month_of(session, month) == before


def test_a_visit_and_an_end_show_in_the_tally(session: Session) -> None:
    viewer = system(DAY)
    enrolled, in_time = counting.tally(session, viewer, DAY)
    late = session.scalars(select(Enrolment).where(Enrolment.next_due < DAY)).first()
    session.add(CareVisit(enrolment_id=late.id, visited_on=DAY, result="met", territory=late.territory))
    assert counting.tally(session, viewer, DAY) == (enrolled, in_time + 1)
    late.ended_on = DAY
    assert counting.tally(session, viewer, DAY) == (enrolled - 1, in_time)


@pytest.mark.parametrize("month", [date(2026, 12, 1), date(2026, 9, 1)])
def test_a_month_that_is_closed_or_has_not_begun_is_not_counted(month: date, session: Session) -> None:
    with pytest.raises(Invalid):
        counting.tally(session, system(DAY), month)
    assert counting.tally(session, system(DAY), date(2026, 10, 1))


def test_an_ended_enrolment_is_purged_with_its_visits_thirty_days_later(session: Session) -> None:
    gone = session.scalars(select(Enrolment)).first()
    gone.ended_on, id_ = DAY - timedelta(days=29), gone.id
    session.flush()
    assert counting.purge(session, system(DAY)) == 0
    assert counting.purge(session, replace(system(DAY), day=DAY + timedelta(days=1))) == 1
    assert session.scalar(select(func.count()).where(Enrolment.id == id_)) == 0
    assert session.scalar(select(func.count()).where(CareVisit.enrolment_id == id_)) == 0
