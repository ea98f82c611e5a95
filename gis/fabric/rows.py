"""Cells and borders as rows: read and written a village at a time, each in one statement."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from geoalchemy2 import Geometry
from sqlalchemy import (
    BigInteger,
    Boolean,
    Float,
    Integer,
    SmallInteger,
    Text,
    cast,
    delete,
    func,
    insert,
    literal,
    select,
    tuple_,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session

from gis.database import SRID
from gis.fabric.build import Built
from gis.fabric.material import Buildings, Ints
from gis.fabric.tables import Cell, CellBorder, Fabric
from gis.geometry import Shapes
from gis.viewer import key

SEPARATOR = "\x1f"
Identity = tuple[str, int, int, tuple[str, ...], int, int]


@dataclass(frozen=True)
class Current:
    """The current cells of a village: what they are is kind, building, part, and its units and counts."""

    ids: Ints
    codes: list[str]
    identities: list[Identity]
    outlines: Shapes


def current(session: Session, village: str) -> Current:
    """Return the current cells of a village."""
    fields = (Cell.kind, Cell.building_id, Cell.part, Cell.units, Cell.households, Cell.residents)
    query = select(Cell.id, Cell.code, func.st_asbinary(Cell.outline), *fields)
    found = session.execute(query.where(Cell.territory == key(village), Cell.until.is_(None)).order_by(Cell.id)).all()
    outlines = np.array(shapely.from_wkb([bytes(row[2]) for row in found]), object).reshape(-1)
    known: list[Identity] = [
        (kind, building or -1, part or 0, tuple(units or ()), households, residents)
        for _, _, _, kind, building, part, units, households, residents in found
    ]
    return Current(np.array([row[0] for row in found], np.int64), [row[1] for row in found], known, outlines)


def identities(built: Built, buildings: Buildings) -> list[Identity]:
    """Return what the cells of a fabric are, as those that are stored."""
    found: list[Identity] = []
    for kind, building, part in zip(built.kinds, built.building.tolist(), built.part.tolist(), strict=True):
        number = -1 if building < 0 else int(buildings.ids[building])
        if not part:
            found.append((kind, number, 0, (), 0, 0))
            continue
        tower = built.towers[building]
        units = tuple(tower.units[part - 1])
        found.append((kind, number, part, units, int(tower.households[part - 1]), int(tower.residents[part - 1])))
    return found


def multi(outlines: Shapes) -> Shapes:
    """Return outlines as multipolygons, as they are stored."""
    parts, of = shapely.get_parts(outlines, return_index=True)
    return np.asarray(shapely.multipolygons(parts, indices=of))


def retire(session: Session, cells: Ints, version: int) -> None:
    """End cells with a version."""
    ended = update(Cell).where(Cell.id == func.any(cast(cells.tolist(), ARRAY(BigInteger))))
    if len(cells):
        session.execute(ended.values(until=version).execution_options(synchronize_session=False))


def add(
    session: Session, fabric: Fabric, built: Built, buildings: Buildings, fresh: Ints, codes: Sequence[str]
) -> Ints:
    """Add the new cells of a fabric and return their ids."""
    if len(fresh) == 0:
        return np.empty(0, np.int64)
    known = identities(built, buildings)
    own = [known[at] for at in fresh]
    outlines = shapely.to_wkb(shapely.set_srid(multi(built.outlines[fresh]), SRID), hex=True, include_srid=True)
    columns = {
        "code": (Text, list(codes)),
        "kind": (Text, [each[0] for each in own]),
        "building_id": (BigInteger, [None if each[1] < 0 else each[1] for each in own]),
        "part": (SmallInteger, [each[2] or None for each in own]),
        "units": (Text, [SEPARATOR.join(each[3]) if each[2] else None for each in own]),
        "households": (Integer, [each[4] for each in own]),
        "residents": (Integer, [each[5] for each in own]),
        "area_m2": (Float, np.round(built.area_m2[fresh], 3).tolist()),
        "perimeter_m": (Float, np.round(built.perimeter_m[fresh], 3).tolist()),
        "outline": (Text, outlines.tolist()),
    }
    row = _table(columns)
    shown = {name: row.c[name] for name in columns}
    shown["units"] = func.string_to_array(row.c.units, SEPARATOR)
    shown["outline"] = cast(row.c.outline, Geometry("MULTIPOLYGON", SRID))
    village = {
        "village_code": literal(fabric.village_code),
        "territory": literal(fabric.territory, BigInteger),
        "since": literal(fabric.version, Integer),
    }
    shown |= village
    added = insert(Cell).from_select(list(shown), select(*shown.values())).returning(Cell.code, Cell.id)
    ids: dict[str, int] = {row.code: row.id for row in session.execute(added)}
    return np.array([ids[code] for code in codes], np.int64)


def lay_borders(session: Session, village: str, built: Built, ids: Ints) -> None:
    """Make the borders between the current cells those of a fabric whose cells have these ids."""
    wanted = _wanted(built, ids)
    own = [CellBorder.a, CellBorder.b, CellBorder.length_m, CellBorder.along, CellBorder.rank, CellBorder.blocked]
    now = cast(ids.tolist(), ARRAY(BigInteger))
    there = select(*own, CellBorder.bridge).where(
        CellBorder.territory == key(village), CellBorder.a == func.any(now), CellBorder.b == func.any(now)
    )
    stored = {tuple(row) for row in session.execute(there)}
    gone = stored - wanted
    if gone:
        pairs = [(row[0], row[1]) for row in gone]
        session.execute(delete(CellBorder).where(tuple_(CellBorder.a, CellBorder.b).in_(pairs)))
    types = (BigInteger, BigInteger, Float, Text, Text, Boolean, Boolean)
    names = ("a", "b", "length_m", "along", "rank", "blocked", "bridge")
    lists = zip(*sorted(wanted - stored, key=lambda row: row[:2]), strict=True)
    columns = {name: (type_, list(values)) for name, type_, values in zip(names, types, lists, strict=False)}
    if columns:
        row = _table(columns)
        values = [literal(village), literal(key(village), BigInteger), *(row.c[name] for name in names)]
        session.execute(insert(CellBorder).from_select(["village_code", "territory", *names], select(*values)))


def _wanted(built: Built, ids: Ints) -> set[tuple[Any, ...]]:
    borders = built.borders
    a, b = ids[borders.a], ids[borders.b]
    low, high = np.minimum(a, b).tolist(), np.maximum(a, b).tolist()
    lengths = np.round(borders.length_m, 3).tolist()
    return set(
        zip(
            low,
            high,
            lengths,
            borders.along,
            borders.rank,
            borders.blocked.tolist(),
            borders.bridge.tolist(),
            strict=True,
        )
    )


def _table(columns: dict[str, tuple[Any, list[Any]]]) -> Any:
    """Return lists of equal length as a table in a statement, sent as one array each."""
    arrays = [cast(values, ARRAY(type_)) for type_, values in columns.values()]
    return func.unnest(*arrays).table_valued(*columns, name="row").render_derived()
