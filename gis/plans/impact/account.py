"""The impact of a plan as an account: frozen, written as JSON, or as tables for CSV."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Any

from gis.words import N_

FATES = {
    "same": N_("stays as it is"),
    "redrawn": N_("is redrawn"),
    "renamed": N_("gets another name"),
    "fitted": N_("keeps its ground; its line is fitted to whole cells"),
    "new": N_("is new"),
    "revived": N_("is in force again"),
    "retired": N_("is retired"),
}


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


SHARES = ("visit_coverage", "cases_per_1000", "volunteers_per_1000", "households_per_worker")
FIGURES = (*(field.name for field in fields(Figures)), *SHARES)


@dataclass(frozen=True)
class GridLine:
    """A grid before and after: its fate, its codes and names, and whom a new one inherits its duties from."""

    fate: str
    grid_id: int | None
    plan_grid_id: int | None
    code: str
    name: str
    name_before: str | None
    inherits_from: str | None
    before: Figures | None
    after: Figures | None


@dataclass(frozen=True)
class BuildingLine:
    """A building, or the units of one, that goes to another grid."""

    id: int
    cell_id: int
    code: str | None
    address: str | None
    units: list[str] | None
    households: int
    residents: int
    from_code: str | None
    to_code: str | None


@dataclass(frozen=True)
class CaseLine:
    """How many open cases go from a grid to another; the numbers for who may look at cases."""

    from_code: str | None
    to_code: str | None
    count: int
    numbers: list[str]


@dataclass(frozen=True)
class LoadLine:
    """What somebody on duty answers for, before and after: codes of grids, registered households, open cases."""

    role: str
    holder: str | None
    grids_before: list[str]
    grids_after: list[str]
    households_before: int
    households_after: int
    cases_before: int
    cases_after: int


@dataclass(frozen=True)
class OrganisationLine:
    """A Party organisation or a squad whose grids change."""

    kind: str
    name: str
    before: list[str]
    after: list[str]


@dataclass(frozen=True)
class Impact:
    """What a plan does on the day it is in force; `maps` holds the old and the new outlines as GeoJSON."""

    plan_id: int
    area_code: str
    day: str
    households_moved: int
    residents_moved: int
    buildings_moved: int
    cases_rerouted: int
    grids: list[GridLine]
    buildings: list[BuildingLine]
    cases: list[CaseLine]
    load: list[LoadLine]
    organisations: list[OrganisationLine]
    maps: dict[str, Any]

    def json(self) -> dict[str, Any]:
        """Return everything as plain values for JSON."""
        told = dict(vars(self))
        for name in LINES:
            told[name] = [dict(vars(line)) for line in told[name]]
        for line in told["grids"]:
            for when in ("before", "after"):
                line[when] = line[when] and line[when].told()
        return told

    def table(self, name: str) -> Iterator[list[Any]]:
        """Yield the rows of one part (grids, buildings, cases, load, organisations), the first of them its columns."""
        lines: list[Any] = getattr(self, name)
        if name == "grids":
            yield from self._grids()
            return
        columns = [field.name for field in fields(LINES[name])]
        yield columns
        yield from ([_cell(getattr(line, column)) for column in columns] for line in lines)

    def _grids(self) -> Iterator[list[Any]]:
        words = ["fate", "code", "name", "name_before", "inherits_from"]
        yield [*words, *(f"{figure}_{when}" for figure in FIGURES for when in ("before", "after"))]
        for line in self.grids:
            before, after = (each.told() if each else {} for each in (line.before, line.after))
            pairs = ((before.get(figure), after.get(figure)) for figure in FIGURES)
            yield [*(getattr(line, word) for word in words), *(value for pair in pairs for value in pair)]


LINES: dict[str, type[Any]] = {
    "grids": GridLine,
    "buildings": BuildingLine,
    "cases": CaseLine,
    "load": LoadLine,
    "organisations": OrganisationLine,
}
"""Part of the account → what its lines are."""


def _cell(value: Any) -> Any:
    return " ".join(map(str, value)) if isinstance(value, list) else value
