"""A stroke is taken in: merged with what others drew meanwhile, or told which cells they were at."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from gis.errors import Conflict, Invalid
from gis.plans.edits.edit import LOCKING, Edit, Outcome, earlier, examine, outcome
from gis.plans.edits.stroke import Stroke, cells_of, grids_of, left_in, refuse_locked, write
from gis.plans.held import find, plain, refuse_done
from gis.plans.log import FIELDS, append, fields_of, since
from gis.plans.tables import Plan, PlanEvent, PlanGrid
from gis.viewer import Viewer
from gis.words import N_

Entries = Mapping[int, Mapping[str, Any]]
Rows = Mapping[int, Any]


def apply(session: Session, viewer: Viewer, plan_id: int, edit: Edit, now: datetime) -> Outcome:
    """Write an edit, and return it with what others drew since its base; the same key again gets the same answer.

    Raises Conflict when others changed the same cells since (its `cells` are {cell: (before, theirs, mine)}), Refused
    for what is locked, Invalid for what makes no sense. Nothing is written then.
    """
    viewer.require("plan.draw")
    plan = find(session, viewer, plan_id, locked=True)
    done = earlier(session, viewer, plan, edit.key)
    if done is not None:
        refuse_other(done, edit)
        return outcome(session, plan, edit.base, done)
    refuse_done(plan)
    examine(plan, edit)
    rows, meanwhile = cells_of(session, plan_id, edit.cells), since(session, plan, edit.base)
    refuse_unknown(edit, rows, meanwhile)
    stroke, entries = drawn(edit, rows), {each["id"]: each for each in edit.grids}
    grids = grids_of(session, plan_id, {*stroke.ends, *entries})
    unknown = [event for event in meanwhile if event.user_id != viewer.user_id or event.key not in edit.known]
    refuse_theirs(viewer, stroke, entries, grids, unknown)
    new = {number: new_grid(plan, entry, number, stroke, rows) for number, entry in entries.items() if number < 0}
    stroke.grids = changed(grids, entries)
    refuse_targets(stroke, rows, {**grids, **new})
    refuse_locked(stroke, rows, grids)
    refuse_full(session, plan_id, stroke, grids)
    if not stroke and not new:
        return outcome(session, plan, edit.base)
    numbers = add(session, new, stroke)
    payload = write(session, plan_id, stroke, grids)
    payload["grids"] += [[grid.id, None, fields_of(grid)] for grid in new.values()]
    payload.update(numbers=numbers, asked=len(edit.cells))
    event = append(session, viewer, plan, edit.kind, payload, now, key=edit.key)
    return outcome(session, plan, edit.base, event)


def refuse_other(done: PlanEvent, edit: Edit) -> None:
    """Raise Conflict for a key that was used for another stroke: nothing of this one would be written."""
    if done.payload.get("asked", len(edit.cells)) != len(edit.cells) or done.kind != edit.kind:
        raise Conflict(N_("This stroke was sent before with other cells; look at the map, and draw it again."))


def refuse_unknown(edit: Edit, rows: Rows, meanwhile: Sequence[PlanEvent]) -> None:
    """Raise Conflict for cells that were built anew since the edit was drawn, Invalid for others that are not there."""
    missing = {cell for cell in edit.cells if cell not in rows}
    gone = {cell for event in meanwhile for cell, _grid in event.payload.get("gone", ())}
    if missing & gone:
        raise Conflict(N_("%(count)s of these cells were built anew; reload the plan."), count=len(missing & gone))
    if missing:
        raise Invalid(N_("%(count)s of these cells are not in this plan."), count=len(missing))


def drawn(edit: Edit, rows: Rows) -> Stroke:
    """Return what of an edit is a change at all."""
    if edit.kind in LOCKING:
        locked = edit.kind == "lock"
        cells = [cell for cell in edit.cells if rows[cell].locked != locked]
        return Stroke(locks=[(cells, locked)] if cells else [])
    moved = [(cell, rows[cell].grid, to) for cell, to in zip(edit.cells, edit.after, strict=True)]
    moved = [each for each in moved if each[1] != each[2]]
    return Stroke([cell for cell, _, _ in moved], [old for _, old, _ in moved], [new for _, _, new in moved])


def refuse_theirs(
    viewer: Viewer, stroke: Stroke, entries: Entries, grids: Mapping[int, PlanGrid], meanwhile: Sequence[PlanEvent],
) -> None:  # fmt: skip
    """Raise Conflict where events since the base left another grid in a cell, or another word in a grid."""
    first: dict[int, int | None] = {}
    named: dict[tuple[int, str], Any] = {}
    for event in meanwhile:
        for cell, before in zip(event.payload["cells"], event.payload["before"], strict=True):
            first.setdefault(cell, before)
        for number, fields, _after in event.payload["grids"]:
            for name in FIELDS:
                named.setdefault((number, name), fields and fields[name])
    mine = zip(stroke.cells, stroke.before, stroke.after, strict=True)
    clash = {cell: (first[cell], theirs, after) for cell, theirs, after in mine if first.get(cell, theirs) != theirs}
    words = [grids[number].name for number, entry in entries.items() for name in FIELDS
             if number in grids and name in entry and (number, name) in named
             and getattr(grids[number], name) not in (named[number, name], entry[name])]  # fmt: skip
    if clash:
        others = who(viewer, meanwhile, cells=clash)
        message = N_("%(count)s of these cells have been changed meanwhile by %(who)s.") if others else N_(
            "%(count)s of these cells have been changed meanwhile by yourself, in another window.")  # fmt: skip
        raise Conflict(message, count=len(clash), who=others, cells=clash)
    if words:
        others, names = who(viewer, meanwhile, grids=entries), "、".join(sorted(set(words)))
        message = N_("%(names)s: changed meanwhile by %(who)s.") if others else N_(
            "%(names)s: changed meanwhile by yourself, in another window.")  # fmt: skip
        raise Conflict(message, names=names, who=others)


def who(
    viewer: Viewer, meanwhile: Sequence[PlanEvent], *, cells: Collection[int] = (), grids: Collection[int] = ()
) -> str:
    """Return the names of the others who changed some cells, or the fields of some grids; "" for the viewer alone."""
    names = {
        event.user_name for event in meanwhile
        if event.user_id != viewer.user_id and (not set(cells).isdisjoint(event.payload["cells"])
        or not set(grids).isdisjoint(number for number, *_ in event.payload["grids"]))
    }  # fmt: skip
    return "、".join(sorted(names))


def new_grid(plan: Plan, entry: Mapping[str, Any], number: int, stroke: Stroke, rows: Rows) -> PlanGrid:
    """Return a grid that is not stored yet; its village is the one named, or that of its first cell."""
    own = (rows[cell].village_code for cell, to in zip(stroke.cells, stroke.after, strict=True) if to == number)
    village = entry.get("village") or next(own, next(iter(plan.fabrics)) if len(plan.fabrics) == 1 else None)
    if village is None:
        raise Invalid(N_("Say which village the new grid lies in."))
    return PlanGrid(
        plan_id=plan.id, village_code=village, name=plain(entry["name"]), kind=entry.get("kind", "general"),
        locked=bool(entry.get("locked", False)), retired=False,
    )  # fmt: skip


def changed(grids: Mapping[int, PlanGrid], entries: Entries) -> dict[int, dict[str, Any]]:
    """Return the fields of the grids that an edit changes; raises Invalid for a grid that is not in the plan."""
    found: dict[int, dict[str, Any]] = {}
    for number, entry in entries.items():
        if number < 0:
            continue
        if number not in grids:
            raise Invalid(N_("There is no grid %(number)s in this plan."), number=number)
        before = fields_of(grids[number])
        given = {name: entry[name] for name in FIELDS if name in entry}
        after = {**before, **given, "name": plain(str(given.get("name", before["name"])))}
        if after != before:
            found[number] = after
    return found


def refuse_targets(stroke: Stroke, rows: Rows, grids: Mapping[int, PlanGrid]) -> None:
    """Raise for a grid that is not in the plan, is retired, or lies in another village than a cell it is given."""
    for cell, number in zip(stroke.cells, stroke.after, strict=True):
        if number is None:
            continue
        if number not in grids:
            raise Invalid(N_("There is no grid %(number)s in this plan."), number=number)
        grid = grids[number]
        if stroke.grids.get(number, {}).get("retired", grid.retired):
            raise Conflict(N_("“%(name)s” is retired; it takes no cells."), name=grid.name)
        if grid.village_code != rows[cell].village_code:
            raise Invalid(N_("“%(name)s” takes no cells of another village."), name=grid.name)


def refuse_full(session: Session, plan_id: int, stroke: Stroke, grids: Mapping[int, PlanGrid]) -> None:
    """Raise Conflict when a grid that is retired would keep cells."""
    retiring = [number for number, fields in stroke.grids.items() if fields["retired"] and not grids[number].retired]
    left = left_in(session, plan_id, retiring, stroke.cells)
    if left:
        names = "、".join(grids[number].name for number in retiring)
        message = N_("%(names)s: %(count)s cells are left. Give them to another grid, then retire it.")
        raise Conflict(message, names=names, count=len(left), left=left)


def add(session: Session, new: Mapping[int, PlanGrid], stroke: Stroke) -> dict[str, int]:
    """Store new grids, put their numbers into the stroke, and return them by the negative ones."""
    for grid in new.values():
        session.add(grid)
    session.flush()
    ids = {number: grid.id for number, grid in new.items()}
    stroke.after = [ids.get(number, number) if number is not None else None for number in stroke.after]
    return {str(number): made for number, made in ids.items()}
