"""What a file would do to a plan, with all that there is to say about it; nothing is written before it is taken."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from gis import audit
from gis.errors import Invalid, Refused
from gis.plans.draft import Draft
from gis.plans.edits import Edit, Outcome, apply
from gis.plans.held import find, plain
from gis.plans.labels import labels
from gis.viewer import Viewer
from gis.words import N_

Severity = Literal["error", "warning", "note"]


@dataclass(frozen=True)
class Remark:
    """One thing to know about a file: what is wrong, in which row (from 1), and how to mend it."""

    severity: Severity
    message: str
    remedy: str = ""
    row: int | None = None
    place: tuple[float, float] | None = None
    params: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.message % self.params


@dataclass(frozen=True)
class Cut:
    """A building that a drawn border cuts: its cell, and the share of its ground by grid, the chosen one first.

    A grid is told by its label in the plan, else by its name in the file.
    """

    cell: int
    code: str
    address: str | None
    shares: tuple[tuple[str, float], ...]


@dataclass(frozen=True, eq=False)
class Proposal:
    """A file held against a draft: `to` gives each cell a place in `names`, -1 for none, -2 to leave it as it is.

    `names` are (label, name, village) of the file's grids; `repair` says what had to be mended before it could be used,
    and `base` is the revision that it was held against.
    """

    draft: Draft
    names: Sequence[tuple[str, str, str]]
    to: NDArray[np.int32]
    remarks: Sequence[Remark] = ()
    cuts: Sequence[Cut] = ()
    repair: Mapping[str, float] = field(default_factory=dict)
    base: int = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "base", self.draft.plan.revision)

    @property
    def acceptable(self) -> bool:
        """Whether nothing stands against taking it."""
        return not any(remark.severity == "error" for remark in self.remarks)

    def laid(self) -> NDArray[np.int32]:
        """Return the place in `names` of the grid that each cell would have, -1 for none."""
        known = {label: at for at, (label, _name, _village) in enumerate(self.names)}
        stays = np.array([*(known.get(label, -1) for label in labels(self.draft)), -1], np.int32)
        return np.where(self.to == -2, stays[self.draft.of], self.to).astype(np.int32)

    def sums(self, laid: NDArray[np.int32]) -> list[tuple[str, str, int, int]]:
        """Return label, name, cells and households of each grid that would have a cell."""
        inside = laid >= 0
        cells = np.bincount(laid[inside], minlength=len(self.names))
        households = np.bincount(laid[inside], self.draft.ground.households[inside], len(self.names))
        return [
            (label, name, int(cells[at]), int(households[at]))
            for at, (label, name, _village) in enumerate(self.names)
            if cells[at]
        ]

    def edit(self, key: str) -> Edit:
        """Return the one step that takes the file: the cells that change, the grids that it begins or names anew."""
        draft = self.draft
        known = dict(zip(labels(draft), draft.grids, strict=True))
        used = np.unique(self.to[self.to >= 0]).tolist()
        numbers: dict[int, int | None] = {-1: None, -2: None}
        begun: list[dict[str, Any]] = []
        renamed: list[dict[str, Any]] = []
        for at in used:
            label, name, village = self.names[at]
            grid = known.get(label)
            numbers[at] = -(len(begun) + 1) if grid is None else grid.id
            if grid is None:
                begun.append({"id": numbers[at], "name": name, "village": village})
            elif grid.name != name:
                renamed.append({"id": grid.id, "name": name})
        before = [None if at < 0 else draft.grids[at].id for at in draft.of.tolist()]
        after = [numbers[at] for at in self.to.tolist()]
        moved = [at for at, to in enumerate(self.to.tolist()) if to != -2 and before[at] != after[at]]
        return Edit(
            kind="import", base=self.base, key=key, cells=draft.cells(moved),
            after=[after[at] for at in moved], grids=[*begun, *renamed],
        )  # fmt: skip


def refused(name: str, row: int) -> list[Remark]:
    """Return the remark on a name that no grid can have, none for a good one."""
    try:
        plain(name)
    except (Invalid, Refused) as error:
        return [Remark("error", error.message, N_("Choose another name."), row, params=error.params)]
    return []


def emptied(draft: Draft, names: Sequence[tuple[str, str, str]], to: NDArray[np.int32]) -> list[Remark]:
    """Return the remark on the grids of a plan that have land now and would have none, if there are such."""
    codes = labels(draft)
    kept = {names[at][0] for at in np.unique(to[to >= 0]).tolist()}
    kept |= {codes[at] for at in np.unique(draft.of[(to == -2) & (draft.of >= 0)]).tolist()}
    gone = [draft.grids[at].name for at in np.unique(draft.of[draft.of >= 0]).tolist() if codes[at] not in kept]
    if not gone:
        return []
    message = N_("These grids get no land any more: %(names)s.")
    return [Remark("warning", message, params={"names": "、".join(gone)})]


def accept(session: Session, viewer: Viewer, proposal: Proposal, key: str, now: datetime) -> Outcome | None:
    """Take a file as one step of its plan; None when it changes nothing. Raises Invalid when it has errors."""
    viewer.require("plan.draw")
    if not proposal.acceptable:
        raise Invalid(N_("The file has errors; nothing was written."))
    edit = proposal.edit(key)
    return take(session, viewer, proposal.draft.plan.id, edit, now) if edit.cells or edit.grids else None


def take(session: Session, viewer: Viewer, plan_id: int, edit: Edit, now: datetime) -> Outcome:
    """Take the step that a file comes to, on the revision that it was held against."""
    viewer.require("plan.draw")
    outcome = apply(session, viewer, plan_id, edit, now)
    plan = find(session, viewer, plan_id)
    audit.record(session, viewer, "plan.import", plan.area_code, plan=plan.id, cells=len(edit.cells))
    return outcome
