"""Service points: the list with what is open now, and the form to add or change one."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import format_datetime

from gis import audit
from gis.resources import POINT_KINDS, ServicePoint
from gis.scope import ZONE
from gis.volunteers import places, points
from gis.volunteers.hours import Standing
from gis.volunteers.points import Shown
from gis.words import N_
from webapp import access, small_map
from webapp.language import gettext
from webapp.volunteers.asked import closing_of, decimal, number, place_of, point_filters, scope_of, table, told

bp = Blueprint("points", __name__)
FILTERS = ("kind", "item", "open", "closed")


@bp.get("/volunteers/points/")
def listed() -> ResponseReturnValue:
    """Show the service points that the address asks for."""
    args = request.args
    return render_template(
        "volunteers/points.html",
        rows=found(),
        wanted=point_filters(args),
        given=told(args, *FILTERS),
        place=place_of(args, access.viewer()),
        kinds=POINT_KINDS,
    )


@bp.get("/volunteers/points.csv")
def export() -> ResponseReturnValue:
    """Send what the list shows as a table."""
    session, viewer = access.database().session(), access.viewer()
    viewer.require("layer.export")
    rows = found()
    audit.record(session, viewer, "resource.export", "points", rows=len(rows), filter=told(request.args, *FILTERS))
    return table("service_points", map(gettext, HEADS), map(cells, rows))


@bp.get("/volunteers/points/new")
def new() -> ResponseReturnValue:
    """Show the form for a new service point."""
    access.viewer().require("resource.manage")
    return form_of(None)


@bp.get("/volunteers/points/<int:point_id>/edit")
def edit(point_id: int) -> ResponseReturnValue:
    """Show the form of a service point."""
    access.viewer().require("resource.manage")
    return form_of(points.found(access.database().session(), access.viewer(), point_id, access.now()))


def form_of(shown: Shown | None) -> str:
    """Return the form of a service point, of a new one without a row."""
    point = shown.point if shown else None
    return render_template("volunteers/point_form.html", at=shown, thing=point, kinds=POINT_KINDS,
                           today=access.today(), **small_map.of_page())  # fmt: skip


@bp.post("/volunteers/points")
def create() -> ResponseReturnValue:
    """Store a new service point."""
    return stored(points.put(access.database().session(), access.viewer(), point_of(request.form)))


@bp.post("/volunteers/points/<int:point_id>")
def change(point_id: int) -> ResponseReturnValue:
    """Change a service point on the revision that the form showed."""
    revision = number(request.form.get("revision"))
    return stored(points.put(access.database().session(), access.viewer(), point_of(request.form), point_id, revision))


@bp.post("/volunteers/points/<int:point_id>/close")
def close(point_id: int) -> ResponseReturnValue:
    """Close a service point from a day on, or take that back while it lies ahead."""
    asked = closing_of(request.form, "point.close", point_id)
    return stored(places.close(access.database().session(), access.viewer(), ServicePoint, asked))


def stored(point: Any) -> ResponseReturnValue:
    """Return to the list with a word about what was done."""
    flash(gettext(N_("Stored: %(name)s."), name=point.name), "success")
    return redirect(url_for("points.listed", area=point.area_code))


def found() -> list[Shown]:
    """Return the service points that the address asks for."""
    session, viewer, args = access.database().session(), access.viewer(), request.args
    return points.listed(session, viewer, scope_of(args, viewer), point_filters(args), access.now())


def point_of(form: Any) -> points.Told:
    """Return what the form says of a service point."""
    items = tuple(each.strip() for each in form.get("items", "").replace("，", "、").split("、") if each.strip())
    capacity = number(form["capacity"]) if form.get("capacity") else None
    return points.Told(
        form.get("kind", ""),
        form.get("name", ""),
        capacity,
        items,
        form.get("workdays", ""),
        form.get("days_off", ""),
        decimal(form.get("lon")),
        decimal(form.get("lat")),
        form.get("phone", ""),
    )


@bp.app_template_global()
def standing(found: Standing) -> str:
    """Return in words whether a place is open, and when that changes."""
    if found.until is None:
        return gettext(N_("open round the clock") if found.open else N_("not open"))
    until = found.until.astimezone(ZONE)
    near = (until.date() - access.today()).days < 1 or (found.open and (until.date() - access.today()).days <= 1)
    time = format_datetime(until, "HH:mm" if near else "M-d HH:mm")
    return gettext(N_("open until %(time)s") if found.open else N_("opens at %(time)s"), time=time)


def cells(shown: Shown) -> list[Any]:
    """Return a service point as a line of the table."""
    point = shown.point
    return [
        gettext(POINT_KINDS[point.kind]),
        point.name,
        shown.village,
        gettext(", ").join(point.items),
        point.hours_workdays,
        point.hours_days_off,
        standing(shown.standing),
        point.capacity,
        point.contact_phone,
        f"{shown.lon:.6f}",
        f"{shown.lat:.6f}",
        point.closed_on,
    ]


HEADS = (
    N_("Kind"),
    N_("Name"),
    N_("Village or community"),
    N_("What can be handled here"),
    N_("Hours on working days"),
    N_("Hours on days off"),
    N_("Now"),
    N_("Capacity"),
    N_("Contact phone"),
    N_("Longitude"),
    N_("Latitude"),
    N_("Closed from"),
)
"""The columns of the table."""
