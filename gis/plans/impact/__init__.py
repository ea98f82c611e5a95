"""What a plan does before it is done: who and what goes where, as an account that is stored when it is published."""

from __future__ import annotations

from typing import Any

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from gis.fabric.tables import Cell
from gis.plans import standing
from gis.plans.change import Change, change
from gis.plans.held import find
from gis.plans.impact import lines
from gis.plans.impact.account import BuildingLine, Impact
from gis.plans.impact.ground import Holdings, have_moved, holdings, will_move
from gis.plans.impact.maps import maps
from gis.plans.impact.stored import stored
from gis.premises import Building
from gis.viewer import Viewer

__all__ = ["Impact", "account", "holdings", "kept", "report"]


def report(session: Session, viewer: Viewer, plan_id: int) -> Impact:
    """Return what a plan would do on the viewer's day, or what it did if it is published; nothing is written."""
    viewer.require("plan.view")
    plan = find(session, viewer, plan_id)
    if plan.report is not None:
        return stored(session, plan)
    return account(session, viewer, change(session, viewer, plan_id))


def account(session: Session, viewer: Viewer, made: Change) -> Impact:
    """Return what a change does, in as many queries for one grid as for a thousand."""
    land, gone = made.land, lines.moved(made)
    built = land.ids[gone & (land.building_ids >= 0)].tolist()
    visited = session.execute(will_move(land.plan.id, built, viewer.day))
    sides = lines.Sides(made, holdings(session, viewer, land.plan), gone, visited)
    return _account(viewer, sides, lines.buildings(sides, _premises(session, built)))


def kept(session: Session, viewer: Viewer, made: Change, held: Holdings) -> dict[str, Any]:
    """Return what a published plan keeps, of what stood there before and of the moves that are written by now.

    There are no case numbers, which not everyone may read, and buildings are by number: `buildings` holds columns of
    equal length: cells, ids, and the positions in `codes` of the grids from and to.
    """
    visited = session.execute(have_moved(made.land.plan.id, viewer.day))
    sides = lines.Sides(made, held, lines.moved(made), visited)
    told = _account(viewer, sides, []).json()
    del told["areas"]  # they are the sums of the grids
    for line in told["cases"]:
        line["numbers"] = []
    return told | {"buildings": lines.in_short(sides)}


def _account(viewer: Viewer, sides: lines.Sides, buildings: list[BuildingLine]) -> Impact:
    made, gone = sides.made, sides.moved
    plan, land = made.land.plan, made.land
    rerouted = lines.cases(sides)
    return Impact(
        plan_id=plan.id, area_code=plan.area_code, day=viewer.day.isoformat(),
        households_moved=int(land.households[gone].sum()), residents_moved=int(land.residents[gone].sum()),
        buildings_moved=len(np.unique(land.building_ids[gone & (land.building_ids >= 0)])),
        cases_rerouted=sum(line.count for line in rerouted), grids=lines.grids(sides), buildings=buildings,
        cases=rerouted, load=lines.load(sides), organisations=lines.organisations(sides), maps=maps(made),
    )  # fmt: skip


def _premises(session: Session, cells: list[int]) -> dict[int, Any]:
    """Return code, name, address and units of the buildings on some cells, by cell."""
    columns = (Cell.id, Cell.units, Building.code, Building.name, Building.address)
    found = select(*columns).join(Building, Building.id == Cell.building_id).where(standing.listed(cells))
    return {row.id: row for row in session.execute(found)}
