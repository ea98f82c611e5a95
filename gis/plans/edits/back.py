"""The way back and forth again: each planner's own strokes, without limit, across sessions, never over a lock."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from gis.errors import Conflict, Invalid
from gis.fabric.tables import Cell
from gis.plans.edits.edit import Outcome, earlier, outcome, refuse_base
from gis.plans.edits.stroke import Stroke, cells_of, grids_of, left_in, refuse_locked, write
from gis.plans.held import find, refuse_done
from gis.plans.log import FIELDS, absent, append, by, fields_of, inverse
from gis.plans.tables import NO_STROKES, Plan, PlanEvent, PlanGrid
from gis.viewer import Viewer
from gis.words import N_

PAGE = 64
"""Events that are looked at at a time; the newest are nearly always enough."""
TURNS = ("undo", "redo")


def undo(
    session: Session, viewer: Viewer, plan_id: int, base: int, key: str, now: datetime, *, keep: Collection[int] = ()
) -> Outcome:
    """Take back the viewer's newest stroke that stands, but for cells to `keep` as they are.

    Raises Invalid when there is none, Refused for what is locked, and Conflict when others have drawn over it since
    (its `cells` are {cell: (as I left it, theirs, as it was)}).
    """
    return _turn(session, viewer, plan_id, "undo", base, key, now, keep)


def redo(
    session: Session, viewer: Viewer, plan_id: int, base: int, key: str, now: datetime, *, keep: Collection[int] = ()
) -> Outcome:
    """Draw again what the viewer took back last, as long as no new stroke has followed; raises as undo does."""
    return _turn(session, viewer, plan_id, "redo", base, key, now, keep)


def reach(session: Session, viewer: Viewer, plan_id: int) -> tuple[bool, bool]:
    """Tell whether there is something for the viewer to undo, and to redo."""
    viewer.require("plan.view")
    return standing(session, viewer, plan_id) is not None, taken_back(session, viewer, plan_id) is not None


def _turn(
    session: Session, viewer: Viewer, plan_id: int, kind: str, base: int, key: str, now: datetime,
    keep: Collection[int],
) -> Outcome:  # fmt: skip
    viewer.require("plan.draw")
    plan = find(session, viewer, plan_id, locked=True)
    done = earlier(session, viewer, plan, key)
    if done is not None:
        return outcome(session, plan, base, done)
    refuse_done(plan)
    refuse_base(plan, base)
    find_ = standing if kind == "undo" else taken_back
    passed: set[int] = set()
    while (found := find_(session, viewer, plan_id, passed)) is not None:
        stroke, last = found
        way, laid = inverse(_payload(session, plan_id, last)), laid_since(session, plan, last)
        payload = _turned(session, plan, way, keep, laid)
        if any(payload[name] for name in ("cells", "grids", "locks")) or not any(laid):
            event = append(session, viewer, plan, kind, payload, now, key=key, undoes=stroke)
            return outcome(session, plan, base, event)
        passed.add(stroke)  # nothing is left of it: its ground has begun again
    nothing = {"undo": N_("There is nothing of yours to undo."), "redo": N_("There is nothing of yours to redo.")}
    raise Invalid(nothing[kind])


def laid_since(session: Session, plan: Plan, seq: int) -> tuple[set[int], set[int]]:
    """Return the cells and the grids of villages that were laid anew after an event: what was drawn there is gone."""
    later = select(PlanEvent.payload).where(PlanEvent.plan_id == plan.id, PlanEvent.seq > seq)
    villages: set[str] = set()
    for payload in session.scalars(later.where(PlanEvent.kind == "follow")):
        villages.update(payload.get("villages", ()))
    if not villages:
        return set(), set()
    cells = select(Cell.id).where(Cell.village_code.in_(villages))
    grids = select(PlanGrid.id).where(PlanGrid.plan_id == plan.id, PlanGrid.village_code.in_(villages))
    return set(session.scalars(cells)), set(session.scalars(grids))


def standing(session: Session, viewer: Viewer, plan_id: int, passed: Collection[int] = ()) -> tuple[int, int] | None:
    """Return the viewer's newest stroke that was not taken back nor passed, and the event that drew it last."""
    turned: dict[int, tuple[int, str]] = {}
    for seq, kind, undoes in _own(session, viewer, plan_id):
        if kind in TURNS:
            turned.setdefault(undoes, (seq, kind))
        elif seq in passed:
            continue
        elif seq not in turned:
            return seq, seq
        elif turned[seq][1] == "redo":
            return seq, turned[seq][0]
    return None


def taken_back(session: Session, viewer: Viewer, plan_id: int, passed: Collection[int] = ()) -> tuple[int, int] | None:
    """Return the stroke that the viewer took back last, and the event that did; none after a new stroke."""
    again: set[int] = set()
    for seq, kind, undoes in _own(session, viewer, plan_id):
        if kind not in TURNS:
            return None
        if kind == "undo" and undoes not in again and undoes not in passed:
            return undoes, seq
        again.add(undoes)
    return None


def _own(session: Session, viewer: Viewer, plan_id: int) -> Iterator[Any]:
    """Yield seq, kind and undoes of the viewer's events, the newest first; what was carried over is no stroke."""
    own = select(PlanEvent.seq, PlanEvent.kind, PlanEvent.undoes).where(
        PlanEvent.plan_id == plan_id, by(viewer), PlanEvent.kind.not_in(NO_STROKES)
    )
    rows = session.execute(own.order_by(PlanEvent.seq.desc()).limit(PAGE)).all()
    while rows:
        yield from rows
        older = own.where(PlanEvent.seq < rows[-1].seq).order_by(PlanEvent.seq.desc())
        rows = session.execute(older.limit(PAGE)).all() if len(rows) == PAGE else []


def _payload(session: Session, plan_id: int, seq: int) -> dict[str, Any]:
    found = select(PlanEvent.payload).where(PlanEvent.plan_id == plan_id, PlanEvent.seq == seq)
    payload: dict[str, Any] = session.scalars(found).one()
    return payload


def _turned(
    session: Session, plan: Plan, event: Mapping[str, Any], keep: Collection[int], laid: tuple[set[int], set[int]]
) -> dict[str, Any]:
    """Write the way back, and return it as a payload; what has become of no matter since is left out."""
    held = {*keep, *laid[0]}
    locks = [([cell for cell in cells if cell not in laid[0]], locked) for cells, locked in event["locks"]]
    payload = {**event, "locks": locks, "grids": [line for line in event["grids"] if line[0] not in laid[1]]}
    rows = cells_of(session, plan.id, [cell for cell in payload["cells"] if cell not in held])
    lines = zip(payload["cells"], payload["before"], payload["after"], strict=True)
    moves = [line for line in lines if line[0] in rows]
    stroke = Stroke([cell for cell, _, _ in moves], [old for _, old, _ in moves], [new for _, _, new in moves])
    grids = grids_of(session, plan.id, {*stroke.ends, *(number for number, *_ in payload["grids"])})
    stroke.locks = _locks(session, plan, payload)
    stroke.grids = _fields(payload, grids)
    _refuse_drawn_over(stroke, rows)
    refuse_locked(stroke, rows, grids)
    _refuse_gone(session, plan, stroke, grids)
    return write(session, plan.id, stroke, grids)


def _locks(session: Session, plan: Plan, payload: Mapping[str, Any]) -> list[tuple[list[int], bool]]:
    """Return the locks that are still as the event left them, turned."""
    found = []
    for cells, locked in payload["locks"]:
        rows = cells_of(session, plan.id, cells)
        left = [cell for cell in cells if cell in rows and rows[cell].locked != locked]
        if left:
            found.append((left, locked))
    return found


def _fields(payload: Mapping[str, Any], grids: Mapping[int, PlanGrid]) -> dict[int, dict[str, Any]]:
    """Return the grids with the fields that the event changed turned; raises Conflict where others changed them."""
    found: dict[int, dict[str, Any]] = {}
    for number, old, new in payload["grids"]:
        before, after = old or absent(new), new or absent(old)
        now = fields_of(grids[number])
        differing = [name for name in FIELDS if before[name] != after[name]]
        if any(now[name] != before[name] for name in differing):
            raise Conflict(N_("“%(name)s” has been changed since by someone else."), name=now["name"])
        found[number] = {**now, **{name: after[name] for name in differing}}
    return found


def _refuse_drawn_over(stroke: Stroke, rows: Mapping[int, Any]) -> None:
    lines = zip(stroke.cells, stroke.before, stroke.after, strict=True)
    clash = {cell: (left, rows[cell].grid, was) for cell, left, was in lines if rows[cell].grid != left}
    if clash:
        message = N_("%(count)s of these cells have been drawn over by someone else since.")
        raise Conflict(message, count=len(clash), cells=clash)


def _refuse_gone(session: Session, plan: Plan, stroke: Stroke, grids: Mapping[int, PlanGrid]) -> None:
    """Raise Conflict for a cell that would go to a retired grid, and for a grid that would retire with cells."""
    retired = {number for number, grid in grids.items() if stroke.grids.get(number, fields_of(grid))["retired"]}
    into = sorted(retired & {number for number in stroke.after if number is not None})
    if into:
        raise Conflict(N_("“%(name)s” is retired; it takes no cells."), name=grids[into[0]].name)
    retiring = [number for number in retired if not grids[number].retired]
    left = left_in(session, plan.id, retiring, stroke.cells)
    if left:
        message = N_("%(names)s: %(count)s cells are left. Give them to another grid, then retire it.")
        names = "、".join(grids[number].name for number in retiring)
        raise Conflict(message, names=names, count=len(left), left=left)
