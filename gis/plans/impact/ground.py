"""What the ground of a plan holds by grid, before and after: cases, visits, teams, points, and who is on duty."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import BigInteger, Select, Text, and_, cast, column, func, join, literal, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session

from gis.fabric.tables import Cell
from gis.indicators import by_grid
from gis.indicators.parts import VISIT_WINDOW
from gis.party import Organisation, OrganisationGrid
from gis.plans.tables import Plan, PlanCell, PlanGrid
from gis.relinks import PlanHousehold
from gis.resources import ServicePoint, VolunteerTeam, stands
from gis.scope import ZONE, Scope
from gis.staffing import Assignment, Staff, Team
from gis.viewer import Viewer, span

WANTED = ("households_listed", "visited", "open_cases", "teams", "volunteers", "service_points")


@dataclass(frozen=True)
class Case:
    """An open case: the grid in force that it belongs to and the plan's grid that its place is in."""

    id: int
    number: str | None
    grid_id: int | None
    plan_grid_id: int | None


@dataclass(frozen=True)
class Holdings:
    """Rows that stand on the ground of a plan, as the viewer may count them.

    `before` are the figures of the grids in force by id; volunteers and points are by the plan's numbers.
    """

    before: dict[int, Any]
    cases: list[Case]
    volunteers: Mapping[int, int]
    points: Mapping[int, int]
    duties: Mapping[int, list[Any]]
    covers: list[Any]
    placed: list[Any]

    def heads(self, grid: int | None, role: str, employment: str | None = None) -> int:
        """Return how many people have a role on a grid in force."""
        found = (duty for duty in self.duties.get(grid or -1, []) if duty.role == role)
        return sum(duty.headcount for duty in found if employment in (None, duty.employment))

    def cover(self, grid: int | None) -> int:
        """Return 2 where a grid in force has a Party branch of its own, 1 for a joint one, 0 for none."""
        return max((1 if link.is_joint else 2 for link in self.covers if link.grid_id == grid), default=0)


def holdings(session: Session, viewer: Viewer, plan: Plan) -> Holdings:
    """Return what stands on the ground of a plan on the viewer's day."""
    day = viewer.day
    end = datetime.combine(day + timedelta(days=1), time.min, ZONE)
    scope = Scope(day, end, (span(plan.area_code),), frozenset(WANTED))
    found = by_grid(scope).subquery("found")
    duties: dict[int, list[Any]] = defaultdict(list)
    for duty in session.execute(_duties(scope)):
        duties[duty.grid_id].append(duty)
    return Holdings(
        before={row.id: row for row in session.execute(select(found.c.id, *(found.c[name] for name in WANTED)))},
        cases=[Case(*row) for row in session.execute(_rerouted(plan.id))],
        volunteers=_summed(session, VolunteerTeam, VolunteerTeam.active_count, plan.id, scope),
        points=_summed(session, ServicePoint, literal(1), plan.id, scope),
        duties=duties,
        covers=list(session.execute(_covers(scope))),
        placed=list(session.execute(_placed(plan.id, scope))),
    )


def _rerouted(plan_id: int) -> Select[Any]:
    """Select the open cases, also those whose place only their handler may know: the owner's function says no place."""
    columns = (column("case_id", BigInteger), column("case_no", Text), column("grid_id", BigInteger))
    return select(func.wangge_rerouted(plan_id).table_valued(*columns, column("plan_grid_id", BigInteger)))


def will_move(plan_id: int, moved: list[int], day: date) -> Select[Any]:
    """Select how many households that move were visited in the window that ends on the day, by both their grids.

    `moved` are the cells that change their grid; the grids are that in force and that of the plan.
    """
    columns = (column(name, BigInteger) for name in ("grid_id", "plan_grid_id", "households"))
    cells = cast(moved, ARRAY(BigInteger))
    return select(func.wangge_visited(plan_id, cells, day - VISIT_WINDOW, day).table_valued(*columns))


def have_moved(plan_id: int, day: date) -> Any:
    """Select the same once they have moved: each left a row that says when somebody was met."""
    grids = (PlanHousehold.from_grid_id, PlanGrid.id)
    met = select(*grids, func.count()).join(PlanGrid, PlanGrid.published_id == PlanHousehold.grid_id)
    here = and_(PlanHousehold.plan_id == plan_id, PlanGrid.plan_id == plan_id)
    return met.where(here, PlanHousehold.last_met_on > day - VISIT_WINDOW).group_by(*grids)


def _on_cells(model: Any, plan_id: int) -> Any:
    """Return the join of points with the cells of a plan that they lie in."""
    lies = and_(Cell.outline.intersects(model.point), func.st_covers(Cell.outline, model.point))
    return join(model, Cell, lies).join(PlanCell, and_(PlanCell.cell_id == Cell.id, PlanCell.plan_id == plan_id))


def _summed(session: Session, model: Any, amount: Any, plan_id: int, scope: Scope) -> dict[int, int]:
    """Add up what stands for a place, by the plan's grid that the place is in; what belongs to no grid is left out."""
    one_each = (
        select(amount.label("amount"), func.min(PlanCell.plan_grid_id).label("plan_grid_id"))
        .select_from(_on_cells(model, plan_id))
        .where(scope.holds(model.territory), model.grid_id.is_not(None), stands(model, scope.day))
        .group_by(model.id)
        .subquery("one_each")
    )
    found = select(one_each.c.plan_grid_id, func.sum(one_each.c.amount)).group_by(one_each.c.plan_grid_id)
    return {grid: int(total) for grid, total in session.execute(found) if grid is not None}


def _duties(scope: Scope) -> Any:
    """Select who is on duty in the grids on the day: people, teams and bare headcounts."""
    return (
        select(
            Assignment.grid_id,
            Assignment.role,
            Assignment.employment,
            Assignment.headcount,
            Assignment.staff_id,
            Assignment.team_id,
            func.coalesce(Staff.name, Team.name).label("holder"),
        )
        .outerjoin(Staff, Staff.id == Assignment.staff_id)
        .outerjoin(Team, Team.id == Assignment.team_id)
        .where(scope.holds(Assignment.territory), Assignment.grid_id.is_not(None))
        .where(Assignment.valid.contains(scope.day))
        .order_by(Assignment.role, Staff.name, Assignment.id)
    )


def _covers(scope: Scope) -> Any:
    """Select the branches with each grid that they cover."""
    return (
        select(Organisation.id, Organisation.name, Organisation.kind, Organisation.is_joint, OrganisationGrid.grid_id)
        .join(OrganisationGrid, OrganisationGrid.organisation_id == Organisation.id)
        .where(scope.holds(Organisation.territory), Organisation.valid.contains(scope.day))
        .order_by(Organisation.tier, Organisation.id, OrganisationGrid.grid_id)
    )


def _placed(plan_id: int, scope: Scope) -> Any:
    """Select groups and contact households with the grid they belong to and the plan's grid that they are in."""
    return (
        select(
            Organisation.id,
            Organisation.name,
            Organisation.kind,
            Organisation.grid_id,
            func.min(PlanCell.plan_grid_id).label("plan_grid_id"),
        )
        .select_from(_on_cells(Organisation, plan_id))
        .where(scope.holds(Organisation.territory), Organisation.valid.contains(scope.day))
        .where(Organisation.grid_id.is_not(None), Organisation.kind != "grid_branch")
        .group_by(Organisation.id, Organisation.name, Organisation.kind, Organisation.grid_id)
        .order_by(Organisation.id)
    )
