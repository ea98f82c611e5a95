"""Every grid in force with its figures: the rows behind the choropleths, the cards and the exports."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, Subquery, func, select

from gis.areas import Area
from gis.boundaries import Grid, GridOutline, in_force
from gis.indicators.parts import BY_VILLAGE, PARTS, nearest_team
from gis.scope import Scope


def by_grid(scope: Scope) -> Select[Any]:
    """Select every grid in force with its figures; PostgreSQL leaves out the joins that no asked column needs."""
    outline = in_force(scope.day).where(scope.holds(GridOutline.territory)).subquery("o")
    village, town = Area.__table__.alias("village"), Area.__table__.alias("town")
    parts = {name: part(scope) for name, part in PARTS.items()}
    query = (
        select(
            outline.c.grid_id.label("id"),
            outline.c.territory,
            outline.c.outline.label("geom"),
            outline.c.outline_tile.label("tile"),
            outline.c.code,
            outline.c.name,
            Grid.kind,
            Grid.village_code,
            village.c.name.label("village"),
            town.c.name.label("town"),
            outline.c.households,
            outline.c.residents,
            outline.c.buildings,
            outline.c.area_m2,
            func.lower(outline.c.valid).label("since"),
            *(measured(parts, outline)),
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
    """Return the labelled figure columns; a count that finds no row is 0, a state that finds none is none."""
    counts = {
        "visits": ("visited",),
        "cases": ("open_cases", "overdue_cases", "due_today_cases"),
        "branches": ("branch_cover",),
        "staff": ("leaders", "full_time", "part_time", "link_cadres", "office_cadres"),
        "village_staff": ("adviser_state", "legal_forces"),
        "functional": ("functional_kinds", "functional_branches"),
        "tiers": ("deepest_tier",),
        "volunteers": ("teams", "volunteers"),
        "points": ("service_points",),
    }
    columns: list[Any] = [
        func.coalesce(parts[part].c[name], 0).label(name) for part, names in counts.items() for name in names
    ]
    columns.append(parts["listed"].c.households_listed)
    columns += [parts["care"].c[name] for name in ("care_enrolled", "care_in_time")]
    return [*columns, nearest_team(outline).label("nearest_m")]
