"""What a plan is made of: its grids, the grid of each cell, and the log that both follow from."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Date,
    DateTime,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Index,
    Integer,
    Text,
    UniqueConstraint,
    func,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from gis.boundaries import KINDS
from gis.database import Base, Territorial, one_of
from gis.scope import ZONE
from gis.words import N_

STATUSES = {
    "draft": N_("draft"),
    "submitted": N_("submitted"),
    "approved": N_("approved"),
    "published": N_("published"),
    "superseded": N_("superseded"),
    "dropped": N_("dropped"),
}
STANDINGS = {**STATUSES, "returned": N_("returned for mending")}
"""How a plan stands → what that is called; only the statuses are stored."""
EVENT_KINDS = {
    "paint": N_("painted"),
    "push": N_("pushed a border"),
    "split": N_("split a grid"),
    "merge": N_("merged grids"),
    "create": N_("created a grid"),
    "change": N_("changed a grid"),
    "retire": N_("retired a grid"),
    "lock": N_("locked"),
    "unlock": N_("unlocked"),
    "suggest": N_("took a suggestion"),
    "import": N_("imported an assignment"),
    "carry": N_("carried over to new cells"),
    "restore": N_("went back to what was in force"),
    "follow": N_("followed what came into force"),
    "undo": N_("undid"),
    "redo": N_("did again"),
}


NO_STROKES = ("carry", "restore", "follow")
"""Events that lay many cells at once and that nobody drew: they are not undone."""


class Plan(Territorial, Base):
    """A draft of new boundaries for a village or a town; `revision` counts its events.

    `fabrics` holds the version of the cells that each village is drawn on, `lines` the newest outline known there.
    """

    __tablename__ = "plans"
    __table_args__ = (
        one_of("status", *STATUSES),
        CheckConstraint("territory = (area_code || '000')::bigint", name="territory_of_area"),
        CheckConstraint("revision >= 0", name="revision_not_negative"),
        CheckConstraint("0 <= households_min AND households_min < households_max", name="range_of_households"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    area_code: Mapped[str] = mapped_column(ForeignKey("areas.code"), index=True)
    name: Mapped[str] = mapped_column(Text)
    note: Mapped[str] = mapped_column(Text, server_default="")
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("plans.id"), index=True)
    status: Mapped[str] = mapped_column(Text, server_default="draft", index=True)
    revision: Mapped[int] = mapped_column(Integer, server_default="0")
    fabrics: Mapped[dict[str, int]] = mapped_column(JSONB, server_default="{}")
    lines: Mapped[dict[str, int]] = mapped_column(JSONB, server_default="{}")
    households_min: Mapped[int] = mapped_column(Integer)
    households_max: Mapped[int] = mapped_column(Integer)
    effective_from: Mapped[date | None] = mapped_column(Date)
    author_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"), index=True)
    author_name: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    submitted_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    reviewer_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"), index=True)
    reviewer_name: Mapped[str | None] = mapped_column(Text)
    reviewed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    published_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    report: Mapped[dict[str, Any] | None] = mapped_column(JSONB, deferred=True)

    @property
    def standing(self) -> str:
        """The status as it is told: a draft that a reviewer gave back is `returned`."""
        return "returned" if self.status == "draft" and self.reviewed_at is not None else self.status

    @property
    def first_day(self) -> date | None:
        """The first day on which it was in force; None until it is published."""
        return None if self.published_at is None else self.published_at.astimezone(ZONE).date()

    @property
    def redrawn(self) -> set[str]:
        """The villages that its publication changed; those of its ground that it left alone are not among them."""
        return set((self.report or {}).get("villages", self.fabrics))

    @classmethod
    def redraws(cls) -> Any:
        """Return the same as an expression: an object's keys, or an array."""
        return func.coalesce(cls.report["villages"], cls.fabrics, type_=JSONB)

    @property
    def eve(self) -> date | None:
        """The last day on which what it replaced was in force; None until it is published."""
        return None if self.first_day is None else self.first_day - timedelta(days=1)


class PlanGrid(Base):
    """A grid as a plan has it: one that is in force (`grid_id`), or a new one; a retired one holds no cell.

    `published_id` is the grid that it became: the one it was, or another where most of its households left; None too
    in a village that the plan left alone.
    """

    __tablename__ = "plan_grids"
    __table_args__ = (
        one_of("kind", *KINDS),
        UniqueConstraint("plan_id", "id"),
        UniqueConstraint("plan_id", "grid_id"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    plan_id: Mapped[int] = mapped_column(ForeignKey("plans.id"))
    village_code: Mapped[str] = mapped_column(ForeignKey("areas.code"), index=True)
    grid_id: Mapped[int | None] = mapped_column(ForeignKey("grids.id"), index=True)
    name: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text, server_default="general")
    locked: Mapped[bool] = mapped_column(Boolean, server_default="false")
    retired: Mapped[bool] = mapped_column(Boolean, server_default="false")
    published_id: Mapped[int | None] = mapped_column(ForeignKey("grids.id"), index=True)


class PlanCell(Base):
    """The grid of a cell in a plan, none when it is unassigned; the key makes overlaps impossible."""

    __tablename__ = "plan_cells"
    __table_args__ = (
        ForeignKeyConstraint(["plan_id", "plan_grid_id"], ["plan_grids.plan_id", "plan_grids.id"]),
        Index("ix_plan_cells_plan_grid_id", "plan_grid_id"),
    )

    plan_id: Mapped[int] = mapped_column(ForeignKey("plans.id"), primary_key=True)
    cell_id: Mapped[int] = mapped_column(ForeignKey("cells.id"), primary_key=True, index=True)
    plan_grid_id: Mapped[int | None] = mapped_column(BigInteger)
    locked: Mapped[bool] = mapped_column(Boolean, server_default="false")


class PlanEvent(Base):
    """One change of a plan, appended and never changed: undo, history, comparison and audit all read this log.

    `payload` holds `cells`, `before` and `after` as lists of equal length (numbers of plan grids, null for none) and
    `grids`, a list of [number, fields before, fields after] (null for a grid that was or is not there).
    """

    __tablename__ = "plan_events"
    __table_args__ = (
        one_of("kind", *EVENT_KINDS),
        UniqueConstraint("plan_id", "seq"),
        UniqueConstraint("plan_id", "key"),
        CheckConstraint("(undoes IS NOT NULL) = (kind IN ('undo', 'redo'))", name="undoes_something"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    plan_id: Mapped[int] = mapped_column(ForeignKey("plans.id"))
    seq: Mapped[int] = mapped_column(Integer)
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"), index=True)
    user_name: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text)
    undoes: Mapped[int | None] = mapped_column(Integer)
    key: Mapped[str | None] = mapped_column(Text)
    payload: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default="{}")


class PlanComment(Base):
    """What a reviewer or a planner says of a plan, or of one grid of it."""

    __tablename__ = "plan_comments"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    plan_id: Mapped[int] = mapped_column(ForeignKey("plans.id"), index=True)
    plan_grid_id: Mapped[int | None] = mapped_column(ForeignKey("plan_grids.id"), index=True)
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"), index=True)
    user_name: Mapped[str] = mapped_column(Text)
    text: Mapped[str] = mapped_column(Text)
