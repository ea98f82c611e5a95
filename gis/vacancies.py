"""Vacancies: grids without link cadre, leader, worker or branch; villages without adviser or functional branch."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ARRAY, Date, Integer, Select, Text, and_, case, cast, func, literal, null, select, union_all
from sqlalchemy.dialects.postgresql import array
from sqlalchemy.orm import Session

from gis.areas import Area
from gis.boundaries import Grid, GridOutline, in_force
from gis.database import join_by_hash
from gis.indicators.parts import branches, functional, staff, village_staff
from gis.scope import Scope
from gis.staffing import Assignment
from gis.viewer import Viewer
from gis.words import N_

KINDS = {
    "no_link_cadre": N_("grid without link cadre"),
    "no_leader": N_("grid without grid leader"),
    "no_full_time": N_("grid without full-time worker"),
    "no_branch": N_("grid without Party branch"),
    "no_adviser": N_("village without legal adviser under contract"),
    "adviser_ending": N_("adviser's contract ends within 30 days"),
    "no_functional": N_("village without functional branch"),
}
ROLES = {"no_link_cadre": "link_cadre", "no_leader": "grid_leader", "no_full_time": "grid_worker",
         "no_adviser": "legal_adviser", "adviser_ending": "legal_adviser"}  # fmt: skip
"""Kind → the role that fills it; the others are founded, not assigned."""
OF_GENERAL = ("no_full_time", "no_branch")
OF_VILLAGES = ("no_adviser", "adviser_ending", "no_functional")
NUMBERS = {kind: at for at, kind in enumerate(KINDS)}


def rows(scope: Scope) -> Select[Any]:
    """Select one row for each thing that a grid or village of the scope lacks on the day, with its polygon."""
    both = union_all(of_grids(scope), of_villages(scope)).subquery("lacking")
    return select(both)


def of_grids(scope: Scope) -> Select[Any]:
    """Select what grids lack; dedicated grids need neither a worker of their own nor a branch."""
    outline = in_force(scope.day).where(scope.holds(GridOutline.territory)).subquery("o")
    village, town = Area.__table__.alias("village"), Area.__table__.alias("town")
    duty, branch = staff(scope), branches(scope)
    general = Grid.kind == "general"
    kind = lacking(
        no_link_cadre=func.coalesce(duty.c.link_cadres, 0) == 0,
        no_leader=func.coalesce(duty.c.leaders, 0) == 0,
        no_full_time=and_(general, func.coalesce(duty.c.full_time, 0) == 0),
        no_branch=and_(general, func.coalesce(branch.c.branch_cover, 0) == 0),
    )
    query = (
        select(outline.c.grid_id, outline.c.territory, outline.c.outline, outline.c.outline_tile, kind, outline.c.code,
               outline.c.name, village.c.name.label("village"), town.c.name.label("town"))
        .join_from(outline, Grid, Grid.id == outline.c.grid_id)
        .outerjoin(village, village.c.code == Grid.village_code)
        .outerjoin(town, town.c.code == village.c.parent_code)
        .outerjoin(duty, duty.c.of == outline.c.grid_id)
        .outerjoin(branch, branch.c.of == outline.c.grid_id)
    )  # fmt: skip
    found = query.subquery("grid_lacks")
    return shaped(found, found.c.grid_id * len(KINDS), cast(null(), Date))


def of_villages(scope: Scope) -> Select[Any]:
    """Select what villages lack, with the day on which the adviser's contract ends or ended."""
    town, duty, branch = Area.__table__.alias("town"), village_staff(scope), functional(scope)
    contract = (
        select(Assignment.area_code.label("of"), func.max(Assignment.contract_ends_on).label("ends_on"))
        .where(Assignment.role == "legal_adviser", Assignment.valid.contains(scope.day))
        .group_by(Assignment.area_code)
        .subquery("contract")
    )
    adviser = func.coalesce(duty.c.adviser_state, 0)
    kind = lacking(
        no_adviser=adviser == 0,
        adviser_ending=adviser == 1,
        no_functional=func.coalesce(branch.c.functional_kinds, 0) == 0,
    )
    query = (
        select(Area.territory, Area.outline, Area.outline_tile, kind, Area.code, Area.name,
               Area.name.label("village"), town.c.name.label("town"), contract.c.ends_on)
        .outerjoin(town, town.c.code == Area.parent_code)
        .outerjoin(duty, duty.c.of == Area.code)
        .outerjoin(branch, branch.c.of == Area.code)
        .outerjoin(contract, contract.c.of == Area.code)
        .where(Area.level == "village", scope.holds(Area.territory))
    )  # fmt: skip
    found = query.subquery("village_lacks")
    of_adviser = case((found.c.kind == "no_functional", null()), else_=found.c.ends_on)
    return shaped(found, found.c.territory, of_adviser)


def lacking(**lacks: Any) -> Any:
    """Return one row for each condition that holds, named kind."""
    names = [case((condition, literal(kind, Text)), else_=null()) for kind, condition in lacks.items()]
    return func.unnest(func.array_remove(cast(array(names), ARRAY(Text)), null())).label("kind")


def shaped(found: Any, base: Any, ends_on: Any) -> Select[Any]:
    """Select the columns of a vacancy; the number of its kind makes the number of its place its own."""
    at = func.array_position(cast(array([literal(kind, Text) for kind in KINDS]), ARRAY(Text)), found.c.kind)
    return select(
        (base + at - 1).label("id"), found.c.territory, found.c.outline.label("geom"),
        found.c.outline_tile.label("tile"), found.c.kind, found.c.code, found.c.name, found.c.village, found.c.town,
        cast(ends_on, Date).label("ends_on"),
    )  # fmt: skip


def listed(session: Session, viewer: Viewer, scope: Scope, kind: str = "") -> list[Any]:
    """Return the vacancies of the scope by kind and code, of one kind when one is named."""
    viewer.require("map.view")
    join_by_hash(session)
    found = rows(scope).subquery("found")
    columns = [found.c[name] for name in ("kind", "code", "name", "village", "town", "ends_on")]
    rank = case(NUMBERS, value=found.c.kind)
    query = select(*columns).order_by(rank, found.c.code)
    return list(session.execute(query.where(found.c.kind == kind) if kind else query))


def tally(session: Session, viewer: Viewer, scope: Scope) -> dict[str, tuple[int, int]]:
    """Return kind → how many lack it, of how many grids or villages."""
    viewer.require("map.view")
    join_by_hash(session)
    found = rows(scope).subquery("found")
    lacks = {kind: int(number) for kind, number in
             session.execute(select(found.c.kind, func.count()).group_by(found.c.kind))}  # fmt: skip
    grids, general, villages = session.execute(wholes(scope)).one()
    of = {kind: villages if kind in OF_VILLAGES else general if kind in OF_GENERAL else grids for kind in KINDS}
    return {kind: (lacks.get(kind, 0), of[kind]) for kind in KINDS}


def wholes(scope: Scope) -> Select[Any]:
    """Select how many grids, general grids and villages the scope has on the day."""
    grids = select(func.count(), func.count().filter(Grid.kind == "general")).select_from(GridOutline)
    grids = grids.join(Grid, Grid.id == GridOutline.grid_id)
    here = grids.where(GridOutline.valid.contains(scope.day), scope.holds(GridOutline.territory)).subquery("g")
    villages = select(func.count()).where(Area.level == "village", scope.holds(Area.territory)).scalar_subquery()
    return select(*here.c, cast(villages, Integer))


def next_after(session: Session, viewer: Viewer, scope: Scope, kind: str, code: str) -> Any:
    """Return the vacancy of a kind behind a code, the first one behind the last, None when none is left."""
    left = listed(session, viewer, scope, kind)
    behind = [each for each in left if each.code > code]
    return (behind or left or [None])[0]
