"""The round of a worker: what is due, a visit in two taps, sent when there is a network, taken back on its day."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import groupby
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import format_decimal
from flask_wtf.csrf import generate_csrf

from gis import visits
from gis.coverage import PURPOSES, RESULTS
from gis.errors import Invalid
from gis.scope import Scope
from gis.words import N_
from layers.query import Asked
from webapp import access
from webapp.addresses import area_of, day_of
from webapp.language import current, gettext
from webapp.visits.words import WORDS

bp = Blueprint("visits", __name__)
SHOWN = {"due": N_("due"), "all": N_("all households"), "today": N_("recorded today")}
STATES_OF = {"due": visits.DUE, "all": tuple(visits.STATES)}


@bp.get("/visits/")
def due() -> ResponseReturnValue:
    """Show what is due in the worker's grids; who records no visits sees the coverage."""
    session, viewer, args = access.database().session(), access.viewer(), request.args
    if not viewer.may("visit.record"):
        return redirect(url_for("reach.coverage", area=args.get("area")))
    chosen, area = shown_of(args), area_of(args.get("area"), viewer)
    scope = Asked(access.today(), access.now(), area=area).scope(viewer)
    rows = [] if chosen == "today" else visits.due(session, viewer, scope, states=STATES_OF[chosen])
    today = visits.recorded_today(session, viewer, access.now())
    return render_template(
        "visits/due.html", buildings=by_building(rows), counts=numbers(scope, today), chosen=chosen, today=today,
        shown=SHOWN, purposes=PURPOSES, results=RESULTS, config=config_of("visits", area=area), area=args.get("area"),
        most=len(rows) == visits.MOST_DUE, states=visits.STATES,
    )  # fmt: skip


@bp.get("/visits/numbers")
def tally() -> ResponseReturnValue:
    """Answer the numbers on top of the list, as the page would show them now."""
    session, viewer = access.database().session(), access.viewer()
    scope = Asked(access.today(), access.now(), area=area_of(request.args.get("area"), viewer)).scope(viewer)
    return numbers(scope, visits.recorded_today(session, viewer, access.now()))


@bp.post("/visits/record")
def record() -> ResponseReturnValue:
    """Store a visit that a device tells of; told twice, it is stored once."""
    told = told_by(request.get_json(silent=True))
    place = {name: number(told.get(name)) for name in ("household", "building")}
    given = visits.Given(key=str(told.get("key", "")), result=str(told.get("result", "")), **place,
                         purpose=str(told.get("purpose", "")), day=day_told(told),
                         again=told.get("again") is True)  # fmt: skip
    return {"visit": visits.record(access.database().session(), access.viewer(), given, access.now())}


@bp.post("/visits/undo")
def undo() -> ResponseReturnValue:
    """Take a visit of today back."""
    told = told_by(request.get_json(silent=True))
    gone = visits.undo(access.database().session(), access.viewer(), str(told.get("of", "")), access.now())
    return {"undone": gone}


@bp.get("/visits/token")
def token() -> ResponseReturnValue:
    """Answer who is logged in and with which token forms are sent, for a page that was open longer than its session."""
    return {"user": access.viewer().user_id, "token": generate_csrf()}


def told_by(given: Any) -> dict[str, Any]:
    """Return what a device tells; raises Invalid when it is not the device of who is logged in."""
    if not isinstance(given, dict) or given.get("user") != access.viewer().user_id:
        raise Invalid(N_("This was recorded by another user of the device."))
    return given


def numbers(scope: Scope, today: list[Any]) -> dict[str, str]:
    """Return how long each list is, as it is written."""
    found = visits.counts(access.database().session(), access.viewer(), scope)
    counted = {"due": found.due, "all": found.households, "today": len(today)}
    return {name: format_decimal(count) for name, count in counted.items()}


def number(value: Any) -> int | None:
    """Return the number of a place, None for none."""
    if value is not None and (not isinstance(value, int) or not 0 < value < 2**63):
        raise Invalid(N_("Say which household or building was visited."))
    return value


def day_told(told: Mapping[str, Any]) -> Any:
    """Return the day of a visit."""
    return day_of(str(told.get("day", "")), access.today())


def shown_of(args: Mapping[str, str]) -> str:
    """Return which list the address asks for."""
    chosen = args.get("show", "due")
    if chosen not in SHOWN:
        raise Invalid(N_("%(value)s is no value of a filter."), value=chosen)
    return chosen


def by_building(rows: list[Any]) -> list[tuple[Any, list[Any]]]:
    """Return each building, as its first row tells of it, with its households."""
    return [(own[0], own) for own in (list(each) for _id, each in groupby(rows, lambda row: row.building_id))]


def config_of(round_of: str, **given: Any) -> dict[str, Any]:
    """Return what the script of a round is told, of visits or of care."""
    viewer = access.viewer()
    return {
        "language": current(),
        "round": round_of,
        "user": viewer.user_id,
        "name": viewer.name,
        "token": generate_csrf(),
        "now": access.now().isoformat(),
        "urls": {name: url_for(f"{round_of}.{name}") for name in ("record", "undo")}
        | {"numbers": url_for(f"{round_of}.tally", **given), "token": url_for("visits.token")},
        "words": {key: gettext(text) for key, text in WORDS.items()},
    }
