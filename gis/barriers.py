"""Roads, rivers, rails and walls: what a grid line follows, and the backdrop of every map."""

from __future__ import annotations

from typing import Any

from geoalchemy2 import Geometry
from sqlalchemy import BigInteger, CheckConstraint, Computed, Identity, Index, Select, Text, func, literal, select
from sqlalchemy.orm import Mapped, mapped_column

from gis.boundaries import land
from gis.database import SRID, TILE_SRID, Base, one_of
from gis.scope import Scope
from gis.words import N_

KINDS = {"road": N_("road"), "river": N_("river or water"), "rail": N_("railway"), "wall": N_("wall")}
RANKS = {"arterial": N_("arterial"), "major": N_("major"), "minor": N_("minor"), "path": N_("path")}


class Barrier(Base):
    """A line or a water surface that a grid line follows; it belongs to no area and is seen where it touches one."""

    __tablename__ = "barriers"
    __table_args__ = (
        CheckConstraint("st_isvalid(line)", name="line_valid"),
        CheckConstraint("geometrytype(line) IN ('MULTILINESTRING', 'MULTIPOLYGON')", name="line_or_surface"),
        one_of("kind", *KINDS),
        one_of("rank", *RANKS),
        Index("ix_barriers_line", "line", postgresql_using="gist"),
        Index("ix_barriers_line_tile", "line_tile", postgresql_using="gist"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    kind: Mapped[str] = mapped_column(Text)
    rank: Mapped[str] = mapped_column(Text, server_default="minor")
    name: Mapped[str | None] = mapped_column(Text)
    source: Mapped[str | None] = mapped_column(Text)
    line = mapped_column(Geometry("GEOMETRY", SRID, spatial_index=False), nullable=False)
    line_tile = mapped_column(
        Geometry("GEOMETRY", TILE_SRID, spatial_index=False), Computed(f"st_transform(line, {TILE_SRID})", True)
    )


def rows(scope: Scope) -> Select[Any]:
    """Select the roads, waters, rails and walls that touch the ground of the scope, whole."""
    return select(
        Barrier.id,
        literal(None, BigInteger).label("territory"),
        Barrier.line.label("geom"),
        Barrier.line_tile.label("tile"),
        Barrier.kind,
        Barrier.rank,
        Barrier.name,
    ).where(func.st_intersects(Barrier.line, land(scope)))
