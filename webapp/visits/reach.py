"""How far visits reach: by area and by month, the same as tables, and the households behind the figures."""

from __future__ import annotations

import csv
import io
from typing import Any

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import format_date

from gis import areas, audit, visits
from gis.coverage import RESULTS
from gis.errors import NotFound
from gis.viewer import level
from gis.words import N_
from layers import reach
from layers.files.table import harmless
from layers.query import Asked
from webapp import access, figures, language
from webapp.addresses import area_of, day_of
from webapp.language import gettext

bp = Blueprint("reach", __name__)
LEVELS = {
    "district": N_("Town or street"),
    "town": N_("Village or community"),
    "village": N_("Grid"),
    "grid": N_("Grid"),
}


@bp.get("/visits/coverage")
def coverage() -> ResponseReturnValue:
    """Show the coverage of the areas below a place, and of the place month by month."""
    place, asked = place_of(), asked_of()
    parts, total = reach.by_area(access.database().session(), access.viewer(), asked, place)
    return render_template(
        "visits/coverage.html", place=place, parts=parts, total=total, months=months(asked), day=asked.day,
        area=place.area.code, results=RESULTS, head=LEVELS[level(place.area.code)], level=level(place.area.code),
        today=access.today(), on_map=bool(asked.area),
    )  # fmt: skip


@bp.get("/visits/coverage.csv")
def table() -> ResponseReturnValue:
    """Send one of the two tables of the page as it is shown."""
    access.viewer().require("layer.export")
    what = request.args.get("table", "areas")
    if what not in TABLES:
        raise NotFound(N_("There is no table %(name)s."), name=what)
    rows = TABLES[what](place_of(), asked_of())
    audit.record(access.database().session(), access.viewer(), "visit.export", request.args.get("area"), table=what)
    out = io.StringIO(newline="")
    csv.writer(out).writerows([harmless(cell) for cell in row] for row in rows)
    headers = {"Content-Disposition": f'attachment; filename="visits-{what}.csv"'}
    return Response("\ufeff" + out.getvalue(), mimetype="text/csv", headers=headers)


@bp.get("/visits/unvisited")
def unvisited() -> ResponseReturnValue:
    """Show the households behind the figure: where nobody was met in 183 days."""
    session, viewer, place, asked = access.database().session(), access.viewer(), place_of(), asked_of()
    rows = visits.due(session, viewer, asked.scope(viewer), states=visits.UNVISITED)
    counts = visits.counts(session, viewer, asked.scope(viewer))
    return render_template("visits/unvisited.html", place=place, rows=rows, counts=counts, states=visits.STATES,
                           most=visits.MOST_DUE, results=RESULTS, day=asked.day,
                           today=access.today())  # fmt: skip


def place_of() -> areas.Whereabouts:
    """Return the place that the address asks for, the viewer's own without one."""
    viewer, day = access.viewer(), day_of(request.args.get("date"), access.today())
    code = area_of(request.args.get("area"), viewer) or viewer.territory.home or ""
    return areas.whereabouts(access.database().session(), viewer, code, day)


def asked_of() -> Asked:
    """Return the day and the area that the address asks for."""
    viewer = access.viewer()
    area = area_of(request.args.get("area"), viewer) or viewer.territory.home
    return Asked(day_of(request.args.get("date"), access.today()), access.now(), area=area)


def months(asked: Asked) -> list[reach.Month]:
    """Return the months, kept until something is written."""
    return figures.kept("reach", lambda session, viewer, wanted: reach.by_month(session, viewer, wanted), asked,
                        clocked=False)  # fmt: skip


def percent(share: float | None) -> str:
    """Return a share as the page shows it."""
    return "—" if share is None else language.percent(share)


bp.add_app_template_filter(percent, "percent")


def areas_table(place: areas.Whereabouts, asked: Asked) -> list[list[Any]]:
    """Return the rows of the table of areas, as the page shows them."""
    parts, total = reach.by_area(access.database().session(), access.viewer(), asked, place)
    heads = [gettext(title) for title in (N_("Code"), LEVELS[level(place.area.code)], *NUMBERS)]
    return [heads, *([each.code, each.name, *numbers(each)] for each in (*parts, total))]


def months_table(_place: areas.Whereabouts, asked: Asked) -> list[list[Any]]:
    """Return the rows of the table of months, as the page shows them."""
    heads = [N_("Month"), N_("As at"), *NUMBERS, N_("Visits made"), *RESULTS.values()]
    rows: list[list[Any]] = [[gettext(title) for title in heads]]
    for month in months(asked):
        days = [format_date(month.first, "yyyy-MM"), month.day.isoformat()]
        rows.append([*days, *numbers(month.reach), month.visits, *month.results.values()])
    return rows


def numbers(each: reach.Reach) -> list[Any]:
    """Return the figures of a reach in the order of their heads."""
    return [each.visited, each.listed, percent(each.share), each.unvisited]


NUMBERS = (N_("Households visited"), N_("Households on the list"), N_("Visit coverage"), N_("Unvisited"))
TABLES = {"areas": areas_table, "months": months_table}
