"""A new plan against bare METIS on the same graph, and against GerryChain's recursive partition where that ends."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import pymetis

from gis.checks import check
from gis.fabric.ground import Ground
from gis.partition import Limits, parts, rebalance, suggest
from gis.partition.graph import graph
from gis.plans.draft import Draft
from tests.bench.district import District
from tests.bench.report import Line, Report, Run, rounds, spell
from tests.bench.server import Crowd, Server
from tests.gis.partition.grounds import plain
from tests.lattices import crowded

LIMITS = Limits(300, 500)
SIZES = (10_000, 100_000)
ALLOWED_S = {500: 1.0, 10_000: 3.0, 100_000: 15.0}
GERRYCHAIN_CELLS, TOLERANCE = 2_500, 0.24
"""GerryChain takes minutes for 10,000 cells; its grids may miss the mean by a quarter, which is 300–500."""


def timed(work: Callable[[], Any], land: Ground) -> Run:
    """Return how long it takes to divide the cells of a ground."""
    began = time.perf_counter()
    work()
    return Run(time.perf_counter() - began, len(land.ids), 0)


def bare(land: Ground) -> np.ndarray[Any, Any]:
    """Return what METIS says on the graph of cells, with the same weights, contiguous, ready to be used as an array."""
    whole = graph(land)
    begins, others, cost = whole.rows()
    options = pymetis.Options(contig=1, ufactor=120, seed=1)
    count = LIMITS.nearest(int(land.households.sum()))
    adjacency = pymetis.CSRAdjacency(begins, others)
    found = pymetis.part_graph(
        count, adjacency=adjacency, vweights=whole.weight, eweights=cost, recursive=False, options=options
    )
    return np.array(found.vertex_part)


def cut(land: Ground, of: Any) -> int:
    """Return how many borders a division cuts."""
    joins = land.joins
    return int((of[land.a[joins]] != of[land.b[joins]]).sum())


def gerrychain(land: Ground) -> np.ndarray[Any, Any]:
    """Return GerryChain's recursive tree partition into as many grids."""
    from gerrychain import Graph
    from gerrychain.partition import recursive_tree_part
    from networkx import Graph as Plain

    random.seed(1)
    joins = land.joins
    nodes = Plain(zip(land.a[joins].tolist(), land.b[joins].tolist(), strict=True))
    for cell in nodes:
        nodes.nodes[cell]["households"] = int(land.households[cell])
    count = LIMITS.nearest(int(land.households.sum()))
    mean = int(land.households.sum()) / count
    found = recursive_tree_part(Graph.from_networkx(nodes), range(count), mean, "households", TOLERANCE)
    return np.array([found[cell] for cell in range(len(land.ids))])


def measure(district: District, server: Server, crowd: Crowd, report: Report, times: int) -> None:
    """Measure new plans of all sizes, one and three at once, the least change, every check, and the borders cut."""
    for cells in SIZES:
        against_metis(report, plain(cells), times)
    for cells, allowed in ALLOWED_S.items():
        land = plain(cells)
        ours = rounds(times, {"ours": partial(timed, partial(suggest, land, LIMITS), land)})["ours"]
        work = f"three new plans of {cells:,} cells"
        report.add(Line(work, spell(ours.seconds), f"{allowed:g} s", ours.seconds / allowed, 1, False, "–"))
    least_change(report, times)
    all_rules(report, times)
    fewer_cuts(report)


def against_metis(report: Report, land: Ground, times: int) -> None:
    """Measure one new plan against METIS alone."""
    contestants = {
        "ours": partial(timed, partial(suggest, land, LIMITS, alternatives=1), land),
        "METIS": partial(timed, partial(bare, land), land),
    }
    found = rounds(times, contestants)
    ours, metis = found["ours"], found["METIS"]
    plan = suggest(land, LIMITS, alternatives=1)[0]
    whole = plan.in_range == plan.grids and (parts(land, plan.of) == 0).all()
    agree = f"{plan.grids} grids, all in range" if whole else "NOT ALL IN RANGE"
    alone = int(LIMITS.outside(np.bincount(bare(land), land.households)).sum())
    note = f"cut borders {cut(land, plan.of):,}, METIS {cut(land, bare(land)):,}, {alone} of its grids out of range"
    work = f"new plan of {len(land.ids):,} cells"
    ratio = ours.seconds / metis.seconds
    report.add(Line(work, spell(ours.seconds), f"METIS {spell(metis.seconds)}", ratio, 2.5, False, agree, note))


def least_change(report: Report, times: int) -> None:
    """Measure the mending of a plan of 420 cells after a tower has opened."""
    land = plain(420)
    of = suggest(land, LIMITS, alternatives=1)[0].of
    land.households[int(np.flatnonzero(land.households == 96)[3])] += 300
    ours = rounds(times, {"ours": partial(timed, partial(rebalance, land, of, LIMITS), land)})["ours"]
    found = rebalance(land, of, LIMITS)
    agree = "all in range" if not found.unmended else "NOT MENDED"
    note = f"{len(found.moved)} of {len(of)} cells moved"
    work = f"rebalance of {len(of)} cells after +300 households"
    report.add(Line(work, spell(ours.seconds), "1 s", ours.seconds, 1, False, agree, note))


def all_rules(report: Report, times: int) -> None:
    """Measure every rule over all grids of a draft, as after each stroke and when it is handed in."""
    drawn = crowded()
    ours = rounds(times, {"ours": lambda: checked(drawn)})["ours"]
    work = f"every check of {len(drawn.of):,} cells in {len(drawn.grids)} grids"
    report.add(Line(work, spell(ours.seconds), "1 s", ours.seconds, 1, False, f"{ours.rows} findings"))


def checked(drawn: Draft) -> Run:
    """Check a draft once."""
    began = time.perf_counter()
    found = check(replace(drawn))
    return Run(time.perf_counter() - began, len(found), 0)


def fewer_cuts(report: Report) -> None:
    """Compare the borders that are cut with GerryChain's."""
    land = plain(GERRYCHAIN_CELLS)
    began = time.perf_counter()
    theirs = gerrychain(land)
    took = time.perf_counter() - began
    ours = suggest(land, LIMITS, alternatives=1)[0]
    agree = "all in range" if ours.in_range == ours.grids else "NOT ALL IN RANGE"
    work = f"borders cut by a new plan of {len(land.ids):,} cells"
    mine, other = cut(land, ours.of), cut(land, theirs)
    against = f"GerryChain {other:,} (in {spell(took)})"
    report.add(Line(work, f"{mine:,}", against, mine / other, 1, False, agree))
