"""Every cell in one grid, every building and compound whole, every household somewhere."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gis.checks.findings import Finding, Flags, chosen
from gis.partition.graph import components
from gis.plans.draft import Draft
from gis.words import N_

BARE = 1e-7
"""The part of a village that may lie in no cell: what is lost in adding up."""
CROWD = 200
"""How many findings of one kind are worth listing one by one."""


def unassigned(draft: Draft, touched: Collection[int] | None) -> list[Finding]:
    """E1: cells in no grid, or in a retired one; one finding for each place, always for the whole plan."""
    free = ~np.append(draft.live, False)[draft.of]
    free[draft.fresh] = False
    if not free.any():
        return []
    ground = draft.ground
    both = np.flatnonzero(free[ground.a] & free[ground.b])
    label, _count = components(len(free), ground.a[both], ground.b[both])
    remedy = filled(draft, free)
    places = [np.flatnonzero(free & (label == number)) for number in np.unique(label[free])[:CROWD]]
    return [_unassigned(draft, place, remedy) for place in sorted(places, key=len, reverse=True)]


def _unassigned(draft: Draft, place: NDArray[Any], remedy: dict[int, int]) -> Finding:
    cells = draft.cells(place)
    households = int(draft.ground.households[place].sum())
    return Finding(
        "E1", "error", None, cells, N_("%(cells)s cells with %(households)s households are in no grid."),
        N_("Give them to a neighbouring grid, or make a new one of them."),
        {"cells": len(cells), "households": households},
        remedy={cell: remedy[cell] for cell in cells if cell in remedy},
    )  # fmt: skip


def filled(draft: Draft, free: Flags) -> dict[int, int]:
    """Return a grid for each free cell that can be reached from one, growing from their borders inwards."""
    ground, of = draft.ground, np.where(free, -1, draft.of)
    open_to = np.append(draft.takers, False)
    a, b = np.concatenate([ground.a, ground.b]), np.concatenate([ground.b, ground.a])
    weight = np.tile(np.maximum(ground.length_m, 0.1) * np.where(ground.joins, 1e6, 1.0), 2)
    nearby = (ground.village[a] == ground.village[b]) & ~draft.locked[a] & free[a]
    a, b, weight = a[nearby], b[nearby], weight[nearby]
    while True:
        use = np.flatnonzero((of[a] < 0) & open_to[of[b]])
        if not len(use):
            break
        order = use[np.argsort(weight[use], kind="stable")]
        of[a[order]] = of[b[order]]
    got = np.flatnonzero(free & (of >= 0))
    return {cell: draft.grids[grid].id for cell, grid in zip(draft.cells(got), of[got].tolist(), strict=True)}


def repeated(draft: Draft, touched: Collection[int] | None) -> list[Finding]:
    """E2: a cell that is there twice; the keys forbid it, so this guards what is read from elsewhere."""
    _codes, first, count = np.unique(
        np.array([f"{village}/{code}" for village, code in zip(draft.ground.village, draft.ground.codes, strict=True)]),
        return_index=True, return_counts=True,
    )  # fmt: skip
    twice = first[count > 1]
    if not len(twice):
        return []
    message = N_("%(count)s cells are there twice, %(code)s among them.")
    params = {"count": len(twice), "code": draft.ground.codes[int(twice[0])]}
    return [
        Finding("E2", "error", None, draft.cells(twice), message, N_("Build the cells of the village anew."), params)
    ]


def beyond_village(draft: Draft, touched: Collection[int] | None) -> list[Finding]:
    """E4: cells of another village than their grid's."""
    villages = {code: number for number, code in enumerate(draft.ground.villages)}
    home = np.array([*(villages.get(grid.village_code, -1) for grid in draft.grids), -1])
    looked = np.append(chosen(draft, touched), False)
    astray = looked[draft.of] & (home[draft.of] != draft.ground.village)
    found = []
    for at in np.unique(draft.of[astray]):
        cells = draft.cells(np.flatnonzero(astray & (draft.of == at)))
        message = N_("“%(name)s” has %(cells)s cells of another village.")
        mend = N_("Give them to a grid of their own village.")
        grid = draft.grids[at]
        found.append(Finding("E4", "error", grid.id, cells, message, mend, {"name": grid.name, "cells": len(cells)}))
    return found


def building_parted(draft: Draft, touched: Collection[int] | None) -> list[Finding]:
    """E5: a building in two grids that would fit into one; a tower that is too large for a grid may be parted."""
    ids = draft.ground.building_ids
    found = []
    for cells, _label in _parted(draft, touched, ids, ids >= 0):
        households = int(draft.ground.households[cells].sum())
        if households <= draft.plan.households_max:
            message = N_("A building of %(households)s households lies in two grids.")
            mend = N_("Give the whole building to one of them.")
            found.append(_gathered(draft, "E5", "error", cells, message, mend, {"households": households}))
    return found


def compound_parted(draft: Draft, touched: Collection[int] | None) -> list[Finding]:
    """W6: a residential compound in two grids that would fit into one."""
    names = draft.register.compounds
    named = np.array([name is not None for name in names], bool)
    keys = np.array([f"{village} {name}" for village, name in zip(draft.ground.village, names, strict=True)])
    found = []
    for cells, _label in _parted(draft, touched, keys, named):
        households = int(draft.ground.households[cells].sum())
        if households <= draft.plan.households_max:
            message = N_("The compound “%(name)s” with %(households)s households lies in several grids.")
            mend = N_("Give the whole compound to one of them.")
            params = {"name": names[cells[0]], "households": households}
            found.append(_gathered(draft, "W6", "warning", cells, message, mend, params))
    return found


def _parted(
    draft: Draft, touched: Collection[int] | None, keys: NDArray[Any], among: Flags
) -> Iterator[tuple[NDArray[Any], Any]]:
    """Yield the cells of each key that lie in several grids, one of them looked at."""
    looked = np.append(chosen(draft, touched), False)
    use = np.flatnonzero(among & (draft.of >= 0))
    if not len(use):
        return
    names, label = np.unique(keys[use], return_inverse=True)
    grids = draft.of[use]
    low, high = np.full(len(names), len(draft.grids)), np.full(len(names), -1)
    np.minimum.at(low, label, grids)
    np.maximum.at(high, label, grids)
    seen = np.zeros(len(names), bool)
    np.logical_or.at(seen, label, looked[grids])
    order = np.argsort(label, kind="stable")
    bounds = np.searchsorted(label[order], np.arange(len(names) + 1))
    for at in np.flatnonzero((low < high) & seen)[:CROWD]:
        yield use[order[bounds[at] : bounds[at + 1]]], names[at]


def _gathered(
    draft: Draft, code: str, severity: Any, cells: NDArray[Any], message: str, mend: str, params: dict[str, Any]
) -> Finding:
    """Return a finding whose remedy gathers cells in the grid that has most of their households."""
    grids, label = np.unique(draft.of[cells], return_inverse=True)
    weight = np.bincount(label, draft.ground.households[cells] + 1.0, len(grids))
    most = int(grids[np.argmax(weight)])
    free = ~draft.locked[cells] & np.append(draft.takers, False)[draft.of[cells]] & (draft.of[cells] != most)
    number = draft.grids[most].id
    remedy = dict.fromkeys(draft.cells(cells[free]), number) if draft.takers[most] else {}
    parts = [draft.cells(cells[label == at]) for at in range(len(grids))]
    return Finding(code, severity, number, draft.cells(cells), message, mend, params, parts, remedy)


def without_cell(draft: Draft, touched: Collection[int] | None) -> list[Finding]:
    """E6: buildings whose households are in no cell, and so in no grid; looked for in the whole plan only."""
    missing = [(code, households) for code, households in draft.register.homeless if households]
    if touched is not None or not missing:
        return []
    params = {"count": len(missing), "households": sum(count for _, count in missing), "code": missing[0][0]}
    message = N_("%(count)s buildings with %(households)s households have no cell, %(code)s among them.")
    return [
        Finding("E6", "error", None, [], message, N_("Build the cells of the village anew, then carry over."), params)
    ]


def not_tiled(draft: Draft, touched: Collection[int] | None) -> list[Finding]:
    """E8: grids without land, and villages that their cells do not tile."""
    found = []
    for at in np.flatnonzero(chosen(draft, touched) & (draft.measures.cells[:-1] == 0)):
        grid = draft.grids[at]
        message, mend = N_("“%(name)s” has no land."), N_("Retire it, or give it cells.")
        found.append(Finding("E8", "error", grid.id, [], message, mend, {"name": grid.name}))
    for village, bare in draft.register.bare.items():
        if touched is None and abs(bare) > BARE:
            message = N_("The cells of %(village)s do not tile it: a share of %(share)s is left out or there twice.")
            params = {"village": village, "share": f"{abs(bare):.2g}"}
            mend = N_("Build the cells of the village anew.")
            found.append(Finding("E8", "error", None, [], message, mend, params))
    return found
