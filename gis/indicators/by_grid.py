"""Every grid in force with its figures: the rows behind the choropleths, the cards and the exports."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, Subquery, case, func, select

from gis.areas import Area
from gis.boundaries import Grid, GridOutline, in_force
from gis.indicators.parts import BY_VILLAGE, PARTS, nearest_team
from gis.scope import Scope

FIGURES = {
    "listed": ("households_listed",),
    "visits": ("visited",),
    "cases": ("open_cases", "overdue_cases", "due_today_cases", "due_soon_cases"),
    "closures": ("due_cases", "on_time_cases"),
    "branches": ("branch_cover",),
    "staff": ("leaders", "full_time", "part_time", "link_cadres", "office_cadres"),
    "village_staff": ("adviser_state", "legal_forces"),
    "functional": ("functional_kinds", "functional_branches"),
    "tiers": ("deepest_tier",),
    "care": ("care_enrolled", "care_in_time", "care_hidden"),
    "volunteers": ("teams", "volunteers"),
    "points": ("service_points",),
}
"""Part → its columns."""
MAY_BE_EMPTY = ("listed",)
CLOSED_FIGURES = ("households_listed", "teams", "volunteers", "service_points")
"""Columns that count what stands in a grid today: an outline that a publication closed keeps them as of that day."""


def by_grid(scope: Scope) -> Select[Any]:
    """Select every grid in force with the figures that are asked for."""
    outline = in_force(scope.day).where(scope.holds(GridOutline.territory)).subquery("o")
    village, town = Area.__table__.alias("village"), Area.__table__.alias("town")
    parts = {name: part(scope) for name, part in PARTS.items() if scope.wants(*FIGURES[name])}
    query = (
        select(
            outline.c.grid_id.label("id"),
            outline.c.territory,
            outline.c.outline.label("geom"),
            outline.c.outline_tile.label("tile"),
            outline.c.code,
            outline.c.name,
            outline.c.kind,
            Grid.village_code,
            village.c.name.label("village"),
            town.c.name.label("town"),
            outline.c.households,
            outline.c.residents,
            outline.c.buildings,
            outline.c.area_m2,
            func.lower(outline.c.valid).label("since"),
            *measured(parts, outline),
            *([nearest_team(outline, scope.day).label("nearest_m")] if scope.wants("nearest_m") else []),
        )
        .join_from(outline, Grid, Grid.id == outline.c.grid_id)
        .outerjoin(village, village.c.code == Grid.village_code)
        .outerjoin(town, town.c.code == village.c.parent_code)
    )
    for name, part in parts.items():
        by = Grid.village_code if name in BY_VILLAGE else outline.c.grid_id
        query = query.outerjoin(part, part.c.of == by)
    return query


def measured(parts: dict[str, Subquery], outline: Subquery) -> list[Any]:
    """Return the labelled figure columns; a count that finds no row is 0, a denominator that finds none is empty."""
    columns: list[Any] = []
    for name, part in parts.items():
        for figure in FIGURES[name]:
            value: Any = part.c[figure] if name in MAY_BE_EMPTY else func.coalesce(part.c[figure], 0)
            if figure in CLOSED_FIGURES:
                kept = outline.c.closed_figures
                value = case((kept.is_(None), value), else_=kept[figure].as_integer())
            columns.append(value.label(figure))
    return columns
