"""What is asked for: a day, a moment on it, and the territory keys that may answer."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import BigInteger, ColumnElement, bindparam, false, or_

from gis.viewer import Territory, Viewer, ancestors, key, span

ZONE = ZoneInfo("Asia/Shanghai")

Spans = tuple[tuple[int, int], ...]
SIZES = (10**3, 10**6, 10**9)
"""How many territory keys a village, a town and a district have."""


@dataclass(frozen=True)
class Scope:
    """The first lock: every source that is given a scope answers for its spans only.

    `wanted` names the columns that are asked for, None for all; `live` is false for a day in the past.
    """

    day: date
    moment: datetime
    spans: Spans
    wanted: frozenset[str] | None = None
    live: bool = True

    def wants(self, *columns: str) -> bool:
        """Tell whether any of the columns is asked for; a source may leave out what it would compute for the others."""
        return self.wanted is None or not self.wanted.isdisjoint(columns)

    def holds(self, key: Any) -> ColumnElement[bool]:
        """Return the condition that a territory key lies in the spans; false when there are none.

        The keys are written into the text: a plan that is made for any territory would scan the index of this one.
        """
        ends = [tuple(bindparam(None, end, BigInteger, literal_execute=True) for end in span) for span in self.spans]
        parts = [key == low if low.value == high.value else key.between(low, high) for low, high in ends]
        return or_(*parts) if parts else false()

    def starts(self, key: Any) -> ColumnElement[bool]:
        """Return the condition that a territory key is the area or grid that a span begins with."""
        firsts = (bindparam(None, low, BigInteger, literal_execute=True) for low, _ in self.spans)
        return or_(false(), *(key == first for first in firsts))

    def over(self, key: Any) -> ColumnElement[bool]:
        """Return the condition that a territory key is that of an area over what a span begins with."""
        above = {low - low % size for low, _ in self.spans for size in SIZES} - {low for low, _ in self.spans}
        found: ColumnElement[bool] = key.in_(
            [bindparam(None, first, BigInteger, literal_execute=True) for first in sorted(above)]
        )
        return found

    @property
    def midnight(self) -> datetime:
        """The end of the day, which is due today and not tomorrow."""
        return datetime.combine(self.day + timedelta(days=1), time.min, ZONE)


def moment_of(day: date, now: datetime) -> datetime:
    """Return now for today, and the end of the day for any other day."""
    local = now.astimezone(ZONE)
    return local if local.date() == day else datetime.combine(day + timedelta(days=1), time.min, ZONE)


def inside(viewer: Viewer, of: Any) -> ColumnElement[bool]:
    """Return the condition that a territory key lies in the viewer's territory: the first lock of what has no scope."""
    return or_(false(), *(of.between(*each) for each in viewer.territory.spans))


def reached(viewer: Viewer, of: Any) -> ColumnElement[bool]:
    """Return the condition that a territory key lies in the viewer's territory or is that of an area above it."""
    above = {key(area) for code in viewer.territory.codes for area in ancestors(code)}
    return or_(inside(viewer, of), of.in_(sorted(above)))


def spans_of(territory: Territory, area: str | None) -> Spans:
    """Return the keys of the territory that lie under the area, or the whole territory without one."""
    if area is None:
        return territory.spans
    return tuple(overlaps(territory.spans, span(area)))


def overlaps(spans: Spans, other: tuple[int, int]) -> Iterable[tuple[int, int]]:
    """Yield what each span shares with another one."""
    for low, high in spans:
        first, last = max(low, other[0]), min(high, other[1])
        if first <= last:
            yield first, last
