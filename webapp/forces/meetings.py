"""Reception days and councils: a month on a page, next week's list, and the form of a meeting."""

from __future__ import annotations

import calendar
from datetime import date, timedelta
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import format_date

from gis import areas, meetings
from gis.errors import Invalid
from gis.party import HOSTS, PARTY_CADRE
from gis.words import N_
from layers.query import Asked
from webapp import access
from webapp.addresses import area_of, calendar_day, folded
from webapp.forces.asked import choice, day_in, kept, number_in, place
from webapp.language import gettext

bp = Blueprint("meetings", __name__)
bp.add_app_template_filter(lambda day: format_date(day, "EEE"), "weekday")
SHOWN_A_DAY = 3


@bp.get("/meetings/")
def show() -> ResponseReturnValue:
    """Show the meetings of a month day by day, or of a week as a list."""
    session, viewer, args = access.database().session(), access.viewer(), request.args
    kind, week = choice(args.get("kind", ""), meetings.KINDS), args.get("view") == "week"
    first = monday() if week else month_of(args.get("month"))
    last = first + timedelta(days=6) if week else first.replace(day=calendar.monthrange(first.year, first.month)[1])
    found = meetings.listed(session, viewer, scope(), first, last, kind)
    return render_template(
        "forces/meetings.html", found=found, days=by_day(found), week=week, first=first, last=last, kind=kind,
        weeks=calendar.Calendar().monthdatescalendar(first.year, first.month), kinds=meetings.KINDS, place=place(),
        title=format_date(first, "yyyy-MM"), before=first - timedelta(days=1), after=last + timedelta(days=1),
        given=kept("kind"), today=access.today(), most=SHOWN_A_DAY,
    )  # fmt: skip


@bp.get("/meetings/new")
def new() -> ResponseReturnValue:
    """Show the form of a meeting that is not there yet."""
    access.viewer().require("meeting.manage")
    return render_template("forces/meeting.html", met=None, cases=[], villages=villages(), kinds=meetings.KINDS,
                           kind=choice(request.args.get("kind", ""), meetings.KINDS) or "reception",
                           today=access.today(), hosts=HOSTS)  # fmt: skip


@bp.get("/meetings/<int:number>")
def one(number: int) -> ResponseReturnValue:
    """Show one meeting: when and where, who came as a number, and the cases that came of it."""
    session, viewer = access.database().session(), access.viewer()
    met = meetings.one(session, viewer, scope(), number)
    cases = meetings.cases_of(session, viewer, number) if viewer.may("case.view") else []
    return render_template("forces/meeting.html", met=met, cases=cases, villages=[], kinds=meetings.KINDS,
                           kind=met.kind, today=access.today(), hosts=HOSTS)  # fmt: skip


@bp.post("/meetings/")
def create() -> ResponseReturnValue:
    """Add a meeting."""
    number = meetings.put(access.database().session(), access.viewer(), given(), access.today())
    return back(number, N_("The meeting is set."))


@bp.post("/meetings/<int:number>")
def change(number: int) -> ResponseReturnValue:
    """Change a meeting, or record the number received."""
    meetings.put(access.database().session(), access.viewer(), given(), access.today(), number,
                 number_in("seen"))  # fmt: skip
    return back(number, N_("The meeting is set."))


@bp.post("/meetings/<int:number>/cancel")
def cancel(number: int) -> ResponseReturnValue:
    """Cancel a meeting; it stays in the calendar, with the reason."""
    reason = request.form.get("reason", "")
    meetings.cancel(access.database().session(), access.viewer(), number, number_in("seen"), reason)
    return back(number, N_("The meeting is cancelled."))


def by_day(found: list[Any]) -> dict[date, list[Any]]:
    """Return day → its meetings."""
    days: dict[date, list[Any]] = {}
    for each in found:
        days.setdefault(each.held_on, []).append(each)
    return days


def given() -> meetings.Meeting:
    """Return the meeting of the form."""
    form = request.form
    return meetings.Meeting(form.get("kind", ""), folded(form.get("area_code")), day_in("held_on"),
                            form.get("about", ""), number_in("received", 0, meetings.MOST_RECEIVED),
                            form.get("outcome", ""), folded(form.get("case_no")),
                            form.get("host") or PARTY_CADRE)  # fmt: skip


def villages() -> list[Any]:
    """Return the villages in which the viewer may set a meeting."""
    session, viewer = access.database().session(), access.viewer()
    return areas.villages_of(session, viewer)


def scope() -> Any:
    """Return the part of the territory that the address asks for."""
    viewer = access.viewer()
    return Asked(access.today(), access.now(), area=area_of(request.args.get("area"), viewer)).scope(viewer)


def monday() -> date:
    """Return the Monday of next week, or of the week that holds ?from=."""
    text = request.args.get("from")
    day = calendar_day(text) if text else access.today() + timedelta(days=7)
    return day - timedelta(days=day.weekday())


def month_of(text: str | None) -> date:
    """Return the first day of a month, of this one without a word."""
    try:
        return calendar_day(f"{folded(text)}-01") if text else access.today().replace(day=1)
    except Invalid:
        raise Invalid(N_("%(value)s is no month; write it as 2026-01."), value=text) from None


def back(number: int, said: str) -> ResponseReturnValue:
    """Return to a meeting with a word about what was done."""
    flash(gettext(said), "success")
    return redirect(url_for("meetings.one", number=number))
