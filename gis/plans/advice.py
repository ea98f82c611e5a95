"""Suggestions for a draft: what the partition finds in a village, as the one step that would take it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gis import partition
from gis.errors import Invalid, NotFound
from gis.partition import Limits, Suggestion
from gis.partition.excerpt import excerpt
from gis.plans.draft import Draft
from gis.plans.suggested import as_edit
from gis.plans.tables import PlanGrid
from gis.words import N_

Numbers = NDArray[np.int32]
MORE = 8
"""How many times as many ways to split are looked at where some cells are locked: not each keeps these together."""


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


@dataclass(frozen=True)
class LeftOut:
    """Cells (ids) that suggestions leave as they are: some locked one by one, the others in grids of these names."""

    cells: list[int]
    locked: int
    names: list[str]

    def told(self, translate: Callable[[str], str] = str) -> list[str]:
        """Return how many they are and why, as sentences."""
        found = []
        if self.locked:
            found.append(translate(N_("%(count)s locked cells stay as they are.")) % {"count": self.locked})
        if self.names:
            message = N_("%(count)s cells of locked or dedicated grids stay as they are: %(names)s.")
            params = {"count": len(self.cells) - self.locked, "names": "、".join(self.names)}
            found.append(translate(message) % params)
        return found


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
    """Return ways to split a grid, the best first: the part with most households keeps it, the others are new.

    A part with locked cells keeps the grid; raises Invalid where these are in several parts whatever is tried.
    """
    at = _open(draft, number)
    more = alternatives * (MORE if draft.locked[draft.of == at].any() else 1)
    ways = partition.split(draft.ground, draft.of, at, limits(draft), seed=seed, alternatives=more)
    found = []
    for way in ways:
        anchored = np.unique(way.of[draft.locked[way.cells] & (way.of >= 0)])
        if len(anchored) > 1:
            continue
        stays = int(anchored[0]) if len(anchored) else int(np.argmax(way.households))
        numbers = {part: -(place + 1) for place, part in enumerate(np.delete(np.arange(way.grids), stays).tolist())}
        moved = np.flatnonzero((way.of != stays) & (way.of >= 0))
        after = [numbers[part] for part in way.of[moved].tolist()]
        begun = [{"id": new, "village": draft.grids[at].village_code} for new in numbers.values()]
        found.append(_told(draft, draft.cells(way.cells[moved]), after, begun, way))
    if not found:
        raise Invalid(N_("Its locked cells lie so that no split keeps them together. Unlock some first."))
    return found[:alternatives]


def merge(draft: Draft, number: int) -> list[Advice]:
    """Return the neighbours that a grid can be merged with, the best first; the one with more households stays.

    A grid with locked cells stays whatever it has, and two of them are not merged.
    """
    at = _open(draft, number)
    anchored = set(np.unique(draft.of[draft.locked]).tolist())
    found = []
    for each in partition.merge(draft.ground, draft.of, at, limits(draft)):
        other = draft.grids[each.grid]
        if fixed(other) or {at, each.grid} <= anchored:
            continue
        weight = {place: (place in anchored, int(draft.measures.households[place])) for place in (at, each.grid)}
        gone, stays = sorted(weight, key=weight.__getitem__)
        cells = draft.cells(draft.of == gone)
        ended = [{"id": draft.grids[gone].id, "retired": True}]
        after = [draft.grids[stays].id] * len(cells)
        found.append(Advice(cells, after, ended, 1, int(each.in_range), with_grid=other.id))
    return found


def left_out(draft: Draft, village: str, number: int | None = None) -> LeftOut:
    """Return what suggestions for a village, or for one grid of it, leave as it is."""
    here = within(draft, village)
    if number is not None:
        here = here & np.append(np.array([grid.id == number for grid in draft.grids], bool), False)[draft.of]
    stays = here & held(draft)
    grids = [at for at in np.unique(draft.of[stays & (draft.of >= 0)]).tolist() if fixed(draft.grids[at])]
    alone = stays & ~np.isin(draft.of, grids)
    return LeftOut(draft.cells(stays), int(alone.sum()), [draft.grids[at].name for at in grids])


def limits(draft: Draft) -> Limits:
    """Return how many households the grids of a draft should have."""
    return Limits(draft.plan.households_min, draft.plan.households_max)


def held(draft: Draft) -> NDArray[np.bool_]:
    """Return which cells stay where they are: locked, or in a locked or dedicated grid."""
    whole = np.array([*map(fixed, draft.grids), False], bool)
    found: NDArray[np.bool_] = draft.locked | whole[draft.of]
    return found


def fixed(grid: PlanGrid) -> bool:
    """Tell whether a grid neither gives nor takes cells in a suggestion."""
    return grid.locked or grid.kind == "dedicated"


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
    """Return a division of some cells as a step of the draft: what is not divided keeps its grid.

    Locked cells go with the part that they touch longest, and that part takes over their grid.
    """
    whole = np.where(draft.of < 0, -1, draft.of + way.grids).astype(np.int32)
    whole[own[way.cells]] = way.of
    kept: dict[int, int] = {}
    for at in np.unique(draft.of[held(draft) & (draft.of >= 0)]).tolist():
        cells = np.flatnonzero(held(draft) & (draft.of == at))
        near = [] if fixed(draft.grids[at]) else _touched(draft, whole, cells, way)
        number = next((part for part in near if part not in kept), at + way.grids)
        kept[number], whole[cells] = at, number
    edit = as_edit(draft, whole, "preview", kept=kept)
    advice = _told(draft, edit.cells, edit.after, edit.grids, way, own)
    loads = np.bincount(whole[whole >= 0], draft.ground.households[whole >= 0], minlength=way.grids)[: way.grids]
    return replace(advice, in_range=int((~limits(draft).outside(loads)).sum()))


def _touched(draft: Draft, whole: Numbers, cells: NDArray[np.integer[Any]], way: Suggestion) -> list[int]:
    """Return the parts of a division that some cells touch, the longest border first."""
    ground, inside = draft.ground, np.zeros(len(whole), bool)
    inside[cells] = True
    ends = [(ground.a, ground.b), (ground.b, ground.a)]
    near = np.concatenate([np.where(inside[one] & ~inside[other], whole[other], -1) for one, other in ends])
    metres = np.tile(np.maximum(ground.length_m, 0.1) * np.where(ground.joins, 1e6, 1.0), 2)
    use = (near >= 0) & (near < way.grids)
    touched = np.bincount(near[use], metres[use], minlength=way.grids)
    return [int(part) for part in np.argsort(-touched, kind="stable") if touched[part] > 0]


def _told(
    draft: Draft, cells: Sequence[int], after: Sequence[int | None], grids: Sequence[Mapping[str, Any]],
    way: Suggestion, own: Numbers | None = None,
) -> Advice:  # fmt: skip
    unfit = [
        Unfit(draft.cells(each.cells if own is None else own[each.cells]), int(each.households), each.reason)
        for each in way.infeasible
    ]
    return Advice(cells, after, grids, way.grids, way.in_range, way.along_barriers, way.compactness, unfit=unfit)
