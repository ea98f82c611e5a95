"""What a fabric is made of: versions of a village, cells, and the borders between them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    DateTime,
    Float,
    ForeignKey,
    Identity,
    Index,
    Integer,
    SmallInteger,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from gis.barriers import KINDS as BARRIER_KINDS
from gis.barriers import RANKS
from gis.database import Base, Territorial, one_of, polygons
from gis.words import N_

CELL_KINDS = {"building": N_("land of a building"), "land": N_("open land"), "water": N_("water")}


class Fabric(Territorial, Base):
    """One version of a village's cells; the highest version is the one that is drawn with."""

    __tablename__ = "fabrics"
    __table_args__ = (
        CheckConstraint("territory = (village_code || '000')::bigint", name="territory_of_village"),
        UniqueConstraint("village_code", "version"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    village_code: Mapped[str] = mapped_column(ForeignKey("areas.code"))
    version: Mapped[int] = mapped_column(Integer)
    built_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    cells: Mapped[int] = mapped_column(Integer)


class Cell(Territorial, Base):
    """The land of one building, of one unit of a tower, or of none; good from version `since` to before `until`.

    A cell that a new version leaves as it was keeps its row. `units` names the units of a tower's part; `households`
    and `residents` are those of a part, elsewhere the building's own counts hold.
    """

    __tablename__ = "cells"
    __table_args__ = (
        CheckConstraint("territory = (village_code || '000')::bigint", name="territory_of_village"),
        CheckConstraint("st_isvalid(outline)", name="outline_valid"),
        CheckConstraint("until > since", name="some_version"),
        CheckConstraint("(part IS NULL) = (units IS NULL)", name="part_has_units"),
        one_of("kind", *CELL_KINDS),
        Index("ix_cells_outline", "outline", postgresql_using="gist"),
        Index("ix_cells_current_code", "village_code", "code", unique=True, postgresql_where=text("until IS NULL")),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    village_code: Mapped[str] = mapped_column(ForeignKey("areas.code"))
    code: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text)
    building_id: Mapped[int | None] = mapped_column(ForeignKey("buildings.id", ondelete="SET NULL"), index=True)
    part: Mapped[int | None] = mapped_column(SmallInteger)
    units: Mapped[list[str] | None] = mapped_column(ARRAY(Text))
    households: Mapped[int] = mapped_column(Integer, server_default="0")
    residents: Mapped[int] = mapped_column(Integer, server_default="0")
    area_m2: Mapped[float] = mapped_column(Float)
    perimeter_m: Mapped[float] = mapped_column(Float)
    since: Mapped[int] = mapped_column(Integer)
    until: Mapped[int | None] = mapped_column(Integer)
    outline = polygons()


class CellBorder(Territorial, Base):
    """Where two cells of a village meet: the length they share, what it lies along, and whether one can cross there.

    `blocked` is true along water without a bridge; a `bridge` joins two banks that share no border (length 0).
    """

    __tablename__ = "cell_borders"
    __table_args__ = (
        CheckConstraint("territory = (village_code || '000')::bigint", name="territory_of_village"),
        CheckConstraint("a < b", name="a_before_b"),
        CheckConstraint("length_m >= 1 OR bridge", name="long_enough"),
        one_of("along", *BARRIER_KINDS),
        one_of("rank", *RANKS),
        Index("ix_cell_borders_village_code", "village_code"),
    )

    a: Mapped[int] = mapped_column(ForeignKey("cells.id", ondelete="CASCADE"), primary_key=True)
    b: Mapped[int] = mapped_column(ForeignKey("cells.id", ondelete="CASCADE"), primary_key=True, index=True)
    village_code: Mapped[str] = mapped_column(ForeignKey("areas.code"))
    length_m: Mapped[float] = mapped_column(Float)
    along: Mapped[str | None] = mapped_column(Text)
    rank: Mapped[str | None] = mapped_column(Text)
    blocked: Mapped[bool] = mapped_column(Boolean, server_default="false")
    bridge: Mapped[bool] = mapped_column(Boolean, server_default="false")
