"""Views of the list that somebody keeps: a label and the filters of an address; one of them opens first."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    ForeignKey,
    Identity,
    Index,
    Text,
    UniqueConstraint,
    delete,
    func,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, Session, mapped_column

from gis import audit
from gis.database import Base
from gis.errors import Conflict, Invalid, NotFound
from gis.private import refuse
from gis.viewer import Viewer
from gis.words import N_

LONGEST_LABEL = 40
MOST_VIEWS = 30


class CaseView(Base):
    """A view that a user keeps; row security shows everyone the own ones only."""

    __tablename__ = "case_views"
    __table_args__ = (
        UniqueConstraint("user_id", "label"),
        Index("uq_case_views_user_id_first", "user_id", unique=True, postgresql_where=text("first")),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    label: Mapped[str] = mapped_column(Text)
    filters: Mapped[dict[str, str]] = mapped_column(JSONB)
    first: Mapped[bool] = mapped_column(Boolean, server_default="false")


def kept(session: Session, viewer: Viewer) -> list[CaseView]:
    """Return the views that the viewer keeps, by label."""
    viewer.require("case.view")
    return list(session.scalars(select(CaseView).where(CaseView.user_id == viewer.user_id).order_by(CaseView.label)))


def first(session: Session, viewer: Viewer) -> CaseView | None:
    """Return the view that the list opens with, None when it opens as it is."""
    viewer.require("case.view")
    return session.scalar(select(CaseView).where(CaseView.user_id == viewer.user_id, CaseView.first))


def keep(session: Session, viewer: Viewer, label: str, filters: dict[str, str]) -> CaseView:
    """Keep filters under a label that the viewer has not used yet."""
    viewer.require("case.view")
    said = checked(session, viewer, label)
    refuse(*filters.values())
    if len(kept(session, viewer)) >= MOST_VIEWS:
        raise Invalid(N_("At most %(most)s views are kept; delete one first."), most=MOST_VIEWS)
    made = CaseView(user_id=viewer.user_id, label=said, filters=filters)
    session.add(made)
    session.flush()
    audit.record(session, viewer, "view.keep", said)
    return made


def rename(session: Session, viewer: Viewer, view_id: int, label: str) -> None:
    """Give a view another label."""
    viewer.require("case.view")
    said = checked(session, viewer, label, but=view_id)
    _change(session, viewer, view_id, label=said)
    audit.record(session, viewer, "view.rename", said)


def open_first(session: Session, viewer: Viewer, view_id: int, first: bool) -> None:
    """Let a view be what the list opens with, or no view any more."""
    viewer.require("case.view")
    if first:
        mine = update(CaseView).where(CaseView.user_id == viewer.user_id)
        session.execute(mine.values(first=False).execution_options(synchronize_session=False))
    _change(session, viewer, view_id, first=first)
    audit.record(session, viewer, "view.first", str(view_id), first=first)


def drop(session: Session, viewer: Viewer, view_id: int) -> None:
    """Delete a view."""
    viewer.require("case.view")
    gone = delete(CaseView).where(CaseView.id == view_id, CaseView.user_id == viewer.user_id)
    if session.scalar(gone.returning(CaseView.id)) is None:
        raise NotFound(N_("There is no such view of yours."))
    audit.record(session, viewer, "view.drop", str(view_id))


def checked(session: Session, viewer: Viewer, label: str, but: int = 0) -> str:
    """Return a label, trimmed; raises Invalid for one that is empty, too long or in use."""
    said = " ".join(label.split())
    if not 0 < len(said) <= LONGEST_LABEL:
        raise Invalid(N_("A view needs a label of 1 to %(most)s characters."), most=LONGEST_LABEL)
    refuse(said)
    same = select(func.count()).where(CaseView.user_id == viewer.user_id, CaseView.label == said, CaseView.id != but)
    if session.scalar(same):
        raise Conflict(N_("You keep a view “%(label)s” already."), label=said)
    return said


def _change(session: Session, viewer: Viewer, view_id: int, **values: Any) -> None:
    changed = update(CaseView).where(CaseView.id == view_id, CaseView.user_id == viewer.user_id).values(**values)
    made = session.scalar(changed.returning(CaseView.id).execution_options(synchronize_session=False))
    if made is None:
        raise NotFound(N_("There is no such view of yours."))
