"""The impact of a plan as an account: frozen, written as JSON, or as tables for CSV."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from gis.party import KINDS as ORGANISATION_KINDS
from gis.plans.impact.figures import FIGURES, SUMMED, TITLES, Figures, together, told
from gis.words import N_, Word

FATES = {
    "same": N_("stays as it is"),
    "redrawn": N_("is redrawn"),
    "renamed": N_("gets another name"),
    "rededicated": N_("becomes a grid of another kind"),
    "fitted": N_("keeps its ground; its line is fitted to whole cells"),
    "new": N_("is new"),
    "revived": N_("is in force again"),
    "retired": N_("is retired"),
}
KINDS = {**ORGANISATION_KINDS, "team": N_("squad")}
"""What an organisation line is about → what that is called."""


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
class AreaLine:
    """A territory before and after: the plan's whole ground, or one of its villages."""

    code: str
    before: Figures
    after: Figures


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

    @property
    def areas(self) -> list[AreaLine]:
        """The whole ground of the plan, then its villages where there are several."""
        villages = sorted({line.code[:12] for line in self.grids})
        parts = [] if villages == [self.area_code] else villages
        whole = _area(self.area_code, self.grids)
        return [whole, *(_area(code, [line for line in self.grids if line.code[:12] == code]) for code in parts)]

    def json(self) -> dict[str, Any]:
        """Return everything as plain values for JSON."""
        plain = dict(vars(self))
        for name in COLUMNS:
            plain[name] = [dict(vars(line)) for line in getattr(self, name)]
        for line in (*plain["areas"], *plain["grids"]):
            for when in ("before", "after"):
                line[when] = line[when] and line[when].told()
        return plain

    def table(self, name: str) -> Iterator[list[Any]]:
        """Yield the rows of one part (one of COLUMNS), without its heads."""
        figures = FIGURED.get(name, ())
        for line in getattr(self, name):
            words = [_cell(getattr(line, column)) for column in COLUMNS[name]]
            yield [*words, *(told(side, figure) for figure in figures for side in (line.before, line.after))]


COLUMNS: dict[str, dict[str, str]] = {
    "areas": {"code": N_("Area code")},
    "grids": {"fate": N_("Fate"), "code": N_("Grid code"), "name": N_("Grid"), "name_before": N_("Name before"),
              "inherits_from": N_("Duties from")},
    "buildings": {"code": N_("Building code"), "address": N_("Address"), "units": N_("Units"),
                  "households": N_("Households"), "residents": N_("Residents"), "from_code": N_("From"),
                  "to_code": N_("To")},
    "cases": {"from_code": N_("From"), "to_code": N_("To"), "count": N_("Cases"), "numbers": N_("Case numbers")},
    "load": {"role": N_("Role"), "holder": N_("Name"), "grids_before": N_("Grids before"),
             "grids_after": N_("Grids after"), "households_before": N_("Households before"),
             "households_after": N_("Households after"), "cases_before": N_("Open cases before"),
             "cases_after": N_("Open cases after")},
    "organisations": {"kind": N_("Kind"), "name": N_("Name"), "before": N_("Grids before"), "after": N_("Grids after")},
}  # fmt: skip
"""Part of the account → the columns of its table, with their titles."""
FIGURED = {"areas": SUMMED, "grids": FIGURES}
"""Part whose lines have figures before and after → which."""
SIDES = (N_("%(figure)s, before"), N_("%(figure)s, after"))


def heads(name: str) -> list[tuple[str, dict[str, Word]]]:
    """Return the heads of one part's table as messages with what goes into them."""
    pairs = [(side, {"figure": Word(TITLES[figure])}) for figure in FIGURED.get(name, ()) for side in SIDES]
    return [*((title, {}) for title in COLUMNS[name].values()), *pairs]


def _area(code: str, grids: Iterable[GridLine]) -> AreaLine:
    """Return what some grids add up to: before, each has its own people; after, a new one shares those it inherits."""
    lines = list(grids)
    before = together((line.code, line.before) for line in lines if line.before)
    after = together((line.inherits_from or line.code, line.after) for line in lines if line.after)
    return AreaLine(code, before, after)


def _cell(value: Any) -> Any:
    return " ".join(map(str, value)) if isinstance(value, list) else value
