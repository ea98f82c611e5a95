"""A district of one grid whose cases a test writes itself."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import insert, select, text
from sqlalchemy.orm import Session

from gis.boundaries import Grid
from gis.cases import Case
from gis.database import admit
from gis.indicators.counts import Counts
from gis.indicators.measuring import SIZES, Measured, measure
from gis.indicators.periods import Month
from gis.scope import ZONE, Scope, moment_of
from gis.viewer import ROLES, Territory, Viewer
from tests import builders
from tests.conftest import DAY, NOW

MONTH = Month(2016, 12)
RANGE = (300, 500)


def at(day: int, hour: int = 10, month: int = 12, year: int = 2016) -> datetime:
    """A moment in the district."""
    return datetime(year, month, day, hour, tzinfo=ZONE)


@dataclass
class Town:
    """The neighbouring district without a case, and who looks at it."""

    session: Session
    grid: Grid
    viewer: Viewer
    written: list[dict[str, Any]] = field(default_factory=list)

    def case(self, **given: Any) -> None:
        """Take down a case that came in on the second of the month; `written` is stored by `measured`."""
        number = len(self.written)
        row = {
            "case_no": f"20161202{number:05d}", "category": "environment", "title": "垃圾", "source": "grid_patrol",
            "status": "closed", "visibility": "internal", "urgency": "normal", "grid_id": self.grid.id,
            "territory": self.grid.territory, "reported_at": at(2, 9), "accepted_at": at(2, 10), "filed_at": at(2, 11),
            "dispatched_at": at(2, 11), "verified_at": None, "closed_at": at(5), "due_at": at(6), "closing_level": None,
            "closure_reason": None, "suspended_from": None, "rework_count": 0, "extension_count": 0, "satisfied": None,
            "point": builders.spot(121.005, 31.005),
        }  # fmt: skip
        self.written.append({**row, **given})

    def store(self) -> None:
        """Store what was taken down, as the owner."""
        self.session.execute(text("RESET ROLE"))
        self.session.execute(insert(Case), self.written)
        self.written = []

    def measured(self, month: Month = MONTH, **given: Any) -> Measured:
        """Store the cases, and measure a month as the viewer sees it."""
        if self.written:
            self.store()
        admit(self.session, self.viewer)
        day = month.day(DAY)
        scope = Scope(day, moment_of(day, NOW), self.viewer.territory.spans, live=False, **given)
        return measure(self.session, self.viewer, scope, month, RANGE, (SIZES["all"], SIZES["grid"]))

    def counts(self, month: Month = MONTH) -> Counts:
        """Store the cases and count them."""
        return self.measured(month).whole()


def settled(session: Session) -> Town:
    """Return a district of one grid without a case."""
    builders.settle(session, 121.0, 31.0)
    session.execute(text(f"DELETE FROM cases WHERE territory = {builders.GRID}"))
    grid = session.scalars(select(Grid).where(Grid.code == builders.GRID)).one()
    permissions = ROLES["district_manager"]
    viewer = Viewer(None, "x", "district_manager", Territory((builders.DISTRICT,)), DAY, None, permissions)
    return Town(session, grid, viewer)


HOUR = timedelta(hours=1)
