"""The aggregates that the figures of a grid are joined from, one subquery each, keyed by the column `of`."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from sqlalchemy import BigInteger, Integer, Select, Subquery, and_, case, cast, func, or_, select, union_all

from gis.cases import facts, is_due_soon, is_due_today, is_open, is_overdue, not_suspended
from gis.coverage import Visit, care_grids
from gis.party import Organisation, OrganisationGrid
from gis.premises import Building
from gis.relinks import Belonging, belonging, moved_households
from gis.resources import CANDIDATES, ServicePoint, VolunteerTeam, stands
from gis.scope import Scope
from gis.staffing import LEGAL_FORCES, Assignment

VISIT_WINDOW = timedelta(days=183)
EXPIRING = timedelta(days=30)
CLOSURE_WINDOW = timedelta(days=30)


def listed(scope: Scope) -> Subquery:
    """Households of the buildings on the list, by grid: what visit coverage is measured against."""
    counted = select(Building.grid_id.label("of"), func.sum(Building.households).label("households_listed"))
    return counted.where(scope.holds(Building.territory)).group_by(Building.grid_id).subquery("listed")


def visits(scope: Scope) -> Subquery:
    """Households visited at least once in the window that ends on the day, by grid.

    A visit counts for the grid it was made in until a publication gives the household another one: from that day on
    the household is taken out there and counted in its new grid.
    """
    since = scope.day - VISIT_WINDOW
    met = (
        select(Visit.grid_id, Visit.household_id)
        .where(scope.holds(Visit.territory), Visit.visited_on > since, Visit.visited_on <= scope.day)
        .where(Visit.household_id.is_not(None), Visit.result != "not_in")
        .distinct()
    )
    once, moved = met.subquery("once"), moved_households(since, scope.day).subquery("moved")
    of_moved = Visit.household_id == moved.c.household_id
    left = met.join(moved, of_moved).subquery("left_grids")
    came = select(moved.c.grid_id, moved.c.household_id).where(moved.c.last_met_on > since)
    again = met.join(moved, of_moved).where(Visit.visited_on >= moved.c.day)
    again = again.with_only_columns(moved.c.grid_id, moved.c.household_id)
    added = came.union(again).subquery("added")
    counted = union_all(
        select(once.c.grid_id.label("of"), func.count().label("visited")).group_by(once.c.grid_id),
        select(left.c.grid_id, -func.count()).group_by(left.c.grid_id),
        select(added.c.grid_id, func.count()).group_by(added.c.grid_id),
    ).subquery("counted")
    summed = cast(func.sum(counted.c.visited), BigInteger).label("visited")
    return select(counted.c.of, summed).group_by(counted.c.of).subquery("visits")


def open_cases(scope: Scope) -> Subquery:
    """Open, overdue, due-today and due-soon cases, by grid."""
    late, today = is_overdue(scope.moment), is_due_today(scope.moment, scope.midnight)
    where = belonging(facts, scope)
    counted = select(
        where.grid_id.label("of"),
        func.count().label("open_cases"),
        func.count().filter(late).label("overdue_cases"),
        func.count().filter(today).label("due_today_cases"),
        func.count().filter(is_due_soon(scope.moment)).label("due_soon_cases"),
    )
    counted = counted.select_from(where.source).where(scope.holds(where.territory), is_open(scope.moment))
    return counted.group_by(where.grid_id).subquery("cases")


def closures(scope: Scope) -> Subquery:
    """Cases whose limit ended in the 30 days before the moment, and those of them closed in time, by grid."""
    where = belonging(facts, scope)
    counted = closure_tally(scope, where).add_columns(where.grid_id.label("of"))
    return counted.group_by(where.grid_id).subquery("closures")


def closure_tally(scope: Scope, where: Belonging | None = None) -> Select[int, int]:
    """Select how many cases of the scope had their limit in the 30 days before the moment, and were closed in time.

    Those of a grid that was redrawn since are among them: a village's share does not hang on the lines inside it.
    """
    where = where or belonging(facts, scope)
    counted = select(
        func.count().label("due_cases"), func.count().filter(facts.c.closed_at <= facts.c.due_at).label("on_time_cases")
    )
    due = and_(facts.c.due_at > scope.moment - CLOSURE_WINDOW, facts.c.due_at <= scope.moment)
    kept = facts.c.status.not_in(("rejected", "duplicate", "voided"))
    held = scope.holds(where.territory)
    return counted.select_from(where.source).where(held, due, not_suspended(scope.moment), kept)


def branches(scope: Scope) -> Subquery:
    """2 where a grid has a Party branch of its own, 1 where a joint one covers it."""
    weight = func.max(case((Organisation.is_joint, 1), else_=2))
    query = select(OrganisationGrid.grid_id.label("of"), weight.label("branch_cover"))
    query = query.join(Organisation, Organisation.id == OrganisationGrid.organisation_id)
    return query.where(Organisation.valid.contains(scope.day)).group_by(OrganisationGrid.grid_id).subquery("branches")


def tiers(scope: Scope) -> Subquery:
    """The deepest tier of the Party chain that a grid is reached by: its own organisations, or its branch."""
    own = select(Organisation.grid_id, Organisation.tier).where(
        Organisation.grid_id.is_not(None), Organisation.tier.is_not(None), Organisation.valid.contains(scope.day)
    )
    joint = (
        select(OrganisationGrid.grid_id, Organisation.tier)
        .join(Organisation, Organisation.id == OrganisationGrid.organisation_id)
        .where(Organisation.valid.contains(scope.day))
    )
    both = own.union_all(joint).subquery("both")
    return (
        select(both.c.grid_id.label("of"), func.max(both.c.tier).label("deepest_tier"))
        .group_by(both.c.grid_id)
        .subquery("tiers")
    )


def functional(scope: Scope) -> Subquery:
    """How many kinds of functional branch, and how many of them, a village has."""
    return (
        select(
            Organisation.area_code.label("of"),
            func.count(Organisation.force.distinct()).label("functional_kinds"),
            func.count().label("functional_branches"),
        )
        .where(Organisation.kind == "functional_branch", Organisation.valid.contains(scope.day))
        .group_by(Organisation.area_code)
        .subquery("functional")
    )


def staff(scope: Scope) -> Subquery:
    """Heads on duty on the day, by grid and role."""

    def heads(role: str, employment: str | None = None) -> Any:
        wanted = Assignment.role == role
        if employment is not None:
            wanted = and_(wanted, Assignment.employment == employment)
        return func.coalesce(func.sum(Assignment.headcount).filter(wanted), 0)

    return (
        select(
            Assignment.grid_id.label("of"),
            heads("grid_leader").label("leaders"),
            heads("grid_worker", "full_time").label("full_time"),
            heads("grid_worker", "part_time").label("part_time"),
            heads("link_cadre").label("link_cadres"),
            heads("sunken_cadre").label("office_cadres"),
        )
        .where(Assignment.grid_id.is_not(None), Assignment.valid.contains(scope.day), scope.holds(Assignment.territory))
        .group_by(Assignment.grid_id)
        .subquery("staff")
    )


def village_staff(scope: Scope) -> Subquery:
    """The legal adviser's contract of a village (2 runs, 1 ends within 30 days, 0 none), and its legal forces."""
    adviser = Assignment.role == "legal_adviser"
    runs = or_(Assignment.contract_ends_on.is_(None), Assignment.contract_ends_on > scope.day + EXPIRING)
    state = func.max(
        case((and_(adviser, runs), 2), (and_(adviser, Assignment.contract_ends_on >= scope.day), 1), else_=0)
    )
    forces = func.sum(Assignment.headcount).filter(Assignment.role.in_(LEGAL_FORCES))
    return (
        select(
            Assignment.area_code.label("of"),
            state.label("adviser_state"),
            func.coalesce(forces, 0).label("legal_forces"),
        )
        .where(Assignment.area_code.is_not(None), Assignment.valid.contains(scope.day))
        .group_by(Assignment.area_code)
        .subquery("village_staff")
    )


def care(scope: Scope) -> Subquery:
    """Care enrolments and those visited in time in the last month that was tallied, by grid, and which are hidden."""
    grids = care_grids(scope)
    return select(
        grids.c.grid_id.label("of"),
        grids.c.enrolled.label("care_enrolled"),
        grids.c.in_time.label("care_in_time"),
        cast(grids.c.hidden, Integer).label("care_hidden"),
    ).subquery("care")


def volunteers(scope: Scope) -> Subquery:
    """Volunteer teams based in a grid and their active members."""
    return (
        select(
            VolunteerTeam.grid_id.label("of"),
            func.count().label("teams"),
            func.sum(VolunteerTeam.active_count).label("volunteers"),
        )
        .where(scope.holds(VolunteerTeam.territory), stands(VolunteerTeam, scope.day))
        .group_by(VolunteerTeam.grid_id)
        .subquery("volunteers")
    )


def points(scope: Scope) -> Subquery:
    """Service points in a grid."""
    counted = select(ServicePoint.grid_id.label("of"), func.count().label("service_points"))
    counted = counted.where(scope.holds(ServicePoint.territory), stands(ServicePoint, scope.day))
    return counted.group_by(ServicePoint.grid_id).subquery("points")


def nearest_team(outline: Subquery, day: date) -> Any:
    """Metres on the ellipsoid from the middle of the outline to the nearest volunteer team."""
    near = (
        select(VolunteerTeam.point)
        .where(VolunteerTeam.active_count > 0, stands(VolunteerTeam, day))
        .order_by(VolunteerTeam.point.op("<->")(outline.c.centre))
        .limit(CANDIDATES)
        .correlate(outline)
        .subquery("near")
    )
    metres = func.st_distancespheroid(near.c.point, outline.c.centre)
    return select(func.round(func.min(metres))).correlate(outline).scalar_subquery()


PARTS = {
    "listed": listed,
    "visits": visits,
    "cases": open_cases,
    "closures": closures,
    "branches": branches,
    "staff": staff,
    "village_staff": village_staff,
    "functional": functional,
    "tiers": tiers,
    "care": care,
    "volunteers": volunteers,
    "points": points,
}
BY_VILLAGE = ("village_staff", "functional")
