"""A territory measured: every count by its smallest units, summed up to whatever is asked for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import RowMapping
from sqlalchemy.orm import Session

from gis.cases import SOURCES
from gis.database import join_by_hash
from gis.indicators import casework, standing, worked
from gis.indicators.counts import NAMES, Counts, total
from gis.indicators.kpis import Spread, Times
from gis.indicators.periods import Month
from gis.scope import Scope
from gis.viewer import Viewer

SIZES = {"all": 10**15, "district": 10**9, "town": 10**6, "village": 10**3, "grid": 1}
"""Level → what a territory key is rounded down to; the codes of a level end in as many zeros."""

Sizes = tuple[int, int]
Key = tuple[int, int, str | None]


@dataclass
class Measured:
    """Counts by territory key, by category and by source; spreads by (size, unit, category); the rows behind them."""

    by_unit: dict[int, Counts] = field(default_factory=lambda: defaultdict(Counts))
    by_category: dict[str, Counts] = field(default_factory=dict)
    by_source: dict[str, int] = field(default_factory=dict)
    times: dict[Key, Times] = field(default_factory=dict)
    grids: Sequence[Any] = ()
    villages: Sequence[Any] = ()
    care: Sequence[Any] = ()

    def whole(self) -> Counts:
        """Return the counts of everything that was measured."""
        return total(self.by_unit.values())

    def of(self, size: int) -> dict[int, Counts]:
        """Return the counts of each territory of a size."""
        found: dict[int, Counts] = defaultdict(Counts)
        for key, counts in self.by_unit.items():
            found[key - key % size].add(counts)
        return dict(found)

    def took(self, size: int, unit: int, category: str | None = None) -> Times:
        """Return how long things took in a territory, in all or in one category."""
        return self.times.get((size, unit, category), Times())


def grids_of(session: Session, viewer: Viewer, scope: Scope) -> list[Any]:
    """Return the grids in force with what is counted of them: what of a board the clock does not move."""
    viewer.require("map.view")
    join_by_hash(session)
    return list(session.execute(standing.grids(scope)))


def measure(
    session: Session, viewer: Viewer, scope: Scope, month: Month, wanted: Sizes, sizes: Iterable[int],
    grids: Sequence[Any] | None = None,
) -> Measured:  # fmt: skip
    """Measure the scope in a month, as at its moment; `wanted` is the range of households that a grid should have.

    `grids` are the rows of `grids_of`, where somebody has them already.
    """
    viewer.require("map.view")
    join_by_hash(session)
    found, clock = Measured(), worked.clock(session, viewer, scope.day)
    tally(found, session.execute(casework.counted(scope, month, clock)).mappings())
    for row in session.execute(casework.spreads(scope, month, clock, tuple(sizes))):
        spread = Spread(row.n, *(getattr(row, name) for name in casework.QUANTILES))
        found.times[row.size, row.unit, row.category] = Times(spread, row.days_over)
    found.grids = grids_of(session, viewer, scope) if grids is None else grids
    found.villages = session.execute(standing.villages(scope)).all()
    found.care = session.execute(standing.care(scope)).all() if viewer.may("care.count") else ()
    stand(found, wanted)
    ground(found, session.execute(standing.gaps(scope)))
    return found


def tally(found: Measured, rows: Iterable[RowMapping]) -> None:
    """Take in the counts of the cases: a row has a territory, or a category in all of them."""
    sources = dict.fromkeys(SOURCES, 0)
    for row in rows:
        counts = Counts(**{name: row[name] for name in NAMES if name in row})
        if row["category"] is None:
            found.by_unit[row["territory"]].add(counts)
            for source in SOURCES:
                sources[source] += row[f"from_{source}"]
        else:
            found.by_category[row["category"]] = counts
    found.by_source = sources


def fits(grid: Any, wanted: Sizes) -> bool:
    """Tell whether the households of a grid lie in the wanted range."""
    low, high = wanted
    return bool(low <= grid.households <= high)


def stand(found: Measured, wanted: Sizes) -> None:
    """Take in the grids, the villages and the care visits."""
    for grid in found.grids:
        general, listed = grid.kind == "general", grid.households_listed or 0
        found.by_unit[grid.territory].add(Counts(
            grids=1, general_grids=int(general), organised_grids=int(general and grid.branch_cover > 0),
            linked_grids=int(grid.link_cadres > 0), staffed_grids=int(general and grid.full_time > 0),
            fitting_grids=int(general and fits(grid, wanted)), full_time=grid.full_time,
            households=grid.households, residents=grid.residents, visited=grid.visited if listed else 0,
            households_listed=listed, volunteers=grid.volunteers, teams=grid.teams,
            covered_m2=round(grid.area_m2), ground_m2=round(grid.area_m2),
        ))  # fmt: skip
    for village in found.villages:
        branches, advised = int(village.functional_branches > 0), int(village.adviser_state > 0)
        found.by_unit[village.territory].add(Counts(villages=1, villages_functional=branches, villages_advised=advised))
    for row in found.care:
        found.by_unit[row.territory].add(Counts(care_enrolled=row.enrolled, care_in_time=row.in_time))


def ground(found: Measured, gaps: Iterable[Any]) -> None:
    """Take in what is in no grid, and what is in two and was counted twice."""
    for gap in gaps:
        area = round(gap.m2)
        if gap.kind == "gap":
            found.by_unit[gap.territory].add(Counts(ground_m2=area))
        elif gap.kind == "overlap":
            found.by_unit[gap.territory].add(Counts(ground_m2=-area, covered_m2=-area))
