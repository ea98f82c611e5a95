"""The log of a plan: every change is appended to it, and cells and grids follow from reading it from its beginning."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import Session

from gis.errors import NotFound
from gis.fabric.tables import Cell
from gis.plans.tables import Plan, PlanEvent, PlanGrid
from gis.viewer import Viewer
from gis.words import N_

Fields = dict[str, Any]
FIELDS = ("name", "kind", "locked", "retired")
"""What of a plan's grid an event can change."""


@dataclass
class State:
    """What a plan is after an event: cell → grid (None for no grid), locked cells, grid → its fields.

    `lines` are the newest outlines that were known of its villages then (as `plans.lines`).
    """

    cells: dict[int, int | None] = field(default_factory=dict)
    locked: set[int] = field(default_factory=set)
    grids: dict[int, Fields] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict, compare=False)

    def take(self, payload: Mapping[str, Any]) -> None:
        """Change the state as an event did."""
        for cell, _grid in payload.get("gone", ()):
            self.cells.pop(cell, None)
            self.locked.discard(cell)
        self.cells.update(zip(payload.get("cells", ()), payload.get("after", ()), strict=True))
        for number, before, after in payload.get("grids", ()):
            self.grids[number] = absent(before) if after is None else dict(after)
        for cells, locked in payload.get("locks", ()):
            (self.locked.update if locked else self.locked.difference_update)(cells)
        self.lines = dict(payload.get("lines") or self.lines)


def absent(fields: Fields) -> Fields:
    """Return the fields of a grid that is not there any more, or not yet: a retired one, for no row is deleted."""
    return {**fields, "locked": False, "retired": True}


def fields_of(grid: PlanGrid) -> Fields:
    """Return what an event says of a grid; where it lies and which grid in force it is never change."""
    return {name: getattr(grid, name) for name in (*FIELDS, "village_code", "grid_id")}


def inverse(payload: Mapping[str, Any]) -> dict[str, Any]:
    """Return what takes an event back."""
    return {
        "cells": payload.get("cells", []),
        "before": payload.get("after", []),
        "after": payload.get("before", []),
        "grids": [[number, after, before] for number, before, after in payload.get("grids", ())],
        "locks": [[cells, not locked] for cells, locked in payload.get("locks", ())],
    }


def touched(payload: Mapping[str, Any]) -> set[int]:
    """Return the grids that an event changed or moved cells between."""
    ends = {*payload.get("before", ()), *payload.get("after", ())}
    return {grid for grid in ends if grid is not None} | {number for number, *_ in payload.get("grids", ())}


def villages(session: Session, events: Iterable[PlanEvent]) -> list[str]:
    """Return the villages that some events changed anything in."""
    grids, cells = set[int](), set[int]()
    for event in events:
        grids |= touched(event.payload)
        cells.update(cell for ids, _locked in event.payload.get("locks", ()) for cell in ids)
    found = select(PlanGrid.village_code).where(PlanGrid.id.in_(grids))
    return list(session.scalars(found.union(select(Cell.village_code).where(Cell.id.in_(cells)))))


def append(
    session: Session, viewer: Viewer, plan: Plan, kind: str, payload: Mapping[str, Any], now: datetime,
    *, key: str | None = None, undoes: int | None = None,
) -> PlanEvent:  # fmt: skip
    """Write an event of the viewer's to the log of a plan that this transaction has locked."""
    plan.revision += 1
    full = {name: payload.get(name, []) for name in ("cells", "before", "after", "grids")}
    more = {name: value for name, value in payload.items() if name not in full and value}
    event = PlanEvent(
        plan_id=plan.id, seq=plan.revision, at=now, user_id=viewer.user_id, user_name=viewer.name, kind=kind,
        undoes=undoes, key=key, payload={**full, **more},
    )  # fmt: skip
    session.add(event)
    session.flush()
    return event


def since(session: Session, plan: Plan, base: int, until: int | None = None) -> Sequence[PlanEvent]:
    """Return the events after a revision, the oldest first."""
    if base >= plan.revision:
        return []
    found = select(PlanEvent).where(PlanEvent.plan_id == plan.id, PlanEvent.seq > base).order_by(PlanEvent.seq)
    return session.scalars(found if until is None else found.where(PlanEvent.seq <= until)).all()


def by(viewer: Viewer) -> ColumnElement[bool]:
    """Return the condition that an event is the viewer's own."""
    return PlanEvent.user_id.is_not_distinct_from(viewer.user_id)


def history(session: Session, viewer: Viewer, plan_id: int) -> Select[PlanEvent]:
    """Select the events of a plan, the newest first."""
    viewer.require("plan.view")
    return select(PlanEvent).where(PlanEvent.plan_id == plan_id).order_by(PlanEvent.seq.desc())


def replay(session: Session, viewer: Viewer, plan_id: int, revision: int | None = None) -> State:
    """Return what a plan was at a revision, or is, from its log alone; raises NotFound for one it never had."""
    viewer.require("plan.view")
    log = select(PlanEvent.seq, PlanEvent.payload).where(PlanEvent.plan_id == plan_id).order_by(PlanEvent.seq)
    rows = session.execute(log if revision is None else log.where(PlanEvent.seq <= revision)).all()
    state = State()
    for row in rows:
        state.take(row.payload)
    if revision is not None and (not rows or rows[-1].seq != revision):
        raise NotFound(N_("This plan never had a revision %(revision)s."), revision=revision)
    return state
