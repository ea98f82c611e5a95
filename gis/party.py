"""The five-tier Party organisation and the functional branches, with member counts and never member lists."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Date,
    ForeignKey,
    Identity,
    Index,
    Integer,
    Select,
    Text,
    or_,
    select,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from gis.boundaries import Grid
from gis.database import Base, Dated, Territorial, one_of, place, place_in_tiles
from gis.scope import Scope
from gis.viewer import Viewer, ancestors
from gis.words import N_

TIERS = {
    1: N_("town or street Party committee"),
    2: N_("village or community Party organisation"),
    3: N_("grid Party branch"),
    4: N_("homestead or building Party group"),
    5: N_("Party-member contact household"),
}
KINDS = {
    "town_committee": TIERS[1],
    "village_org": TIERS[2],
    "grid_branch": TIERS[3],
    "party_group": TIERS[4],
    "contact_household": TIERS[5],
    "functional_branch": N_("functional branch"),
}
FORMS = {
    "committee": N_("committee"),
    "general_branch": N_("general branch"),
    "branch": N_("branch"),
    "group": N_("group"),
    "contact_household": N_("contact household"),
}
PARTY_CADRE = "party_cadre"
HOSTS = {
    PARTY_CADRE: N_("Party cadre"),
    "town_leader": N_("leader of the town or street"),
    "village_secretary": N_("secretary of the village or community"),
    "link_cadre": N_("link cadre"),
    "grid_leader": N_("grid leader"),
    "legal_adviser": N_("legal adviser"),
}
"""Who receives residents on a reception day."""
FORCES = {"sunken_force": N_("seconded forces"), "social_force": N_("social forces")}


class Organisation(Territorial, Dated, Base):
    """A Party organisation: one of the five tiers, or a functional branch beside them (tier empty)."""

    __tablename__ = "organisations"
    __table_args__ = (
        CheckConstraint("tier BETWEEN 1 AND 5", name="tier_1_to_5"),
        CheckConstraint(
            "(kind = 'functional_branch') = (force IS NOT NULL AND tier IS NULL)", name="force_if_functional"
        ),
        CheckConstraint("member_count >= 0", name="members_not_negative"),
        CheckConstraint("num_nonnulls(area_code, grid_id) = 1", name="one_place"),
        one_of("kind", *KINDS),
        one_of("form", *FORMS),
        one_of("force", *FORCES),
        Index("ix_organisations_point_tile", "point_tile", postgresql_using="gist"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("organisations.id"), index=True)
    tier: Mapped[int | None] = mapped_column(Integer)
    kind: Mapped[str] = mapped_column(Text, index=True)
    form: Mapped[str] = mapped_column(Text)
    force: Mapped[str | None] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    member_count: Mapped[int] = mapped_column(Integer, server_default="0")
    is_joint: Mapped[bool] = mapped_column(Boolean, server_default="false")
    contact_phone: Mapped[str | None] = mapped_column(Text)
    area_code: Mapped[str | None] = mapped_column(ForeignKey("areas.code"), index=True)
    grid_id: Mapped[int | None] = mapped_column(ForeignKey("grids.id"), index=True)
    point = place()
    point_tile = place_in_tiles()


class OrganisationGrid(Base):
    """A grid that a grid branch covers: its own, or one of several when the branch is joint."""

    __tablename__ = "organisation_grids"

    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id", ondelete="CASCADE"), primary_key=True)
    grid_id: Mapped[int] = mapped_column(ForeignKey("grids.id"), primary_key=True, index=True)


class Cancellable:
    """What every meeting bears: how often it was changed, and why it was cancelled."""

    revision: Mapped[int] = mapped_column(Integer, server_default="1")
    cancelled: Mapped[str | None] = mapped_column(Text)


class ReceptionDay(Cancellable, Territorial, Base):
    """A monthly day on which cadres receive residents: who came is a number, never a name."""

    __tablename__ = "reception_days"
    __table_args__ = (
        CheckConstraint("received >= 0 AND cases_opened >= 0", name="counts_not_negative"),
        one_of("host_role", *HOSTS),
        Index("ix_reception_days_point_tile", "point_tile", postgresql_using="gist"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    area_code: Mapped[str] = mapped_column(ForeignKey("areas.code"), index=True)
    held_on: Mapped[date] = mapped_column(Date, index=True)
    site: Mapped[str] = mapped_column(Text)
    host_role: Mapped[str] = mapped_column(Text)
    received: Mapped[int | None] = mapped_column(Integer)
    cases_opened: Mapped[int | None] = mapped_column(Integer)
    point = place()
    point_tile = place_in_tiles()


class ReceptionCase(Base):
    """A case that was opened on a reception day."""

    __tablename__ = "reception_cases"

    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"), primary_key=True)
    reception_id: Mapped[int] = mapped_column(ForeignKey("reception_days.id"), index=True)


class CouncilMeeting(Cancellable, Territorial, Base):
    """A meeting of a community's deliberation council: topic, outcome and the case that came of it."""

    __tablename__ = "council_meetings"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    area_code: Mapped[str] = mapped_column(ForeignKey("areas.code"), index=True)
    held_on: Mapped[date] = mapped_column(Date, index=True)
    topic: Mapped[str] = mapped_column(Text)
    outcome: Mapped[str | None] = mapped_column(Text)
    case_id: Mapped[int | None] = mapped_column(ForeignKey("cases.id"), index=True)
    project_id: Mapped[int | None] = mapped_column(ForeignKey("projects.id"), index=True)


def rows(scope: Scope) -> Select[Any]:
    """Select the organisations of the scope that exist on the day, with their parent and member count."""
    parent = Organisation.__table__.alias("parent")
    return (
        select(
            Organisation.id,
            Organisation.territory,
            Organisation.point.label("geom"),
            Organisation.point_tile.label("tile"),
            Organisation.tier,
            Organisation.kind,
            Organisation.form,
            Organisation.force,
            Organisation.name,
            Organisation.member_count,
            Organisation.is_joint,
            Organisation.contact_phone,
            parent.c.name.label("parent"),
            Grid.code.label("grid_code"),
            Organisation.area_code,
        )
        .outerjoin(parent, parent.c.id == Organisation.parent_id)
        .outerjoin(Grid, Grid.id == Organisation.grid_id)
        .where(scope.holds(Organisation.territory), Organisation.valid.contains(scope.day))
    )


def chain(session: Session, viewer: Viewer, grid_id: int, day: date) -> list[Organisation]:
    """Return the organisations above and in a grid, tier by tier, with the functional branches of its village."""
    viewer.require("map.view")
    grid = session.get_one(Grid, grid_id)
    covering = select(OrganisationGrid.organisation_id).where(OrganisationGrid.grid_id == grid_id)
    here = or_(
        Organisation.grid_id == grid_id,
        Organisation.id.in_(covering),
        Organisation.area_code.in_([*ancestors(grid.code)[1:]]),
    )
    found = select(Organisation).where(here, Organisation.valid.contains(day))
    return list(session.scalars(found.order_by(Organisation.tier.nulls_last(), Organisation.id)))
