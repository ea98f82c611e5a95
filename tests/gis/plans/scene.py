"""清河社区 with what a publication has to move: homes, visits, a restricted case, teams, points and Party groups."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from gis.boundaries import Grid, GridOutline
from gis.cases import Case
from gis.coverage import Visit
from gis.database import admit, from_day
from gis.party import Organisation
from gis.plans import review, store
from gis.plans.draft import draft
from gis.plans.edits import Edit, apply
from gis.plans.publish import publish
from gis.plans.tables import Plan
from gis.premises import Building, Household
from gis.resources import ServicePoint, VolunteerTeam
from gis.scope import ZONE
from gis.viewer import Viewer, key
from tests import builders, fabrics

Enter = Callable[[str], Viewer]
SRID = 4549
FLOOR = 2
"""Flats that each building gets."""


WHO = ("planner", "town_manager", "district_manager", "grid_leader")


def entering(session: Session, viewer_as: Enter) -> Enter:
    """Return what puts the session under the row security of an account; the owner looks all of them up first."""
    viewers = {name: viewer_as(name) for name in WHO}

    def enter(name: str) -> Viewer:
        admit(session, viewers[name])
        return viewers[name]

    return enter


@dataclass
class Scene:
    """The village, and the rows that stand in its third grid beside the border with the fourth."""

    village: fabrics.Village
    restricted: int
    closed: int
    team: int
    point: int
    group: int

    def building(self, row: int, column: int) -> int:
        return int(self.village.buildings[row, column])


def furnish(session: Session, day: date) -> Scene:
    """Store the village and put homes, visits and the rest on it."""
    village = fabrics.qinghe(session)
    land = village.buildings >= 0
    homes(session, village, land, day)
    spot = builders.spot(fabrics.WEST + 0.5 * fabrics.STEP, fabrics.SOUTH + 14.5 * fabrics.STEP)
    grid = session.get_one(Grid, village.grids[2])
    outline = session.scalars(select(GridOutline).where(GridOutline.grid_id == grid.id)).one()
    own = {"territory": grid.territory, "grid_id": grid.id}
    end = datetime(2026, 11, 17, 9, tzinfo=ZONE)
    made: list[Any] = [
        builders.case(grid, outline, spot, case_no="R1", visibility="restricted"),
        builders.case(grid, outline, spot, case_no="C1", status="closed", closed_at=end),
        VolunteerTeam(**own, area_code=village.code, name="清河志愿队", active_count=7, registered_count=9,
                      availability="any_time", point=spot),
        ServicePoint(**own, area_code=village.code, kind="station", name="清河驿站", point=spot),
        *(builders.case(grid, outline, spot, case_no=f"O{number}") for number in range(3)),
        Organisation(**own, tier=4, kind="party_group", form="group", name="清河党小组", point=spot,
                     valid=from_day(builders.LONG_AGO)),
    ]  # fmt: skip
    session.add_all(made)
    session.flush()
    counts(session, village)
    return Scene(village, *(made[at].id for at in (0, 1, 2, 3, -1)))


def homes(session: Session, village: fabrics.Village, land: Any, day: date) -> None:
    """Put two flats into each building, one of which was visited a month before the day."""
    rows = [
        {"building_id": int(village.buildings[at]), "grid_id": village.grids[village.grid[at]], "label": f"{floor}01",
         "territory": key(village.code) + int(village.grid[at]) + 1, "floor": floor,
         "outline": builders.square(fabrics.WEST + at[1] * fabrics.STEP, fabrics.SOUTH + at[0] * fabrics.STEP, 1e-4)}
        for at in map(tuple, np.argwhere(land)) for floor in range(1, FLOOR + 1)
    ]  # fmt: skip
    ids = fabrics.stored(session, Household, rows)
    visits = [
        {"household_id": home, "grid_id": row["grid_id"], "territory": row["territory"], "purpose": "routine",
         "visited_on": day - timedelta(days=30), "result": "met"}
        for home, row in zip(ids, rows, strict=True) if row["floor"] == 1
    ]  # fmt: skip
    fabrics.stored(session, Visit, visits)


def counts(session: Session, village: fabrics.Village) -> None:
    """Register in the outlines what the buildings add up to."""
    for number, grid in enumerate(village.grids):
        outline = session.scalars(select(GridOutline).where(GridOutline.grid_id == grid)).one()
        outline.households = fabrics.HOUSEHOLDS[number]
        outline.residents = 3 * outline.households
        outline.buildings = int(((village.grid == number) & (village.buildings >= 0)).sum())
    session.flush()


def push(session: Session, viewer: Viewer, plan: Plan, cells: Sequence[int], grid: int | None, now: datetime) -> None:
    """Paint cells to a grid of the plan, by its number there."""
    stroke = Edit(kind="paint", base=plan.revision, key=f"k{plan.revision}", cells=[int(c) for c in cells],
                  after=[grid] * len(cells), grids=[])  # fmt: skip
    apply(session, viewer, plan.id, stroke, now)
    session.refresh(plan)


def split(session: Session, enter: Enter, found: Scene, now: datetime) -> Plan:
    """Begin a plan that gives the east of the seventh grid to a new one: less than half of its households stay."""
    plan = begun(session, enter, found.village, now)
    cells = [int(cell) for cell in found.village.cells[8:12, 15:].ravel()]
    edit = Edit(kind="split", base=plan.revision, key="split", cells=cells, after=[-1] * len(cells),
                grids=[{"id": -1, "name": "清河新网格", "village": found.village.code}])  # fmt: skip
    apply(session, enter("planner"), plan.id, edit, now)
    return plan


def rename(session: Session, enter: Enter, plan: Plan, now: datetime) -> None:
    """Give the first grid of a plan another name, the least that a plan can change."""
    number = next(iter(numbers(session, enter("planner"), plan).values()))
    edit = Edit("change", plan.revision, f"k{plan.revision}", grids=[{"id": number, "name": "清河新名"}])
    apply(session, enter("planner"), plan.id, edit, now)
    session.refresh(plan)


def numbers(session: Session, viewer: Viewer, plan: Plan) -> dict[int, int]:
    """Return the plan's number of each grid in force."""
    return {grid.grid_id: grid.id for grid in draft(session, viewer, plan.id).grids if grid.grid_id}


def agreed(session: Session, enter: Enter, plan: Plan, day: date, now: datetime) -> None:
    """Hand a plan in and have it approved for a day."""
    review.submit(session, enter("planner"), plan.id, now)
    review.approve(session, enter("district_manager"), plan.id, day, now)


def in_force(session: Session, enter: Enter, plan: Plan, now: datetime) -> Plan:
    """Hand a plan in, have it approved for today, and publish it."""
    agreed(session, enter, plan, now.astimezone(ZONE).date(), now)
    return publish(session, enter("district_manager"), plan.id, now, metric_srid=SRID)


def begun(session: Session, enter: Enter, village: fabrics.Village, now: datetime) -> Plan:
    """Begin a plan of the village as the planner."""
    return store.create(session, enter("planner"), village.code, "新方案", now)


def rows(session: Session, model: Any, ids: Sequence[int] | None = None) -> dict[int, Any]:
    """Return grid and territory by id, as the owner sees them."""
    found = select(model.id, model.grid_id, model.territory)
    if ids is not None:
        found = found.where(model.id.in_(ids))
    return {row.id: (row.grid_id, row.territory) for row in session.execute(found)}


OF_INTEREST = (Building, Household, Case, Visit)
