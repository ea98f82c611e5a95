"""The elder-care action on the screen: the own visits, the register of who leads, and counts for everyone else."""

from __future__ import annotations

import csv
import io
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import format_decimal

from gis import audit, resources
from gis.care import DAYS, leading, serving
from gis.coverage import RESULTS, TIERS
from gis.errors import Invalid
from gis.viewer import level
from gis.words import N_
from layers import care_counts
from layers.files.table import harmless
from webapp import access
from webapp.addresses import words_of
from webapp.language import gettext
from webapp.visits.reach import LEVELS, asked_of, percent, place_of
from webapp.visits.rounds import config_of, day_told, number, told_by

bp = Blueprint("care", __name__)
NEAR_M = 2000
MOST_TEAMS = 12


@bp.get("/care/")
def show() -> ResponseReturnValue:
    """Show what the role includes: the own list, the register of a village, or counts."""
    access.viewer().require("care.view")
    return render_template(
        "care/show.html", own=own(), register=register(), counts=counts(), tiers=TIERS, results=RESULTS, days=DAYS,
        today=access.today(), teams=teams(),
    )  # fmt: skip


@bp.get("/care/counts.csv")
def table() -> ResponseReturnValue:
    """Send the counts by area as the page shows them."""
    access.viewer().require("layer.export")
    found, place = care_counts.counts(access.database().session(), access.viewer(), asked_of(), place_of()), place_of()
    audit.record(access.database().session(), access.viewer(), "care.export", place.area.code)
    heads = N_("Code"), LEVELS[level(place.area.code)], N_("Enrolments"), N_("Visited in time"), N_("Share")
    out = io.StringIO(newline="")
    lines = [[gettext(head) for head in heads], *(cells(each) for each in (*found.parts, found.whole))]
    csv.writer(out).writerows([harmless(cell) for cell in line] for line in lines)
    headers = {"Content-Disposition": 'attachment; filename="care.csv"'}
    return Response("\ufeff" + out.getvalue(), mimetype="text/csv", headers=headers)


@bp.post("/care/visits/record")
def record() -> ResponseReturnValue:
    """Store a care visit that a device tells of; told twice, it is stored once."""
    told = told_by(request.get_json(silent=True))
    enrolment = number(told.get("care"))
    stored = serving.record(
        access.database().session(), access.viewer(), enrolment=enrolment or 0, key=str(told.get("key", "")),
        result=str(told.get("result", "")), day=day_told(told), now=access.now(),
        again=told.get("again") is True,
    )  # fmt: skip
    return {"visit": stored}


@bp.post("/care/visits/undo")
def undo() -> ResponseReturnValue:
    """Take a care visit of today back."""
    told = told_by(request.get_json(silent=True))
    gone = serving.undo(access.database().session(), access.viewer(), str(told.get("of", "")), access.now())
    return {"undone": gone}


@bp.get("/care/visits/numbers")
def tally() -> ResponseReturnValue:
    """Answer the numbers on top of the own list, as the page would show them now."""
    return numbers(serving.listed(access.database().session(), access.viewer()))


@bp.post("/care/enrol")
def enrol() -> ResponseReturnValue:
    """Begin an enrolment."""
    form = request.form
    home, staff = whole(form.get("home")), whole(form.get("staff"))
    given = leading.Enrolling(form.get("consent_ref", "").strip().upper(), form.get("tier", ""), home, staff)
    leading.enrol(access.database().session(), access.viewer(), given, access.today())
    return back(N_("Enrolled: %(paper)s."), given.consent_ref)


@bp.post("/care/end")
def end() -> ResponseReturnValue:
    """End an enrolment."""
    paper, seen = request.form.get("consent_ref", ""), whole(request.form.get("seen"))
    leading.end(access.database().session(), access.viewer(), paper, seen, access.today())
    return back(N_("Ended: %(paper)s. It is deleted in 30 days."), paper)


@bp.post("/care/hand-over")
def hand_over() -> ResponseReturnValue:
    """Assign an enrolment to another member of staff."""
    paper, staff, seen = (
        request.form.get("consent_ref", ""),
        *(whole(request.form.get(name)) for name in ("staff", "seen")),
    )
    leading.hand_over(access.database().session(), access.viewer(), paper, seen, staff, access.today())
    return back(N_("Handed over: %(paper)s."), paper)


def whole(text: str | None) -> int:
    """Return the number of a household or a member of staff that was chosen; raises Invalid without one."""
    if not text or not text.isascii() or not text.isdigit() or len(text) > 18:
        raise Invalid(N_("Choose a household and who visits it."))
    return int(text)


def back(said: str, paper: str) -> ResponseReturnValue:
    """Return to the page with a word about what was done."""
    flash(gettext(said, paper=paper), "success")
    return redirect(url_for("care.show"))


def own() -> dict[str, Any] | None:
    """Return the viewer's own list, None for a role that makes no care visits."""
    session, viewer = access.database().session(), access.viewer()
    if not viewer.may("care.serve"):
        return None
    rows = serving.listed(session, viewer)
    done = {each.enrolment_id: each for each in serving.recorded_today(session, viewer, access.now())}
    return {"rows": rows, "done": done, "numbers": numbers(rows), "config": config_of("care")}


def numbers(rows: list[Any]) -> dict[str, str]:
    """Return how many of the own enrolments are due now and overdue, as it is written."""
    today = access.today()
    counted = {"due": sum(row.next_due <= today for row in rows), "late": sum(row.next_due < today for row in rows)}
    return {name: format_decimal(count) for name, count in counted.items()}


def register() -> dict[str, Any] | None:
    """Return the enrolments, the staff and the households to choose from, None for a role that does not lead."""
    session, viewer = access.database().session(), access.viewer()
    if not viewer.may("care.lead"):
        return None
    words = words_of(request.args.get("home"))
    callers = leading.callers(session, viewer, access.today())
    return {"rows": leading.listed(session, viewer), "callers": callers, "words": words,
            "homes": leading.homes(session, viewer, words), "most": leading.MOST_HOMES,
            "at_work": {(each.id, each.grid_id) for each in callers}}  # fmt: skip


def counts() -> dict[str, Any] | None:
    """Return the counts of a place, None for a role without them."""
    session, viewer = access.database().session(), access.viewer()
    if not viewer.may("care.count"):
        return None
    place, asked = place_of(), asked_of()
    found = care_counts.counts(session, viewer, asked, place)
    return {"care": found, "place": place, "day": asked.day, "level": level(place.area.code),
            "head": LEVELS[level(place.area.code)]}  # fmt: skip


def teams() -> list[Any]:
    """Return the volunteer teams within 2 km of the middle of the grid that the page is about."""
    viewer, place = access.viewer(), request.args.get("area", "")
    if len(place) != 15 or not viewer.may("care.count"):
        return []
    grid, session = place_of().area, access.database().session()
    found = resources.nearest(session, viewer, leading.grid_id(session, grid.code), access.today(), limit=MOST_TEAMS)
    return [(team, metres) for team, metres in found if metres <= NEAR_M]


def cells(each: care_counts.Served) -> list[Any]:
    """Return the cells of a row as the page shows them."""
    shown = each.hidden or None
    return [each.code, each.name, shown or each.enrolled, shown or each.in_time, shown or percent(each.share)]
