"""The rows behind a count of the dashboard: cases, grids outside the wanted range, land in no grid."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from gis import audit
from gis.cases import CATEGORIES, STATUSES
from gis.indicators import behind
from gis.words import N_
from webapp import access
from webapp.cases.table import sent
from webapp.forces.asked import kept, place, scope_of
from webapp.indicators.asked import question, sizes

bp = Blueprint("behind", __name__)
PAGE = 50
HEADS = {
    "case_no": N_("Case no."), "category": N_("Category"), "title": N_("Title"), "grid_code": N_("Grid code"),
    "grid_name": N_("Grid"), "status": N_("Status"), "urgency": N_("Urgency"), "source": N_("Source"),
    "lead_body": N_("Lead body"), "reported_at": N_("Reported"), "due_at": N_("Due"), "closed_at": N_("Closed"),
}  # fmt: skip
TITLES: Mapping[str, str] = {
    "filed": N_("Filed, of those accepted in the month"), "accepted": N_("Accepted in the month"),
    "filed_in_period": N_("Filed in the month"), "patrol_filed": N_("Filed in the month, found by patrol"),
    "due": N_("Limit ended in the month"), "closed": N_("Limit ended in the month, closed"),
    "closed_on_time": N_("Limit ended in the month, closed on time"),
    "urgent_due": N_("Urgent, limit ended in the month"),
    "urgent_closed": N_("Urgent, limit ended in the month, closed"),
    "verified": N_("Verified in the month"), "reworked": N_("Verified in the month, with rework"),
    "extended": N_("Limit ended in the month, with an extension"),
    "acceptance_known": N_("Reported in the month"), "accepted_in_limit": N_("Reported in the month, accepted in time"),
    "dispatch_known": N_("Filed in the month"), "dispatched_in_limit": N_("Filed in the month, dispatched in time"),
    "open": N_("Open"), "overdue": N_("Overdue"), "closed_in_period": N_("Closed in the month"),
    "ending_known": N_("Closed in the month for a known reason"),
    "closed_unsolved": N_("Closed in the month without a solution"), "leveled": N_("Closed in the month"),
    "closed_by_village": N_("Closed in the month by grid or village"),
    "closed_by_town": N_("Closed in the month by grid, village or town"),
    "asked_for": N_("Residents' reports of the month"), "answered": N_("Residents' reports accepted within 24 hours"),
    "surveyed": N_("Closed in the month, reporters asked"),
    "solved": N_("Closed in the month, reporters asked, resolved"),
    "satisfied": N_("Closed in the month, reporters satisfied"),
}  # fmt: skip
"""Count → what its list is called."""


@bp.get("/figures/cases")
def listed() -> ResponseReturnValue:
    """Show the cases of a count, by the condition that counts them."""
    session, viewer, args = access.database().session(), access.viewer(), request.args
    wanted, name = question(args, viewer), args.get("count", "")
    page = min(max(args.get("page", 1, int), 1), 1000)
    scope = wanted.asked.scope(viewer)
    rows = list(behind.cases(session, viewer, scope, wanted.month, name, start=(page - 1) * PAGE, most=PAGE))
    total, unlisted = behind.size(session, viewer, scope, wanted.month, name)
    return render_template(
        "indicators/cases.html", rows=rows, more=page * PAGE < total - unlisted, page=page, total=total,
        unlisted=unlisted, title=TITLES[name], wanted=wanted, given={**wanted.given, "count": name},
        place=wanted.place(), categories=CATEGORIES, statuses=STATUSES,
    )  # fmt: skip


@bp.get("/figures/grids")
def grids() -> ResponseReturnValue:
    """Show the general grids whose households lie outside the wanted range."""
    session, viewer, scope, wanted = access.database().session(), access.viewer(), scope_of(request.args), sizes()
    rows = behind.misfits(session, viewer, scope, wanted)
    return render_template("indicators/grids.html", rows=rows, place=place(), day=scope.day, sizes=wanted,
                           given=kept(), today=access.today())  # fmt: skip


@bp.get("/figures/gaps")
def gaps() -> ResponseReturnValue:
    """Show the villages with land that lies in no grid."""
    rows = behind.uncovered(access.database().session(), access.viewer(), scope_of(request.args))
    return render_template("indicators/gaps.html", rows=rows, place=place(), total=sum(round(row.m2) for row in rows))


@bp.get("/figures/cases.csv")
def table() -> ResponseReturnValue:
    """Send the same cases as a table."""
    viewer, name = access.viewer(), request.args.get("count", "")
    viewer.require("layer.export")
    wanted = question(request.args, viewer)
    scope, month = wanted.asked.scope(viewer), wanted.month
    return sent(
        f"cases-{name}-{month}.csv", HEADS, lambda session: behind.cases(session, viewer, scope, month, name),
        lambda log, n: audit.record(log, viewer, "case.export", wanted.area, rows=n, count=name, month=str(month)),
    )  # fmt: skip
