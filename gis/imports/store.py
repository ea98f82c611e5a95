"""An accepted frame becomes rows: one COPY per table, then links and counts in set-based statements."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from gis import gaps
from gis.areas import Area
from gis.barriers import Barrier
from gis.boundaries import Grid, GridOutline
from gis.database import copy_in, in_bulk
from gis.imports import links
from gis.imports.copying import cells, multi_hex
from gis.imports.frame import Frame
from gis.imports.known import Known
from gis.premises import Building, Household


def store(session: Session, frame: Frame, known: Known) -> None:
    """Write the frame's rows; the session's transaction decides whether they stay."""
    STORES[frame.kind](session, frame, known)


def _copy(session: Session, model: Any, columns: dict[str, Iterable[str]]) -> None:
    lines = map("\t".join, zip(*columns.values(), strict=True))
    copy_in(session, model.__table__, list(columns), lines)


def _named(frame: Frame, *names: str) -> dict[str, Iterable[str]]:
    return {name: cells(frame.fields[name].tolist()) for name in names if name in frame.fields}


def _areas(session: Session, frame: Frame, known: Known) -> None:
    order = np.argsort(frame.cells("code").astype(str), kind="stable")
    names = ("code", "level", "kind", "name", "name_en")
    columns: dict[str, Iterable[str]] = {name: cells(frame.cells(name)[order]) for name in names}
    columns["parent_code"] = cells(frame.cells("parent")[order])
    columns["territory"] = (f"{code}000" for code in frame.cells("code")[order])
    columns["outline"] = multi_hex(frame.shapes[order])
    _copy(session, Area, columns)


def _grids(session: Session, frame: Frame, known: Known) -> None:
    codes = frame.cells("code")
    _copy(session, Grid, {**_named(frame, "code", "name", "kind", "village_code"), "territory": cells(codes)})
    stored = session.execute(select(Grid.code, Grid.id).where(Grid.code.in_(codes.tolist())))
    ids: dict[str, int] = {row.code: row.id for row in stored}
    outlines = _named(frame, "code", "name", "kind")
    outlines["grid_id"] = (str(ids[code]) for code in codes)
    outlines["territory"] = cells(codes)
    outlines["valid"] = (f"[{frame.day},)" for _ in codes)
    outlines["area_m2"] = (f"{area:.3f}" for area in np.atleast_1d(shapely.area(frame.metric)))
    outlines["outline"] = multi_hex(frame.shapes)
    _copy(session, GridOutline, outlines)
    villages = sorted(set(frame.cells("village_code")))
    links.put_into_grids(session, frame.day, codes.tolist())
    links.count(session, frame.day, list(ids.values()))
    gaps.renew(session, frame.day, frame.srid, villages)


def _buildings(session: Session, frame: Frame, known: Known) -> None:
    flawed = links.flaws(frame)
    rows = sorted({at for at, _ in flawed})
    ids = dict(zip(rows, _ids(session, len(rows)), strict=True))
    with in_bulk(session, Building, frame.rows):
        _copy(session, Building, _building_cells(frame, known, np.delete(np.arange(frame.rows), rows)))
        if rows:
            _copy(session, Building, {**_building_cells(frame, known, np.array(rows)), "id": cells(ids.values())})
    touched = known.grids.ids[np.unique(frame.grid[frame.grid >= 0])].tolist() if len(known.grids) else []
    links.count(session, frame.day, touched)
    links.keep(session, frame, flawed, ids)


def _building_cells(frame: Frame, known: Known, rows: NDArray[np.int64]) -> dict[str, Iterable[str]]:
    names = ("code", "name", "compound", "address", "kind", "floors", "households", "residents", "source")
    columns: dict[str, Iterable[str]] = {
        name: cells(frame.fields[name][rows].tolist()) for name in names if name in frame.fields
    }
    grids = [*known.grids.ids.tolist(), None]
    columns["grid_id"] = cells(grids[at] for at in frame.grid[rows].tolist())
    columns["territory"] = cells(frame.territory[rows].tolist())
    columns["outline"] = multi_hex(frame.shapes[rows])
    return columns


def _ids(session: Session, rows: int) -> Sequence[int]:
    """Take the ids of some rows beforehand, for the gaps that will name them."""
    sequence = session.scalar(select(func.pg_get_serial_sequence(Building.__tablename__, "id")))
    return session.scalars(select(func.nextval(sequence)).select_from(func.generate_series(1, rows))).all()


def _households(session: Session, frame: Frame, known: Known) -> None:
    columns = _named(frame, "kind", "label", "unit", "floor", "residents", "registered_on")
    columns["building_id"] = cells(known.buildings.ids[frame.building].tolist())
    columns["grid_id"] = cells(grid or None for grid in known.buildings.grid[frame.building].tolist())
    columns["territory"] = cells(known.buildings.territory[frame.building].tolist())
    columns["outline"] = multi_hex(frame.shapes)
    with in_bulk(session, Household, frame.rows):
        _copy(session, Household, columns)


def _barriers(session: Session, frame: Frame, known: Known) -> None:
    columns = _named(frame, "name", "rank", "source")
    columns["kind"] = (frame.barrier or "road" for _ in frame.shapes)
    columns["line"] = multi_hex(frame.shapes)
    _copy(session, Barrier, columns)


STORES: dict[str, Callable[[Session, Frame, Known], None]] = {
    "areas": _areas,
    "grids": _grids,
    "buildings": _buildings,
    "households": _households,
    "barriers": _barriers,
}
