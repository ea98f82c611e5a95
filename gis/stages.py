"""How long the first stages of a case may take, acceptance and dispatch: a table with dates, beside the duty list."""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    Integer,
    Text,
    and_,
    or_,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import ExcludeConstraint
from sqlalchemy.orm import Mapped, Session, mapped_column

from gis import audit, deadlines
from gis.cases.facts import facts
from gis.database import Base, add_alone, from_day, one_of
from gis.duties import UNITS, amount_of
from gis.errors import Conflict, Invalid
from gis.scope import ZONE
from gis.successive import Successive, all_as_seen, as_seen, end_at
from gis.tabular import rows_of
from gis.viewer import Viewer
from gis.words import N_, Word

STAGES = {"accept": N_("acceptance"), "dispatch": N_("dispatch")}
WAITING = {"accept": "reported", "dispatch": "filed"}
"""Stage → the state in which its clock runs."""
SINCE = {"accept": "reported_at", "dispatch": "filed_at"}
"""Stage → the moment from which its clock runs."""
UNTIL = {"accept": "accepted_at", "dispatch": "dispatched_at"}
"""Stage → the moment that ends it once and for all: a case that comes back is not accepted or dispatched anew."""
HEADER = ("stage", "urgency", "amount", "unit")
FARTHEST = timedelta(days=400)
_STEP = timedelta(microseconds=1)

Standing = Mapping[tuple[str, str], "StageLimit"]


class StageLimit(Successive, Base):
    """A limit of a stage; with an urgency it holds for such cases only, before the one without."""

    PLACE = ("stage", "urgency")
    __tablename__ = "stage_limits"
    __table_args__ = (
        one_of("stage", *STAGES),
        one_of("urgency", "normal", "urgent"),
        one_of("unit", *UNITS),
        CheckConstraint("amount > 0", name="amount_positive"),
        ExcludeConstraint(("stage", "="), (text("coalesce(urgency, '')"), "="), ("valid", "&&"), using="gist",
                          name="ex_stage_limits_one_at_a_time"),
    )  # fmt: skip

    stage: Mapped[str] = mapped_column(Text)
    urgency: Mapped[str | None] = mapped_column(Text)
    amount: Mapped[int] = mapped_column(Integer)
    unit: Mapped[str] = mapped_column(Text)

    def taken(self) -> Conflict:
        """Return what to tell somebody who did not see that this limit holds."""
        message = N_("Somebody else has set this limit meanwhile: %(amount)s %(unit)s. Look at the list again.")
        return Conflict(message, amount=self.amount, unit=Word(UNITS[self.unit]))


@dataclass(frozen=True)
class Limit:
    """What an entry says; `urgency` is empty for all cases."""

    stage: str
    amount: int
    unit: str
    urgency: str = ""

    @property
    def place(self) -> tuple[str, str]:
        """What there is one entry for at a time."""
        return self.stage, self.urgency


def listed(session: Session, viewer: Viewer, day: date) -> list[StageLimit]:
    """Return the limits in force on a day, acceptance first."""
    if not viewer.may("case.status"):
        viewer.require("map.view")
    found = select(StageLimit).where(StageLimit.valid.contains(day))
    return list(session.scalars(found.order_by(StageLimit.stage, StageLimit.urgency.nulls_first())))


def lasting(session: Session, viewer: Viewer) -> list[int]:
    """Return the numbers of the limits without an end, which a page tells when one is set."""
    viewer.require("map.view")
    return list(session.scalars(select(StageLimit.id).where(StageLimit.lasting()).order_by(StageLimit.id)))


def put(session: Session, viewer: Viewer, limit: Limit, day: date, seen: Collection[int] | None = None) -> StageLimit:
    """Let a limit hold from a day on; the one in its place ends the day before and stays readable.

    Raises Conflict when somebody else put one there since the page that showed what was `seen`.
    """
    viewer.require("duty.manage")
    check(limit)
    if seen is not None:
        as_seen(session, StageLimit, limit.place, seen)
    end(session, viewer, limit.place, day)
    made = StageLimit(stage=limit.stage, urgency=limit.urgency or None, amount=limit.amount, unit=limit.unit,
                      valid=from_day(day))  # fmt: skip
    add_alone(session, made)
    audit.record(session, viewer, "stage.put", limit.stage, amount=limit.amount, unit=limit.unit)
    return made


def end(
    session: Session, viewer: Viewer, place: tuple[str, str], day: date, seen: Collection[int] | None = None
) -> int:
    """Let the limit in a place end before a day; one that began that day never held."""
    viewer.require("duty.manage")
    if seen is not None:
        as_seen(session, StageLimit, place, seen)
    ended = end_at(session, StageLimit, place, day)
    if ended:
        audit.record(session, viewer, "stage.end", place[0], entries=ended)
    return ended


def check(limit: Limit) -> None:
    """Raise Invalid for a limit that cannot be."""
    if limit.stage not in STAGES or limit.unit not in UNITS or limit.urgency not in ("", "normal", "urgent"):
        raise Invalid(N_("Choose stage, urgency and unit from the lists."))
    if not 0 < limit.amount <= 365:
        raise Invalid(N_("A limit is a whole number from 1 to 365."))


def table(session: Session, viewer: Viewer, day: date) -> str:
    """Return the limits in force as a table that comes in again as it went out."""
    out = io.StringIO(newline="")
    rows = csv.writer(out)
    rows.writerow(HEADER)
    rows.writerows((each.stage, each.urgency or "", each.amount, each.unit) for each in listed(session, viewer, day))
    return out.getvalue()


def read(data: bytes) -> list[Limit]:
    """Return the limits of a table; raises Invalid with the first row that is wrong."""
    lines = rows_of(data)
    if not lines or not {"stage", "amount", "unit"} <= set(lines[0]):
        raise Invalid(N_("The table needs the columns %(columns)s, and at least one row."), columns=", ".join(HEADER))
    limits: list[Limit] = []
    for number, line in enumerate(lines, 2):
        told = {name: (line.get(name) or "").strip() for name in HEADER}
        limit = Limit(told["stage"], amount_of(told["amount"]), told["unit"], told["urgency"])
        try:
            check(limit)
            if limit.place in {each.place for each in limits}:
                raise Invalid(N_("This stage is in the table twice."))
        except Invalid as error:
            raise Invalid(N_("Row %(row)s: %(reason)s"), row=number, reason=Word(error.message)) from error
        limits.append(limit)
    return limits


def replace(
    session: Session, viewer: Viewer, data: bytes, day: date, seen: Collection[int] | None = None
) -> tuple[int, int]:
    """Put a table in the place of all limits from a day on, all or nothing; returns how many were set and ended.

    Raises Invalid when a row is wrong, Conflict when the limits are not any more what the page showed (`seen`).
    """
    viewer.require("duty.manage")
    limits = read(data)
    if seen is not None:
        all_as_seen(session, StageLimit, seen)
    now = {(each.stage, each.urgency or ""): each for each in listed(session, viewer, day)}
    changed = [each for each in limits if not same(now.get(each.place), each)]
    gone = [place for place in now if place not in {each.place for each in limits}]
    for limit in changed:
        put(session, viewer, limit, day)
    for place in gone:
        end(session, viewer, place, day)
    audit.record(session, viewer, "stage.import", None, put=len(changed), ended=len(gone))
    return len(changed), len(gone)


def same(held: StageLimit | None, wanted: Limit) -> bool:
    """Tell whether what is in force says this already."""
    return held is not None and (held.amount, held.unit) == (wanted.amount, wanted.unit)


def standing(session: Session, viewer: Viewer, day: date) -> Standing:
    """Return stage and urgency → the limit that holds for such cases on a day."""
    held = {(each.stage, each.urgency): each for each in listed(session, viewer, day)}
    found = {}
    for stage in STAGES:
        for urgency in ("normal", "urgent"):
            limit = held.get((stage, urgency)) or held.get((stage, None))
            if limit is not None:
                found[stage, urgency] = limit
    return found


def due(session: Session, viewer: Viewer, case: Any, now: datetime) -> tuple[str, datetime] | None:
    """Return the stage that a case is in with the end of its limit, None for one that no stage limit runs for."""
    stage = next((name for name, status in WAITING.items() if case.status == status), None)
    if stage is None or getattr(case, UNTIL[stage]) or not (start := getattr(case, SINCE[stage])):
        return None
    limit = standing(session, viewer, now.astimezone(ZONE).date()).get((stage, case.urgency))
    if limit is None:
        return None
    start += timedelta(milliseconds=case.suspended_ms)
    return stage, deadlines.due(start, limit.amount, limit.unit, deadlines.calendar(session))


def late(session: Session, viewer: Viewer, now: datetime) -> dict[str, ColumnElement[bool]]:
    """Return stage → the condition that its limit is over for a case: it began before a moment, no sum per row."""
    calendar = deadlines.calendar(session)
    held = standing(session, viewer, now.astimezone(ZONE).date())
    found: dict[str, list[ColumnElement[bool]]] = {stage: [] for stage in STAGES}
    for (stage, urgency), limit in held.items():
        since = facts.c[SINCE[stage]] + facts.c.suspended_ms * timedelta(milliseconds=1)
        began = since < begun(now, limit.amount, limit.unit, calendar)
        waits = and_(facts.c.status == WAITING[stage], facts.c[UNTIL[stage]].is_(None))
        found[stage].append(and_(waits, facts.c.urgency == urgency, began))
    return {stage: or_(*parts) for stage, parts in found.items() if parts}


def begun(now: datetime, amount: int, unit: str, calendar: deadlines.Calendar) -> datetime:
    """Return the first moment whose limit is not over now: a limit that began before it is.

    The end of a limit never moves back when its beginning moves on, so halving finds it.
    """
    early, late = now - FARTHEST, now
    while late - early > _STEP:
        middle = early + (late - early) / 2
        if deadlines.due(middle, amount, unit, calendar) < now:
            early = middle
        else:
            late = middle
    return late
