"""The grids of a day laid on the cells of a plan, as one event of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import update
from sqlalchemy.orm import Session

from gis.plans import standing
from gis.plans.draft import Draft
from gis.plans.edits.stroke import assign
from gis.plans.log import append, fields_of
from gis.plans.tables import PlanCell, PlanEvent, PlanGrid
from gis.viewer import Viewer


@dataclass(frozen=True)
class Laid:
    """What is laid: the kind of the event, a day, some villages, and the grid of every cell of the plan on that day.

    `lines` are the newest outlines that the plan knows of its villages from then on.
    """

    kind: str
    day: date
    villages: Sequence[str]
    of: NDArray[np.int64]
    lines: dict[str, int]


def lay(session: Session, viewer: Viewer, drawn: Draft, laid: Laid, now: datetime) -> PlanEvent:
    """Give each cell of some villages the grid that was in force there on a day, and unlock what was locked there.

    Grids that the plan made there retire; those of the day have the names and kinds of the day.
    """
    land = drawn.ground
    here = np.isin(np.array(land.villages)[land.village], list(laid.villages))
    before = {grid.id: fields_of(grid) for grid in drawn.grids}
    held = renamed(session, drawn, laid)
    ids, had = land.ids.tolist(), [drawn.grids[at].id if at >= 0 else None for at in drawn.of.tolist()]
    after = [held[grid].id if grid in held else None for grid in laid.of.tolist()]
    moved = [at for at in np.flatnonzero(here).tolist() if had[at] != after[at]]
    cells, to = [ids[at] for at in moved], [after[at] for at in moved]
    assign(session, drawn.plan.id, cells, to)
    unlocked = land.ids[here & drawn.locked].tolist()
    unlock(session, drawn.plan.id, unlocked)
    grids = {grid.id: grid for grid in (*drawn.grids, *held.values()) if grid.village_code in laid.villages}
    lines = [[number, before.get(number), fields_of(grid)] for number, grid in grids.items()]
    payload = {
        "cells": cells, "before": [had[at] for at in moved], "after": to,
        "grids": [line for line in lines if line[1] != line[2]], "locks": [[unlocked, False]] if unlocked else [],
        "lines": laid.lines, "villages": list(laid.villages),
    }  # fmt: skip
    drawn.plan.lines = laid.lines
    return append(session, viewer, drawn.plan, laid.kind, payload, now)


def renamed(session: Session, drawn: Draft, laid: Laid) -> dict[int, PlanGrid]:
    """Return the plan's grids for those in force on the day, by their ids, as they were; all others there retire."""
    were = {row.id: row for row in session.execute(standing.grids(laid.villages, laid.day))}
    there = {grid.grid_id: grid for grid in drawn.grids if grid.grid_id is not None}
    for grid in drawn.grids:
        if grid.village_code in laid.villages:
            grid.retired, grid.locked = grid.grid_id not in were, False
    added = [
        PlanGrid(plan_id=drawn.plan.id, village_code=row.village_code, grid_id=row.id, name=row.name, kind=row.kind)
        for row in were.values()
        if row.id not in there
    ]
    for grid in added:
        session.add(grid)
    for number, row in were.items():
        if number in there:
            there[number].name, there[number].kind = row.name, row.kind
    session.flush()
    return {**there, **{grid.grid_id: grid for grid in added if grid.grid_id is not None}}


def unlock(session: Session, plan_id: int, cells: Sequence[int]) -> None:
    """Let cells of a plan move again."""
    held: Any = update(PlanCell).where(PlanCell.plan_id == plan_id, standing.listed(cells, PlanCell.cell_id))
    session.execute(held.values(locked=False), execution_options={"synchronize_session": False})
