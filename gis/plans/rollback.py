"""Going back: what a publication replaced becomes a new draft, ready to be handed in; nothing is deleted."""

from __future__ import annotations

from datetime import datetime

import numpy as np
from sqlalchemy.orm import Session

from gis import audit
from gis.errors import Conflict
from gis.plans import standing
from gis.plans.beginning import create
from gis.plans.draft import draft
from gis.plans.held import LONGEST_NAME, find
from gis.plans.laying import Laid, lay
from gis.plans.tables import Plan
from gis.viewer import Viewer
from gis.words import N_


def roll_back(session: Session, viewer: Viewer, plan_id: int, now: datetime) -> Plan:
    """Begin a plan with the grids that were in force before a publication where it redrew them, on the cells of today.

    A grid that the publication ended is the same grid again, with its code, once this plan is published. Ground that
    had no grid then keeps the one that it has now, if that is a grid of both days.
    """
    viewer.require("plan.draw")
    gone = find(session, viewer, plan_id)
    if gone.eve is None:
        raise Conflict(N_("“%(name)s” was never published; there is nothing to go back to."), name=gone.name)
    limits = (gone.households_min, gone.households_max)
    name = f"↶ {gone.name}"[:LONGEST_NAME]
    plan = create(session, viewer, gone.area_code, name, now, limits=limits, parent=gone)
    drawn = draft(session, viewer, plan.id)
    held = standing.of_cells(session, drawn.ground, gone.eve, past=True)
    now_in = np.array([*(grid.grid_id or -1 for grid in drawn.grids), -1])[drawn.of]
    held = np.where((held < 0) & np.isin(now_in, held), now_in, held)
    lay(session, viewer, drawn, Laid("restore", gone.eve, sorted(gone.redrawn), held, dict(plan.lines)), now)
    audit.record(session, viewer, "plan.roll_back", plan.area_code, plan=plan.id, published=gone.id)
    return plan
