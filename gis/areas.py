"""The tree district › town or street › village or community: reference data that every other row hangs on."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, Select, Text, column, func, literal, select, table, true
from sqlalchemy.dialects.postgresql import DATERANGE
from sqlalchemy.orm import Mapped, Session, mapped_column

from gis.database import Base, Territorial, one_of, polygons, polygons_in_tiles
from gis.errors import NotFound
from gis.scope import Scope
from gis.viewer import Viewer, ancestors, level, span
from gis.words import N_

KINDS = {
    "district": N_("district"),
    "street": N_("subdistrict"),
    "town": N_("town"),
    "township": N_("township"),
    "village": N_("village"),
    "community": N_("community"),
}
LEVELS = {"district": N_("district"), "town": N_("town or street"), "village": N_("village or community")}


class Area(Territorial, Base):
    """A district, a town or street, or a village or community, with its 12-digit division code."""

    __tablename__ = "areas"
    __table_args__ = (
        CheckConstraint(r"code ~ '^\d{12}$'", name="code_12_digits"),
        CheckConstraint("territory = (code || '000')::bigint", name="territory_of_code"),
        CheckConstraint("st_isvalid(outline)", name="outline_valid"),
        CheckConstraint("(level = 'district') = (parent_code IS NULL)", name="parent_unless_district"),
        CheckConstraint("(level = 'village') = (right(code, 3) <> '000')", name="level_of_code"),
        one_of("level", "district", "town", "village"),
        one_of("kind", *KINDS),
        Index("ix_areas_outline", "outline", postgresql_using="gist"),
        Index("ix_areas_outline_tile", "outline_tile", postgresql_using="gist"),
        Index("ix_areas_name", "name", postgresql_using="gin", postgresql_ops={"name": "gin_trgm_ops"}),
    )

    code: Mapped[str] = mapped_column(Text, primary_key=True)
    parent_code: Mapped[str | None] = mapped_column(ForeignKey("areas.code"), index=True)
    level: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    name_en: Mapped[str | None] = mapped_column(Text)
    outline = polygons()
    outline_tile = polygons_in_tiles()


def above(viewer: Viewer, code: str) -> bool:
    """Tell whether the area lies above the viewer's territory: its name may be shown, its figures not."""
    return any(code in ancestors(own) for own in viewer.territory.codes)


def crumbs(code: str) -> Select[str, str, str]:
    """Select code, name and level of the areas above a code and of itself, the district first."""
    codes = [*ancestors(code), code[:12]] if level(code) != "grid" else ancestors(code)
    return (
        select(Area.code, Area.name, Area.level)
        .where(Area.code.in_(codes))
        .order_by(func.length(Area.code), Area.territory)
    )


def children(code: str, day: date) -> Select[str, str, str]:
    """Select code, name and level of what is directly below a code: areas, or the grids of a village on a day."""
    if level(code) == "village":
        return grids_of(code, day)
    return select(Area.code, Area.name, Area.level).where(Area.parent_code == code).order_by(Area.code)


@dataclass(frozen=True)
class Whereabouts:
    """Where an area or a grid lies in the tree: itself, what is above, what is below, west-south-east-north."""

    area: Any
    crumbs: list[Any]
    children: list[Any]
    box: tuple[float, float, float, float]


def box(session: Session, code: str, day: date) -> tuple[float, float, float, float] | None:
    """Return west, south, east, north of an area, or of a grid's outline on a day; None when nothing bears the code."""
    grid = level(code) == "grid"
    outlines = table(
        "grid_outlines" if grid else "areas", column("code"), column("outline"), column("valid", DATERANGE)
    )
    extent = func.st_extent(outlines.c.outline)
    edges = select(func.st_xmin(extent), func.st_ymin(extent), func.st_xmax(extent), func.st_ymax(extent))
    on_day = outlines.c.valid.contains(day) if grid else true()
    west, south, east, north = session.execute(edges.where(outlines.c.code == code, on_day)).one()
    return None if west is None else (west, south, east, north)


def part(session: Session, viewer: Viewer, code: str, day: date) -> tuple[float, float, float, float] | None:
    """Return the box of what an area shares with the viewer's territory, None when nothing of it is there that day."""
    boxes = [found for own in viewer.territory.within(code) if (found := box(session, own, day)) is not None]
    if not boxes:
        return None
    west, south, east, north = zip(*boxes, strict=True)
    return min(west), min(south), max(east), max(north)


def whereabouts(session: Session, viewer: Viewer, code: str, day: date) -> Whereabouts:
    """Return an area's or a grid's place in the tree, with the children that share something with the territory."""
    viewer.require("map.view")
    bounds = part(session, viewer, code, day)
    if bounds is None:
        raise NotFound(N_("There is no area or grid %(code)s in your territory on this day."), code=code)
    path = list(session.execute(crumbs(code)))
    below = [] if level(code) == "grid" else list(session.execute(children(code, day)))
    own = grids_of(code[:12], day).where(column("code") == code) if level(code) == "grid" else None
    area = path[-1] if own is None else session.execute(own).one()
    return Whereabouts(area, path if own is None else [*path, area], [c for c in below if near(viewer, c.code)], bounds)


def near(viewer: Viewer, code: str) -> bool:
    """Tell whether an area shares something with the viewer's territory."""
    return viewer.territory.holds(code) or above(viewer, code)


def grids_of(village: str, day: date) -> Select[str, str, str]:
    """Select code, name and level of the grids of a village that were in force on a day."""
    low, high = span(village)
    outlines = table("grid_outlines", column("code"), column("name"), column("territory"), column("valid", DATERANGE))
    found = select(outlines.c.code, outlines.c.name, literal("grid").label("level"))
    return found.where(outlines.c.territory.between(low, high), outlines.c.valid.contains(day)).order_by(
        outlines.c.code
    )


def names(session: Session, codes: Collection[str]) -> dict[str, str]:
    """Return the names of areas by their codes."""
    found = select(Area.code, Area.name).where(Area.code.in_(sorted(codes)))
    return dict(session.execute(found).all())


def held(session: Session, viewer: Viewer) -> list[Any]:
    """Return code, name, level and parent_code of the towns and villages that lie in the viewer's territory."""
    columns = (Area.code, Area.name, Area.level, Area.parent_code)
    found = session.execute(select(*columns).where(Area.level != "district").order_by(Area.code))
    return [row for row in found if viewer.territory.holds(row.code)]


def rows(scope: Scope) -> Select[Any]:
    """Select the areas of the scope with the names of the areas above them."""
    parent = Area.__table__.alias("parent")
    return (
        select(
            Area.territory.label("id"),
            Area.territory,
            Area.outline.label("geom"),
            Area.outline_tile.label("tile"),
            Area.code,
            Area.name,
            Area.name_en,
            Area.level,
            Area.kind,
            Area.parent_code,
            parent.c.name.label("parent"),
        )
        .outerjoin(parent, parent.c.code == Area.parent_code)
        .where(scope.holds(Area.territory))
    )


def synthetic(session: Session) -> bool:
    """Tell whether the database holds a made-up district."""
    return bool(session.scalar(select(column("is_so")).select_from(table("synthetic"))))


def villages_of(session: Session, viewer: Viewer) -> list[Any]:
    """Return code and name of the villages of the viewer's territory."""
    viewer.require("map.view")
    found = session.execute(select(Area.code, Area.name).where(Area.level == "village").order_by(Area.code))
    return [each for each in found if viewer.territory.holds(each.code)]
