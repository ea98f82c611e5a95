"""The grids and outlines that a plan writes when it comes into force; what it leaves alone stays byte for byte."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import numpy as np
import shapely
from geoalchemy2 import WKBElement
from sqlalchemy import BigInteger, Text, column, func, insert, tuple_, update, values
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session

from gis import areas
from gis.boundaries import Grid, GridOutline
from gis.database import SRID, from_day
from gis.errors import Conflict
from gis.indicators import CLOSED_FIGURES
from gis.plans.change import Change
from gis.plans.tables import PlanGrid
from gis.words import N_

KEPT_AS_THEY_ARE = {"synchronize_session": False}


def write(session: Session, made: Change, day: date, metric_srid: int, stood: Mapping[int, Any]) -> list[int | None]:
    """End and begin outlines on a day, and return the number of the grid that each grid of the plan is now.

    `stood` are the figures of the grids in force, by id.
    """
    from gis.crs import to_metres  # a worker starts without the library of coordinate systems

    refuse_twice(session, made, day)
    close(session, made, day, stood)
    grids = begin(session, made)
    changed = np.flatnonzero(made.changed)
    shapes = [shapely.multipolygons(shapely.get_parts(shape)) for shape in made.shapes[changed]]
    areas = shapely.area(to_metres(np.array(shapes, object), metric_srid)) if shapes else []
    rows = [
        {
            "grid_id": grids[at], "code": made.codes[at], "territory": int(made.codes[at] or 0),
            "name": made.grids[at].name, "kind": made.grids[at].kind,
            "valid": from_day(day), "area_m2": round(float(area), 3), "outline": _stored(shape),
            **dict(zip(("households", "residents", "buildings"), made.counts[at].tolist(), strict=True)),
        }
        for at, shape, area in zip(changed.tolist(), shapes, areas, strict=True)
    ]  # fmt: skip
    if rows:
        session.execute(insert(GridOutline), rows)
    return grids


def refuse_twice(session: Session, made: Change, day: date) -> None:
    """Raise Conflict when an outline that ends began on the same day: an outline of no day cannot be."""
    villages = {made.former[grid].village for grid in ending(made) if made.former[grid].since >= day}
    if villages:
        message = N_("The grids of %(villages)s changed today already; they can change again from %(day)s on.")
        named = "、".join(areas.names(session, villages).values())
        raise Conflict(message, villages=named, day=day + timedelta(days=1))


def ending(made: Change) -> list[int]:
    """Return the grids in force whose outlines end: those that end, and those that are redrawn."""
    gone = made.draws.former[made.draws.retired].tolist()
    redrawn = [made.grids[at].grid_id for at in np.flatnonzero(made.changed & made.draws.keeps)]
    return sorted({*gone, *(grid for grid in redrawn if grid is not None)})


def close(session: Session, made: Change, day: date, stood: Mapping[int, Any]) -> None:
    """End outlines on a day, with the figures that stood in them."""
    figures = [
        (made.former[grid].outline_id, {name: getattr(stood[grid], name) for name in CLOSED_FIGURES})
        for grid in ending(made)
    ]
    if figures:
        last = values(column("outline", BigInteger), column("figures", JSONB), name="last").data(figures)
        closed = (
            update(GridOutline)
            .values(valid=func.daterange(func.lower(GridOutline.valid), day), closed_figures=last.c.figures)
            .where(GridOutline.id == last.c.outline)
        )
        session.execute(closed, execution_options=KEPT_AS_THEY_ARE)
    retired = made.draws.former[made.draws.retired].tolist()
    ended = update(Grid).values(status="retired").where(Grid.id.in_(retired))
    session.execute(ended, execution_options=KEPT_AS_THEY_ARE)


def begin(session: Session, made: Change) -> list[int | None]:
    """Store new grids, rename those that stay, note on the plan's grids what they are now, and return that.

    Nothing is noted where a village is left alone: what stands there does not follow the plan.
    """
    grids: list[int | None] = [None] * len(made.grids)
    new: dict[str, int] = {}
    for at in np.flatnonzero(made.draws.drawn).tolist():
        own = made.stays(at)
        if own is None:
            new[made.codes[at] or ""] = at
        else:
            grids[at] = own.id
    for grid, code in session.execute(_new(made, new)) if new else ():
        grids[new[code]] = grid
    drawn = [at for at, grid in enumerate(grids) if grid is not None and not made.rests(at)]
    rows = [(made.grids[at].id, grids[at], made.grids[at].name, made.grids[at].kind) for at in drawn]
    columns = (column("plan_grid", BigInteger), column("grid", BigInteger), column("name", Text), column("kind", Text))
    now = values(*columns, name="now").data(rows)
    noted = update(PlanGrid).values(published_id=now.c.grid).where(PlanGrid.id == now.c.plan_grid)
    session.execute(noted, execution_options=KEPT_AS_THEY_ARE)
    named = (
        update(Grid)
        .values(name=now.c.name, kind=now.c.kind, status="active")
        .where(
            Grid.id == now.c.grid, tuple_(Grid.name, Grid.kind, Grid.status) != tuple_(now.c.name, now.c.kind, "active")
        )
    )
    session.execute(named, execution_options=KEPT_AS_THEY_ARE)
    return grids


def _new(made: Change, new: dict[str, int]) -> Any:
    rows = [
        {"code": code, "village_code": made.grids[at].village_code, "name": made.grids[at].name,
         "kind": made.grids[at].kind, "territory": int(code), "status": "active"}
        for code, at in new.items()
    ]  # fmt: skip
    return insert(Grid).values(rows).returning(Grid.id, Grid.code)


def _stored(shape: Any) -> WKBElement:
    return WKBElement(shapely.to_wkb(shapely.set_srid(shape, SRID), include_srid=True), SRID, extended=True)
