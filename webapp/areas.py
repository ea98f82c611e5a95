"""The short address of an area or a grid: it leads to its place on the map."""

from __future__ import annotations

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue

from gis import areas
from gis.viewer import level
from webapp import access
from webapp.addresses import area_of, day_of

bp = Blueprint("areas", __name__)


@bp.get("/areas/<code>")
def show(code: str) -> ResponseReturnValue:
    """Go to the map of an area, or to the card of a grid."""
    viewer = access.viewer()
    found = area_of(code, viewer) or ""
    day = day_of(request.args.get("date"), access.today())
    areas.whereabouts(access.database().session(), viewer, found, day)
    grid = found if level(found) == "grid" else None
    return redirect(url_for("maps.show", area=found, grid=grid, date=request.args.get("date")))
