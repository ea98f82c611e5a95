"""A team is called to a case: a stored row, an entry of the case's log, and an answer that frees the team."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    Text,
    cast,
    func,
    literal,
    select,
    text,
)
from sqlalchemy import case as when
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, Session, mapped_column

from gis import audit
from gis.boundaries import Grid
from gis.cases import register, steps
from gis.cases.facts import facts
from gis.cases.states import ENDED
from gis.database import Base, Territorial, one_of
from gis.errors import Conflict, Invalid, NotAllowed, NotFound
from gis.resources import VolunteerTeam
from gis.scope import inside
from gis.viewer import Viewer
from gis.volunteers import reach
from gis.words import N_

ANSWERS = {
    "asked": N_("asked"),
    "came": N_("came"),
    "declined": N_("declined"),
    "withdrawn": N_("withdrawn"),
}


class CaseCall(Territorial, Base):
    """A call of a team to a case; it is open until it is answered or withdrawn, and the territory is the case's."""

    __tablename__ = "case_calls"
    __table_args__ = (
        one_of("answer", *ANSWERS),
        CheckConstraint("closed_at >= called_at", name="closed_after_call"),
        CheckConstraint("(closed_at IS NULL) = (answer = 'asked')", name="closed_by_answer"),
        Index("uq_case_calls_open", "case_id", "team_id", unique=True, postgresql_where=text("closed_at IS NULL")),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"), index=True)
    team_id: Mapped[int] = mapped_column(ForeignKey("volunteer_teams.id"), index=True)
    called_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    called_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"), index=True)
    caller: Mapped[str] = mapped_column(Text)
    answer: Mapped[str] = mapped_column(Text, server_default="asked")
    closed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


def call(session: Session, viewer: Viewer, case_no: str, team_id: int, revision: int, now: datetime) -> CaseCall:
    """Call a team that reaches a case; raises Conflict when it is busy or somebody acted since that revision."""
    viewer.require("case.handle")
    case = readable(session, viewer, case_no)
    if case.status in ENDED:
        raise Conflict(N_("Case %(number)s has ended; no team can be called to it."), number=case_no)
    near = session.execute(reach.reaching(case.point, viewer.day).where(VolunteerTeam.id == team_id)).first()
    if near is None:
        raise NotFound(N_("No such team reaches this case."))
    team = near[0]
    session.execute(select(func.pg_advisory_xact_lock(team.id)))
    session.refresh(team)
    if team.open_calls:
        raise Conflict(N_("“%(team)s” has been called meanwhile and is busy."), team=team.name)
    logged(session, case, revision, "call_team", team.name, now)
    made = CaseCall(
        case_id=case.id,
        team_id=team.id,
        called_at=now,
        called_by=viewer.user_id,
        caller=viewer.name,
        territory=case.territory,
    )
    session.add(made)
    session.flush()
    audit.record(session, viewer, "call.make", case_no, team=team.id)
    return made


def answer(
    session: Session, viewer: Viewer, case_no: str, call_id: int, given: str, revision: int, now: datetime
) -> None:
    """Note that a team came or declined, or withdraw the call: the team is free again."""
    viewer.require("case.handle")
    if given not in ANSWERS or given == "asked":
        raise Invalid(N_("A team came or declined, or the call is withdrawn."))
    case = readable(session, viewer, case_no)
    found = session.scalar(
        select(CaseCall).where(CaseCall.id == call_id, CaseCall.case_id == case.id).with_for_update()
    )
    if found is None:
        raise NotFound(N_("There is no such call of this case."))
    if found.closed_at is not None:
        raise Conflict(N_("This call has been answered already."))
    team = session.get_one(VolunteerTeam, found.team_id)
    logged(session, case, revision, f"call_{given}", team.name, now)
    found.answer, found.closed_at = given, now
    session.flush()
    audit.record(session, viewer, "call.answer", case_no, team=team.id, answer=given)


def readable(session: Session, viewer: Viewer, case_no: str) -> Any:
    """Return a case that the viewer may read in clear; a restricted one is handled by who is assigned to it."""
    viewer.require("case.handle")
    case = register.found(session, viewer, case_no)
    own = viewer.staff_id is not None and case.handler_id == viewer.staff_id
    if not case.clear or (case.visibility == "restricted" and not own):
        raise NotAllowed(N_("This case is restricted: only who is assigned to it handles it."))
    return case


def logged(session: Session, case: Any, revision: int, step: str, words: str, now: datetime) -> None:
    """Append to the log of a case and leave its state as it is; raises Conflict when somebody acted meanwhile."""
    if case.revision != revision:
        raise steps.overtaken(session, case)
    nothing = cast(literal({}, JSONB), JSONB)
    stored = func.wangge_case_step(case.id, revision, step, case.status, now, None, words, nothing, type_=Integer)
    if session.scalar(select(stored)) is None:
        raise steps.overtaken(session, case)


def of_case(session: Session, viewer: Viewer, case_id: int) -> list[Any]:
    """Return the calls of a case with the name of the team, the newest first."""
    viewer.require("case.view")
    found = select(
        CaseCall.id,
        CaseCall.team_id,
        CaseCall.called_at,
        CaseCall.caller,
        CaseCall.answer,
        CaseCall.closed_at,
        VolunteerTeam.name,
        VolunteerTeam.contact_phone,
    )
    found = found.join(VolunteerTeam, VolunteerTeam.id == CaseCall.team_id)
    found = found.where(CaseCall.case_id == case_id, inside(viewer, CaseCall.territory))
    return list(session.execute(found.order_by(CaseCall.called_at.desc(), CaseCall.id.desc())))


def of_team(session: Session, viewer: Viewer, team_id: int, *, most: int = 20) -> list[Any]:
    """Return the calls of a team: grid and time; number and title of the case only where the viewer reads them."""
    viewer.require("map.view")
    told = func.coalesce(facts.c.clear & (facts.c.visibility != "restricted"), False)
    number, title = (when((told, facts.c[name])).label(name) for name in ("case_no", "title"))
    found = select(CaseCall.called_at, CaseCall.answer, CaseCall.closed_at, Grid.name.label("grid"), number, title)
    joined = found.outerjoin(facts, facts.c.id == CaseCall.case_id).outerjoin(Grid, Grid.id == facts.c.grid_id)
    mine = joined.where(CaseCall.team_id == team_id, inside(viewer, CaseCall.territory))
    return list(session.execute(mine.order_by(CaseCall.called_at.desc(), CaseCall.id.desc()).limit(most)))
