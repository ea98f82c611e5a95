"""A suggestion as an edit: its grids take over those of the plan that they share most households with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gis.plans.draft import Draft
from gis.plans.edits import Edit
from gis.plans.names import following


def as_edit(
    draft: Draft,
    of: NDArray[np.integer[Any]],
    key: str,
    *,
    kind: str = "suggest",
    kept: Mapping[int, int] | None = None,
) -> Edit:
    """Return the one step that turns a draft into a suggestion (`of`: a number per cell, -1 for none).

    Each number takes over one grid of the plan at most, in the village where its cells lie; what is left over is begun
    anew, and a grid that would keep no cell is retired. `kept` says beforehand which number takes which place of the
    plan's grids.
    """
    numbers = {number: draft.grids[grid].id for number, grid in taken_over(draft, of, kept or {}).items()}
    villages, names = draft.ground.villages, free_names(draft)
    begun: list[dict[str, Any]] = []
    for number in np.unique(of[of >= 0]).tolist():
        if number not in numbers:
            numbers[number] = -(len(begun) + 1)
            where = villages[int(draft.ground.village[np.flatnonzero(of == number)[0]])]
            begun.append({"id": numbers[number], "name": next(names[where]), "village": where})
    before = np.array([grid.id for grid in draft.grids] + [0], np.int64)[draft.of]
    after = np.zeros(len(of), np.int64)
    for number, grid in numbers.items():
        after[of == number] = grid
    moved = np.flatnonzero(before != after)
    emptied = set(np.unique(before[moved]).tolist()) - set(np.unique(after).tolist()) - {0}
    retired = [{"id": grid, "retired": True} for grid in sorted(emptied)]
    woken = [{"id": grid.id, "retired": False} for grid in draft.grids if grid.retired and grid.id in numbers.values()]
    to = [grid or None for grid in after[moved].tolist()]
    return Edit(kind, draft.plan.revision, key, draft.cells(moved), to, [*begun, *retired, *woken])


def taken_over(draft: Draft, of: NDArray[np.integer[Any]], kept: Mapping[int, int]) -> dict[int, int]:
    """Return which grid of the plan (its place) each number of `of` takes over, none for a number that is left over.

    The pairs that share most come first: households count, and cells between equals. `kept` are pairs that are given.
    """
    both = (of >= 0) & (draft.of >= 0)
    pairs, at = np.unique(np.stack([of[both], draft.of[both]], axis=1), axis=0, return_inverse=True)
    households = np.bincount(at.ravel(), draft.ground.households[both], len(pairs))
    cells = np.bincount(at.ravel(), minlength=len(pairs))
    numbers, used = dict(kept), set(kept.values())
    for number, grid in pairs[np.lexsort((-cells, -households))].tolist():
        if number not in numbers and grid not in used:
            numbers[number] = grid
            used.add(grid)
    return numbers


def free_names(draft: Draft) -> dict[str, Iterator[str]]:
    """Return the names for new grids of each village."""
    taken: dict[str, list[str]] = {village: [] for village in draft.ground.villages}
    for grid in draft.grids:
        taken[grid.village_code].append(grid.name)
    return {village: following(names) for village, names in taken.items()}
