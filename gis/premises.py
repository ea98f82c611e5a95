"""Buildings and households: polygons, counts and dates; no person has a row."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ColumnElement,
    Date,
    ForeignKey,
    Identity,
    Index,
    Integer,
    Select,
    SmallInteger,
    Text,
    func,
    or_,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Mapped, Session, mapped_column

from gis.boundaries import Grid
from gis.database import TILE_SRID, Base, Dated, Territorial, centre_of, one_of, polygons, polygons_in_tiles
from gis.scope import Scope
from gis.viewer import Viewer
from gis.words import N_

BUILDING_KINDS = {
    "residential": N_("residential block"),
    "homestead": N_("homestead"),
    "commercial": N_("shop or market"),
    "office": N_("office"),
    "school": N_("school"),
    "hospital": N_("hospital"),
    "factory": N_("factory or workshop"),
    "public": N_("public building"),
    "other": N_("other building"),
}
HONOUR_KINDS = {"model_building": N_("model building"), "model_compound": N_("model compound")}
BORNE = text("ended_on IS NULL")
PROJECT_STAGES = {
    "planned": N_("planned"),
    "under_way": N_("under way"),
    "accepted": N_("completed and accepted"),
}


class Building(Territorial, Base):
    """A building; it belongs to the grid that holds its representative point."""

    __tablename__ = "buildings"
    __table_args__ = (
        CheckConstraint("st_isvalid(outline)", name="outline_valid"),
        CheckConstraint("floors >= 0 AND households >= 0 AND residents >= 0", name="counts_not_negative"),
        one_of("kind", *BUILDING_KINDS),
        Index("ix_buildings_grid_id", "grid_id", postgresql_include=["households", "territory"]),
        Index("ix_buildings_outline", "outline", postgresql_using="gist"),
        Index("ix_buildings_outline_tile", "outline_tile", postgresql_using="gist"),
        Index("ix_buildings_centre_tile", "centre_tile", postgresql_using="gist"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    grid_id: Mapped[int | None] = mapped_column(ForeignKey("grids.id"))
    code: Mapped[str | None] = mapped_column(Text, unique=True)
    name: Mapped[str | None] = mapped_column(Text)
    compound: Mapped[str | None] = mapped_column(Text)
    address: Mapped[str | None] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text, server_default="other")
    floors: Mapped[int] = mapped_column(SmallInteger, server_default="1")
    households: Mapped[int] = mapped_column(Integer, server_default="0")
    residents: Mapped[int] = mapped_column(Integer, server_default="0")
    source: Mapped[str | None] = mapped_column(Text)
    outline = polygons()
    outline_tile = polygons_in_tiles()
    centre_tile = centre_of(srid=TILE_SRID)


class Household(Territorial, Base):
    """A household: a rural homestead, or the flat's share of the footprint with floor and unit."""

    __tablename__ = "households"
    __table_args__ = (
        CheckConstraint("st_isvalid(outline)", name="outline_valid"),
        CheckConstraint("residents >= 0", name="counts_not_negative"),
        one_of("kind", "homestead", "flat"),
        Index("ix_households_outline_tile", "outline_tile", postgresql_using="gist"),
        Index("ix_households_centre_tile", "centre_tile", postgresql_using="gist"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    building_id: Mapped[int] = mapped_column(ForeignKey("buildings.id"), index=True)
    grid_id: Mapped[int | None] = mapped_column(ForeignKey("grids.id"), index=True)
    kind: Mapped[str] = mapped_column(Text, server_default="flat")
    label: Mapped[str] = mapped_column(Text)
    unit: Mapped[str | None] = mapped_column(Text)
    floor: Mapped[int | None] = mapped_column(SmallInteger)
    residents: Mapped[int] = mapped_column(SmallInteger, server_default="0")
    registered_on: Mapped[date | None] = mapped_column(Date)
    outline = polygons()
    outline_tile = polygons_in_tiles()
    centre_tile = centre_of(srid=TILE_SRID)


class Honour(Territorial, Base):
    """An honour of a building or a compound for a year, until a day from which it is not borne any more."""

    __tablename__ = "honours"
    __table_args__ = (
        one_of("kind", *HONOUR_KINDS),
        Index("uq_honours_borne", "building_id", "kind", "year", unique=True, postgresql_where=BORNE),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    building_id: Mapped[int] = mapped_column(ForeignKey("buildings.id"), index=True)
    kind: Mapped[str] = mapped_column(Text)
    year: Mapped[int] = mapped_column(SmallInteger)
    ended_on: Mapped[date | None] = mapped_column(Date)


class Project(Territorial, Dated, Base):
    """A project on the ground, such as the renovation of an old compound, with its stage."""

    __tablename__ = "projects"
    __table_args__ = (
        CheckConstraint("st_isvalid(outline)", name="outline_valid"),
        one_of("stage", *PROJECT_STAGES),
        Index("ix_projects_outline", "outline", postgresql_using="gist"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    area_code: Mapped[str] = mapped_column(ForeignKey("areas.code"), index=True)
    name: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text, server_default="renovation")
    stage: Mapped[str] = mapped_column(Text)
    budget_band: Mapped[str | None] = mapped_column(Text)
    lead_body: Mapped[str] = mapped_column(Text)
    started_on: Mapped[date | None] = mapped_column(Date)
    completed_on: Mapped[date | None] = mapped_column(Date)
    outline = polygons()


def held_on(day: date) -> ColumnElement[bool]:
    """Return the condition that an honour is borne on a day."""
    return or_(Honour.ended_on.is_(None), Honour.ended_on > day)


def building_rows(scope: Scope) -> Select[Any]:
    """Select the buildings of the scope with the code of their grid and their newest honour."""
    newest = select(Honour.building_id, Honour.kind).where(held_on(scope.day)).ext(distinct_on(Honour.building_id))
    honour = newest.order_by(Honour.building_id, Honour.year.desc()).subquery("honour")
    return (
        select(
            Building.id,
            Building.territory,
            Building.outline.label("geom"),
            Building.outline_tile.label("tile"),
            Building.centre_tile.label("centre"),
            Building.code,
            Building.name,
            Building.compound,
            Building.address,
            Building.kind,
            Building.floors,
            Building.households,
            Building.residents,
            Grid.code.label("grid_code"),
            honour.c.kind.label("honour"),
        )
        .outerjoin(Grid, Grid.id == Building.grid_id)
        .outerjoin(honour, honour.c.building_id == Building.id)
        .where(scope.holds(Building.territory))
    )


def household_rows(scope: Scope) -> Select[Any]:
    """Select the households of the scope: place, label and dates."""
    return (
        select(
            Household.id,
            Household.territory,
            Household.outline.label("geom"),
            Household.outline_tile.label("tile"),
            Household.centre_tile.label("centre"),
            Household.kind,
            Household.label,
            Household.unit,
            Household.floor,
            Household.registered_on,
            Household.building_id,
            Grid.code.label("grid_code"),
        )
        .outerjoin(Grid, Grid.id == Household.grid_id)
        .where(scope.holds(Household.territory))
    )


def honoured(session: Session, viewer: Viewer, grid_id: int) -> int:
    """Return how many buildings of a grid bear an honour."""
    viewer.require("building.view")
    counted = select(func.count(Honour.building_id.distinct())).join(Building, Building.id == Honour.building_id)
    return session.scalar(counted.where(Building.grid_id == grid_id, held_on(viewer.day))) or 0
