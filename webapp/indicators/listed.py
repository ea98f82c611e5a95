"""The pages of the rows behind a figure that no list of a month's cases is behind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from flask import url_for

from gis.vacancies import KINDS
from gis.words import N_


@dataclass(frozen=True)
class Listed:
    """The page that shows the rows behind a figure, for whose role includes it; a `dated` one takes a day.

    Its rows are what the figure counts, or, of a `short` one, what it falls short by.
    """

    endpoint: str
    title: str
    permission: str = "map.view"
    given: Mapping[str, str] = field(default_factory=dict)
    dated: bool = False
    short: bool = False

    def address(self, area: str | None, day: date, today: date) -> str:
        """Return where it is of an area, as at a past day where it can tell one."""
        given: dict[str, Any] = {"area": area, "date": day if self.dated and day < today else None, **self.given}
        return url_for(self.endpoint, **given)

    def tells(self, day: date, today: date) -> bool:
        """Tell whether it can be asked for a day."""
        return self.dated or day >= today


def duty(role: str, title: str, **given: str) -> Listed:
    """Return the page of those who have a role on the day."""
    return Listed("forces.show", title, given={"role": role, **given}, dated=True)


def vacant(kind: str) -> Listed:
    """Return the page of the grids or villages that lack somebody on the day."""
    return Listed("forces.vacant", KINDS[kind], given={"kind": kind}, dated=True, short=True)


WORKERS = duty("grid_worker", N_("The full-time grid workers"), employment="full_time")
LINK_CADRES = duty("link_cadre", N_("The link cadres"))
UNLINKED = vacant("no_link_cadre")
UNADVISED = vacant("no_adviser")
ORGANISATIONS = Listed("party.show", N_("The organisations"), dated=True)
VILLAGES = Listed("party.villages", N_("The villages and communities"), dated=True)
GRIDS = Listed("density.show", N_("The grids"), given={"level": "grid"})
TEAMS = Listed("teams.listed", N_("The teams"))
VISITS = Listed("reach.coverage", N_("The visits by area"), dated=True)
CARE = Listed("care.show", N_("The care page"), "care.view")
UNVISITED = Listed("reach.unvisited", N_("Unvisited households"), "household.view", dated=True, short=True)
MISFITS = Listed("behind.grids", N_("Grids outside the wanted range"), dated=True, short=True)
UNCOVERED = Listed("behind.gaps", N_("Land in no grid, m²"), short=True)
BEHIND: Mapping[str, Sequence[Listed]] = {
    "visit_coverage": (UNVISITED, VISITS),
    "care_visit_compliance": (CARE,),
    "volunteer_density": (TEAMS, GRIDS),
    "org_coverage": (vacant("no_branch"),),
    "functional_branch_coverage": (vacant("no_functional"), VILLAGES),
    "link_coverage": (UNLINKED,),
    "legal_adviser_coverage": (UNADVISED,),
    "staffing_rate": (vacant("no_full_time"),),
    "grid_size_compliance": (MISFITS, GRIDS),
    "spatial_coverage": (UNCOVERED,),
}
"""Indicator → the pages of the rows behind it."""
SUMMED = {"visit_coverage": (VISITS, VISITS), "volunteer_density": (TEAMS, GRIDS)}
"""Indicator → the pages whose rows add up to its numerator and to its denominator."""
