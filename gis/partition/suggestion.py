"""A new plan from nothing: every feasible grid in range, what is infeasible listed with its reason."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from gis.partition.division import divide
from gis.partition.graph import Graph, components, graph
from gis.partition.limits import Flags, Ints, Limits
from gis.partition.measure import Infeasible, Suggestion, measured
from gis.partition.pieces import flow, renumber
from gis.partition.repair import mend
from gis.words import N_

if TYPE_CHECKING:
    from gis.fabric.ground import Ground

HEAVY = N_("one cell has more households than a grid may have: split the building by units, or make it a special grid")
SMALL = N_("too few households, and no way to a neighbour: only water or a cell above the limit lies around them")
EMPTY = N_("nobody lives here, and there is no way to a neighbour: make it a special grid")
NUMBER = N_("no number of grids brings so many households into range")
SHAPE = N_("no connected division in range was found: the cells are too few or too heavy")

BARRIERS = (1.0, 1.6, 0.5)
"""How much each alternative prefers barriers: as usual, more, less (and then with other random numbers)."""
MANY = 64
"""Above so many grids in one block, only the number nearest the target is tried."""


def suggest(ground: Ground, limits: Limits, *, seed: int = 1, alternatives: int = 3) -> list[Suggestion]:
    """Return up to so many different new plans, the best first; the same seed gives the same plans."""
    blocks = Blocks(ground, limits)
    found: list[Suggestion] = []
    for at in range(2 * alternatives):
        plan = _plan(blocks, graph(ground, barriers=BARRIERS[at % len(BARRIERS)]), seed * 100 + at)
        if not any(np.array_equal(plan.of, other.of) for other in found):
            found.append(plan)
        if len(found) == alternatives:
            break
    return sorted(found, key=lambda plan: -plan.score)


@dataclass(frozen=True)
class Blocks:
    """What no border may cut differently: the connected blocks of land, cells above the limit by themselves."""

    ground: Ground
    limits: Limits

    @cached_property
    def heavy(self) -> Flags:
        """Cells with more households than a grid may have."""
        found: Flags = self.ground.households > self.limits.high
        return found

    @cached_property
    def water(self) -> Flags:
        """Cells of water."""
        found: Flags = self.ground.kinds == "water"
        return found

    @cached_property
    def label(self) -> Ints:
        """The block of each cell, -1 for water; empty land that only a heavy cell leads to belongs to that cell."""
        whole = graph(self.ground)
        light = ~(self.heavy[whole.a] | self.heavy[whole.b])
        label, count = components(whole.size, whole.a[light], whole.b[light])
        households = np.bincount(label, self.ground.households, minlength=count)
        to = np.arange(count)
        for one, other in ((whole.a, whole.b), (whole.b, whole.a)):
            edge = self.heavy[one] & (households[label[other]] == 0)
            to[label[other[edge]]] = label[one[edge]]
        return np.where(self.water, -1, to[label]).astype(np.int32)

    @cached_property
    def count(self) -> int:
        """One more than the highest block number."""
        return int(self.label.max(initial=-1)) + 1

    @cached_property
    def households(self) -> Ints:
        """The households of each block."""
        land = self.label >= 0
        weight = self.ground.households[land]
        return np.bincount(self.label[land], weight, minlength=self.count).astype(np.int32)

    @cached_property
    def wanted(self) -> Ints:
        """Into how many grids each block goes; a heavy cell and what hangs on it is one."""
        found = np.array([self.limits.nearest(int(households)) for households in self.households], np.int32)
        found[self.label[self.heavy & ~self.water]] = 1
        return found

    def infeasible(self) -> list[Infeasible]:
        """Return the heavy cells and the blocks that no division brings into range."""
        weight = self.ground.households
        found = [
            Infeasible(np.array([cell], np.int32), int(weight[cell]), HEAVY)
            for cell in np.flatnonzero(self.heavy).tolist()
        ]
        used = np.unique(self.label[~self.water & ~self.heavy])
        alone = np.setdiff1d(used, self.label[self.heavy])
        for block in alone.tolist():
            households = int(self.households[block])
            if not self.limits.counts(households):
                reason = EMPTY if not households else SMALL if households < self.limits.low else NUMBER
                found.append(Infeasible(np.flatnonzero(self.label == block).astype(np.int32), households, reason))
        return found


def _plan(blocks: Blocks, whole: Graph, seed: int) -> Suggestion:
    """Return one plan: each block divided and mended, water given to what it touches, all numbered and measured."""
    ground, limits = blocks.ground, blocks.limits
    several = np.append(blocks.wanted > 1, False)  # the last is for water, whose block is -1
    index = np.where(several, np.cumsum(several) - 1, several.sum())
    of = blocks.label.copy()
    label = index[of]
    begin, infeasible = blocks.count, blocks.infeasible()
    for at, (cells, block) in enumerate(whole.blocks(label, int(several.sum()))):
        part, unfit = best(block, limits, seed + 7 * at)
        of[cells] = begin + part
        begin += int(part.max()) + 1
        infeasible += [Infeasible(cells[part == grid], households, SHAPE) for grid, households in unfit]
    of, stray = settle(ground, of)
    infeasible += [Infeasible(cells, 0, EMPTY) for cells in stray]
    return measured(ground, np.arange(len(of), dtype=np.int32), renumber(ground, of), limits, infeasible)


def best(block: Graph, limits: Limits, seed: int) -> tuple[Ints, list[tuple[int, int]]]:
    """Return the grid of each cell of a connected block, and the grids that are out of range though others are not.

    Where no number of grids fits the list stays empty: then the block as a whole is what is infeasible.
    """
    counts = limits.counts(int(block.weight.sum()))
    if not counts:
        return divide(block, limits.nearest(int(block.weight.sum())), limits, seed), []
    chosen, fewest = np.zeros(block.size, np.int32), [(-1, 0)] * (block.size + 1)
    for count in counts[:1] if counts[0] > MANY else counts:
        label = np.unique(mend(block, divide(block, count, limits, seed), limits, seed), return_inverse=True)[1]
        loads = np.bincount(label, block.weight)
        unfit = [(int(grid), int(loads[grid])) for grid in np.flatnonzero(limits.outside(loads))]
        if len(unfit) < len(fewest):
            chosen, fewest = label.astype(np.int32), unfit
        if not unfit:
            break
    return chosen, fewest


def settle(ground: Ground, of: Ints) -> tuple[Ints, list[Ints]]:
    """Return a division with what is in none (-1: water, empty land) in it, and what touches none: its own grids."""
    of = flow(ground, of, dry=True)
    stray = np.flatnonzero(of < 0)
    if not len(stray):
        return of, []
    lost = (of[ground.a] < 0) & (of[ground.b] < 0) & (ground.village[ground.a] == ground.village[ground.b])
    label = components(len(of), ground.a[lost], ground.b[lost])[0]
    begin = int(of.max(initial=-1)) + 1
    of[stray] = begin + np.unique(label[stray], return_inverse=True)[1]
    return of, [np.flatnonzero(of == grid).astype(np.int32) for grid in range(begin, int(of.max()) + 1)]
