"""What stands on a day: grids with their figures, villages, organisations, care, teams and gaps, a statement each."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sqlalchemy import Select, func, select

from gis.areas import Area
from gis.boundaries import Gap
from gis.coverage import CareTally
from gis.indicators.by_grid import by_grid
from gis.indicators.parts import functional, village_staff
from gis.party import Organisation
from gis.resources import VolunteerTeam, stands
from gis.scope import Scope

OF_GRIDS = (
    "code", "name", "kind", "households", "residents", "area_m2", "households_listed", "visited", "branch_cover",
    "full_time", "link_cadres", "teams", "volunteers",
)  # fmt: skip
TOWN = 1_000_000


def grids(scope: Scope) -> Select[Any]:
    """Select the grids in force with what is counted of them, from the rows that the map is painted from."""
    found = by_grid(replace(scope, wanted=frozenset(OF_GRIDS))).subquery("found")
    return select(found.c.territory, *(found.c[name] for name in OF_GRIDS)).order_by(found.c.code)


def villages(scope: Scope) -> Select[int, str, str, Any, Any]:
    """Select the villages with their functional branches and the state of their adviser's contract."""
    branches, advisers = functional(scope), village_staff(scope)
    return (
        select(
            Area.territory,
            Area.code,
            Area.name,
            func.coalesce(branches.c.functional_branches, 0).label("functional_branches"),
            func.coalesce(advisers.c.adviser_state, 0).label("adviser_state"),
        )
        .outerjoin(branches, branches.c.of == Area.code)
        .outerjoin(advisers, advisers.c.of == Area.code)
        .where(scope.holds(Area.territory), Area.level == "village")
        .order_by(Area.code)
    )


def organisations(scope: Scope) -> Select[int | None, str | None, int, int, int]:
    """Select how many organisations there are of each tier, and of each force by town, with their members."""
    town = (Organisation.territory - Organisation.territory % TOWN).label("town")
    return (
        select(Organisation.tier, Organisation.force, town, func.count().label("n"),
               func.sum(Organisation.member_count).label("members"))
        .where(scope.holds(Organisation.territory), Organisation.valid.contains(scope.day))
        .group_by(Organisation.tier, Organisation.force, town)
    )  # fmt: skip


def care(scope: Scope) -> Select[int, str, int, int]:
    """Select enrolments and those visited in time by grid and tier, in the last month that was tallied."""
    month = select(func.max(CareTally.month)).where(CareTally.month <= scope.day).scalar_subquery()
    columns = (CareTally.territory, CareTally.tier, CareTally.enrolled, CareTally.in_time)
    return select(*columns).where(CareTally.month == month, scope.holds(CareTally.territory))


def teams(scope: Scope) -> Select[list[str], int]:
    """Select the skills and the active members of the volunteer teams."""
    here = scope.holds(VolunteerTeam.territory), stands(VolunteerTeam, scope.day)
    return select(VolunteerTeam.skills, VolunteerTeam.active_count).where(*here)


def gaps(scope: Scope) -> Select[int, str, float, int]:
    """Select what is in no grid or in two, by village: square metres and number of each kind."""
    return (
        select(Gap.territory, Gap.kind, func.sum(Gap.area_m2).label("m2"), func.count().label("n"))
        .where(scope.holds(Gap.territory))
        .group_by(Gap.territory, Gap.kind)
    )
