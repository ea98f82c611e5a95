"""The cells of some villages as arrays: what rules, totals and suggestions compute with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Select, case, func, select
from sqlalchemy.orm import Session

from gis.fabric.tables import Cell, CellBorder
from gis.premises import Building
from gis.viewer import Viewer, key

Ints = NDArray[np.int32]
Flags = NDArray[np.bool_]
Words = NDArray[np.object_]


@dataclass(frozen=True)
class Ground:
    """The current cells of some villages, in the order of their ids, and the borders between them; no geometry.

    `village` points into `villages`, `a` and `b` (a < b) into the cells. `building_ids` is -1 where there is no
    building, and `buildings` is 1 for the first cell of one, so that it can be summed. A bridge has length 0.
    """

    ids: NDArray[np.int64]
    codes: list[str]
    villages: list[str]
    village: Ints
    kinds: Words
    building_ids: NDArray[np.int64]
    households: Ints
    residents: Ints
    buildings: Ints
    area_m2: NDArray[np.float64]
    perimeter_m: NDArray[np.float64]
    a: Ints
    b: Ints
    length_m: NDArray[np.float64]
    along: Words
    rank: Words
    blocked: Flags
    bridge: Flags

    @property
    def joins(self) -> Flags:
        """The borders over which a grid hangs together: neither blocked nor beside water; bridges join."""
        water = self.kinds == "water"
        joined: Flags = self.bridge | ~(self.blocked | water[self.a] | water[self.b])
        return joined

    def index(self, ids: Any) -> Ints:
        """Return where cells stand in the arrays; -1 for one that is not a current cell of these villages."""
        wanted = np.asarray(ids, dtype=np.int64)
        at = np.searchsorted(self.ids, wanted)
        found = np.minimum(at, max(len(self.ids) - 1, 0))
        there = self.ids[found] == wanted if len(self.ids) else np.zeros(len(wanted), dtype=bool)
        return np.where(there, found, -1).astype(np.int32)


def ground(session: Session, viewer: Viewer, villages: Sequence[str]) -> Ground:
    """Return the current cells of villages with the counts of today: a part of a tower has its own."""
    viewer.require("plan.view")
    names = sorted(set(villages))
    rows = [list(column) for column in zip(*session.execute(_cells(names)), strict=True)] or [[] for _ in range(9)]
    ids, building_ids = np.array(rows[0], np.int64), np.array(rows[4], np.int64)
    known = set(rows[0])
    borders = [row for row in session.execute(_borders(names)) if row.a in known and row.b in known]
    sides = [list(column) for column in zip(*borders, strict=True)] or [[] for _ in range(7)]
    ends = [np.searchsorted(ids, np.array(side, np.int64)).astype(np.int32) for side in sides[:2]]
    return Ground(
        ids, rows[1], names, np.searchsorted(names, rows[2]).astype(np.int32), np.array(rows[3], object),
        building_ids, np.array(rows[5], np.int32), np.array(rows[6], np.int32), _first_of_each(building_ids),
        np.array(rows[7], np.float64), np.array(rows[8], np.float64), ends[0], ends[1], np.array(sides[2], np.float64),
        np.array(sides[3], object), np.array(sides[4], object), np.array(sides[5], bool), np.array(sides[6], bool),
    )  # fmt: skip


def _first_of_each(building_ids: NDArray[np.int64]) -> Ints:
    """Return 1 for the first cell of each building, else 0."""
    first = np.zeros(len(building_ids), np.int32)
    first[np.unique(building_ids, return_index=True)[1]] = 1
    first[building_ids < 0] = 0
    return first


def _cells(villages: Sequence[str]) -> Select[Any]:
    own = Cell.part.is_not(None)
    return (
        select(
            Cell.id,
            Cell.code,
            Cell.village_code,
            Cell.kind,
            func.coalesce(Cell.building_id, -1),
            case((own, Cell.households), else_=func.coalesce(Building.households, 0)),
            case((own, Cell.residents), else_=func.coalesce(Building.residents, 0)),
            Cell.area_m2,
            Cell.perimeter_m,
        )
        .outerjoin(Building, Building.id == Cell.building_id)
        .where(Cell.territory.in_([key(village) for village in villages]), Cell.until.is_(None))
        .order_by(Cell.id)
    )


def _borders(villages: Sequence[str]) -> Select[Any]:
    """Select the borders of villages, those of former cells too: a join would be planned badly right after a build."""
    columns: list[Any] = [CellBorder.a, CellBorder.b, CellBorder.length_m, CellBorder.along, CellBorder.rank]
    borders = select(*columns, CellBorder.blocked, CellBorder.bridge).order_by(CellBorder.a, CellBorder.b)
    return borders.where(CellBorder.territory.in_([key(village) for village in villages]))
