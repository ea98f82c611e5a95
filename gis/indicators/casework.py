"""The cases of a month, counted in one pass per question: by territory, by category, by week."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Date,
    Float,
    Integer,
    Select,
    and_,
    cast,
    column,
    extract,
    func,
    literal,
    literal_column,
    or_,
    select,
    table,
    tuple_,
    union_all,
)
from sqlalchemy.sql.selectable import Subquery

from gis.boundaries import Grid
from gis.cases import SOURCES, facts, is_due_today, is_open, is_overdue, not_suspended
from gis.indicators import worked
from gis.indicators.periods import Month
from gis.indicators.worked import Clock
from gis.relinks import belonging
from gis.scope import ZONE, Scope

ANSWER_WITHIN = timedelta(hours=24)
ASKING = ("resident_app", "hotline_12345", "reception_day")
"""The sources at which a resident waits for an answer."""
NOT_DUE = ("rejected", "duplicate", "voided")
ONCE = ("duplicate", "voided")
UNTAKEN = ("reported", "rejected")
"""The states without an acceptance; in any other one, a case without its moment was accepted nobody knows when."""
QUANTILES = {"p10": 0.1, "p25": 0.25, "p50": 0.5, "p75": 0.75, "p90": 0.9}
WEEKS = 26

answers = table("case_answers", column("case_id", BigInteger()), column("satisfied", Boolean()))
"""What reporters answered, readable by who may count the cases."""


def of_month(scope: Scope, month: Month) -> Subquery:
    """The cases of the scope that were open in the month, or whose limit ended in it, with who they belong to."""
    where, f = belonging(facts, scope), facts.c
    late = is_overdue(scope.moment)
    touched = or_(f.closed_at.is_(None), f.closed_at >= month.start, f.due_at >= month.start)
    return (
        select(
            f.id,
            where.territory.label("territory"),
            *(f[name] for name in ("category", "source", "status", "urgency", "reported_at", "accepted_at", "filed_at",
                                   "dispatched_at", "verified_at", "closed_at", "before_suspension", "due_at",
                                   "rework_count", "extension_count", "closing_level", "closure_reason")),
            answers.c.satisfied,
            is_open(scope.moment).label("open"),
            and_(is_open(scope.moment), late).label("late"),
            and_(is_open(scope.moment), is_due_today(scope.moment, scope.midnight)).label("today"),
            not_suspended(scope.moment).label("awake"),
        )
        .select_from(where.source.outerjoin(answers, answers.c.case_id == f.id))
        .where(scope.holds(where.territory), f.reported_at <= scope.moment, touched)
        .subquery("cases_of_month")
    )  # fmt: skip


def counted(scope: Scope, month: Month, clock: Clock) -> Select[Any]:
    """Select the counts by territory, and again by category (territory empty), with filed cases by source."""
    c = of_month(scope, month)
    columns = conditions(c.c, month, clock, scope.moment)
    filed = and_(c.c.filed_at >= month.start, c.c.filed_at < upto(month, scope.moment), c.c.status.not_in(ONCE))
    columns |= {f"from_{source}": and_(filed, c.c.source == source) for source in SOURCES}
    sums = (cast(func.count().filter(condition), Integer).label(name) for name, condition in columns.items())
    return (
        select(c.c.territory, c.c.category, *sums)
        .select_from(c.join(clock.row, literal(True)))
        .group_by(func.grouping_sets(tuple_(c.c.territory), tuple_(c.c.category)))
    )


def conditions(c: Any, month: Month, clock: Clock, moment: datetime) -> dict[str, Any]:
    """Return by its name the condition of each count, which is also that of the list behind it."""
    return {**steps(c, month, moment), **clocks(c, month, clock, moment), **endings(c, month, moment),
            **limits(c, month, moment), **standing(c, moment)}  # fmt: skip


def upto(month: Month, moment: datetime) -> datetime:
    """Return where the month ends, as far as it has passed."""
    return min(month.end, moment)


def steps(c: Any, month: Month, moment: datetime) -> dict[str, Any]:
    """Return what the steps of the month are counted by; a duplicate counts with the case that it repeats."""
    once = c.status.not_in(ONCE)
    taken = and_(c.accepted_at >= month.start, c.accepted_at < upto(month, moment), once)
    filed = and_(c.filed_at >= month.start, c.filed_at < upto(month, moment), once)
    return {
        "accepted": taken,
        "filed": and_(taken, c.filed_at <= moment),
        "patrol_filed": and_(filed, c.source == "grid_patrol"),
        "filed_in_period": filed,
        "verified": and_(c.verified_at >= month.start, c.verified_at < upto(month, moment)),
        "reworked": and_(c.verified_at >= month.start, c.verified_at < upto(month, moment), c.rework_count > 0),
    }


def clocks(c: Any, month: Month, clock: Clock, moment: datetime) -> dict[str, Any]:
    """Return what is asked of the first steps: within which time they were taken, where that is decided."""
    once = c.status.not_in(ONCE)
    reported = and_(c.reported_at >= month.start, c.reported_at < upto(month, moment), once)
    filed = and_(c.filed_at >= month.start, c.filed_at < upto(month, moment), once)
    accepted, sent = func.least(c.accepted_at, moment), func.least(c.dispatched_at, moment)
    quick = clock.kept("accept", c.urgency, c.reported_at, accepted)
    sent_soon = clock.kept("dispatch", c.urgency, c.filed_at, sent)
    known = or_(c.accepted_at.is_not(None), func.coalesce(c.before_suspension, c.status).in_(UNTAKEN))
    taken = and_(reported, known, clock.limited("accept", c.urgency))
    given = and_(filed, clock.limited("dispatch", c.urgency))
    asked = and_(reported, known, c.source.in_(ASKING))
    return {
        "reported": reported,
        "accepted_in_limit": and_(taken, c.accepted_at <= moment, quick),
        "acceptance_known": and_(taken, or_(c.accepted_at <= moment, and_(c.awake, ~quick))),
        "dispatched_in_limit": and_(given, c.dispatched_at <= moment, sent_soon),
        "dispatch_known": and_(given, or_(c.dispatched_at <= moment, and_(c.awake, ~sent_soon))),
        "asked_for": and_(asked, or_(c.accepted_at <= moment, c.reported_at < moment - ANSWER_WITHIN)),
        "answered": and_(asked, c.accepted_at <= moment, c.accepted_at <= c.reported_at + ANSWER_WITHIN),
    }


def endings(c: Any, month: Month, moment: datetime) -> dict[str, Any]:
    """Return what the cases that were closed in the month are counted by."""
    closed = closed_in(c, month, moment)
    levels = {f"closed_at_{level}": and_(closed, c.closing_level == level)
              for level in ("grid", "village", "town", "district")}  # fmt: skip
    return {
        "closed_in_period": closed,
        "ending_known": and_(closed, c.closure_reason.is_not(None)),
        "closed_unsolved": and_(closed, c.closure_reason != "resolved"),
        "surveyed": and_(closed, c.satisfied.is_not(None)),
        "satisfied": and_(closed, c.satisfied),
        "solved": and_(closed, c.satisfied.is_not(None), c.closure_reason == "resolved"),
        "closed_by_village": and_(closed, c.closing_level.in_(("grid", "village"))),
        "closed_by_town": and_(closed, c.closing_level.in_(("grid", "village", "town"))),
        "leveled": and_(closed, c.closing_level.is_not(None)),
        **levels,
    }


def closed_in(c: Any, month: Month, moment: datetime) -> Any:
    """Return the condition that a case was closed in the month."""
    return and_(c.closed_at >= month.start, c.closed_at < upto(month, moment), c.status == "closed")


def limits(c: Any, month: Month, moment: datetime) -> dict[str, Any]:
    """Return what the cases are counted by whose limit ended in the month; a suspended one has left."""
    cohort = and_(c.due_at >= month.start, c.due_at < upto(month, moment), c.status.not_in(NOT_DUE))
    due, urgent = and_(cohort, c.awake), and_(cohort, c.awake, c.urgency == "urgent")
    return {
        "due": due,
        "closed": and_(due, c.closed_at <= moment),
        "closed_on_time": and_(due, c.closed_at <= c.due_at),
        "urgent_due": urgent,
        "urgent_closed": and_(urgent, c.closed_at <= moment),
        "extended": and_(due, c.extension_count > 0),
        "suspended_due": and_(cohort, ~c.awake),
    }


def standing(c: Any, moment: datetime) -> dict[str, Any]:
    """Return what the cases are counted by that are open at the moment: by how much they are over their limit."""
    over = {days: c.due_at < moment - timedelta(days=days) for days in (1, 3, 7)}
    return {
        "open": c.open,
        "overdue": c.late,
        "due_today": c.today,
        "over_1_day": and_(c.late, ~over[1]),
        "over_3_days": and_(c.late, over[1], ~over[3]),
        "over_7_days": and_(c.late, over[3], ~over[7]),
        "over_longer": and_(c.late, over[7]),
    }


def spreads(scope: Scope, month: Month, clock: Clock, divisors: tuple[int, ...]) -> Select[Any]:
    """Select quantiles of the hours to close, by each size of territory, also by category, and the days over.

    A size is what a territory key is rounded down to: 1 for grids, 10**15 for everything. Each row tells its `size`,
    the `unit`'s key, and the category, empty for all of them.
    """
    c = of_month(scope, month)
    ended = closed_in(c.c, month, scope.moment)
    took = worked.hours(clock.row, func.coalesce(c.c.filed_at, c.c.reported_at), c.c.closed_at)
    days = cast(extract("epoch", scope.moment - c.c.due_at), Float) / 86400
    units = union_all(*(select(cast(literal(size), BigInteger).label("size")) for size in divisors)).subquery("units")
    rows = (
        select(
            units.c.size,
            (c.c.territory - c.c.territory % units.c.size).label("unit"),
            c.c.category,
            ended.label("ended"),
            took.label("hours"),
            c.c.late,
            days.label("days"),
        )
        .select_from(c.join(clock.row, literal(True)).join(units, literal(True)))
        .where(or_(ended, c.c.late))
        .subquery("rows")
    )
    quantiles = (
        func.percentile_cont(part).within_group(rows.c.hours).filter(rows.c.ended).label(name)
        for name, part in QUANTILES.items()
    )
    over = func.percentile_cont(0.5).within_group(rows.c.days).filter(rows.c.late).label("days_over")
    return select(
        rows.c.size, rows.c.unit, rows.c.category, func.count().filter(rows.c.ended).label("n"), *quantiles, over
    ).group_by(func.grouping_sets(tuple_(rows.c.size, rows.c.unit), tuple_(rows.c.size, rows.c.unit, rows.c.category)))


def first_week(scope: Scope) -> date:
    """Return the Monday of the first week that is told."""
    day = (scope.moment - timedelta(weeks=WEEKS)).astimezone(ZONE).date()
    return day - timedelta(days=day.weekday())


def weeks(scope: Scope) -> Select[Any]:
    """Select week, received and ended of the half-year before the moment; what came before is in the row of no week."""
    where, f = belonging(facts, scope), facts.c
    before = first_week(scope) - timedelta(weeks=1)
    base = (
        select(f.reported_at, f.closed_at)
        .select_from(where.source)
        .where(scope.holds(where.territory), f.reported_at <= scope.moment)
        .subquery("base")
    )
    monday = func.date_trunc("week", func.timezone("Asia/Shanghai", literal_column("at")))
    steps = union_all(
        select(base.c.reported_at.label("at"), literal(1).label("came"), literal(0).label("went")),
        select(base.c.closed_at, literal(0), literal(1)).where(base.c.closed_at <= scope.moment),
    ).subquery("steps")
    week = func.greatest(cast(monday, Date), before).label("week")
    return (
        select(week, func.sum(steps.c.came).label("received"), func.sum(steps.c.went).label("ended"))
        .group_by(week)
        .order_by(week)
    )


def number(scope: Scope, month: Month, clock: Clock, count: str) -> Select[int]:
    """Select how many cases one count is of."""
    return select(func.count()).select_from(_counted_once(scope, month, clock, count).subquery())


def _counted_once(scope: Scope, month: Month, clock: Clock, count: str) -> Select[int]:
    c = of_month(scope, month)
    found = select(c.c.id).select_from(c.join(clock.row, literal(True)))
    return found.where(conditions(c.c, month, clock, scope.moment)[count])


def listed(scope: Scope, month: Month, clock: Clock, count: str, *, clear_only: bool = False) -> Select[Any]:
    """Select the cases that one count is of, the oldest limit first; their words only to who may read them.

    With `clear_only` there are only those that the viewer may read.
    """
    f = facts.c
    found = _counted_once(scope, month, clock, count)
    columns = (f.case_no, f.category, f.title, f.clear, f.status, f.source, f.urgency, f.lead_body)
    times = (f.reported_at, f.due_at, f.closed_at)
    rows = select(*columns, *times, Grid.code.label("grid_code"), Grid.name.label("grid_name"))
    rows = rows.outerjoin(Grid, Grid.id == f.grid_id).where(f.id.in_(found), *([f.clear] if clear_only else []))
    return rows.order_by(f.due_at.nulls_last(), f.id)
