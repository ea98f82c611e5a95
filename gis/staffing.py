"""Who is assigned where, in which role, from when to when: people who work with the system, teams, and bare counts."""

from __future__ import annotations

from datetime import date
from typing import Any

from geoalchemy2 import Geometry
from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    ColumnElement,
    Date,
    ForeignKey,
    Identity,
    Index,
    Integer,
    Select,
    Text,
    and_,
    case,
    func,
    or_,
    select,
    type_coerce,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from gis.areas import Area
from gis.boundaries import Grid, GridOutline
from gis.database import SRID, TILE_SRID, Base, Dated, Territorial, one_of
from gis.scope import Scope
from gis.viewer import Viewer
from gis.words import N_

ROLES = {
    "grid_leader": N_("grid leader"),
    "grid_worker": N_("grid worker"),
    "micro_grid_head": N_("micro-grid head"),
    "link_cadre": N_("link cadre"),
    "sunken_cadre": N_("office cadre seconded to the grid"),
    "legal_adviser": N_("legal adviser"),
    "judge": N_("judge"),
    "prosecutor": N_("prosecutor"),
    "police_officer": N_("police officer"),
    "village_manager": N_("village or community manager"),
}
LEGAL_FORCES = ("judge", "prosecutor", "police_officer", "legal_adviser")
FORCES = {
    "administrative": N_("administrative force"),
    "political_legal": N_("political and legal force"),
    "law_enforcement": N_("law-enforcement force"),
    "social": N_("social force"),
}


class Staff(Territorial, Base):
    """Someone who works with the system: a display name and a work phone, nothing else."""

    __tablename__ = "staff"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    work_phone: Mapped[str | None] = mapped_column(Text)
    employer: Mapped[str | None] = mapped_column(Text)
    active: Mapped[bool] = mapped_column(Boolean, server_default="true")


class Team(Territorial, Base):
    """A corps, or with a parent a squad of it: kind of force, size and service area."""

    __tablename__ = "teams"
    __table_args__ = (
        one_of("force", *FORCES),
        CheckConstraint("size >= 0", name="size_not_negative"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("teams.id"), index=True)
    force: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    size: Mapped[int] = mapped_column(Integer, server_default="0")
    area_code: Mapped[str] = mapped_column(ForeignKey("areas.code"), index=True)


class Assignment(Territorial, Dated, Base):
    """A role on a grid or an area for a time: held by a member of staff, by a team, or by a bare headcount."""

    __tablename__ = "assignments"
    __table_args__ = (
        one_of("role", *ROLES),
        one_of("employment", "full_time", "part_time"),
        CheckConstraint("num_nonnulls(grid_id, area_code) = 1", name="one_target"),
        CheckConstraint("num_nonnulls(staff_id, team_id) <= 1", name="one_holder"),
        CheckConstraint("headcount >= 1", name="someone"),
        Index("ix_assignments_role_grid_id", "role", "grid_id"),
        Index("ix_assignments_role_area_code", "role", "area_code"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    role: Mapped[str] = mapped_column(Text)
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"), index=True)
    team_id: Mapped[int | None] = mapped_column(ForeignKey("teams.id"), index=True)
    headcount: Mapped[int] = mapped_column(Integer, server_default="1")
    grid_id: Mapped[int | None] = mapped_column(ForeignKey("grids.id"), index=True)
    area_code: Mapped[str | None] = mapped_column(ForeignKey("areas.code"), index=True)
    employment: Mapped[str | None] = mapped_column(Text)
    is_primary: Mapped[bool] = mapped_column(Boolean, server_default="false")
    contract_ends_on: Mapped[date | None] = mapped_column(Date)
    last_visit_on: Mapped[date | None] = mapped_column(Date)


def rows(scope: Scope, days: ColumnElement[bool] | None = None) -> Select[Any]:
    """Select the assignments of the scope at the middle of the grid or area they are for.

    Those that hold on the day, or those of other `days`.
    """
    area = Area.__table__.alias("area")
    middle = func.coalesce(GridOutline.centre, func.st_pointonsurface(area.c.outline))
    return (
        select(
            Assignment.id,
            Assignment.territory,
            type_coerce(middle, Geometry("POINT", SRID)).label("geom"),
            type_coerce(func.st_transform(middle, TILE_SRID), Geometry("POINT", TILE_SRID)).label("tile"),
            Assignment.role,
            Assignment.headcount,
            Assignment.employment,
            Staff.name,
            Staff.work_phone,
            func.coalesce(GridOutline.code, area.c.code).label("code"),
            func.coalesce(GridOutline.name, area.c.name).label("place"),
            func.lower(Assignment.valid).label("since"),
            Assignment.contract_ends_on,
        )
        .outerjoin(Staff, Staff.id == Assignment.staff_id)
        .outerjoin(GridOutline, and_(GridOutline.grid_id == Assignment.grid_id, GridOutline.valid.contains(scope.day)))
        .outerjoin(area, area.c.code == Assignment.area_code)
        .where(scope.holds(Assignment.territory), Assignment.valid.contains(scope.day) if days is None else days)
    )


def on_duty(session: Session, viewer: Viewer, grid_id: int, day: date) -> list[Any]:
    """Return role, name, phone, headcount and first day of everyone assigned to a grid or its village on a day."""
    viewer.require("map.view")
    village = select(Grid.village_code).where(Grid.id == grid_id).scalar_subquery()
    order = case({role: place for place, role in enumerate(ROLES)}, value=Assignment.role)
    duty = (
        select(
            Assignment.role,
            Staff.name,
            Staff.work_phone,
            Assignment.headcount,
            Assignment.employment,
            func.lower(Assignment.valid).label("since"),
            Assignment.contract_ends_on,
        )
        .outerjoin(Staff, Staff.id == Assignment.staff_id)
        .where(or_(Assignment.grid_id == grid_id, Assignment.area_code == village), Assignment.valid.contains(day))
        .order_by(order, Assignment.is_primary.desc(), Staff.name)
    )
    return list(session.execute(duty))


RANKS = {"corps": N_("corps"), "squad": N_("squad")}


def team_rows(scope: Scope) -> Select[Any]:
    """Select the corps and squads of the scope over the area that each serves."""
    corps, area = Team.__table__.alias("corps"), Area.__table__.alias("area")
    return (
        select(
            Team.id,
            Team.territory,
            area.c.outline.label("geom"),
            area.c.outline_tile.label("tile"),
            Team.name,
            Team.force,
            case((Team.parent_id.is_(None), "corps"), else_="squad").label("rank"),
            corps.c.name.label("corps"),
            Team.size,
            Team.area_code.label("code"),
            area.c.name.label("place"),
        )
        .join(area, area.c.code == Team.area_code)
        .outerjoin(corps, corps.c.id == Team.parent_id)
        .where(scope.holds(Team.territory))
    )


def covering(session: Session, viewer: Viewer, code: str) -> list[Team]:
    """Return the squads and corps that serve a grid: those of its village, then those of its town."""
    viewer.require("map.view")
    areas = [code[:12], code[:9].ljust(12, "0")]
    found = select(Team).where(Team.area_code.in_(areas))
    return list(session.scalars(found.order_by(Team.area_code.desc(), Team.id)))


def teams(session: Session, viewer: Viewer, scope: Scope, force: str = "") -> list[Any]:
    """Return the corps and squads of the scope, each corps with its squads behind it."""
    viewer.require("map.view")
    found = team_rows(scope).subquery("found")
    shown = [found.c[name] for name in ("id", "name", "force", "rank", "corps", "size", "code", "place")]
    query = select(*shown).order_by(func.coalesce(found.c.corps, found.c.name), found.c.rank, found.c.code)
    return list(session.execute(query.where(found.c.force == force) if force else query))
