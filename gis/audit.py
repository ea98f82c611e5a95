"""Who did what: every write, log-in and export leaves a row that nobody can change."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, DateTime, ForeignKey, Identity, Integer, Select, Text, func, insert, select, update
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, Session, mapped_column

from gis.database import Base
from gis.viewer import Viewer
from gis.words import N_

ACTIONS = {
    "log_in": N_("logged in"),
    "log_in_failed": N_("could not log in"),
    "log_out": N_("logged out"),
    "change_password": N_("changed the password"),
    "create_user": N_("created an account"),
    "close_user": N_("closed an account"),
    "open_user": N_("opened an account again"),
    "set_password": N_("set the password of an account"),
    "set_territory": N_("changed the territory of an account"),
    "export": N_("exported a layer"),
    "household.look": N_("looked at household outlines"),
    "data.import": N_("imported a file"),
    "load_demo": N_("loaded the demo district"),
    "case.report": N_("reported a case"),
    "case.step": N_("took a step in a case"),
    "case.photo": N_("added a photo to a case"),
    "case.export": N_("took the list of cases away"),
    "visit.record": N_("recorded a visit"),
    "visit.undo": N_("took a visit back"),
    "visit.purge": N_("deleted the visits of more than two years ago"),
    "visit.export": N_("took the visit coverage away"),
    "care.enrol": N_("enrolled a household in the care action"),
    "care.end": N_("ended a care enrolment"),
    "care.hand_over": N_("handed a care enrolment over"),
    "care.visit": N_("recorded a care visit"),
    "care.undo": N_("took a care visit back"),
    "care.tally": N_("counted the care visits of a month"),
    "care.export": N_("took the care figures away"),
    "care.purge": N_("deleted ended care enrolments"),
    "case.together": N_("took a step with several cases"),
    "request.export": N_("took requests away for another system"),
    "case.import": N_("brought cases of another system in"),
    "view.keep": N_("kept a view of the list"),
    "view.rename": N_("renamed a view of the list"),
    "view.first": N_("chose the view that the list opens with"),
    "view.drop": N_("deleted a view of the list"),
    "token.create": N_("made a token for a program"),
    "token.revoke": N_("revoked a token of a program"),
    "stage.put": N_("set the limit of a stage"),
    "stage.end": N_("ended the limit of a stage"),
    "stage.import": N_("replaced the limits of the stages by a table"),
    "case.merge": N_("merged cases as duplicates of one"),
    "call.make": N_("called a volunteer team to a case"),
    "call.answer": N_("noted the answer of a volunteer team"),
    "team.put": N_("added or changed a volunteer team"),
    "team.activity": N_("recorded an activity of a volunteer team"),
    "point.put": N_("added or changed a service point"),
    "team.close": N_("closed a volunteer team from a day on"),
    "point.close": N_("closed a service point from a day on"),
    "resource.export": N_("took a table of volunteers and resources away"),
    "duty.put": N_("set an entry of the duty list"),
    "duty.end": N_("ended an entry of the duty list"),
    "duty.import": N_("replaced the duty list by a table"),
    "calendar.fill": N_("replaced a year of the working calendar"),
    "calendar.put": N_("changed a day of the working calendar"),
    "figure.keep": N_("kept the figures of a month"),
    "figure.export": N_("took the figures of a month away"),
    "post.assign": N_("put somebody on a role"),
    "post.hand_over": N_("handed a post over"),
    "post.end": N_("ended a post"),
    "post.take_back": N_("took back what was arranged of a post"),
    "post.export": N_("took a list of the forces away"),
    "meeting.put": N_("set a meeting"),
    "meeting.cancel": N_("cancelled a meeting"),
    "project.begin": N_("began a project"),
    "project.correct": N_("mended a project"),
    "project.end": N_("set the end of a project"),
    "project.import": N_("brought projects in"),
    "project.stage": N_("changed the stage of a project"),
    "honour.give": N_("gave a building an honour"),
    "honour.end": N_("ended an honour of a building"),
    "fabric.build": N_("built the cells of a village"),
    "plan.create": N_("began a plan"),
    "plan.branch": N_("branched a plan"),
    "plan.change": N_("changed the name, range or day of a plan"),
    "plan.carry": N_("carried a plan over to new cells"),
    "plan.follow": N_("let a plan follow what came into force"),
    "plan.drop": N_("dropped a plan"),
    "plan.submit": N_("handed a plan in"),
    "plan.withdraw": N_("took a plan back before review"),
    "plan.give_back": N_("gave a plan back"),
    "plan.approve": N_("approved a plan"),
    "plan.comment": N_("commented on a plan"),
    "plan.import": N_("brought a file into a plan"),
    "plan.export": N_("took a plan away as a file"),
    "plan.publish": N_("published a plan"),
    "plan.roll_back": N_("began to go back to what was in force"),
}


class AuditEntry(Base):
    """One action of one user; appended, never changed (a trigger refuses)."""

    __tablename__ = "audit_log"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.clock_timestamp(), index=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"), index=True)
    user_name: Mapped[str] = mapped_column(Text)
    action: Mapped[str] = mapped_column(Text, index=True)
    subject: Mapped[str | None] = mapped_column(Text)
    detail: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default="{}")


class ExportEntry(Base):
    """One file that left the house: layer, format, filter, purpose, mask level and rows (empty until it ended)."""

    __tablename__ = "export_log"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.clock_timestamp(), index=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"), index=True)
    user_name: Mapped[str] = mapped_column(Text)
    layer: Mapped[str] = mapped_column(Text)
    format: Mapped[str] = mapped_column(Text)
    filter: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default="{}")
    purpose: Mapped[str] = mapped_column(Text)
    mask_level: Mapped[str] = mapped_column(Text)
    rows: Mapped[int | None] = mapped_column(Integer)
    bytes: Mapped[int | None] = mapped_column(BigInteger)
    ended_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class ImportBatch(Base):
    """One file that came in: who, what, its hash, how many rows and what was found in it."""

    __tablename__ = "import_batches"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.clock_timestamp())
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"), index=True)
    user_name: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text)
    file_name: Mapped[str] = mapped_column(Text)
    sha256: Mapped[str] = mapped_column(Text)
    rows: Mapped[int] = mapped_column(Integer)
    findings: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, server_default="[]")


def record(session: Session, viewer: Viewer, action: str, subject: str | None = None, **detail: Any) -> None:
    """Append one action of the viewer."""
    # Inline: the application's role may append to the log and not read it, so nothing can be returned.
    entry = {
        "user_id": viewer.user_id,
        "user_name": viewer.name,
        "action": action,
        "subject": subject,
        "detail": detail,
    }
    session.execute(insert(AuditEntry).values(entry).inline())


def entries(session: Session, viewer: Viewer) -> Select[AuditEntry]:
    """Select the audit log, the newest first."""
    viewer.require("audit.view")
    return select(AuditEntry).order_by(AuditEntry.at.desc(), AuditEntry.id.desc())


def exports(session: Session, viewer: Viewer) -> Select[ExportEntry]:
    """Select the export log, the newest first."""
    viewer.require("audit.view")
    return select(ExportEntry).order_by(ExportEntry.at.desc(), ExportEntry.id.desc())


def start_export(session: Session, viewer: Viewer, form: str, about: Mapping[str, Any]) -> int:
    """Write the beginning of an export to the log, as its file tells of itself, and return its number."""
    viewer.require("layer.export")
    asked = {"area": about["area"], "bbox": about["bbox"], "date": about["as_at"], **about["filter"]}
    entry = ExportEntry(
        user_id=viewer.user_id, user_name=viewer.name, layer=about["layer"], format=form, purpose=about["purpose"],
        filter={name: value for name, value in asked.items() if value is not None}, mask_level=about["mask_level"],
    )  # fmt: skip
    session.add(entry)
    session.flush()
    record(session, viewer, "export", entry.layer, format=form, number=entry.id)
    return entry.id


def end_export(session: Session, number: int, *, rows: int, size: int) -> None:
    """Write how many rows and bytes left; an export without them was broken off."""
    ended = update(ExportEntry).where(ExportEntry.id == number, ExportEntry.ended_at.is_(None))
    session.execute(ended.values(rows=rows, bytes=size, ended_at=func.clock_timestamp()))
