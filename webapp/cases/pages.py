"""The list of cases with its filters in the address, the same as a table, and the page of one case."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import Blueprint, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import format_timedelta

from gis import audit, duties, projects, stages
from gis.cases import (
    CATEGORIES,
    LEVELS,
    REASONS,
    SOURCES,
    STATUSES,
    history,
    pauses,
    photos,
    register,
    steps,
    together,
    views,
)
from gis.cases.states import TITLES
from gis.deadlines import filled
from gis.duties import LEVEL_NAMES, UNITS
from gis.resources import AVAILABILITY
from gis.scope import Scope
from gis.stages import STAGES
from gis.volunteers import calls, reach
from gis.words import N_
from layers import paper, spot
from webapp import access
from webapp.cases.asked import CHOICES, scope_of, told, url_of, wanted_of
from webapp.cases.table import sent
from webapp.language import gettext, limit
from webapp.volunteers.asked import place_of

bp = Blueprint("cases", __name__)
PAGE = 50
LAST_PAGE = 10_000
WORDS = {"categories": CATEGORIES, "statuses": STATUSES, "sources": SOURCES, "reasons": REASONS, "units": UNITS,
         "levels": LEVEL_NAMES, "states": register.STATES, "titles": TITLES,
         "answers": calls.ANSWERS, "availabilities": AVAILABILITY}  # fmt: skip


@bp.get("/cases/")
def listed() -> ResponseReturnValue:
    """Show the cases that the address asks for."""
    session, viewer, args = access.database().session(), access.viewer(), request.args
    if not args and (first := views.first(session, viewer)):
        return redirect(url_of(first.filters))
    wanted, scope = wanted_of(args), scope_of(args, viewer)
    page = min(max(args.get("page", 1, int), 1), LAST_PAGE)
    rows, more = register.page(session, scope, viewer, wanted, start=(page - 1) * PAGE, most=PAGE)
    place = place_of(args, viewer)
    given = told(wanted, args.get("area"))
    return render_template(
        "cases/list.html", rows=rows, more=more, page=page, wanted=wanted, place=place, given=given, choices=CHOICES,
        now=access.now(), **around_list(scope, wanted), **WORDS)  # fmt: skip


def around_list(scope: Scope, wanted: register.Wanted) -> dict[str, Any]:
    """Return what stands around the rows: counts, what is over the limit of a stage, views, and who can take over."""
    session, viewer = access.database().session(), access.viewer()
    return {
        "counts": register.counts(session, scope, viewer, wanted), "views": views.kept(session, viewer),
        "late": register.late(session, scope, viewer, wanted), "stages": STAGES,
        "takers": together.takers(session, viewer, access.today()) if viewer.may("case.dispatch") else [],
    }  # fmt: skip


@bp.get("/cases/pressing")
def pressing() -> ResponseReturnValue:
    """Answer how many cases of the territory are overdue and due soon: the badges of the header."""
    viewer = access.viewer()
    return register.pressing(access.database().session(), scope_of({}, viewer), viewer)


@bp.get("/cases/list.csv")
def table() -> ResponseReturnValue:
    """Send what the list shows, all pages of it, as a table."""
    viewer, area = access.viewer(), request.args.get("area")
    viewer.require("layer.export")
    wanted, scope = wanted_of(request.args), scope_of(request.args, viewer)
    return sent(
        "cases.csv", HEADS, lambda session: register.streamed(session, scope, viewer, wanted),
        lambda log, rows: audit.record(log, viewer, "case.export", area, rows=rows, filter=told(wanted, None)),
    )  # fmt: skip


@bp.get("/cases/<case_no>")
def show(case_no: str) -> ResponseReturnValue:
    """Show one case: what is known of it, what can be done, and what was."""
    session, viewer = access.database().session(), access.viewer()
    case = register.found(session, viewer, case_no)
    return render_template(
        "cases/show.html", case=case, steps=steps.offered(viewer, case), now=access.now(), level_order=LEVELS,
        pictures=photos.listed(session, viewer, case.id), handler=register.handler(session, viewer, case),
        drawn=drawing(case), years=filled(session, viewer), **help_for(case), **story(case), **WORDS,
    )  # fmt: skip


def help_for(case: Any) -> dict[str, Any]:
    """Return the volunteer teams that reach a case, and those that were called to it."""
    session, viewer = access.database().session(), access.viewer()
    return {
        "teams": reach.of_case(session, viewer, case, access.now()),
        "calls": calls.of_case(session, viewer, case.id) if case.clear else [],
    }


def story(case: Any) -> dict[str, Any]:
    """Return what happened to a case and its place, what stage it waits in, and who and what is near."""
    session, viewer, now = access.database().session(), access.viewer(), access.now()
    events, (parent, children) = register.timeline(session, viewer, case.id), register.repeats(session, viewer, case)
    return {
        "entries": duties.offered(session, viewer, case.category, case.urgency, access.today()), "parent": parent,
        "children": children,
        "events": events, "places": history.places(session, viewer, case),
        "stage": stages.due(session, viewer, case, now),
        "said": history.said(session, viewer, case), "paused": history.newest(events, "suspend"),
        "extended": history.newest(events, "extend"), "stages": STAGES, "asked": pauses.request(events),
        "pause_asked": pauses.is_awaited(session, viewer, case),
        "projects": projects.around(session, viewer, scope_of({}, viewer), case.case_no),
        "near": history.near(session, viewer, case, now) if viewer.may("case.dispatch") else [],
        "takers": together.takers(session, viewer, access.today()) if viewer.may("case.dispatch") else [],
    }  # fmt: skip


@bp.app_template_global()
def left(due: datetime, now: datetime) -> str:
    """Return in words how long there is until a limit ends, or how long ago it did."""
    words = format_timedelta(abs(due - now), granularity="hour", threshold=1.5)
    return gettext(N_("%(time)s left") if due >= now else N_("%(time)s over"), time=words)


@bp.app_template_global()
def noted(step: str | None, note: str) -> str:
    """Return in words what the log keeps besides a reason: to whom a case went, or by how much its limit grew."""
    amount, _space, unit = note.partition(" ")
    if step == "extend" and unit in UNITS:
        return gettext(N_("longer by %(limit)s"), limit=limit(int(amount), unit))
    return gettext(N_("to %(whom)s"), whom=note) if step in ("dispatch", "assign") else note


def drawing(case: Any) -> dict[str, Any] | None:
    """Return the houses and grids around a case on one sheet, and where it lies on it."""
    found = spot.around(access.database().session(), access.viewer(), case)
    if found is None:
        return None
    at = found.pop("place")["at"]
    drawn = paper.drawn(found)
    return {**drawn, "at": drawn["sheet"].place(*at), "lon": at[0], "lat": at[1]}


HEADS = {
    "case_no": N_("Case no."), "category": N_("Category"), "title": N_("Title"), "address": N_("Address"),
    "grid_code": N_("Grid code"), "grid_name": N_("Grid"), "state": N_("State"), "status": N_("Status"),
    "urgency": N_("Urgency"), "source": N_("Source"), "lead_body": N_("Lead body"), "reported_at": N_("Reported"),
    "due_at": N_("Due"), "closed_at": N_("Closed"), "closure_reason": N_("How it ended"),
}  # fmt: skip
"""The columns of the table with their titles."""
