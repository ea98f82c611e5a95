"""Finds where the grids in force do not tile their villages or do not hold a building whole; PostGIS does the work."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from geoalchemy2 import Geometry
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    and_,
    cast,
    column,
    delete,
    false,
    func,
    insert,
    literal,
    null,
    or_,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import ARRAY, array
from sqlalchemy.orm import Session, aliased
from sqlalchemy.types import Text

from gis.areas import Area
from gis.boundaries import Gap, Grid, GridOutline
from gis.database import SRID
from gis.premises import Building
from gis.viewer import Viewer, span

SMALLEST_M2 = 1.0
"""Slivers below this are rounding, not a gap."""
ROUNDING = 1e-11
"""Square degrees, a tenth of a square metre: a wall that lies on the line of its cell reaches no further out."""
POLYGON = 3
INTERIORS_SHARE_LAND = "2********"


def find(session: Session, viewer: Viewer, day: date, metric_srid: int, villages: Sequence[str] | None = None) -> int:
    """Replace the stored gaps by those of the day and return how many there are."""
    viewer.require("data.import")
    renew(session, day, metric_srid)
    return session.scalar(select(func.count()).select_from(Gap)) or 0


def renew(session: Session, day: date, metric_srid: int, villages: Sequence[str] | None = None) -> None:
    """Replace the stored gaps of some villages, or of all, by those of the day."""
    session.execute(delete(Gap).where(within(Gap.territory, villages)))
    for query in (gaps(day, metric_srid), overlaps(day, metric_srid), unassigned(metric_srid), cut(day, metric_srid)):
        keep(session, query, villages)


def renew_tiled(session: Session, day: date, metric_srid: int, villages: Sequence[str], loose: Sequence[int]) -> None:
    """Replace the stored gaps of villages whose grids are known to tile them along the cells.

    There is neither gap nor overlap then, and a line can only cut a `loose` building, which no cell holds whole.
    """
    session.execute(delete(Gap).where(within(Gap.territory, villages)))
    keep(session, unassigned(metric_srid), villages)
    if loose:
        keep(session, cut(day, metric_srid, loose), villages)


def keep(session: Session, query: Select[Any], villages: Sequence[str] | None) -> None:
    """Store the gaps of some villages, or all, that a query finds and that are more than rounding."""
    found = query.subquery("found")
    names = [column.name for column in found.c]
    kept = select(found).where(found.c.area_m2 >= SMALLEST_M2, within(found.c.territory, villages))
    session.execute(insert(Gap).from_select(names, kept))


def within(key: Any, villages: Sequence[str] | None) -> ColumnElement[bool]:
    """Return the condition that a territory key lies in one of the villages; true for all."""
    if villages is None:
        return true()
    return or_(false(), *(key.between(*span(village)) for village in villages))


def gaps(day: date, srid: int) -> Select[Any]:
    """Select the parts of each village that no grid in force covers."""
    covered = (
        select(func.st_union(GridOutline.outline))
        .where(GridOutline.valid.contains(day), GridOutline.outline.op("&&", is_comparison=True)(Area.outline))
        .correlate(Area)
        .scalar_subquery()
    )
    bare = func.st_difference(Area.outline, func.coalesce(covered, empty()))
    villages = select(Area.territory, bare.label("shape")).where(
        Area.level == "village", select(Grid.id).where(Grid.village_code == Area.code).exists()
    )
    left = villages.subquery("left")
    parts = func.st_dump(left.c.shape).table_valued("path", column("geom", Geometry("POLYGON", SRID)), name="part")
    return (
        row("gap", left.c.territory, func.st_multi(parts.c.geom), srid, no_codes())
        .select_from(left)
        .join(parts, true())
    )


def overlaps(day: date, srid: int) -> Select[Any]:
    """Select the land that two grids in force share, once for each pair."""
    one, other = aliased(GridOutline), aliased(GridOutline)
    pairs = and_(
        one.id < other.id,
        one.outline.op("&&", is_comparison=True)(other.outline),
        func.st_relate(one.outline, other.outline, INTERIORS_SHARE_LAND),
    )
    shared = func.st_multi(func.st_collectionextract(func.st_intersection(one.outline, other.outline), POLYGON))
    found = (
        select(one.territory, shared.label("shape"), array([one.code, other.code]).label("codes"))
        .join_from(one, other, pairs)
        .where(one.valid.contains(day), other.valid.contains(day))
        .subquery("pairs")
    )
    return row("overlap", found.c.territory, found.c.shape, srid, found.c.codes)


def unassigned(srid: int) -> Select[Any]:
    """Select the buildings that belong to no grid."""
    query = row("building", Building.territory, Building.outline, srid, no_codes(), Building.id)
    return query.where(Building.grid_id.is_(None))


def cut(day: date, srid: int, among: Sequence[int] | None = None) -> Select[Any]:
    """Select the parts of buildings, of all or of some, that reach out of the grid they belong to."""
    outside = func.st_multi(
        func.st_collectionextract(func.st_difference(Building.outline, GridOutline.outline), POLYGON)
    )
    found = (
        select(
            Building.territory,
            Building.id,
            outside.label("shape"),
            Building.outline,
            array([GridOutline.code]).label("codes"),
        )
        .join(GridOutline, and_(GridOutline.grid_id == Building.grid_id, GridOutline.valid.contains(day)))
        .where(~func.st_coveredby(Building.outline, GridOutline.outline))
        .where(true() if among is None else Building.id == func.any(cast(list(among), ARRAY(BigInteger))))
        .subquery("cut")
    )
    return row("cut", found.c.territory, found.c.outline, srid, found.c.codes, found.c.id, found.c.shape)


def row(
    kind: str, territory: Any, shape: Any, srid: int, codes: Any, building: Any = None, part: Any = None
) -> Select[Any]:
    """Select one kind of gap as rows of the table; its area is that of the shape, or of the part that is wrong."""
    return select(
        literal(kind).label("kind"),
        territory.label("territory"),
        shape.label("outline"),
        area(shape if part is None else part, srid).label("area_m2"),
        codes.label("grid_codes"),
        (cast(null(), BigInteger) if building is None else building).label("building_id"),
    )


def area(shape: Any, srid: int) -> Any:
    """Return the square metres of a shape in the metric zone."""
    return func.st_area(func.st_transform(shape, srid))


def empty() -> Any:
    """Return a geometry that covers nothing."""
    return func.st_geomfromtext("MULTIPOLYGON EMPTY", 4490)


def no_codes() -> Any:
    """Return an empty list of grid codes."""
    return cast(array([]), ARRAY(Text))
