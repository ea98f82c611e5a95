"""Suggestions for a draft: what the partition finds in a village, as the one step that would take it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gis import partition
from gis.errors import Invalid, NotFound
from gis.partition import Limits, Suggestion
from gis.partition.excerpt import excerpt
from gis.plans.draft import Draft
from gis.plans.suggested import as_edit
from gis.words import N_

Numbers = NDArray[np.int32]


@dataclass(frozen=True)
class Unfit:
    """Cells (ids) that no suggestion brings into range, and why (a message id)."""

    cells: list[int]
    households: int
    reason: str


@dataclass(frozen=True)
class Misfit:
    """Grids (ids) that hang together and are too few or too many for their households; `fewest` to `most` would do."""

    grids: list[int]
    households: int
    fewest: int
    most: int


@dataclass(frozen=True, eq=False)
class Advice:
    """One suggestion: cell ids with the grid each goes to, grids that it begins (negative) or ends, and its figures.

    `count` grids of which `in_range` are within the targets; shares and compactness are None where nothing was divided
    anew. `with_grid` is the neighbour of a merge.
    """

    cells: Sequence[int]
    after: Sequence[int | None]
    grids: Sequence[Mapping[str, Any]]
    count: int
    in_range: int
    along_barriers: float | None = None
    compactness: float | None = None
    with_grid: int | None = None
    unfit: list[Unfit] = field(default_factory=list)
    misfits: list[Misfit] = field(default_factory=list)


def new_plan(draft: Draft, village: str, *, seed: int = 1, alternatives: int = 3) -> list[Advice]:
    """Return new divisions of a village, the best first; what is locked or dedicated stays as it is."""
    own = np.flatnonzero(within(draft, village) & ~held(draft)).astype(np.int32)
    if not len(own):
        raise Invalid(N_("Every cell of this village is locked."))
    land = excerpt(draft.ground, own)
    ways = partition.suggest(land, limits(draft), seed=seed, alternatives=alternatives)
    return [_laid(draft, own, way) for way in ways]


def least_change(draft: Draft, village: str, *, seed: int = 1) -> tuple[Advice, int]:
    """Return the least change that brings a village's grids into range, and how many cells the new plan would move.

    Dedicated grids neither give nor take. The new plan is the one that `new_plan` offers first, so its price is true;
    where every grid is in range or every cell is locked nothing is asked and it is 0.
    """
    own = np.flatnonzero(within(draft, village)).astype(np.int32)
    apart = np.array([at for at, grid in enumerate(draft.grids) if grid.kind == "dedicated"], np.int32)
    found = partition.rebalance(
        excerpt(draft.ground, own), draft.of[own], limits(draft), locked=held(draft)[own], apart=apart, seed=seed
    )
    loads = np.bincount(found.of[found.of >= 0], draft.ground.households[own][found.of >= 0], len(draft.grids))
    here = [at for at, grid in enumerate(draft.grids) if grid.village_code == village and draft.live[at]]
    counted = np.array([at for at in here if at not in set(apart.tolist())], np.int32)
    inside = int((~limits(draft).outside(loads[counted])).sum())
    after = [draft.grids[at].id for at in found.of[found.moved].tolist()]
    unfit = [Unfit(draft.cells(draft.of == each.grid), each.households, each.reason) for each in found.unmended]
    wrong = [Misfit([draft.grids[at].id for at in each.grids], each.households, each.fewest, each.most)
             for each in found.misfits]  # fmt: skip
    advice = Advice(draft.cells(own[found.moved]), after, [], len(counted), inside, unfit=unfit, misfits=wrong)
    asked = (len(advice.cells) or unfit) and not held(draft)[own].all()
    return advice, len(new_plan(draft, village, seed=seed)[0].cells) if asked else 0


def split(draft: Draft, number: int, *, seed: int = 1, alternatives: int = 3) -> list[Advice]:
    """Return ways to split a grid, the best first: the part with most households keeps it, the others are new."""
    at = _open(draft, number)
    ways = partition.split(draft.ground, draft.of, at, limits(draft), seed=seed, alternatives=alternatives)
    found = []
    for way in ways:
        stays = int(np.argmax(way.households))
        numbers = {part: -(place + 1) for place, part in enumerate(np.delete(np.arange(way.grids), stays).tolist())}
        moved = np.flatnonzero((way.of != stays) & (way.of >= 0))
        after = [numbers[part] for part in way.of[moved].tolist()]
        begun = [{"id": new, "village": draft.grids[at].village_code} for new in numbers.values()]
        found.append(_told(draft, draft.cells(way.cells[moved]), after, begun, way))
    return found


def merge(draft: Draft, number: int) -> list[Advice]:
    """Return the neighbours that a grid can be merged with, the best first; the one with more households stays."""
    at = _open(draft, number)
    found = []
    for each in partition.merge(draft.ground, draft.of, at, limits(draft)):
        other = draft.grids[each.grid]
        if other.locked or other.kind == "dedicated":
            continue
        gone, stays = sorted((at, each.grid), key=lambda place: int(draft.measures.households[place]))
        cells = draft.cells(draft.of == gone)
        ended = [{"id": draft.grids[gone].id, "retired": True}]
        after = [draft.grids[stays].id] * len(cells)
        found.append(Advice(cells, after, ended, 1, int(each.in_range), with_grid=other.id))
    return found


def limits(draft: Draft) -> Limits:
    """Return how many households the grids of a draft should have."""
    return Limits(draft.plan.households_min, draft.plan.households_max)


def held(draft: Draft) -> NDArray[np.bool_]:
    """Return which cells stay where they are: locked, or in a locked or dedicated grid."""
    fixed = np.array([*(grid.locked or grid.kind == "dedicated" for grid in draft.grids), False], bool)
    found: NDArray[np.bool_] = draft.locked | fixed[draft.of]
    return found


def within(draft: Draft, village: str) -> NDArray[np.bool_]:
    """Return which cells lie in a village."""
    found: NDArray[np.bool_] = draft.ground.village == draft.ground.villages.index(village)
    return found


def _open(draft: Draft, number: int) -> int:
    """Return the place of a grid that may be changed."""
    for at, grid in enumerate(draft.grids):
        if grid.id == number and not grid.retired:
            if grid.locked:
                raise Invalid(N_("“%(name)s” is locked. Unlock it first."), name=grid.name)
            return at
    raise NotFound(N_("There is no grid %(number)s in this plan."), number=number)


def _laid(draft: Draft, own: Numbers, way: Suggestion) -> Advice:
    """Return a division of some cells as a step of the draft: what is not divided keeps its grid."""
    whole = np.where(draft.of < 0, -1, draft.of + way.grids).astype(np.int32)
    whole[own[way.cells]] = way.of
    edit = as_edit(draft, whole, "preview")
    return _told(draft, edit.cells, edit.after, edit.grids, way, own)


def _told(
    draft: Draft, cells: Sequence[int], after: Sequence[int | None], grids: Sequence[Mapping[str, Any]],
    way: Suggestion, own: Numbers | None = None,
) -> Advice:  # fmt: skip
    unfit = [
        Unfit(draft.cells(each.cells if own is None else own[each.cells]), int(each.households), each.reason)
        for each in way.infeasible
    ]
    return Advice(cells, after, grids, way.grids, way.in_range, way.along_barriers, way.compactness, unfit=unfit)
