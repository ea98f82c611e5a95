"""The account of a published plan as it was kept, with what its numbers stand for read again."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import fields
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from gis.boundaries import Grid
from gis.cases import facts
from gis.fabric.tables import Cell
from gis.plans import standing
from gis.plans.impact.account import (
    BuildingLine,
    CaseLine,
    GridLine,
    Impact,
    LoadLine,
    OrganisationLine,
)
from gis.plans.impact.figures import Figures
from gis.plans.tables import Plan
from gis.premises import Building
from gis.relinks import PlanCase

TOLD = ("plan_id", "area_code", "day", "households_moved", "residents_moved", "buildings_moved", "cases_rerouted")


def stored(session: Session, plan: Plan) -> Impact:
    """Return the account that a published plan keeps; case numbers are those that the viewer may read."""
    kept = plan.report or {}
    return Impact(
        **{name: kept[name] for name in TOLD},
        grids=[_grid(line) for line in kept["grids"]],
        buildings=_buildings(session, kept["buildings"]),
        cases=_cases(session, plan.id, kept["cases"]),
        load=[LoadLine(**line) for line in kept["load"]],
        organisations=[OrganisationLine(**line) for line in kept["organisations"]],
        maps=kept["maps"],
    )


def _grid(line: dict[str, Any]) -> GridLine:
    names = [field.name for field in fields(Figures)]
    sides = {when: line[when] and Figures(**{name: line[when][name] for name in names}) for when in ("before", "after")}
    return GridLine(**{**line, **sides})


def _cases(session: Session, plan_id: int, lines: list[dict[str, Any]]) -> list[CaseLine]:
    old, new = Grid.__table__.alias("old"), Grid.__table__.alias("new")
    moved = (
        select(old.c.code, new.c.code, facts.c.case_no)
        .select_from(PlanCase)
        .join(facts, facts.c.id == PlanCase.case_id)
        .outerjoin(old, old.c.id == PlanCase.from_grid_id)
        .join(new, new.c.id == PlanCase.grid_id)
        .where(PlanCase.plan_id == plan_id, facts.c.case_no.is_not(None))
        .order_by(facts.c.case_no)
    )
    numbers: dict[tuple[str | None, str | None], list[str]] = defaultdict(list)
    for before, after, number in session.execute(moved):
        numbers[before, after].append(number)
    return [CaseLine(**{**line, "numbers": numbers[line["from_code"], line["to_code"]]}) for line in lines]


def _buildings(session: Session, kept: dict[str, list[Any]]) -> list[BuildingLine]:
    columns = (Cell.id, Cell.units, Cell.households, Cell.residents)
    of_cells = {row.id: row for row in session.execute(select(*columns).where(standing.listed(kept["cells"])))}
    own = select(Building).where(standing.listed(kept["ids"], Building.id))
    known = {building.id: building for building in session.scalars(own)}
    codes = [*kept["codes"], None]
    lines = []
    for cell, number, old, new in zip(*(kept[name] for name in ("cells", "ids", "from", "to")), strict=True):
        row, building = of_cells.get(cell), known.get(number)
        if building is None:
            continue
        counted = row if row is not None and row.units else building
        lines.append(
            BuildingLine(
                number, cell, building.code, building.address or building.name, None if row is None else row.units,
                counted.households, counted.residents, codes[old], codes[new],
            )
        )  # fmt: skip
    return sorted(lines, key=lambda line: (line.from_code or "", line.to_code or "", line.code or ""))
