"""Whether a plan still stands on what is in force: its cells are those of today, and so are the lines around it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Date, cast, func, select
from sqlalchemy.dialects.postgresql import array
from sqlalchemy.orm import Session

from gis import areas
from gis.boundaries import Grid, GridOutline
from gis.errors import Conflict
from gis.plans.tables import Plan
from gis.scope import ZONE
from gis.words import N_


@dataclass(frozen=True)
class Overtaken:
    """The villages of a plan whose grids are others now, and the newest plan that was published there, None for none.

    `whole` tells that none of its villages is as it was when the plan was begun, `now` are the newest outlines.
    """

    plan: Plan
    villages: list[str]
    names: str
    other: Plan | None
    now: dict[str, int]

    @property
    def whole(self) -> bool:
        """Whether nothing is left to go on with."""
        return len(self.villages) == len(self.plan.fabrics)

    @property
    def reason(self) -> Conflict:
        """What the planner is told."""
        told = {"name": self.plan.name, "villages": self.names}
        if self.other is not None:
            message = ANEW_AFTER if self.whole else FOLLOW_AFTER
            return Conflict(message, other=self.other.name, **told)
        return Conflict(ANEW if self.whole else FOLLOW, **told)


ANEW = N_("Grids of %(villages)s changed after “%(name)s” was begun. Draw the plan anew on what is in force now.")
FOLLOW = N_(
    "Grids of %(villages)s changed after “%(name)s” was begun. As a draft it can go on with what is in force there; "
    "all other villages stay as they are drawn."
)
ANEW_AFTER = N_("“%(other)s” was published after “%(name)s” was begun. Draw the plan anew on what is in force now.")
FOLLOW_AFTER = N_(
    "“%(other)s” was published after “%(name)s” was begun, and changed %(villages)s. As a draft it can go on with what "
    "is in force there; all other villages stay as they are drawn."
)


def overtaken(session: Session, plan: Plan) -> Overtaken | None:
    """Return what came into force in the villages of a plan since it was begun or followed last, None for nothing."""
    now = lines(session, list(plan.fabrics))
    villages = [village for village in sorted(plan.fabrics) if now.get(village, 0) != plan.lines.get(village, 0)]
    if not villages:
        return None
    names = "、".join(areas.names(session, villages).values())
    return Overtaken(plan, villages, names, latest(session, plan, villages), now)


def lines(session: Session, villages: Sequence[str]) -> dict[str, int]:
    """Return the number of the newest outline of each village that has any: lines that change begin a new one."""
    last = select(Grid.village_code, func.max(GridOutline.id)).join(GridOutline, GridOutline.grid_id == Grid.id)
    rows = session.execute(last.where(Grid.village_code.in_(villages)).group_by(Grid.village_code))
    return dict(rows.all())


def latest(session: Session, plan: Plan, villages: Sequence[str]) -> Plan | None:
    """Return the other plan that drew the newest outlines of some villages; None when they came in as a file."""
    day = newest(session, villages)
    if day is None:
        return None
    redrew = Plan.redraws().has_any(array(villages))
    published = select(Plan).where(Plan.published_at.is_not(None), Plan.id != plan.id, redrew)
    drew = published.where(cast(func.timezone(ZONE.key, Plan.published_at), Date) == day)
    return session.scalar(drew.order_by(Plan.published_at.desc(), Plan.id.desc()).limit(1))


def newest(session: Session, villages: Sequence[str]) -> date | None:
    """Return the day on which the newest outline of some villages began."""
    begun = select(func.max(func.lower(GridOutline.valid))).join(Grid, Grid.id == GridOutline.grid_id)
    found: date | None = session.scalar(begun.where(Grid.village_code.in_(villages)))
    return found


def refuse_stale(session: Session, plan: Plan, *, rebuilt: bool) -> None:
    """Raise Conflict when the cells were built anew under the plan, or when other lines came into force around it."""
    if rebuilt:
        message = N_(
            "The cells of the village were built anew since “%(name)s” was drawn. As a draft it can be carried over "
            "to the new cells."
        )
        raise Conflict(message, name=plan.name)
    found = overtaken(session, plan)
    if found is not None:
        raise found.reason


def refuse_taken(session: Session, plan: Plan, villages: Sequence[str], day: date) -> None:
    """Raise Conflict when grids of villages that a plan changes do so on a day already: no day has two divisions."""
    begun = select(Grid.village_code).join(GridOutline, GridOutline.grid_id == Grid.id).distinct()
    if not villages:
        return
    taken = session.scalars(begun.where(Grid.village_code.in_(villages), func.lower(GridOutline.valid) == day)).all()
    if taken:
        message = N_("Grids of %(villages)s changed on %(day)s already; choose a later day.")
        raise Conflict(message, villages="、".join(areas.names(session, taken).values()), day=day)
    approved = select(Plan).where(Plan.status == "approved", Plan.effective_from == day, Plan.id != plan.id)
    other = session.scalar(approved.where(Plan.fabrics.has_any(array(villages))).limit(1))
    if other is not None:
        message = N_("“%(other)s” is approved for %(day)s already; choose another day, or give that one back.")
        raise Conflict(message, other=other.name, day=day)
