"""Whoever reads all that is told of care, on every page together, can work out no small count."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import pytest
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from gis import areas
from gis.boundaries import Grid
from gis.coverage import CareTally
from gis.viewer import SIGNIFICANT, Viewer, level
from layers import care_counts, density
from layers.catalogue import COVERAGE
from layers.figures import care_totals
from layers.query import Asked, rows
from layers.suppression import shown
from tests.conftest import DAY, NOW
from tests.layers.solver import Solver

VILLAGE, MONTH = "999901100001", date(2026, 11, 1)
Tally = Callable[[dict[str, tuple[int, int]]], None]


def triples(*counts: tuple[int, int]) -> dict[str, tuple[int, ...]]:
    return {f"{VILLAGE}{n:03d}": (e, i, e - i) for n, (e, i) in enumerate(counts, 1)}


@pytest.mark.parametrize("counts", [[(1, 0)] * 6, [(4, 0)] * 3, [(1, 0), (5, 0), (5, 0)]])
def test_hidden_parts_that_can_only_be_all_ones_or_all_fours_hide_the_area(counts: list[tuple[int, int]]) -> None:
    told = shown(triples(*counts, (30, 0)), {f"{VILLAGE}{n:03d}" for n in range(1, len(counts) + 1)})
    assert told[f"{VILLAGE}{len(counts) + 1:03d}"]
    assert not told[VILLAGE]


def test_shown_parts_of_hidden_areas_are_taken_off_before_it_is_told_that_nothing_is_left_over() -> None:
    counts = {f"{village}{n:03d}": (count,) for village in (VILLAGE, "999901100002") for n, count in ((1, 1), (2, 30))}
    assert not shown(counts)["999901100"], "62 less twice 30 leaves one each"


@pytest.mark.parametrize("visited", [2, 18])
def test_few_that_were_visited_in_time_and_few_that_were_not_are_hidden(visited: int) -> None:
    told = shown(triples((20, visited), (30, 15), (20, 0)))
    assert [told[f"{VILLAGE}{n:03d}"] for n in (1, 2, 3)] == [False, True, True]
    assert not told[VILLAGE]


@pytest.fixture
def tally(session: Session) -> Tally:
    """Put counts in the place of those of a month."""
    ids = {grid.code: grid for grid in session.scalars(select(Grid))}

    def put(counts: dict[str, tuple[int, int]]) -> None:
        session.connection().exec_driver_sql("RESET ROLE")
        session.execute(delete(CareTally))
        for code, (enrolled, in_time) in counts.items():
            for tier, (n, met) in split(enrolled, in_time).items():
                session.add(CareTally(grid_id=ids[code].id, territory=int(code), month=MONTH, tier=tier, enrolled=n,
                                      in_time=met))  # fmt: skip
        session.flush()

    return put


def split(enrolled: int, in_time: int) -> dict[str, tuple[int, int]]:
    """Part a count into two tiers."""
    some, met = enrolled // 2, in_time // 2
    return {"weekly": (some, min(met, some)), "monthly": (enrolled - some, in_time - min(met, some))}


def everything(session: Session, admitted: Callable[[str], Viewer]) -> Iterator[tuple[str, Any, Any, str]]:
    """Return code, enrolled, in time and mark of all that is told of care, to whomever."""
    for name in ("district_manager", "town_manager", "village_manager", "grid_worker"):
        session.connection().exec_driver_sql("RESET ROLE")
        viewer = admitted(name)
        if not viewer.may("care.count"):
            continue
        grids = sorted(session.scalars(select(Grid.code)))
        codes = {code[:width].ljust(12, "0") for code in grids for width in (6, 9, 12)} | set(grids[::15])
        for code in filter(viewer.territory.holds, sorted(codes)):
            asked = Asked(DAY, NOW, area=code)
            made = care_counts.counts(session, viewer, asked, areas.whereabouts(session, viewer, code, DAY))
            yield from ((part.code, part.enrolled, part.in_time, part.hidden) for part in (*made.parts, made.whole))
            yield (code, *care_totals(session, viewer, asked.scope(viewer)), "")
        asked = Asked(DAY, NOW)
        for row in session.execute(rows(COVERAGE, viewer, asked, fields=("code", "care_enrolled", "care_in_time"),
                                        geometry=None)):  # fmt: skip
            yield row.code, row.care_enrolled, row.care_in_time, ""
        for of in ("grid", "village", "town"):
            for line in density.table(session, viewer, asked, of):
                if viewer.territory.holds(line.code):
                    yield line.code, line.care_enrolled, line.care_in_time, ""


def put_together(session: Session, admitted: Callable[[str], Viewer], grids: list[str]) -> Solver:
    found = Solver(grids)
    for code, enrolled, in_time, mark in everything(session, admitted):
        found.told(code[: SIGNIFICANT[level(code)]], enrolled, in_time, mark)
    return found


@pytest.mark.parametrize("seed", range(8))
def test_no_small_count_can_be_worked_out_from_all_outputs_together(
    seed: int, session: Session, admitted: Callable[[str], Viewer], tally: Tally
) -> None:
    chance = random.Random(seed)
    grids = sorted(session.scalars(select(Grid.code).where(Grid.kind == "general")))
    sizes = chance.choice([(1, 1, 30), (4, 4, 30), (0, 1, 2, 3, 4, 5, 9, 30), (1, 5, 40), (20, 30, 40)])
    counts = {}
    for code in grids:
        enrolled = chance.choice(sizes)
        counts[code] = enrolled, chance.choice((0, enrolled, enrolled // 2, min(2, enrolled), max(0, enrolled - 2)))
    tally(counts)
    solver = put_together(session, admitted, list(session.scalars(select(Grid.code))))
    assert not solver.solved()
