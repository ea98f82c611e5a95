"""What stands in a grid or a territory, as counts, and the shares that follow from them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import Any

from gis.indicators.kpis import shown
from gis.words import N_

TITLES = {
    "households": N_("Households"),
    "residents": N_("Residents"),
    "buildings": N_("Buildings"),
    "area_m2": N_("Area, m²"),
    "households_listed": N_("Households on the list"),
    "visited": N_("Households visited"),
    "open_cases": N_("Open cases"),
    "volunteers": N_("Active volunteers"),
    "service_points": N_("Service points"),
    "full_time_workers": N_("Full-time grid workers"),
    "link_cadres": N_("Link cadres"),
    "branch_cover": N_("Party branch (2 own, 1 joint, 0 none)"),
    "visit_coverage": N_("Visit coverage (percent)"),
    "cases_per_1000": N_("Open cases per 1,000 households"),
    "volunteers_per_1000": N_("Active volunteers per 1,000 residents"),
    "households_per_worker": N_("Households per full-time grid worker"),
}
"""Figure → what it is called."""
SHARES = ("visit_coverage", "cases_per_1000", "volunteers_per_1000", "households_per_worker")
FIGURES = tuple(TITLES)
SUMMED = tuple(name for name in FIGURES if name != "branch_cover")
"""The figures that a territory has: a cover does not add up."""
POSTS = ("full_time_workers", "link_cadres")
"""What several grids may share that come from one: its people count once."""


@dataclass(frozen=True)
class Figures:
    """What stands in a grid: counts as of the day, and the shares that follow from them (empty without a divisor)."""

    households: int
    residents: int
    buildings: int
    area_m2: float
    households_listed: int
    visited: int
    open_cases: int
    volunteers: int
    service_points: int
    full_time_workers: int
    link_cadres: int
    branch_cover: int

    @property
    def visit_coverage(self) -> float | None:
        """Households visited over households on the list."""
        return self.visited / self.households_listed if self.households_listed else None

    @property
    def cases_per_1000(self) -> float | None:
        """Open cases per 1,000 registered households."""
        return 1000 * self.open_cases / self.households if self.households else None

    @property
    def volunteers_per_1000(self) -> float | None:
        """Active volunteers per 1,000 residents."""
        return 1000 * self.volunteers / self.residents if self.residents else None

    @property
    def households_per_worker(self) -> float | None:
        """Registered households per full-time grid worker."""
        return self.households / self.full_time_workers if self.full_time_workers else None

    def told(self) -> dict[str, Any]:
        """Return counts and shares by name, shares with four decimals."""
        shares = {name: getattr(self, name) for name in SHARES}
        return vars(self) | {name: None if value is None else round(value, 4) for name, value in shares.items()}


def told(side: Figures | None, name: str) -> float | None:
    """Return a figure in the unit of its title, a share with one decimal; None where it is not known."""
    value = None if side is None else getattr(side, name)
    if value is None or name not in SHARES:
        return value
    return round(100 * shown(value) if name == "visit_coverage" else float(value), 1)


def together(found: Iterable[tuple[str, Figures]]) -> Figures:
    """Add up the figures of grids, each with the code of the grid in force that its people come from."""
    pairs = list(found)
    people = dict(pairs)
    sums = {name: sum(getattr(each, name) for _, each in pairs) for name in COUNTS}
    sums["area_m2"] = round(sums["area_m2"], 2)
    posts = {name: sum(getattr(each, name) for each in people.values()) for name in POSTS}
    return Figures(**{**sums, **posts, "branch_cover": 0})


COUNTS = tuple(field.name for field in fields(Figures))
