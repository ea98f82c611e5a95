"""The Party chain as a tree: organisations level by level, what one of them covers, and which are odd in size."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, and_, func, or_, select
from sqlalchemy.orm import Session, aliased

from gis.areas import Area
from gis.boundaries import GridOutline
from gis.errors import NotFound
from gis.party import KINDS, Organisation, OrganisationGrid
from gis.scope import Scope
from gis.viewer import Viewer
from gis.words import N_

FEWEST, MOST, MOST_JOINT = 3, 50, 5
"""A branch has three to fifty members; a joint one covers at most five units."""
BRANCHES = ("grid_branch", "functional_branch")
STATES = {"both": N_("both kinds"), "sunken": N_("seconded forces only"), "social": N_("social forces only"),
          "none": N_("no functional branch")}  # fmt: skip
AT_A_TIME = 200


def columns(scope: Scope) -> tuple[Any, ...]:
    """Return what the tree shows of an organisation: its numbers below, and the grids of a joint branch."""
    below = aliased(Organisation)
    held = and_(below.parent_id == Organisation.id, below.valid.contains(scope.day))
    units = select(func.count()).where(OrganisationGrid.organisation_id == Organisation.id).scalar_subquery()
    return (
        Organisation.id, Organisation.parent_id, Organisation.tier, Organisation.kind, Organisation.form,
        Organisation.force, Organisation.name, Organisation.member_count, Organisation.is_joint,
        Organisation.contact_phone, Organisation.area_code, Organisation.grid_id,
        select(func.count()).where(held).scalar_subquery().label("below"), units.label("units"),
    )  # fmt: skip


def odd() -> Any:
    """Return the condition that a branch is smaller or larger than branches are, or joins too many units."""
    units = select(func.count()).where(OrganisationGrid.organisation_id == Organisation.id).scalar_subquery()
    size = ~Organisation.member_count.between(FEWEST, MOST)
    joined = and_(Organisation.is_joint, units > MOST_JOINT)
    return and_(Organisation.kind.in_(BRANCHES), or_(size, joined))


def level(session: Session, viewer: Viewer, scope: Scope, parent: int | None, start: int = 0) -> tuple[list[Any], bool]:
    """Return the organisations under one of them (the uppermost ones under none), and whether there are more."""
    viewer.require("map.view")
    top = Organisation.tier == 1
    query = select(*columns(scope)).where(Organisation.valid.contains(scope.day))
    query = query.where(top if parent is None else Organisation.parent_id == parent)
    order = (Organisation.tier.nulls_last(), Organisation.force, Organisation.territory, Organisation.id)
    rows = list(session.execute(query.order_by(*order).offset(start).limit(AT_A_TIME + 1)))
    return rows[:AT_A_TIME], len(rows) > AT_A_TIME


def one(session: Session, viewer: Viewer, scope: Scope, number: int) -> Any:
    """Return one organisation; raises NotFound outside the territory."""
    viewer.require("map.view")
    found = session.execute(select(*columns(scope)).where(Organisation.id == number)).first()
    if found is None:
        raise NotFound(N_("There is no such organisation in your territory."))
    return found


def ground(session: Session, viewer: Viewer, scope: Scope, organisation: Any) -> tuple[str, list[int]]:
    """Return the code of the area that an organisation lies in, and the numbers of the grids that it covers."""
    viewer.require("map.view")
    own = select(OrganisationGrid.grid_id).where(OrganisationGrid.organisation_id == organisation.id)
    grids = list(session.scalars(own))
    if not grids and organisation.grid_id:
        grids = [organisation.grid_id]
    here = select(GridOutline.code, GridOutline.grid_id).where(
        GridOutline.valid.contains(scope.day), scope.holds(GridOutline.territory)
    )
    if grids:
        found = list(session.execute(here.where(GridOutline.grid_id.in_(grids))))
        return (found[0].code[:12] if found else organisation.area_code or ""), grids
    code = organisation.area_code
    prefix = code[:9] if code.endswith("000") else code
    return code, [each.grid_id for each in session.execute(here.where(GridOutline.code.startswith(prefix)))]


def figures(session: Session, viewer: Viewer, scope: Scope) -> dict[str, Any]:
    """Return how many organisations each kind has, functional branches by force, members, and how many are odd."""
    viewer.require("map.view")
    here = (scope.holds(Organisation.territory), Organisation.valid.contains(scope.day))
    kinds = dict.fromkeys(KINDS, (0, 0))
    counted = select(Organisation.kind, func.count(), func.sum(Organisation.member_count)).where(*here)
    for kind, number, members in session.execute(counted.group_by(Organisation.kind)):
        kinds[kind] = (int(number), int(members))
    forces = select(Organisation.force, func.count()).where(*here, Organisation.force.is_not(None))
    return {
        "kinds": kinds,
        "forces": {force: int(number) for force, number in session.execute(forces.group_by(Organisation.force))},
        "odd": session.scalar(select(func.count()).select_from(Organisation).where(*here, odd())) or 0,
    }


def villages(scope: Scope) -> Select[Any]:
    """Select every village of the scope with its functional branches by force and their members."""
    town, branch = Area.__table__.alias("town"), Organisation
    on = and_(branch.area_code == Area.code, branch.kind == "functional_branch", branch.valid.contains(scope.day))
    sunken = func.count().filter(branch.force == "sunken_force")
    social = func.count().filter(branch.force == "social_force")
    return (
        select(Area.code, Area.name, town.c.name.label("town"), sunken.label("sunken"), social.label("social"),
               func.coalesce(func.sum(branch.member_count), 0).label("members"))
        .outerjoin(branch, on).outerjoin(town, town.c.code == Area.parent_code)
        .where(Area.level == "village", scope.holds(Area.territory))
        .group_by(Area.code, Area.name, town.c.name)
    )  # fmt: skip


def by_village(session: Session, viewer: Viewer, scope: Scope) -> list[tuple[str, Any]]:
    """Return each village of the scope with what it has: both kinds, one of them, or none."""
    viewer.require("map.view")
    rows = session.execute(villages(scope).order_by(Area.code))
    return [(state_of(row), row) for row in rows]


def state_of(row: Any) -> str:
    """Return which kinds of functional branch a village has."""
    if row.sunken and row.social:
        return "both"
    return "sunken" if row.sunken else "social" if row.social else "none"


def flagged(session: Session, viewer: Viewer, scope: Scope) -> list[Any]:
    """Return the branches that are odd in size."""
    viewer.require("map.view")
    here = (scope.holds(Organisation.territory), Organisation.valid.contains(scope.day), odd())
    return list(session.execute(select(*columns(scope)).where(*here).order_by(Organisation.territory)))


def listed(session: Session, viewer: Viewer, scope: Scope) -> list[Any]:
    """Return every organisation of the scope with the one above it, tier by tier."""
    viewer.require("map.view")
    above = aliased(Organisation)
    query = select(*columns(scope), above.name.label("above")).outerjoin(above, above.id == Organisation.parent_id)
    here = query.where(scope.holds(Organisation.territory), Organisation.valid.contains(scope.day))
    return list(session.execute(here.order_by(Organisation.tier.nulls_last(), Organisation.territory, Organisation.id)))
