"""What the address of the dashboard asks for: an area of the territory and a month."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from gis import areas
from gis.areas import Whereabouts
from gis.indicators import board, periods
from gis.indicators.board import Board
from gis.indicators.measuring import grids_of
from gis.indicators.periods import Month
from gis.viewer import Viewer
from layers import care_counts
from layers.query import Asked
from webapp import access
from webapp.addresses import area_of, folded
from webapp.figures import kept


@dataclass(frozen=True)
class Question:
    """A month of an area, the whole territory where none is named."""

    asked: Asked
    month: Month
    area: str | None

    @property
    def given(self) -> dict[str, Any]:
        """What is in the address, for the links of the page."""
        return {"area": self.area, "month": str(self.month)}

    def place(self) -> Whereabouts:
        """Return where the area lies in the tree."""
        viewer = access.viewer()
        code = self.area or viewer.territory.home or ""
        return areas.whereabouts(access.database().session(), viewer, code, self.asked.day)

    def board(self) -> Board:
        """Return the numbers, made once for everyone who sees the same until something is written."""
        place, wanted = self.place(), sizes()

        def rows(session: Session, viewer: Viewer, asked: Asked) -> list[Any]:
            return grids_of(session, viewer, asked.scope(viewer))

        def make(session: Session, viewer: Viewer, asked: Asked) -> Board:
            scope, grids = asked.scope(viewer), kept("grids in force", rows, self.asked, clocked=False)
            care = care_counts.on_board(session, viewer, asked)
            return board.board(session, viewer, scope, self.month, place, wanted, care, grids)

        return kept(f"board {self.month} {place.area.code}", make, self.asked, clocked=True)


def question(args: Mapping[str, str], viewer: Viewer) -> Question:
    """Return what an address asks for; without a month, the one that runs."""
    today, text = access.today(), folded(args.get("month"))
    month = periods.read(text, today) if text else periods.month_of(today)
    area = area_of(args.get("area"), viewer)
    return Question(Asked(month.day(today), access.now(), area=area), month, area)


def sizes() -> tuple[int, int]:
    """Return how many households a grid should have at least and at most."""
    found = access.settings()
    return found.grid_households_min, found.grid_households_max


def offered(month: Month) -> list[Month]:
    """Return the months that can be chosen: this one and the two years before, and the one that is shown."""
    running = periods.month_of(access.today())
    months = [running.back(back) for back in range(25)]
    return months if month in months else [*months, month]
