"""What a planner sends, and what comes back."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from gis.boundaries import KINDS as GRID_KINDS
from gis.errors import Conflict, Invalid
from gis.plans.held import plain
from gis.plans.log import since, touched
from gis.plans.tables import EVENT_KINDS, NO_STROKES, Plan, PlanEvent
from gis.viewer import Viewer
from gis.words import N_

KINDS = tuple(kind for kind in EVENT_KINDS if kind not in (*NO_STROKES, "undo", "redo"))
"""The kinds of an edit; carrying over, undo and redo are verbs of their own."""
LOCKING = ("lock", "unlock")
LONGEST_KEY = 64


@dataclass(frozen=True)
class Edit:
    """One change as the client draws it, on the revision that it saw; `key` is the client's own and names it for ever.

    `after` holds the grid of each of `cells`, None for no grid, a negative number for a new grid that `grids` declares
    ({"id": -1, "name": …}); the other entries of `grids` change a grid: name, kind, locked, retired. A lock or an
    unlock has no `after`: it locks its cells where they are. `known` are the keys of the client's own edits since the
    base, which it was drawn on top of.
    """

    kind: str
    base: int
    key: str
    cells: Sequence[int] = ()
    after: Sequence[int | None] = ()
    grids: Sequence[Mapping[str, Any]] = ()
    known: Collection[str] = ()


@dataclass(frozen=True)
class Outcome:
    """What has become of a plan since the client's revision: every event, its own last, and the grids they touched.

    `numbers` are those of the new grids, by the negative ones of the edit.
    """

    revision: int
    events: Sequence[PlanEvent] = ()
    numbers: dict[int, int] = field(default_factory=dict)
    touched: set[int] = field(default_factory=set)


def outcome(session: Session, plan: Plan, base: int, event: PlanEvent | None = None) -> Outcome:
    """Return what became of a plan from a revision to an event, or until now."""
    if event is not None and event.seq == base + 1:
        events: Sequence[PlanEvent] = [event]
    else:
        events = since(session, plan, base, None if event is None else event.seq)
    found = {grid for each in events for grid in touched(each.payload)}
    numbers = {} if event is None else event.payload.get("numbers", {})
    revision = plan.revision if event is None else event.seq
    return Outcome(revision, events, {int(old): new for old, new in numbers.items()}, found)


def earlier(session: Session, viewer: Viewer, plan: Plan, key: str) -> PlanEvent | None:
    """Return the event that was written for a key, if any; raises Conflict when it is another user's."""
    refuse_key(key)
    event = session.scalar(select(PlanEvent).where(PlanEvent.plan_id == plan.id, PlanEvent.key == key))
    if event is not None and event.user_id != viewer.user_id:
        raise Conflict(N_("Someone else has used this key; reload the plan."))
    return event


def refuse_key(key: str) -> None:
    """Raise Invalid for a key that names nothing, or is no key."""
    if not 0 < len(key) <= LONGEST_KEY:
        raise Invalid(N_("An edit needs a key of 1 to %(most)s characters."), most=LONGEST_KEY)


def refuse_base(plan: Plan, base: int) -> None:
    """Raise Invalid for a revision that the plan has not had yet."""
    if not 0 <= base <= plan.revision:
        raise Invalid(N_("This plan never had a revision %(revision)s."), revision=base)


def examine(plan: Plan, edit: Edit) -> None:
    """Raise Invalid for an edit that says nothing clear."""
    refuse_base(plan, edit.base)
    if edit.kind not in KINDS:
        raise Invalid(N_("There is no edit of the kind “%(kind)s”."), kind=edit.kind)
    expected = 0 if edit.kind in LOCKING else len(edit.cells)
    if len(edit.after) != expected or len(set(edit.cells)) != len(edit.cells):
        raise Invalid(N_("An edit names each cell once, each with its grid."))
    numbers = [each.get("id") for each in edit.grids]
    if len(set(numbers)) != len(numbers) or not all(isinstance(number, int) for number in numbers):
        raise Invalid(N_("An edit names each grid once, by its number."))
    for each in edit.grids:
        _examine_grid(plan, each)


def _examine_grid(plan: Plan, given: Mapping[str, Any]) -> None:
    if given["id"] < 0 and "name" not in given:
        raise Invalid(N_("A new grid needs a name."))
    if "name" in given:
        plain(str(given["name"]))
    if given.get("kind", "general") not in GRID_KINDS:
        raise Invalid(N_("There is no grid of the kind “%(kind)s”."), kind=given["kind"])
    if given.get("village", next(iter(plan.fabrics))) not in plan.fabrics:
        raise Invalid(N_("The plan does not reach into %(code)s."), code=given["village"])
