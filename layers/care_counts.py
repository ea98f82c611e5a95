"""The care counts by area, tier and month as they leave the house: small ones hidden, and what would tell them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from gis import areas, coverage
from gis.coverage import SMALLEST_SHOWN, TIERS
from gis.indicators.board import CareShown
from gis.scope import Scope
from gis.viewer import SIGNIFICANT, Viewer, level
from layers.query import Asked
from layers.reach import BELOW, back
from layers.suppression import Counts, added, shown

MONTHS, YEAR = 6, 12


@dataclass(frozen=True)
class Served:
    """How many are enrolled and how many of them were visited in time; empty where that is not shown."""

    code: str
    name: str
    enrolled: int | None
    in_time: int | None
    hidden: str = ""

    @property
    def share(self) -> float | None:
        """The share that was visited in time, None where nothing is shown or enrolled."""
        return self.in_time / self.enrolled if self.enrolled and self.in_time is not None else None


@dataclass(frozen=True)
class Care:
    """The counts of a place: its parts, the whole, its tiers (empty where one of them would be told), its months."""

    parts: list[Served]
    whole: Served
    tiers: list[Served]
    months: list[Served]
    month: date | None


def counts(session: Session, viewer: Viewer, asked: Asked, place: areas.Whereabouts) -> Care:
    """Return the counts of the last month that was tallied, and how the months before stood."""
    viewer.require("care.count")
    code, scope = place.area.code, asked.scope(viewer)
    rows = list(session.execute(coverage.care_by_grid(scope, back(asked.day, MONTHS - 1))))
    by_month: dict[date, list[Any]] = {}
    for row in rows:
        by_month.setdefault(row.month, []).append(row)
    if not by_month:
        return Care([], Served(code, place.area.name, 0, 0), [], [], None)
    newest, names = max(by_month), {child.code: child.name for child in place.children} or {code: place.area.name}
    width, own = SIGNIFICANT[BELOW[level(code)]], SIGNIFICANT[level(code)]
    told = Told(by_month[newest])
    return Care(
        [told.served(each[:width], each, name) for each, name in names.items()],
        told.served(code[:own], code, place.area.name),
        by_tier(session, scope, newest) if level(code) in ("district", "town") else [],
        [Told(by_month[month]).served(code[:own], f"{month:%Y-%m}", "") for month in sorted(by_month, reverse=True)],
        newest,
    )


def newest(session: Session, viewer: Viewer, asked: Asked) -> Told:
    """Return the counts of the last month that was tallied, and which of them are shown."""
    viewer.require("care.count")
    rows = list(session.execute(coverage.care_by_grid(asked.scope(viewer), back(asked.day, MONTHS - 1))))
    last = max((row.month for row in rows), default=None)
    return Told([row for row in rows if row.month == last])


def on_board(session: Session, viewer: Viewer, asked: Asked) -> CareShown:
    """Return what the dashboard may tell of the month that was tallied last and of the year before it."""
    if not viewer.may("care.count"):
        return CareShown()
    scope, by_month = asked.scope(viewer), dict[date, list[Any]]()
    for row in session.execute(coverage.care_by_grid(scope, back(asked.day, YEAR))):
        by_month.setdefault(row.month, []).append(row)
    told = [month for month, rows in by_month.items() if not Told(rows).served("", "", "").hidden]
    last = max(by_month, default=None)
    tiers = by_tier(session, scope, last) if last in told else []
    pairs = {each.code: (each.enrolled or 0, each.in_time or 0) for each in tiers}
    return CareShown(last in told, told, pairs)


def by_tier(session: Session, scope: Scope, month: date) -> list[Served]:
    """Return the counts of towns by tier, none where one of them would be told; villages and grids have none."""
    towns: dict[str, dict[str, Counts]] = {}
    for town, tier, *sums in session.execute(coverage.care_by_tier(scope, month)):
        towns.setdefault(str(town), {})[tier] = tuple(sums)
    split = {town: tuple(n for tier in TIERS for n in kinds(*tiers.get(tier, (0, 0)))) for town, tiers in towns.items()}
    if not shown(split).get("" if len(split) > 1 else next(iter(split), ""), False):
        return []
    whole = {tier: added([tiers.get(tier, (0, 0)) for tiers in towns.values()]) for tier in TIERS}
    return [Served(tier, TIERS[tier], enrolled, in_time) for tier, (enrolled, in_time) in whole.items()]


class Told:
    """The counts of one month and which of them are shown."""

    def __init__(self, rows: Collection[Any]) -> None:
        self.grids: dict[str, Counts] = {str(row.territory): (row.enrolled, row.in_time) for row in rows}
        hidden = {str(row.territory) for row in rows if row.hidden}
        self.shown = shown({code: kinds(*each) for code, each in self.grids.items()}, hidden)

    def served(self, prefix: str, code: str, name: str) -> Served:
        """Return the counts under the leading digits of a code as they are shown."""
        found = [each for grid, each in self.grids.items() if grid.startswith(prefix)]
        enrolled, in_time = added(found) if found else (0, 0)
        if self.shown.get(prefix, True):
            return Served(code, name, enrolled, in_time)
        few = prefix in self.grids and enrolled < SMALLEST_SHOWN  # Of an area the mark alone would tell too much.
        return Served(code, name, None, None, f"<{SMALLEST_SHOWN}" if few else "—")


def kinds(enrolled: int, in_time: int) -> Counts:
    """Return what a pair of counts tells: how many there are, how many were visited in time, how many were not."""
    return enrolled, in_time, enrolled - in_time
