"""A plan follows its villages when their cells are built anew: what is new gets the grid of what it replaces."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import numpy as np
from sqlalchemy import Select, delete, func, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session, aliased

from gis import audit
from gis.fabric.ground import ground
from gis.fabric.tables import Cell, Fabric
from gis.plans.beginning import put
from gis.plans.held import in_hand
from gis.plans.log import append
from gis.plans.standing import listed
from gis.plans.tables import Plan, PlanCell
from gis.viewer import Viewer


def carry(session: Session, viewer: Viewer, plan_id: int, now: datetime) -> Plan:
    """Let a draft go on with the cells of today, as one event; nothing happens when it has them already.

    A new cell gets the grid of the cells of its building that are gone, else of those that it covers most of; where it
    covers none it is left in no grid. The cells that are gone leave the plan.
    """
    plan = in_hand(session, viewer, plan_id)
    today = ground(session, viewer, list(plan.fabrics)).ids
    kept = select(PlanCell.cell_id, PlanCell.plan_grid_id).where(PlanCell.plan_id == plan_id)
    had: dict[int, int | None] = {row.cell_id: row.plan_grid_id for row in session.execute(kept)}
    known = np.array(sorted(had), np.int64)
    fresh, gone = np.setdiff1d(today, known).tolist(), np.setdiff1d(known, today).tolist()
    _renew(session, plan)
    if not (fresh or gone):
        return plan
    heirs = {row.id: row for row in session.execute(_heirs(plan_id, fresh, gone))}
    of = [heirs[cell].grid if cell in heirs else None for cell in fresh]
    locked = [cell for cell in fresh if cell in heirs and heirs[cell].locked]
    session.execute(delete(PlanCell).where(PlanCell.plan_id == plan_id, PlanCell.cell_id.in_(gone)))
    put(session, plan_id, fresh, of, locked)
    payload: dict[str, Any] = {
        "cells": fresh, "before": [None] * len(fresh), "after": of, "locks": [[locked, True]] if locked else [],
        "gone": [[cell, had[cell]] for cell in gone],
    }  # fmt: skip
    append(session, viewer, plan, "carry", payload, now)
    audit.record(session, viewer, "plan.carry", plan.area_code, plan=plan.id, fresh=len(fresh), gone=len(gone))
    return plan


def _renew(session: Session, plan: Plan) -> None:
    """Note the versions of the cells that the plan is drawn on from now on."""
    newest = select(Fabric.village_code, func.max(Fabric.version)).where(Fabric.village_code.in_(plan.fabrics))
    rows = session.execute(newest.group_by(Fabric.village_code))
    plan.fabrics = {row[0]: row[1] for row in rows}
    session.flush()


def _heirs(plan_id: int, fresh: list[int], gone: list[int]) -> Select[Any]:
    """Select the new cells that replace others, with the grid that they get and whether they are locked."""
    new, old = aliased(Cell), aliased(Cell)
    shared = func.sum(func.st_area(func.st_intersection(old.outline, new.outline)))
    same_building = func.coalesce(func.bool_or(old.building_id == new.building_id), False)
    return (
        select(new.id, PlanCell.plan_grid_id.label("grid"), func.bool_and(PlanCell.locked).label("locked"))
        .ext(distinct_on(new.id))
        .join(old, (old.village_code == new.village_code) & old.outline.intersects(new.outline))
        .join(PlanCell, (PlanCell.plan_id == plan_id) & (PlanCell.cell_id == old.id))
        .where(listed(fresh, new.id), listed(gone, old.id), PlanCell.plan_grid_id.is_not(None))
        .group_by(new.id, PlanCell.plan_grid_id)
        .having(same_building | (shared > 0))
        .order_by(new.id, same_building.desc(), shared.desc(), PlanCell.plan_grid_id)
    )
