"""The care counts by area, tier and month as they leave the house: small ones hidden, and what would tell them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from gis import areas, coverage
from gis.coverage import TIERS
from gis.viewer import SIGNIFICANT, Viewer, level
from layers.layer import SMALLEST_SHOWN
from layers.query import Asked
from layers.reach import BELOW, back
from layers.suppression import Counts, added, shown

MONTHS = 6


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
    rows = list(session.execute(coverage.care_by_tier(asked.scope(viewer), back(asked.day, MONTHS - 1))))
    by_month: dict[date, list[Any]] = {}
    for row in rows:
        by_month.setdefault(row.month, []).append(row)
    if not by_month:
        return Care([], Served(place.area.code, place.area.name, 0, 0), [], [], None)
    newest = max(by_month)
    names = {child.code: child.name for child in place.children} or {place.area.code: place.area.name}
    width, own = SIGNIFICANT[BELOW[level(place.area.code)]], SIGNIFICANT[level(place.area.code)]
    told = Told(by_month[newest])
    parts = [told.served(code[:width], code, name) for code, name in names.items()]
    whole = told.served(place.area.code[:own], place.area.code, place.area.name)
    return Care(
        parts, whole, told.tiers(place.area.code[:own]),
        [Told(by_month[at]).served(place.area.code[:own], f"{at:%Y-%m}", "") for at in sorted(by_month, reverse=True)],
        newest,
    )  # fmt: skip


class Told:
    """The counts of one month and which of them are shown."""

    def __init__(self, rows: Iterable[Any]) -> None:
        self.grids: dict[str, dict[str, Counts]] = {}
        for row in rows:
            self.grids.setdefault(str(row.territory), {})[row.tier] = (row.enrolled, row.in_time)
        self.shown = shown({code: (added(list(tiers.values()))[0],) for code, tiers in self.grids.items()})
        self.by_tier = shown(
            {code: tuple(tiers.get(tier, (0, 0))[0] for tier in TIERS) for code, tiers in self.grids.items()}
        )

    def sums(self, prefix: str, *tiers: str) -> Counts:
        """Return enrolled and in time of everything under the leading digits, in some tiers."""
        found = [
            each[tier] for code, each in self.grids.items() if code.startswith(prefix) for tier in tiers if tier in each
        ]
        return added(found) if found else (0, 0)

    def served(self, prefix: str, code: str, name: str) -> Served:
        """Return the counts under the leading digits as they are shown."""
        enrolled, in_time = self.sums(prefix, *TIERS)
        if self.shown.get(prefix, True):
            return Served(code, name, enrolled, in_time)
        return Served(code, name, None, None, f"<{SMALLEST_SHOWN}" if enrolled < SMALLEST_SHOWN else "—")

    def tiers(self, prefix: str) -> list[Served]:
        """Return the counts by tier, none of them where one would be told; a grid's own tiers are never shown."""
        if len(prefix) == SIGNIFICANT["grid"] or not (self.shown.get(prefix) and self.by_tier.get(prefix)):
            return []
        sums = {tier: self.sums(prefix, tier) for tier in TIERS}
        return [Served(tier, TIERS[tier], enrolled, in_time) for tier, (enrolled, in_time) in sums.items()]
