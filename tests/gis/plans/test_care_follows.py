"""Nobody who is called on is lost by a redraw: an enrolment goes with its household, to who works in the new grid."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from gis.boundaries import Grid
from gis.care.tables import Enrolment
from gis.premises import Household
from gis.staffing import Assignment
from tests.conftest import DAY, NOW
from tests.gis.plans import history, scene
from tests.gis.plans.scene import Enter


def worker(session: Session, grid: int) -> int:
    return session.scalars(
        select(Assignment.staff_id).where(Assignment.grid_id == grid, Assignment.role == "grid_worker")
    ).one()


def test_an_enrolment_goes_with_its_household(session: Session, enter: Enter, found: scene.Scene) -> None:
    village = found.village
    third, fourth = village.grids[2], village.grids[3]
    made = []
    for number, building in enumerate((found.building(14, 0), found.building(12, 0))):
        home = session.scalars(select(Household.id).where(Household.building_id == building).limit(1)).one()
        made.append(Enrolment(consent_ref=f"T-2026-{number:04}", tier="weekly", grid_id=third, household_id=home,
                              territory=session.get_one(Grid, third).territory, staff_id=worker(session, third),
                              enrolled_on=DAY, next_due=DAY))  # fmt: skip
    session.add_all(made)
    session.flush()
    scene.in_force(session, enter, history.pushed(session, enter, found), NOW)
    history.owner(session)
    session.expire_all()
    moved, stayed = made
    assert (moved.grid_id, moved.territory) == (fourth, session.get_one(Grid, fourth).territory)
    assert moved.staff_id == worker(session, fourth)
    assert (stayed.grid_id, stayed.staff_id) == (third, worker(session, third))
