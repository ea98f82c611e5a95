"""One grid made into several: suggested, or along a drawn line."""

from __future__ import annotations

from dataclasses import replace
from random import Random
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from gis.errors import Invalid
from gis.partition.division import kway
from gis.partition.excerpt import excerpt
from gis.partition.graph import Graph, components, graph
from gis.partition.limits import Flags, Ints, Limits
from gis.partition.measure import Infeasible, Suggestion, measured
from gis.partition.pieces import parts, renumber
from gis.partition.repair import mend
from gis.partition.suggestion import EMPTY, HEAVY, NUMBER, SHAPE, SMALL, settle
from gis.partition.trees import carvings, cut
from gis.words import N_

if TYPE_CHECKING:
    from gis.fabric.ground import Ground

FEW = 120
"""Up to so many cells a grid is split by random trees as well, which give more alternatives."""
TREES, METIS = 60, 6
"""How many divisions are made of each kind; of the trees, those are kept whose border is cheapest."""
ONE_CELL = N_("The grid has one cell only: it cannot be split.")
ONE_HOME = N_("All homes of the grid lie in one cell that stands alone: it cannot be split.")
ONE_SIDE = N_("The line leaves the whole grid on one side: draw it through the grid.")


def split(
    ground: Ground, of: NDArray[Any], grid: int, limits: Limits, *, seed: int = 1, alternatives: int = 3
) -> list[Suggestion]:
    """Return divisions of one grid into two or more connected ones, the best first; `cells` are those of the grid.

    A grid in pieces is divided into its pieces with homes, and these further where they are too large; empty ones go
    to the part that they touch longest. Where no number of grids fits it is halved as evenly as can be, and what stays
    out of range is listed.
    """
    cells = np.flatnonzero(np.asarray(of) == grid).astype(np.int32)
    own = excerpt(ground, cells)
    if (own.kinds != "water").sum() < 2:
        raise Invalid(ONE_CELL)
    found: dict[bytes, Suggestion] = {}
    block = _blocks(own)
    if (block >= 0).sum() < 2:
        raise Invalid(ONE_HOME)
    for label in _divisions(block, graph(own), limits, seed):
        whole = renumber(own, settle(own, label)[0])
        if whole.tobytes() not in found:
            infeasible = _unfit(cells, own, whole, block, limits)
            found[whole.tobytes()] = measured(ground, cells, whole, limits, infeasible)
    ranked = sorted(found.values(), key=lambda way: -way.score)
    return _unlike(ranked, alternatives)


def _blocks(own: Ground) -> Ints:
    """Return the connected block of each cell of a grid's land, numbered from 0; -1 for what only follows another.

    That is water, and land where nobody lives unless nobody lives anywhere.
    """
    block = parts(own, np.zeros(len(own.ids), np.int32))
    homes = np.bincount(block, own.households)
    follows = (own.kinds == "water") | ((homes[block] == 0) & homes.any())
    found = np.full(len(block), -1, np.int32)
    found[~follows] = np.unique(block[~follows], return_inverse=True)[1]
    return found


def _divisions(block: Ints, land: Graph, limits: Limits, seed: int) -> list[Ints]:
    """Return divisions of a grid's land; each connected block of it by itself, and at least two grids in all."""
    count = int(block.max()) + 1
    ways: list[list[tuple[Ints, Ints]]] = []
    for cells, piece in land.blocks(np.where(block < 0, count, block), count):
        ways.append([(cells, label) for label in _ways(piece, limits, seed, at_least=1 if count > 1 else 2)])
    found = []
    for turn in range(max(len(way) for way in ways)):
        whole, begin = np.full(land.size, -1, np.int32), 0
        for way in ways:
            cells, label = way[turn % len(way)]
            whole[cells] = begin + label
            begin += int(label.max()) + 1
        found.append(whole)
    return found


def _ways(piece: Graph, limits: Limits, seed: int, at_least: int) -> list[Ints]:
    """Return divisions of one connected block; where nobody lives, cells are counted instead."""
    if not piece.weight.any():
        piece = replace(piece, weight=np.ones(piece.size, np.int32))
    total = int(piece.weight.sum())
    counts = [count for count in limits.counts(total) if count >= at_least] or [max(at_least, limits.nearest(total))]
    if counts[0] == 1 or piece.size == 1:
        return [np.zeros(piece.size, np.int32)]
    loose = limits
    if not limits.fits(total, counts[0]):
        even = total // counts[0]
        loose = Limits(even - even // 3, even + even // 3 + 1)
    found: list[Ints] = []
    for count in counts:
        if piece.size <= FEW:
            trees = carvings(piece, count, loose, Random(seed), tries=3 * TREES, enough=TREES)
            found += sorted(trees, key=lambda label: cut(piece, label))[: TREES // 3]
        for turn in range(METIS if piece.size > 2 * count else 0):
            label = mend(piece, kway(piece, count, seed + turn), loose, seed + turn)
            found.append(np.unique(label, return_inverse=True)[1].astype(np.int32))
    return [label for label in found if label.max() >= at_least - 1] or [_two(piece)]


def _two(piece: Graph) -> Ints:
    """Return the most even cut of a tree: what is left when nothing comes near the limits."""
    wide = Limits(0, int(piece.weight.sum()))
    halves = carvings(piece, 2, wide, Random(1), tries=TREES, enough=TREES)
    return min(halves, key=lambda label: int(abs(np.diff(np.bincount(label, piece.weight, minlength=2)))[0]))


def _unfit(cells: Ints, own: Ground, whole: Ints, block: Ints, limits: Limits) -> list[Infeasible]:
    """Return the grids of a division that are out of range, each with the reason that lies in its own block."""
    households = np.bincount(whole, own.households)
    homes = np.bincount(block[block >= 0], own.households[block >= 0])
    infeasible = []
    for grid in np.flatnonzero(limits.outside(households)).tolist():
        its = whole == grid
        share = int(homes[block[its].max()]) if (block[its] >= 0).any() else 0
        reason = EMPTY if not share else SMALL if share < limits.low else SHAPE if limits.counts(share) else NUMBER
        if (own.households[its] > limits.high).any():
            reason = HEAVY
        infeasible.append(Infeasible(cells[its], int(households[grid]), reason))
    return infeasible


def _unlike(ranked: list[Suggestion], alternatives: int) -> list[Suggestion]:
    """Return the best ones that differ from each other by more than a tenth of the cells, then the next best."""
    chosen: list[Suggestion] = []
    for way in ranked:
        if all((way.of != other.of).mean() > 0.1 for other in chosen):
            chosen.append(way)
    some = [*chosen, *(way for way in ranked if not any(way is other for other in chosen))]
    return sorted(some[:alternatives], key=lambda way: -way.score)


def split_by_line(ground: Ground, of: NDArray[Any], grid: int, side: Flags) -> tuple[Ints, Ints]:
    """Return the cells of a grid and 0 or 1 for each: the side of a drawn line that it lies on, both sides connected.

    `side` says for each cell of the ground on which side it lies. A fragment that the line cuts off from its own side
    goes to the side that it hangs on; side 0 is the one with the lowest cell.
    """
    cells = np.flatnonzero(np.asarray(of) == grid).astype(np.int32)
    own, given = excerpt(ground, cells), np.asarray(side, bool)[cells]
    land, whole = own.kinds != "water", graph(own)
    if len(np.unique(given[land])) < 2:
        raise Invalid(ONE_SIDE)
    same = given[whole.a] == given[whole.b]
    piece, count = components(whole.size, whole.a[same], whole.b[same])
    owner = np.full(count, -1, np.int32)
    for number in (False, True):
        owner[_largest(own, piece, count, land & (given == number))] = number
    a, b = piece[whole.a], piece[whole.b]
    while True:
        reached = np.concatenate([np.stack([a, b], axis=1), np.stack([b, a], axis=1)])
        reached = reached[(owner[reached[:, 0]] >= 0) & (owner[reached[:, 1]] < 0)]
        if not len(reached):
            break
        owner[reached[:, 1]] = owner[reached[:, 0]]
    label = np.where(land, np.where(owner[piece] >= 0, owner[piece], given), -1).astype(np.int32)
    return cells, renumber(own, settle(own, label)[0])


def _largest(own: Ground, piece: Ints, count: int, mine: Flags) -> int:
    """Return the connected piece on one side with the most households, then with the most cells."""
    households = np.bincount(piece[mine], own.households[mine], minlength=count)
    cells = np.bincount(piece[mine], minlength=count)
    return int(np.lexsort((-cells, -households, cells == 0))[0])
