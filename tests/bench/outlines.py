"""The outlines of 600 grids from ten thousand cells, against the union of each grid's cells alone."""

from __future__ import annotations

import time
from functools import partial
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from gis.fabric.build import build
from gis.geometry import Shapes, derive
from tests.bench.district import District
from tests.bench.fabric import material, size
from tests.bench.report import Line, Report, Run, rounds
from tests.bench.server import Crowd, Server

COLUMNS, ROWS = 25, 24
GRIDS = COLUMNS * ROWS


def blocks(cells: Shapes) -> NDArray[np.int64]:
    """Return the grid of each cell: strips with as many cells each from west to east, cut alike from south to north."""
    middle, of = shapely.centroid(cells), np.empty(len(cells), np.int64)
    for column, strip in enumerate(np.array_split(np.argsort(shapely.get_x(middle), kind="stable"), COLUMNS)):
        up = strip[np.argsort(shapely.get_y(middle[strip]), kind="stable")]
        for row, block in enumerate(np.array_split(up, ROWS)):
            of[block] = column * ROWS + row
    return of


def ours(cells: Shapes, of: NDArray[np.int64]) -> Run:
    """Derive the outlines from cells in any order, as a publication does."""
    began = time.perf_counter()
    outlines = derive(cells, of, GRIDS)
    return Run(time.perf_counter() - began, len(outlines), size(outlines))


def union(sorted_out: list[Any]) -> Run:
    """Unite the cells of each grid, which are sorted out already."""
    began = time.perf_counter()
    outlines = [shapely.coverage_union_all(cells) for cells in sorted_out]
    return Run(time.perf_counter() - began, len(outlines), size(outlines))


def same(cells: Shapes, of: NDArray[np.int64], sorted_out: list[Any]) -> bool:
    """Tell whether both make the same outlines, and these tile the ground as the cells do."""
    mine, theirs = derive(cells, of, GRIDS), [shapely.coverage_union_all(cells) for cells in sorted_out]
    whole = abs(shapely.area(mine).sum() / shapely.area(cells).sum() - 1) < 1e-9
    return bool(shapely.equals(mine, theirs).all() and shapely.coverage_is_valid(mine) and whole)


def measure(district: District, server: Server, crowd: Crowd, report: Report, times: int) -> None:
    """Measure both on the cells of the first villages of the district."""
    with Session(district.engine) as session:
        cells = build(material(session), district.settings.metric_srid).outlines
    of = blocks(cells)
    sorted_out = [cells[of == grid] for grid in range(GRIDS)]
    found = rounds(times, {"ours": partial(ours, cells, of), "coverage_union_all": partial(union, sorted_out)})
    us, alone = found["ours"], found["coverage_union_all"]
    agree = "same outlines, valid" if same(cells, of, sorted_out) else "OUTLINES DIFFER"
    work = f"outlines of {GRIDS} grids from {len(cells):,} cells"
    report.add(Line(work, str(us), str(alone), us.seconds / alone.seconds, 1.3, False, agree))
