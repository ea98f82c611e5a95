"""A grid is an identity with dated outlines: what was in force on any day can always be drawn again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ColumnElement,
    DateTime,
    Float,
    ForeignKey,
    Identity,
    Index,
    Integer,
    ScalarSelect,
    Select,
    Text,
    cast,
    func,
    select,
    union_all,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, ExcludeConstraint
from sqlalchemy.orm import Mapped, Session, mapped_column

from gis.areas import Area
from gis.database import Base, Dated, Territorial, centre_of, one_of, polygons, polygons_in_tiles
from gis.scope import Scope
from gis.viewer import Viewer
from gis.words import N_

KINDS = {"general": N_("general grid"), "dedicated": N_("dedicated grid")}
GAP_KINDS = {
    "gap": N_("land in no grid"),
    "overlap": N_("land in two grids"),
    "building": N_("building in no grid"),
    "cut": N_("building cut by a grid line"),
}


class Grid(Territorial, Base):
    """The identity of a grid; its code now, or the last one it had. Codes are never reused."""

    __tablename__ = "grids"
    __table_args__ = (
        CheckConstraint(r"code ~ '^\d{15}$' AND left(code, 12) = village_code", name="code_of_village"),
        CheckConstraint("territory = code::bigint", name="territory_of_code"),
        one_of("kind", *KINDS),
        one_of("status", "active", "retired"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    village_code: Mapped[str] = mapped_column(ForeignKey("areas.code"), index=True)
    code: Mapped[str] = mapped_column(Text, unique=True)
    name: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text, server_default="general")
    status: Mapped[str] = mapped_column(Text, server_default="active")


class GridOutline(Territorial, Dated, Base):
    """The outline of a grid while it was in force, with its name, its kind and the registered counts of that time.

    A publication that closes it writes what stood in it that day (`closed_figures`): such rows then follow the ground.
    """

    __tablename__ = "grid_outlines"
    __table_args__ = (
        CheckConstraint(r"code ~ '^\d{15}$'", name="code_15_digits"),
        CheckConstraint("territory = code::bigint", name="territory_of_code"),
        CheckConstraint("st_isvalid(outline)", name="outline_valid"),
        one_of("kind", *KINDS),
        CheckConstraint("NOT isempty(valid)", name="some_day"),
        CheckConstraint("households >= 0 AND residents >= 0 AND buildings >= 0", name="counts_not_negative"),
        ExcludeConstraint(("grid_id", "="), ("valid", "&&"), using="gist", name="ex_grid_outlines_one_at_a_time"),
        ExcludeConstraint(("code", "="), ("grid_id", "<>"), using="gist", name="ex_grid_outlines_code_not_reused"),
        Index("ix_grid_outlines_outline", "outline", postgresql_using="gist"),
        Index("ix_grid_outlines_outline_tile", "outline_tile", postgresql_using="gist"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    grid_id: Mapped[int] = mapped_column(ForeignKey("grids.id"), index=True)
    code: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text, server_default="general")
    outline = polygons()
    outline_tile = polygons_in_tiles()
    centre = centre_of()
    area_m2: Mapped[float] = mapped_column(Float)
    households: Mapped[int] = mapped_column(Integer, server_default="0")
    residents: Mapped[int] = mapped_column(Integer, server_default="0")
    buildings: Mapped[int] = mapped_column(Integer, server_default="0")
    closed_figures: Mapped[dict[str, int | None] | None] = mapped_column(JSONB)


class Gap(Territorial, Base):
    """Where the grids do not tile their village, or do not hold a whole building; found anew after each change."""

    __tablename__ = "gaps"
    __table_args__ = (
        one_of("kind", *GAP_KINDS),
        Index("ix_gaps_outline", "outline", postgresql_using="gist"),
        Index("ix_gaps_outline_tile", "outline_tile", postgresql_using="gist"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    kind: Mapped[str] = mapped_column(Text)
    area_m2: Mapped[float] = mapped_column(Float)
    grid_codes: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default="{}")
    building_id: Mapped[int | None] = mapped_column(ForeignKey("buildings.id", ondelete="CASCADE"), index=True)
    found_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    outline = polygons()
    outline_tile = polygons_in_tiles()


def in_force(day: date) -> Select[GridOutline]:
    """Select the outlines that were in force on a day."""
    return select(GridOutline).where(GridOutline.valid.contains(day))


def codes(session: Session, viewer: Viewer, grids: Mapping[int, int]) -> dict[int, str]:
    """Return the codes of grids, each under the key that it is asked by."""
    viewer.require("map.view")
    found = dict(session.execute(select(Grid.id, Grid.code).where(Grid.id.in_(grids.values()))).all())
    return {key: found[grid] for key, grid in grids.items() if grid in found}


def hold_still(session: Session, villages: Iterable[int]) -> None:
    """Wait until no plan of these villages (territory keys) is published, and let none be until the transaction ends.

    Whoever writes a row that follows the outlines calls it before it looks at them.
    """
    wanted = func.unnest(cast(sorted(set(villages)), ARRAY(BigInteger))).column_valued("village")
    session.execute(select(func.pg_advisory_xact_lock_shared(wanted)))


def history(grid_id: int) -> Select[GridOutline]:
    """Select every outline of a grid, the newest first."""
    return select(GridOutline).where(GridOutline.grid_id == grid_id).order_by(func.lower(GridOutline.valid).desc())


def land(scope: Scope) -> ScalarSelect[Any]:
    """Select the ground of the scope as one shape: that of the areas and grids which its spans begin with."""
    areas = select(Area.outline).where(scope.starts(Area.territory))
    grids = select(GridOutline.outline).where(
        scope.starts(GridOutline.territory), GridOutline.valid.contains(scope.day)
    )
    return select(func.st_union(union_all(areas, grids).subquery("ground").c.outline)).scalar_subquery()


def reaching(scope: Scope, territory: Any, outline: Any) -> ColumnElement[bool]:
    """Return the condition that something lies in the scope, or belongs to an area above it and touches its ground."""
    return scope.holds(territory) | (scope.over(territory) & func.st_intersects(outline, land(scope)))


def gap_rows(scope: Scope) -> Select[Any]:
    """Select the gaps, overlaps, unassigned and cut buildings of the scope."""
    village = Area.__table__.alias("village")
    return (
        select(
            Gap.id,
            Gap.territory,
            Gap.outline.label("geom"),
            Gap.outline_tile.label("tile"),
            Gap.kind,
            Gap.area_m2,
            Gap.grid_codes,
            Gap.found_at,
            village.c.name.label("village"),
        )
        .outerjoin(village, village.c.territory == Gap.territory - Gap.territory % 1000)
        .where(scope.holds(Gap.territory))
    )
