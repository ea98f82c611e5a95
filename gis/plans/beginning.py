"""A plan begins with what is in force, or with what another plan is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Boolean, cast, func, insert, literal, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session

from gis import audit
from gis.areas import Area
from gis.errors import Invalid, NotFound
from gis.fabric.ground import ground
from gis.fabric.store import ensure
from gis.plans import standing
from gis.plans.edits.edit import refuse_key
from gis.plans.freshness import lines
from gis.plans.held import find, in_order, plain
from gis.plans.log import append, by, fields_of, replay
from gis.plans.tables import Plan, PlanCell, PlanEvent, PlanGrid
from gis.settings import Settings
from gis.viewer import Viewer, key, level
from gis.words import N_

RANGE = (Settings.grid_households_min, Settings.grid_households_max)
"""The fewest and most households of a grid where nobody says otherwise."""


def create(
    session: Session, viewer: Viewer, area_code: str, name: str, now: datetime,
    *, limits: tuple[int, int] | None = None, parent: Plan | None = None,
) -> Plan:  # fmt: skip
    """Begin a plan of a village or a town with what is in force on the viewer's day, as its first event.

    `limits` are the fewest and most households of a grid. Villages without cells get them; a building with more
    households than a grid may have is divided by its units.
    """
    viewer.require("plan.draw")
    villages = villages_of(session, viewer, area_code)
    low, high = limits or RANGE
    versions = {village: ensure(session, viewer, village, now, cap=high).version for village in villages}
    plan = _begin(session, viewer, area_code, name, now, versions, (low, high), parent)
    land = ground(session, viewer, villages)
    there = session.execute(standing.grids(villages, viewer.day)).all()
    made = _add(session, plan, [
        {"village_code": row.village_code, "grid_id": row.id, "name": row.name, "kind": row.kind} for row in there
    ])  # fmt: skip
    number = {grid.grid_id: grid.id for grid in made}
    of = [number.get(grid) for grid in standing.of_cells(session, land, viewer.day).tolist()]
    _lay(session, viewer, plan, now, land.ids.tolist(), of, made)
    audit.record(session, viewer, "plan.create", area_code, plan=plan.id, name=plan.name)
    return plan


def branch(
    session: Session, viewer: Viewer, plan_id: int, name: str, now: datetime, *, revision: int | None = None
) -> Plan:
    """Begin a plan with what another one is, or was at a revision; the other one stays as it is."""
    viewer.require("plan.draw")
    return _branched(session, viewer, find(session, viewer, plan_id), name, now, revision, None)[0]


def branched(
    session: Session, viewer: Viewer, plan_id: int, name: str, now: datetime, revision: int, key: str
) -> tuple[Plan, dict[int, int]]:
    """Return a branch, and the number there of each grid of its parent; the same key again gets the same branch."""
    viewer.require("plan.draw")
    refuse_key(key)
    parent = find(session, viewer, plan_id, locked=True)
    first = select(PlanEvent).where(PlanEvent.seq == 1, PlanEvent.key == key, by(viewer))
    done = session.scalar(first.join(Plan, Plan.id == PlanEvent.plan_id).where(Plan.parent_id == plan_id))
    if done is not None:
        numbers = {int(old): new for old, new in done.payload.get("numbers", {}).items()}
        return find(session, viewer, done.plan_id), numbers
    return _branched(session, viewer, parent, name, now, revision, key)


def _branched(
    session: Session, viewer: Viewer, parent: Plan, name: str, now: datetime, revision: int | None, key: str | None
) -> tuple[Plan, dict[int, int]]:
    state = replay(session, viewer, parent.id, revision)
    limits = (parent.households_min, parent.households_max)
    plan = _begin(session, viewer, parent.area_code, name, now, dict(parent.fabrics), limits, parent)
    plan.effective_from = parent.effective_from
    newest = revision in (None, parent.revision)
    plan.lines = dict(parent.lines if newest else state.lines or parent.lines)
    become = _become(session, parent.id) if newest else {}
    kept = {
        number: {**fields, "grid_id": become.get(number, fields["grid_id"])}
        for number, fields in sorted(state.grids.items())
        if _is_kept(fields)
    }
    made = _add(session, plan, list(kept.values()))
    numbers = {number: grid.id for number, grid in zip(kept, made, strict=True)}
    of = [None if grid is None else numbers[grid] for grid in state.cells.values()]
    _lay(session, viewer, plan, now, list(state.cells), of, made, sorted(state.locked), key=key, numbers=numbers)
    audit.record(session, viewer, "plan.branch", plan.area_code, plan=plan.id, parent=parent.id, name=plan.name)
    return plan, numbers


def _become(session: Session, plan_id: int) -> dict[int, int | None]:
    """Return the grids in force that the grids of a published plan have become, by their numbers."""
    became = select(PlanGrid.id, PlanGrid.published_id).where(PlanGrid.plan_id == plan_id)
    return dict(session.execute(became.where(PlanGrid.published_id.is_not(None))).all())


def _is_kept(fields: Mapping[str, Any]) -> bool:
    """Tell whether a grid goes into a branch: one that is in force, or a new one that was not taken back."""
    return fields["grid_id"] is not None or not fields["retired"]


def villages_of(session: Session, viewer: Viewer, area_code: str) -> list[str]:
    """Return the village itself or the villages of a town; raises for what is neither or lies outside the territory."""
    area = session.get(Area, area_code)
    everywhere = viewer.user_id is None  # the command line works with the owner's rights
    if area is None or not (everywhere or viewer.territory.holds(area_code)):
        raise NotFound(N_("There is no area %(code)s in your territory."), code=area_code)
    if level(area_code) == "district":
        raise Invalid(N_("A plan is for a village or a town; choose one of them."))
    if level(area_code) == "village":
        return [area_code]
    below = list(session.scalars(select(Area.code).where(Area.parent_code == area_code).order_by(Area.code)))
    if not below:
        raise Invalid(N_("There is no village in %(name)s."), name=area.name)
    return below


def _begin(
    session: Session, viewer: Viewer, area_code: str, name: str, now: datetime, versions: dict[str, int],
    limits: tuple[int, int], parent: Plan | None,
) -> Plan:  # fmt: skip
    low, high = in_order(*limits)
    known = lines(session, list(versions))
    plan = Plan(
        area_code=area_code, territory=key(area_code), name=plain(name), fabrics=versions, lines=known,
        households_min=low, households_max=high, author_id=viewer.user_id, author_name=viewer.name, created_at=now,
        status="draft", revision=0, parent_id=None if parent is None else parent.id,
    )  # fmt: skip
    session.add(plan)
    session.flush()
    return plan


def _add(session: Session, plan: Plan, fields: Sequence[Mapping[str, Any]]) -> list[PlanGrid]:
    given = {"kind": "general", "locked": False, "retired": False}
    made = [PlanGrid(plan_id=plan.id, **{**given, **each}) for each in fields]
    for grid in made:  # one by one, so that the numbers ascend as the list does
        session.add(grid)
    session.flush()
    return made


def _lay(
    session: Session, viewer: Viewer, plan: Plan, now: datetime, cells: list[int], of: list[int | None],
    grids: list[PlanGrid], locked: Sequence[int] = (), *, key: str | None = None, numbers: dict[int, int] | None = None,
) -> None:  # fmt: skip
    """Write the cells of a new plan, and the event that it begins with."""
    put(session, plan.id, cells, of, locked)
    payload = {
        "cells": cells, "before": [None] * len(cells), "after": of, "locks": [[list(locked), True]] if locked else [],
        "grids": [[grid.id, None, fields_of(grid)] for grid in grids], "numbers": numbers, "lines": dict(plan.lines),
    }  # fmt: skip
    append(session, viewer, plan, "carry", payload, now, key=key)


def put(session: Session, plan_id: int, cells: list[int], of: list[int | None], locked: Sequence[int] = ()) -> None:
    """Add cells to a plan, in one statement."""
    holding = set(locked)
    flags = [cell in holding for cell in cells]
    row = func.unnest(
        cast(cells, ARRAY(BigInteger)), cast(of, ARRAY(BigInteger)), cast(flags, ARRAY(Boolean))
    ).table_valued("cell", "grid", "locked", name="row").render_derived()  # fmt: skip
    rows = select(literal(plan_id), row.c.cell, row.c.grid, row.c.locked)
    columns = ["plan_id", "cell_id", "plan_grid_id", "locked"]
    session.execute(insert(PlanCell).from_select(columns, rows))
