"""Honours of buildings: the list with its filters in the address, giving and ending one."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from gis import honours
from gis.errors import Invalid
from gis.premises import HONOUR_KINDS
from gis.words import N_
from webapp import access
from webapp.addresses import folded, words_of
from webapp.forces.asked import choice, kept, number_in, place, scope_of, sent
from webapp.language import gettext

bp = Blueprint("honours", __name__)
FILTERS = ("kind", "year", "state", "text", "building")
HEADS = (N_("Honour"), N_("Year"), N_("Building code"), N_("Name"), N_("Residential compound"), N_("Address"),
         N_("Grid code"), N_("Grid"), N_("Village or community"), N_("Ended on"))  # fmt: skip


@bp.get("/honours/")
def show() -> ResponseReturnValue:
    """Show the honours that the address asks for; with a building, that building's."""
    return render_template("forces/honours.html", rows=found(), wanted=wanted(), place=place(), kinds=HONOUR_KINDS,
                           states=honours.STATES, given=kept(*FILTERS), today=access.today(),
                           first=honours.FIRST_YEAR)  # fmt: skip


@bp.get("/honours.csv")
def table() -> ResponseReturnValue:
    """Send exactly what the list shows as a table."""
    return sent("honours", HEADS, map(line, found()))


@bp.post("/honours/")
def give() -> ResponseReturnValue:
    """Give a building an honour."""
    code, kind, today = folded(request.form.get("building")), request.form.get("kind", ""), access.today()
    year = number_in("year", honours.FIRST_YEAR, today.year) or 0
    honours.give(access.database().session(), access.viewer(), code, kind, year, today)
    flash(gettext(N_("The honour is given.")), "success")
    return redirect(url_for("honours.show", building=code))


@bp.post("/honours/<int:honour_id>/end")
def end(honour_id: int) -> ResponseReturnValue:
    """Let an honour end today."""
    honours.end(access.database().session(), access.viewer(), honour_id, access.today())
    flash(gettext(N_("The honour has ended; it stays in the list of those that ended.")), "success")
    return redirect(url_for("honours.show", **kept(*FILTERS)))


def wanted() -> honours.Wanted:
    """Return what the address asks for."""
    args = request.args
    year = folded(args.get("year"))
    if year and not (year.isascii() and year.isdigit() and len(year) == 4):
        raise Invalid(N_("%(value)s is no value of a filter."), value=year)
    return honours.Wanted(choice(args.get("kind", ""), HONOUR_KINDS), int(year) if year else None,
                          choice(args.get("state", ""), honours.STATES) or "held", words_of(args.get("text")),
                          folded(args.get("building")))  # fmt: skip


def found() -> list[Any]:
    """Return the honours that the address asks for."""
    return honours.listed(access.database().session(), access.viewer(), scope_of(request.args), wanted())


def line(row: Any) -> tuple[Any, ...]:
    """Return one honour as the table has it."""
    return (gettext(HONOUR_KINDS[row.kind]), row.year, row.code, row.name, row.compound, row.address, row.grid_code,
            row.grid, row.village, row.ended_on)  # fmt: skip
