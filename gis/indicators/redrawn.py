"""The last boundary plan of an area that was published, with what it did to its grids."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from gis.plans.tables import Plan
from gis.scope import Scope
from gis.viewer import Viewer


@dataclass(frozen=True)
class Redrawn:
    """A published plan: name, day, its grids before and after, what changed its grid, and the grids that ended.

    A grid that ended is its name and its registered households: a dedicated one may have none.
    """

    plan_id: int
    name: str
    day: date | None
    grids: tuple[int, int]
    largest: tuple[int, int]
    households: int
    buildings: int
    ended: Sequence[tuple[str, int]]


def last(session: Session, viewer: Viewer, scope: Scope) -> Redrawn | None:
    """Return the last publication in the scope by its day, None without one or for who may not look at plans."""
    viewer.require("map.view")
    if not viewer.may("plan.view"):
        return None
    published = select(Plan).where(Plan.published_at <= scope.moment, scope.holds(Plan.territory))
    plan = session.scalars(published.order_by(Plan.published_at.desc()).limit(1)).first()
    if plan is None or plan.report is None:
        return None
    lines = plan.report["grids"]
    sides = tuple([line[when] for line in lines if line[when]] for when in ("before", "after"))
    before, after = (len(side) for side in sides)
    ended = [(line["name"], int(line["before"]["households"])) for line in lines if line["fate"] == "retired"]
    return Redrawn(plan.id, plan.name, plan.effective_from, (before, after), (largest(sides[0]), largest(sides[1])),
                   plan.report["households_moved"], plan.report["buildings_moved"], ended)  # fmt: skip


def largest(side: list[dict[str, Any]]) -> int:
    """Return the households of the largest grid."""
    return max((int(line["households"]) for line in side), default=0)
