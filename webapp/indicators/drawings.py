"""The figures of the dashboard, in the order of the page."""

from __future__ import annotations

from gis.indicators.board import Board
from gis.words import N_
from webapp.indicators.drawing import Drawing, Maker
from webapp.indicators.listed import GRIDS, LINK_CADRES, TEAMS, UNADVISED, UNLINKED, VISITS
from webapp.indicators.of_area import by_part, care, chain, functional, sizes, skills, workers
from webapp.indicators.of_cases import ageing, boxes, categories, levels, sources, weeks


def drawings(made: Board, wanted: tuple[int, int]) -> list[Drawing]:
    """Return every figure that there is something to draw of, in the order of the page."""
    found = [make(made, wanted) for make in MAKERS]
    return [each for each in found if each is not None and each.rows]


MAKERS: tuple[Maker, ...] = (
    weeks, ageing, categories, boxes, sources, levels,
    by_part("rework", N_("Rework and extension"), ("rework_rate", "extension_rate"),
            cases=("reworked", "extended")),
    chain, functional,
    by_part("reach", N_("Link cadres and legal advisers"), ("link_coverage", "legal_adviser_coverage"),
            theme=("coverage", "link"),
            listed=(LINK_CADRES, UNLINKED, UNADVISED)),
    sizes, workers,
    by_part("volunteers", N_("Active volunteers per 1,000 residents"), ("volunteer_density",), scale="",
            theme=("volunteers", "density"), listed=(TEAMS, GRIDS)),
    skills,
    by_part("visits", N_("Visit coverage"), ("visit_coverage",), theme=("coverage", "visits"),
            listed=(VISITS,)),
    care,
)  # fmt: skip
