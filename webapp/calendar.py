"""The working calendar: twelve months on a page, filled, brought in, and changed day by day."""

from __future__ import annotations

import calendar as months
from datetime import date
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import format_date

from gis import deadlines
from gis.errors import Invalid
from gis.words import N_
from webapp import access
from webapp.language import gettext

bp = Blueprint("calendar", __name__)


@bp.get("/calendar")
def show() -> ResponseReturnValue:
    """Show a year: what is off, what is made up, and how many days of each month are worked."""
    session, viewer = access.database().session(), access.viewer()
    year = year_of(request.args.get("year"))
    known = deadlines.named(session, viewer, year)
    works = deadlines.calendar(session).works
    made = [month_of(year, month, works) for month in range(1, 13)]
    return render_template("calendar.html", year=year, months=made, known=known, kinds=deadlines.KINDS,
                           filled=deadlines.filled(session, viewer), today=access.today())  # fmt: skip


@bp.get("/calendar/<int:year>.csv")
def table(year: int) -> ResponseReturnValue:
    """Send a year as a table that comes in again as it went out."""
    body = deadlines.export(access.database().session(), access.viewer(), year)
    headers = {"Content-Disposition": f'attachment; filename="calendar-{year}.csv"'}
    return Response(body, mimetype="text/csv", headers=headers)


@bp.post("/calendar/fill")
def fill() -> ResponseReturnValue:
    """Fill a year with the published holidays."""
    year = year_of(request.form.get("year"))
    deadlines.fill(access.database().session(), access.viewer(), year)
    return back(year, N_("The year is filled."))


@bp.post("/calendar/import")
def bring() -> ResponseReturnValue:
    """Replace years by a table."""
    sent = request.files.get("file")
    years = deadlines.replace(access.database().session(), access.viewer(), sent.read() if sent else b"")
    return back(years[-1], N_("The years of the table are replaced."))


@bp.post("/calendar/day")
def put() -> ResponseReturnValue:
    """Set one day off, worked, or back to what its weekday says."""
    form = request.form
    try:
        day = date.fromisoformat(form.get("day", ""))
    except ValueError:
        raise Invalid(N_("%(value)s is not a day; write it as 2026-01-31."), value=form.get("day", "")) from None
    deadlines.put(access.database().session(), access.viewer(), day, form.get("kind") or None, form.get("name", ""))
    return back(day.year, N_("The day is set."))


def year_of(text: str | None) -> int:
    """Return the year of an address, this one without it."""
    if not text:
        return access.today().year
    if not text.isascii() or not text.isdigit() or len(text) > 4 or int(text) not in deadlines.YEARS:
        raise Invalid(N_("%(value)s is no year."), value=text[:40])
    return int(text)


def month_of(year: int, month: int, works: Any) -> dict[str, Any]:
    """Return the weeks of a month, Monday first, and how many of its days are worked."""
    weeks = months.Calendar().monthdatescalendar(year, month)
    own = [day for week in weeks for day in week if day.month == month]
    return {"month": month, "name": format_date(own[0], "LLLL"), "weeks": weeks, "worked": sum(map(works, own)),
            "works": {day: works(day) for day in own}}  # fmt: skip


def back(year: int, said: str) -> ResponseReturnValue:
    """Return to a year with a word about what was done."""
    flash(gettext(said), "success")
    return redirect(url_for("calendar.show", year=year))
