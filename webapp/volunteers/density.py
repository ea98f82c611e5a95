"""Need, volunteers and care as a table by grid, village or town."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from gis import audit
from gis.words import N_
from layers import density
from layers.bivariate import LABELS, STEPS
from layers.density import LEVELS, Line
from webapp import access
from webapp.language import gettext
from webapp.volunteers.asked import asked_on_day, choice, place_of, table, told

bp = Blueprint("density", __name__)


@bp.get("/volunteers/density")
def show() -> ResponseReturnValue:
    """Show the table of a level."""
    args, viewer = request.args, access.viewer()
    return render_template(
        "volunteers/density.html", rows=found(), level=level(), levels=LEVELS, given=told(args, "level", "date"),
        place=place_of(args, viewer), near=density.NEAR_M, labelled=labelled, day=asked_on_day(args, viewer).day,
        today=access.today(),
    )  # fmt: skip


@bp.get("/volunteers/density.csv")
def export() -> ResponseReturnValue:
    """Send what is shown as a table."""
    session, viewer = access.database().session(), access.viewer()
    viewer.require("layer.export")
    rows = found()
    audit.record(
        session, viewer, "resource.export", "density", rows=len(rows), filter=told(request.args, "level", "date")
    )
    return table("density", map(gettext, HEADS), map(cells, rows))


def level() -> str:
    """Return the level of the address: that below the area without one."""
    return choice(request.args.get("level"), LEVELS) or "grid"


def found() -> list[Line]:
    """Return the lines that the address asks for."""
    viewer = access.viewer()
    return density.table(access.database().session(), viewer, asked_on_day(request.args, viewer), level())


def labelled(cell: int | None) -> str:
    """Return what a class is called."""
    return "" if cell is None else gettext(LABELS[divmod(cell, STEPS)])


def cells(line: Line) -> list[Any]:
    """Return a line as it is written into the table; small care counts stay empty."""
    rounded = [None if value is None else round(value, 2) for value in (line.density, line.need)]
    return [
        line.code,
        line.name,
        line.grids,
        line.households,
        line.residents,
        line.teams,
        line.volunteers,
        rounded[0],
        line.open_cases,
        rounded[1],
        labelled(line.cell),
        line.care_enrolled,
        line.care_in_time,
        line.teams_near,
        line.free_near,
    ]


HEADS = (
    N_("Code"),
    N_("Name"),
    N_("Grids"),
    N_("Households"),
    N_("Residents"),
    N_("Volunteer teams"),
    N_("Active volunteers"),
    N_("Active volunteers per 1,000 residents"),
    N_("Open cases"),
    N_("Open cases per 1,000 households"),
    N_("Need and resources"),
    N_("Care enrolments"),
    N_("Care enrolments visited in time"),
    N_("Teams within 2 km"),
    N_("Teams within 2 km without an open call"),
)
"""The columns of the table."""
