"""清河社区: a village of square cells on two banks of a river, with its grids, buildings, cadres and cases."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from sqlalchemy import Table, delete, insert, select, text
from sqlalchemy.orm import Session

from gis.areas import Area
from gis.boundaries import Grid, GridOutline
from gis.database import Base, from_day
from gis.fabric.tables import Cell, CellBorder, Fabric
from gis.party import Organisation, OrganisationGrid
from gis.plans.tables import Plan, PlanCell, PlanEvent, PlanGrid
from gis.premises import Building
from gis.scope import ZONE
from gis.staffing import Assignment, Staff
from gis.viewer import key
from tests import builders

WEST, SOUTH, STEP = 121.5, 28.7, 0.0002
SIDE_M = 20.0
ROWS, RIVER, BRIDGE = 20, 10, 9
HOUSEHOLDS = (480, 476, 478, 361, 478, 478, 742, 148, 171)
"""Per grid: 03 and 04 touch, 07 is too large, 08 and 09 touch and are too small; 3,812 in all."""
CASES = (5, 5, 5, 5, 5, 5, 5, 6, 5)
PUSHED = (20, 21, 21)
"""Households of three buildings of 03 that stand on its border with 04: 62 in all."""
LARGE = 983
"""The number of a village of thousands of cells."""
BUILT = datetime(2026, 11, 1, 8, 0, tzinfo=ZONE)

Ids = NDArray[np.int64]


@dataclass(frozen=True)
class Village:
    """What was stored: cell ids by row (from the south) and column (from the west), and the grids in their order."""

    code: str
    cells: Ids
    buildings: Ids
    grid: Ids
    grids: list[int]
    households: Ids

    def of(self, number: int) -> list[int]:
        """Return the cells of a grid, by its number from 1."""
        return [int(cell) for cell in self.cells[self.grid == number - 1]]


def qinghe_grids() -> Ids:
    """Return the grid of each cell: four west of the river, which the water belongs to, and five east of it."""
    rows = np.arange(ROWS)[:, None]
    west, east = np.broadcast_to(rows // 5, (ROWS, RIVER + 1)), np.broadcast_to(4 + rows // 4, (ROWS, 11))
    return np.hstack([west, east])


def qinghe_households(grid: Ids, river: int = RIVER) -> Ids:
    """Return households that add up to those of each grid, none on the water."""
    households = np.zeros(grid.shape, np.int64)
    land = np.ones(grid.shape, bool)
    land[:, river] = False
    for number, total in enumerate(HOUSEHOLDS):
        spread(households, (grid == number) & land, total)
    on_border = (np.array([14, 14, 14]), np.array([0, 1, 2]))  # the last row of 03, below 04
    rest = (grid == 2) & land
    rest[on_border] = False
    households[on_border] = PUSHED
    spread(households, rest, HOUSEHOLDS[2] - sum(PUSHED))
    return households


def spread(households: Ids, among: NDArray[np.bool_], total: int) -> None:
    """Give each of the cells its share of a total, whole numbers that add up."""
    count = int(among.sum())
    households[among] = (np.arange(1, count + 1) * total) // count - (np.arange(count) * total) // count


def qinghe(session: Session, **given: Any) -> Village:
    """Store 清河社区 with 420 buildings, 3,812 households, 9 grids, 46 open cases, 9 cadres and 3 branches."""
    grid = qinghe_grids()
    village = lay(session, grid, qinghe_households(grid), river=RIVER, bridge=BRIDGE, **given)
    people(session, village)
    report(session, village)
    return village


def lay(
    session: Session, grid: Ids, households: Ids, *, river: int | None = None, bridge: int | None = None,
    number: int = 990, name: str = "清河社区", town: str | None = None,
) -> Village:  # fmt: skip
    """Store a village whose cell at row and column belongs to a grid (from 0, -1 for none) and has some households.

    The column of the river is water; its banks are joined at the row of the bridge alone.
    """
    town = town or first(session, "town")
    code = f"{town[:9]}{number:03}"
    corner = (west(code), SOUTH)
    shapes = squares(*grid.shape, corner)
    session.add(Area(code=code, parent_code=town, level="village", kind="community", name=name, territory=key(code),
                     outline=multi(shapely.union_all(shapes.ravel()))))  # fmt: skip
    session.add(Fabric(village_code=code, version=1, built_at=BUILT, cells=grid.size, territory=key(code)))
    session.flush()
    grids = _grids(session, code, grid, shapes)
    land = np.ones(grid.shape, bool)
    if river is not None:
        land[:, river] = False
    buildings = _buildings(session, code, grids, grid, households, shapes, land)
    cells = _cells(session, code, buildings, shapes, land)
    _borders(session, code, cells, land, bridge)
    return Village(code, cells, buildings, grid, grids, households)


def west(code: str) -> float:
    """Return where a village begins: each number has its own place."""
    return WEST + (int(code[9:]) - 990) * 0.05


def first(session: Session, level: str) -> str:
    """Return the code of the first area of a level."""
    return session.scalars(select(Area.code).where(Area.level == level).order_by(Area.code).limit(1)).one()


def new_town(session: Session) -> str:
    """Store a town without villages in the district, and return its code."""
    district = first(session, "district")
    code = f"{district[:6]}990000"
    session.add(Area(code=code, parent_code=district, level="town", kind="town", name="清河镇", territory=key(code),
                     outline=builders.square(WEST, SOUTH, 0.2)))  # fmt: skip
    session.flush()
    return code


NAMES = ("清河社区", "清湖社区", "清江社区")


def lay_town(session: Session, grid: Ids, households: Ids, count: int = 2, **given: Any) -> tuple[str, list[Village]]:
    """Store a town of so many equal villages, and return its code with them."""
    town = new_town(session)
    return town, [
        lay(session, grid, households, number=990 + at, name=NAMES[at], town=town, **given) for at in range(count)
    ]


def squares(rows: int, columns: int, corner: tuple[float, float]) -> NDArray[Any]:
    """Return the cells as squares in degrees; neighbours share their corners to the last digit."""
    x = corner[0] + STEP * np.arange(columns + 1)
    y = corner[1] + STEP * np.arange(rows + 1)
    made: NDArray[Any] = shapely.box(x[None, :-1], y[:-1, None], x[None, 1:], y[1:, None])
    return made


def multi(shape: Any) -> str:
    """Return a polygon or multipolygon as EWKT of a multipolygon."""
    parts = shapely.multipolygons(shapely.get_parts(shape))
    return f"SRID=4490;{shapely.to_wkt(parts, rounding_precision=-1)}"


def stored(session: Session, model: type[Base], rows: list[dict[str, Any]]) -> list[int]:
    """Insert rows and return their numbers, in the same order."""
    table: Any = model.__table__
    made = insert(table).returning(table.c.id, sort_by_parameter_order=True)
    return list(session.scalars(made, rows)) if rows else []


def _grids(session: Session, code: str, grid: Ids, shapes: NDArray[Any]) -> list[int]:
    rows = [
        {
            "village_code": code,
            "code": f"{code}{at + 1:03}",
            "name": f"清河{at + 1:02}网格",
            "territory": key(code) + at + 1,
        }
        for at in range(int(grid.max()) + 1)
    ]
    ids = stored(session, Grid, rows)
    outlines = [
        {**{name: row[name] for name in ("code", "name", "territory")}, "grid_id": ids[at], "valid": from_day(
            builders.LONG_AGO), "area_m2": SIDE_M**2 * int((grid == at).sum()),
         "outline": multi(shapely.union_all(shapes[grid == at]))}
        for at, row in enumerate(rows)
    ]  # fmt: skip
    stored(session, GridOutline, outlines)
    return ids


def _buildings(
    session: Session, code: str, grids: list[int], grid: Ids, households: Ids, shapes: NDArray[Any],
    land: NDArray[np.bool_],
) -> Ids:  # fmt: skip
    ids = np.full(grid.shape, -1, np.int64)
    walls = shapely.buffer(shapes[land], -STEP / 5, join_style="mitre")
    rows = [
        {"code": f"{code}{at:05}", "name": f"清河{at}号楼", "address": f"清河路{at}号", "kind": "residential",
         "grid_id": grids[of] if of >= 0 else None, "territory": key(code) + of + 1, "floors": 6,
         "households": count, "residents": 3 * count, "outline": multi(wall)}
        for at, (of, count, wall) in enumerate(
            zip(grid[land].tolist(), households[land].tolist(), walls, strict=True), 1)
    ]  # fmt: skip
    ids[land] = stored(session, Building, rows)
    return ids


def _cells(session: Session, code: str, buildings: Ids, shapes: NDArray[Any], land: NDArray[np.bool_]) -> Ids:
    rows = [
        {"village_code": code, "territory": key(code), "code": f"B{at:05}" if building >= 0 else f"W{at:05}",
         "kind": "building" if dry else "water", "building_id": building if building >= 0 else None,
         "area_m2": SIDE_M**2, "perimeter_m": 4 * SIDE_M, "since": 1, "outline": multi(shape)}
        for at, (building, dry, shape) in enumerate(
            zip(buildings.ravel().tolist(), land.ravel().tolist(), shapes.ravel(), strict=True), 1)
    ]  # fmt: skip
    return np.array(stored(session, Cell, rows), np.int64).reshape(buildings.shape)


def _borders(session: Session, code: str, cells: Ids, land: NDArray[np.bool_], bridge: int | None) -> None:
    rows: list[dict[str, Any]] = []
    for one, other in ((np.s_[:, :-1], np.s_[:, 1:]), (np.s_[:-1], np.s_[1:])):
        banks = zip(cells[one].flat, cells[other].flat, (land[one] != land[other]).flat, strict=True)
        rows += [_border(code, a, b, SIDE_M, wet, False) for a, b, wet in banks]
    dry = np.flatnonzero(land.all(axis=0))
    if bridge is not None:
        water = np.setdiff1d(np.arange(cells.shape[1]), dry)
        rows.append(_border(code, cells[bridge, water.min() - 1], cells[bridge, water.max() + 1], 0.0, False, True))
    session.execute(insert(CellBorder), rows)


def _border(code: str, a: int, b: int, length: float, wet: bool, bridge: bool) -> dict[str, Any]:
    return {
        "a": int(min(a, b)), "b": int(max(a, b)), "village_code": code, "territory": key(code), "length_m": length,
        "along": "river" if wet else None, "rank": None, "blocked": bool(wet), "bridge": bridge,
    }  # fmt: skip


def people(session: Session, village: Village) -> None:
    """Put a full-time cadre on each grid, and a branch on every three of them."""
    since = from_day(builders.LONG_AGO)
    for at, grid in enumerate(village.grids):
        own = {"territory": key(village.code) + at + 1}
        cadre = Staff(**own, name=f"清河{at + 1}号", work_phone="0000000")
        session.add(cadre)
        session.flush()
        session.add(Assignment(**own, role="grid_worker", employment="full_time", staff_id=cadre.id, grid_id=grid,
                               valid=since))  # fmt: skip
    middle = builders.spot(WEST, SOUTH)
    for first in range(0, len(village.grids), 3):
        branch = Organisation(tier=3, kind="grid_branch", form="branch", name=f"清河{first // 3 + 1}支部", point=middle,
                              territory=key(village.code), area_code=village.code, valid=since)  # fmt: skip
        session.add(branch)
        session.flush()
        covered = [{"organisation_id": branch.id, "grid_id": grid} for grid in village.grids[first : first + 3]]
        session.execute(insert(OrganisationGrid), covered)
    session.flush()


def report(session: Session, village: Village) -> None:
    """File the open cases of each grid, one after the other on its first buildings."""
    for at, count in enumerate(CASES):
        grid = session.get_one(Grid, village.grids[at])
        outline = session.scalars(select(GridOutline).where(GridOutline.grid_id == grid.id)).one()
        for number, (row, column) in enumerate(np.argwhere(village.grid == at)[:count]):
            middle = builders.spot(west(village.code) + (column + 0.5) * STEP, SOUTH + (row + 0.5) * STEP)
            session.add(builders.case(grid, outline, middle, case_no=f"{grid.code}{number:03}"))
    session.flush()


def clear(session: Session, code: str) -> None:
    """Take a village away again with its plans, as the owner of the database; their log is append-only for all else."""
    log: Any = PlanEvent.__table__
    grids = select(Grid.id).where(Grid.village_code == code)
    plans = select(Plan.id).where(Plan.area_code == code)
    switched(session, log, "DISABLE")
    for model in (PlanEvent, PlanCell, PlanGrid):
        session.execute(delete(model).where(model.plan_id.in_(plans)))
    session.execute(delete(OrganisationGrid).where(OrganisationGrid.grid_id.in_(grids)))
    low = key(code)
    for table in reversed(Base.metadata.sorted_tables):
        if "territory" in table.columns and table.name != "kpi_snapshots":  # nobody deletes there, and none is made
            session.execute(delete(table).where(table.c.territory.between(low, low + 999)))
    switched(session, log, "ENABLE")


def switched(session: Session, log: Table, word: str) -> None:
    """Switch the guard of an append-only table off or on."""
    session.execute(text(f"ALTER TABLE {log.name} {word} TRIGGER {log.name}_append_only"))
