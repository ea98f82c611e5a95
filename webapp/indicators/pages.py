"""The dashboard, the monthly report, their figures as a table, the small map, and keeping a month."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from gis import audit
from gis.indicators import redrawn, snapshots
from gis.indicators.board import Board
from gis.indicators.kpis import GROUPS, Result
from gis.vacancies import KINDS
from gis.words import N_
from layers import choropleth
from webapp import access
from webapp.indicators import drawings, tables, told
from webapp.indicators.asked import Question, offered, question, sizes
from webapp.indicators.rows import TITLES
from webapp.language import current, gettext

bp = Blueprint("indicators", __name__)
NAMED = 60
"""How many grids or villages the paper names that lack somebody; the pages name all."""


@bp.get("/figures/")
def show() -> ResponseReturnValue:
    """Show the figures of an area in a month."""
    access.viewer().require("map.view")
    return render_template("indicators/board.html", **page(question(request.args, access.viewer())))


@bp.get("/figures/report")
def report() -> ResponseReturnValue:
    """Show the same figures as sheets of paper."""
    access.viewer().require("map.view")
    return render_template("indicators/report.html", **page(question(request.args, access.viewer())))


@bp.get("/figures/table.csv")
def table() -> ResponseReturnValue:
    """Send every figure of the page as one table."""
    session, viewer, wanted = access.database().session(), access.viewer(), question(request.args, access.viewer())
    viewer.require("layer.export")
    made = wanted.board()
    body, rows = tables.whole(made, drawings.drawings(made, sizes()), wanted.place().area.name)
    audit.record(session, viewer, "figure.export", made.area, month=str(wanted.month), rows=rows)
    headers = {"Content-Disposition": f'attachment; filename="figures-{made.area}-{wanted.month}.csv"'}
    return Response("\ufeff" + body, mimetype="text/csv", headers=headers)


@bp.get("/figures/map.svg")
def drawn() -> ResponseReturnValue:
    """Send the grids of the area, coloured by how many cases were closed on time."""
    session, viewer, wanted = access.database().session(), access.viewer(), question(request.args, access.viewer())
    sheet = choropleth.sheet(session, viewer, wanted.asked.scope(viewer))
    values = {code: classed(result) for code, _name, result in wanted.board().grids}
    body = render_template("indicators/map.svg", sheet=sheet, values=values, classes=CLASSES)
    return Response(body, mimetype="image/svg+xml")


@bp.post("/figures/keep")
def keep() -> ResponseReturnValue:
    """Keep the figures of a closed month for the whole territory of the user."""
    session, viewer = access.database().session(), access.viewer()
    wanted = question(request.form, viewer)
    added = snapshots.take(session, viewer, wanted.month, sizes(), access.now())
    audit.record(session, viewer, "figure.keep", str(wanted.month), rows=added)
    flash(gettext("The figures of %(month)s are kept; they do not move any more.", month=str(wanted.month)), "success")
    return redirect(url_for("indicators.show", **wanted.given))


def page(wanted: Question) -> dict[str, Any]:
    """Return what both pages show."""
    made, place = wanted.board(), wanted.place()
    session, viewer = access.database().session(), access.viewer()
    figures = drawings.drawings(made, sizes())
    return {
        "wanted": wanted, "board": made, "place": place, "given": wanted.given, "months": offered(wanted.month),
        "groups": GROUPS, "lines": told.lines(made, wanted.given), "figures": figures, "today": access.today(),
        "cards": cards(made, wanted.given), "compared": told.COMPARED, "sizes": sizes(), "classes": CLASSES,
        "on_time": tables.by_grid(made), "redrawn": redrawn.last(session, viewer, wanted.asked.scope(viewer)),
        "closed": wanted.month.closed(access.today()), "versions": told.versions(made), "now": access.now(),
        "counts": TITLES, "gaps": gaps(made), "vacancies": KINDS, "named": NAMED,
        "config": {
            "language": current(),
            "words": {"none": gettext("n/a"), "nothing": gettext("Every number is 0 here.")},
            "figures": [{"name": each.name, "kind": each.kind, **each.data} for each in figures],
        },
    }  # fmt: skip


def gaps(made: Board) -> list[tuple[str, Sequence[tuple[str, str]], str]]:
    """Return kind of vacancy, codes and names, and measure of the map, of what has nobody."""
    return [
        ("no_link_cadre", made.unlinked, "link"),
        ("no_adviser", made.unadvised, "adviser"),
        ("no_functional", made.bare, "functional"),
    ]


def cards(made: Board, given: dict[str, Any]) -> list[tuple[str, str, str, str | None]]:
    """Return name, label, number and address of each card."""
    c, viewer, area = made.counts, access.viewer(), given["area"]
    live = made.day == access.today()
    shown = url_for("maps.show", theme="grids", measure="size", area=area, date=made.day)
    grids = url_for("density.show", level="grid", area=area) if live else shown
    day = None if live else made.day
    staff = url_for("forces.show", role="grid_worker", employment="full_time", area=area, date=day)
    found: list[tuple[str, str, int | None, str | None]] = [
        ("grids", N_("Grids"), c.grids, grids),
        ("workers", N_("Full-time grid workers"), c.full_time, staff),
        ("households", N_("Households"), c.households, grids),
        *((state, title, number if live or state != "due_today" else None,
           case_list(state, given, live) if viewer.may("case.view") else None)
          for state, title, number in (("open", N_("Open"), c.open), ("overdue", N_("Overdue"), c.overdue),
                                       ("due_today", N_("Due today"), c.due_today))),
    ]  # fmt: skip
    return [(name, gettext(title), told.count(number), href) for name, title, number, href in found]


def case_list(state: str, given: dict[str, Any], live: bool) -> str | None:
    """Return the list of what is open now, or of what was open at the end of a month."""
    if live:
        return url_for("cases.listed", state=state, area=given["area"])
    return url_for("behind.listed", count=state, **given) if state != "due_today" else None


CLASSES = (
    (0.95, "≥95%", N_("good"), "#2c7fb8"), (0.85, "85–95%", N_("watch"), "#7fcdbb"),
    (0.0, "<85%", N_("act"), "#fdae61"), (None, "", N_("no case was due"), "#e4e4e0"),
)  # fmt: skip
"""From which share on, how that is written, its word and its colour; the last but one is hatched as well."""


def classed(result: Result) -> int:
    """Return the place of a figure's class."""
    if result.value is None:
        return len(CLASSES) - 1
    return next(at for at, (low, *_rest) in enumerate(CLASSES) if low is not None and result.value >= low)
