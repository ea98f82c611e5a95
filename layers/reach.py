"""Visit coverage as tables: area by area and month by month, from the same rows as the map's figure."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from gis import areas, visits
from gis.coverage import RESULTS
from gis.database import join_by_hash
from gis.indicators.over_time import by_day, reached
from gis.viewer import SIGNIFICANT, Viewer, level
from layers.catalogue import COVERAGE
from layers.query import Asked, rows

MONTHS = 12
BELOW = {"district": "town", "town": "village", "village": "grid", "grid": "grid"}


@dataclass(frozen=True)
class Reach:
    """How many of the households on the list were reached in the 183 days that ended on a day."""

    code: str
    name: str
    visited: int
    listed: int

    @property
    def share(self) -> float | None:
        """The share that was reached, None where no household is on the list."""
        return self.visited / self.listed if self.listed else None

    @property
    def unvisited(self) -> int:
        """The households that were not reached."""
        return self.listed - self.visited


@dataclass(frozen=True)
class Month:
    """The reach at the end of a month (or on the day, in its own month), and the visits made in it."""

    first: date
    day: date
    reach: Reach
    visits: int
    results: dict[str, int]


def by_area(session: Session, viewer: Viewer, asked: Asked, place: areas.Whereabouts) -> tuple[list[Reach], Reach]:
    """Return the reach of each area or grid below a place, and of the whole."""
    names = {child.code: child.name for child in place.children} or {place.area.code: place.area.name}
    width = SIGNIFICANT[BELOW[level(place.area.code)]]
    found = rows(COVERAGE, viewer, asked, fields=("code", "visited", "households_listed"), geometry=None).subquery(
        "found"
    )
    part = func.left(found.c.code, width)
    join_by_hash(session)
    told_of = reached(found.c.visited, found.c.households_listed)
    sums = session.execute(select(part, *told_of).group_by(part)).all()
    told = {code.ljust(max(width, 12), "0"): (visited, listed) for code, visited, listed in sums}
    reaches = [Reach(code, name, *told.get(code, (0, 0))) for code, name in names.items()]
    visited, listed = (sum(each[at] for each in told.values()) for at in (0, 1))
    return reaches, Reach(place.area.code, place.area.name, visited, listed)


def by_month(session: Session, viewer: Viewer, asked: Asked) -> list[Month]:
    """Return the last twelve months, the newest first."""
    firsts = [back(asked.day, count) for count in range(MONTHS)]
    days = {first: min(first.replace(day=monthrange(first.year, first.month)[1]), asked.day) for first in firsts}
    scope = asked.scope(viewer)
    made = visits.made(session, viewer, scope, firsts[-1])
    join_by_hash(session)
    sums = {day: (visited, listed) for day, visited, listed in session.execute(by_day(scope, list(days.values())))}
    found = []
    for first, day in days.items():
        row = made.get(first)
        results = {name: getattr(row, name) if row else 0 for name in RESULTS}
        found.append(Month(first, day, Reach("", "", *sums.get(day, (0, 0))), row.visits if row else 0, results))
    return found


def back(day: date, count: int) -> date:
    """Return the first day of the month that lies so many months back."""
    number = day.year * 12 + day.month - 1 - count
    return date(number // 12, number % 12 + 1, 1)
