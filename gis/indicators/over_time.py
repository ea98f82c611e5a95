"""Visit coverage on many days at once: what the figures of the grids come to on each, with the visits read once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import BigInteger, Date, Select, Subquery, and_, cast, column, func, select, union_all, values
from sqlalchemy.dialects.postgresql import distinct_on

from gis.boundaries import Grid, GridOutline
from gis.coverage import Visit
from gis.indicators.by_grid import measured
from gis.indicators.parts import VISIT_WINDOW, listed
from gis.relinks import PlanHousehold
from gis.scope import Scope

WINDOW = VISIT_WINDOW.days


def reached(visited: Any, households: Any) -> tuple[Any, Any]:
    """Return the sums of households reached and listed; a grid without a list counts in neither, as on the map."""
    of_listed = func.coalesce(func.sum(visited).filter(households > 0), 0)
    return cast(of_listed, BigInteger), cast(func.coalesce(func.sum(households), 0), BigInteger)


def by_day(scope: Scope, days: Sequence[date]) -> Select[Any]:
    """Select day, visited and listed of the whole scope on each of the days on which it had grids."""
    asked = values(column("day", Date), name="asked").data([(day,) for day in days])
    outline = (
        select(asked.c.day, GridOutline.grid_id, GridOutline.closed_figures)
        .join_from(asked, GridOutline, GridOutline.valid.contains(asked.c.day))
        .join(Grid, Grid.id == GridOutline.grid_id)
        .where(scope.holds(GridOutline.territory))
        .subquery("o")
    )
    homes, met = listed(scope), met_by_grid(scope, asked, days)
    (households,) = measured({"listed": homes}, outline)
    found = (
        select(outline.c.day, met.c.visited, households)
        .outerjoin(homes, homes.c.of == outline.c.grid_id)
        .outerjoin(met, and_(met.c.of == outline.c.grid_id, met.c.day == outline.c.day))
        .subquery("found")
    )
    visited, households = reached(found.c.visited, found.c.households_listed)
    return select(found.c.day, visited.label("visited"), households.label("listed")).group_by(found.c.day)


def met_by_grid(scope: Scope, asked: Any, days: Sequence[date]) -> Subquery:
    """Return what `parts.visits` counts on one day for many of them: day, of, visited.

    A visit says for 183 days that its household was met, or until the next visit there says it.
    """
    heard = and_(
        scope.holds(Visit.territory), Visit.household_id.is_not(None), Visit.result != "not_in",
        Visit.visited_on > min(days) - VISIT_WINDOW, Visit.visited_on <= max(days),
    )  # fmt: skip
    following = func.lead(Visit.visited_on).over(
        partition_by=(Visit.grid_id, Visit.household_id), order_by=Visit.visited_on
    )
    until = func.least(Visit.visited_on + WINDOW, following).label("until")
    met = select(Visit.grid_id, Visit.household_id, Visit.visited_on, until).where(heard).subquery("met")
    says = and_(met.c.visited_on <= asked.c.day, met.c.until > asked.c.day)
    moved = moves(asked)
    of_moved = Visit.household_id == moved.c.household_id
    again = and_(heard, Visit.visited_on > moved.c.since, Visit.visited_on.between(moved.c.moved_on, moved.c.day))
    added = (
        select(moved.c.day, moved.c.grid_id, moved.c.household_id)
        .where(moved.c.last_met_on > moved.c.since)
        .union(
            select(moved.c.day, moved.c.grid_id, moved.c.household_id).join_from(Visit, moved, of_moved).where(again)
        )
        .subquery("added")
    )
    left = and_(moved.c.household_id == met.c.household_id, moved.c.day == asked.c.day)
    once = select(asked.c.day, met.c.grid_id.label("of"), func.count().label("visited")).join_from(met, asked, says)
    gone = select(asked.c.day, met.c.grid_id, -func.count()).join_from(met, asked, says).join(moved, left)
    counted = union_all(
        once.group_by(asked.c.day, met.c.grid_id),
        gone.group_by(asked.c.day, met.c.grid_id),
        select(added.c.day, added.c.grid_id, func.count()).group_by(added.c.day, added.c.grid_id),
    ).subquery("counted")
    summed = cast(func.sum(counted.c.visited), BigInteger).label("visited")
    return select(counted.c.day, counted.c.of, summed).group_by(counted.c.day, counted.c.of).subquery("visits")


def moves(asked: Any) -> Subquery:
    """Return what `moved_households` says of one day for many of them, each with the day since which it counts."""
    since = (asked.c.day - WINDOW).label("since")
    inside = and_(PlanHousehold.day > since, PlanHousehold.day <= asked.c.day)
    found = select(
        asked.c.day, since, PlanHousehold.household_id, PlanHousehold.day.label("moved_on"), PlanHousehold.grid_id,
        PlanHousehold.last_met_on,
    ).join_from(asked, PlanHousehold, inside)  # fmt: skip
    newest_first = (asked.c.day, PlanHousehold.household_id, PlanHousehold.day.desc(), PlanHousehold.id.desc())
    return found.ext(distinct_on(asked.c.day, PlanHousehold.household_id)).order_by(*newest_first).subquery("moved")
