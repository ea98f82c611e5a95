"""A plan comes into force: one transaction writes outlines, grids, links, gaps, report and log, or nothing at all."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, Date, cast, func, select, true
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session

from gis.errors import Conflict
from gis.plans import impact, outlines, tiling
from gis.plans.change import Change, over
from gis.plans.freshness import lines, refuse_stale
from gis.plans.land import Land, land
from gis.plans.review import held, told
from gis.plans.tables import Plan
from gis.scope import ZONE
from gis.viewer import Viewer, key
from gis.words import N_

EVERYWHERE = "{(,)}"


def publish(session: Session, viewer: Viewer, plan_id: int, now: datetime, *, metric_srid: int) -> Plan:
    """Put an approved plan in force on the day of `now`, and keep what it did as its report.

    Raises Conflict, with the reason, while its day has not come, when it was overtaken, and for a village whose grids
    changed on the same day already. A plan that is published late is in force from the day it is published: no day
    that has passed is written anew.
    """
    viewer.require("plan.publish")
    stand_in(session, viewer)
    plan = held(session, viewer, plan_id, "approved")
    day = now.astimezone(ZONE).date()
    if plan.effective_from is None or plan.effective_from > day:
        message = N_("“%(name)s” is approved for %(day)s; it cannot be published before.")
        raise Conflict(message, name=plan.name, day=plan.effective_from)
    session.execute(select(func.pg_advisory_xact_lock(_keys(plan).column_valued("village"))))
    today = replace(viewer, day=day)
    ground = land(session, plan)
    refuse_stale(session, plan, rebuilt=ground.rebuilt)
    refuse_undrawn(ground)
    with ThreadPoolExecutor(1) as aside:  # shapes are put together and looked over while the database works
        derived = aside.submit(getattr, ground, "outlines")
        held_before = impact.holdings(session, today, plan)
        derived.result()
        made = over(session, today, ground)
        grids = outlines.write(session, made, day, metric_srid, held_before.before)
        looked_over = aside.submit(tiling.tiling, made, tiling.standing(session, made))
        moved = relink(session, made, grids, day)
    account = impact.kept(session, today, made, held_before)
    tiling.renew(session, looked_over.result(), day, metric_srid)
    redrawn = set(plan.fabrics) - made.idle
    supersede(session, plan, redrawn)
    plan.lines = lines(session, list(plan.fabrics))
    plan.status, plan.published_at = "published", now
    plan.report = {**account, "relinked": moved, "grid_ids": grids, "villages": sorted(redrawn)}
    told(session, viewer, plan, "plan.publish", day=day.isoformat(), relinked=moved)
    session.expire_all()  # rows that the session holds were written behind its back
    return plan


def due(session: Session, viewer: Viewer, now: datetime) -> Sequence[Plan]:
    """Return the approved plans whose day has come, in the order in which they are to be published."""
    viewer.require("plan.publish")
    approved = select(Plan).where(Plan.status == "approved", Plan.effective_from <= now.astimezone(ZONE).date())
    return session.scalars(approved.order_by(Plan.effective_from, Plan.reviewed_at, Plan.id)).all()


def stand_in(session: Session, viewer: Viewer) -> None:
    """Let the command line, which works with the owner's rights, pass the checks of the owner's functions."""
    if viewer.user_id is None:
        sees = ",".join(sorted(viewer.permissions))
        settings = {"wangge.territory": EVERYWHERE, "wangge.sees": sees}
        session.execute(select(*(func.set_config(name, value, true()) for name, value in settings.items())))


def refuse_undrawn(ground: Land) -> None:
    """Raise Conflict when a cell is in no grid."""
    alone = int((ground.of < 0).sum())
    if alone:
        raise Conflict(N_("%(count)s cells are in no grid; a plan in force leaves none out."), count=alone)


def relink(session: Session, made: Change, grids: list[int | None], day: date) -> dict[str, int]:
    """Let all that stands for a place today follow the ground, and return how many rows did.

    Buildings, households and honours, open cases, volunteer teams and service points go by their place. Branches stay
    with their grid; groups and contact households go by their place, as rows that end and begin on the day. Who is on
    duty in a grid that ends is so until the day before; a new grid inherits duties, branches and accounts of the
    grid that most of its households come from. Closed cases, visits, care figures, activities, meetings,
    reception days and projects are history or belong to the village: they stay. The owner's function does it, for a
    publisher does not see restricted cases, homes and accounts.
    """
    draws = made.draws
    follows = [int(draws.heir[number]) for number in draws.retired]
    ended = [
        (int(draws.former[number]), grids[at]) for number, at in zip(draws.retired, follows, strict=True) if at >= 0
    ]
    opened = [(grids[at], int(draws.former[draws.source[at]])) for at in draws.opened if draws.source[at] >= 0]
    lists = [_list(column) for pairs in (ended, opened) for column in (zip(*pairs, strict=True) if pairs else ((), ()))]
    answer = session.scalar(select(func.wangge_relink(made.land.plan.id, cast(day, Date), *lists)))
    return dict(answer or {})


def supersede(session: Session, plan: Plan, redrawn: set[str]) -> None:
    """Mark the published plans of which this one, in some villages, and others have redrawn every village since."""
    published = select(Plan, Plan.redraws()).where(Plan.status == "published", Plan.id != plan.id)
    replaced = set(redrawn)
    for other, villages in session.execute(published.order_by(Plan.published_at.desc(), Plan.id.desc())).all():
        if replaced.issuperset(villages):
            other.status = "superseded"
        replaced.update(villages)


def _keys(plan: Plan) -> Any:
    return func.unnest(_list(sorted(key(village) for village in plan.fabrics)))


def _list(numbers: Sequence[Any]) -> Any:
    return cast(list(numbers), ARRAY(BigInteger))
