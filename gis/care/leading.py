"""What the care lead of a village does: enrol, end and hand over, by paper number, without a list of households."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import and_, func, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from gis import audit
from gis.boundaries import Grid, hold_still
from gis.care.tables import CONSENT, DAYS, Enrolment, register
from gis.errors import Conflict, Invalid, NotFound
from gis.premises import Building, Household
from gis.private import found_in
from gis.scope import inside
from gis.staffing import Assignment, Staff
from gis.viewer import Viewer
from gis.words import N_

CALLERS = ("grid_worker", "grid_leader")
"""Roles on a grid whose staff make care visits."""
MOST_HOMES = 50


@dataclass(frozen=True)
class Enrolling:
    """What an enrolment is begun with; `home` is the number of a household."""

    consent_ref: str
    tier: str
    home: int
    staff: int


def led(viewer: Viewer) -> Any:
    """Return the condition that an entry of the register lies in the viewer's territory: the first lock."""
    return inside(viewer, register.c.territory)


def listed(session: Session, viewer: Viewer) -> list[Any]:
    """Return the enrolments in force by paper number, tier, staff and due day; which household stays with the staff."""
    viewer.require("care.lead")
    columns = (
        register.c.consent_ref,
        register.c.tier,
        register.c.enrolled_on,
        register.c.next_due,
        register.c.staff_id,
        register.c.grid_id,
    )
    found = select(*columns, Staff.name.label("staff"), Grid.name.label("grid"))
    found = found.join_from(register, Grid, Grid.id == register.c.grid_id)
    found = found.outerjoin(Staff, Staff.id == register.c.staff_id).where(led(viewer), register.c.ended_on.is_(None))
    return list(session.execute(found.order_by(register.c.next_due, register.c.consent_ref)))


def callers(session: Session, viewer: Viewer, day: date) -> list[Any]:
    """Return id, name and grid of who works in the territory's grids on a day: only they can see who lives there."""
    viewer.require("care.lead")
    here = inside(viewer, Assignment.territory)
    held = Assignment.role.in_(CALLERS), Assignment.valid.contains(day), here, Staff.active
    found = select(Staff.id, Staff.name, Grid.id.label("grid_id"), Grid.name.label("grid")).distinct()
    found = found.join(Assignment, Assignment.staff_id == Staff.id).join(Grid, Grid.id == Assignment.grid_id)
    return list(session.execute(found.where(*held).order_by(Grid.name, Grid.id, Staff.name, Staff.id)))


def homes(session: Session, viewer: Viewer, words: str) -> list[Any]:
    """Return at most `MOST_HOMES` and one more of the households whose building or label holds the words, with grid."""
    viewer.require("care.lead")
    named = [func.concat_ws(" ", Building.name, Building.address, Household.label).contains(word, autoescape=True)
             for word in words.split()]  # fmt: skip
    if not named:
        return []
    grid = Household.grid_id, Grid.name.label("grid")
    found = select(Household.id, Household.label, Building.name, Building.address, *grid)
    found = found.join(Building, Building.id == Household.building_id).join(Grid, Grid.id == Household.grid_id)
    found = found.where(inside(viewer, Household.territory), *named)
    return list(session.execute(found.order_by(Building.id, Household.label).limit(MOST_HOMES + 1)))


def enrol(session: Session, viewer: Viewer, given: Enrolling, day: date) -> None:
    """Begin an enrolment on a day; the first visit is due within the tier.

    Raises Invalid for a paper number that looks like anything else, Conflict for one that is used already and for a
    household that is enrolled.
    """
    viewer.require("care.lead")
    if found_in(given.consent_ref) or not fits(given.consent_ref):
        raise Invalid(N_("The number of the consent paper is letters, the year and a number, as QN-2026-000123."))
    if given.tier not in DAYS:
        raise Invalid(N_("Choose how often the household is visited."))
    where = session.scalar(select(Household.territory).where(Household.id == given.home))
    if where is not None:
        hold_still(session, [where - where % 1000])
    home = session.scalars(select(Household).where(Household.id == given.home)).one_or_none()
    if home is None or not any(low <= home.territory <= high for low, high in viewer.territory.spans):
        raise NotFound(N_("There is no such household or building in your territory."))
    assignable(session, viewer, given.staff, home.grid_id, day)
    values = {"consent_ref": given.consent_ref, "tier": given.tier, "household_id": home.id, "grid_id": home.grid_id,
              "staff_id": given.staff, "enrolled_on": day, "territory": home.territory,
              "next_due": day + timedelta(days=DAYS[given.tier])}  # fmt: skip
    try:
        with session.begin_nested():  # Inline: who leads may not read back what only the assigned staff see.
            session.execute(insert(Enrolment).values(values).inline())
    except IntegrityError as error:
        if "household_id" in str(error.orig):
            raise Conflict(N_("This household is enrolled already; end that enrolment first.")) from error
        raise Conflict(N_("An enrolment with this paper number is there already.")) from error
    audit.record(session, viewer, "care.enrol", str(home.territory), paper=given.consent_ref, tier=given.tier)


def fits(paper: str) -> bool:
    """Tell whether a text is the number of a consent paper."""
    return re.fullmatch(CONSENT, paper) is not None


def end(session: Session, viewer: Viewer, paper: str, seen: int, day: date) -> None:
    """End an enrolment on a day; it is purged 30 days later. `seen` is whom the viewer saw assigned."""
    viewer.require("care.lead")
    change(session, viewer, paper, seen, ended_on=day)
    audit.record(session, viewer, "care.end", None, paper=paper)


def hand_over(session: Session, viewer: Viewer, paper: str, seen: int, staff: int, day: date) -> None:
    """Assign an enrolment to other staff, who see it from now on; who had it (`seen`) does not any more."""
    viewer.require("care.lead")
    found = select(register.c.grid_id).where(current(viewer, paper))
    if (grid := session.scalar(found)) is not None:
        assignable(session, viewer, staff, grid, day)
    change(session, viewer, paper, seen, staff_id=staff)
    audit.record(session, viewer, "care.hand_over", None, paper=paper, staff=staff)


def change(session: Session, viewer: Viewer, paper: str, seen: int, **values: Any) -> None:
    """Write columns of an enrolment in force in the territory.

    Raises NotFound without one, Conflict when it is not assigned any more to whom the viewer saw.
    """
    own = current(viewer, paper)
    written = update(register).where(own, register.c.staff_id == seen).values(**values)
    if session.execute(written).rowcount == 1:  # type: ignore[attr-defined]
        return
    if session.scalar(select(register.c.id).where(own)) is not None:
        raise Conflict(N_("Somebody else has handed this enrolment over meanwhile. Look at it again."))
    raise NotFound(N_("There is no enrolment with this paper number in your territory."))


def current(viewer: Viewer, paper: str) -> Any:
    """Return the condition that an entry is the enrolment in force of a paper number in the viewer's territory."""
    return and_(led(viewer), register.c.consent_ref == paper, register.c.ended_on.is_(None))


def assignable(session: Session, viewer: Viewer, staff: int, grid: int | None, day: date) -> None:
    """Raise Invalid for a member of staff who does not work in a grid on the day, and so would not see its homes."""
    if (staff, grid) not in {(each.id, each.grid_id) for each in callers(session, viewer, day)}:
        raise Invalid(N_("Choose a worker or leader of the grid in which the household lies: nobody else sees it."))


def grid_id(session: Session, code: str) -> int:
    """Return the number of a grid that the viewer sees; raises NotFound for another code."""
    found = session.scalar(select(Grid.id).where(Grid.code == code))
    if found is None:
        raise NotFound(N_("There is no area or grid %(code)s; import it first."), code=code)
    return found
