"""Reporting a case from the street: the place first, with who is responsible there and what is known already."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import generate_csrf

from gis import duties
from gis.cases import CATEGORIES, SOURCES, filing, photos
from gis.duties import LEVEL_NAMES
from gis.errors import Invalid
from gis.staffing import on_duty
from gis.words import N_
from webapp import access, small_map
from webapp.addresses import spot_of
from webapp.cases.words import WORDS

bp = Blueprint("reporting", __name__)
ANSWERS = ("grid_worker", "grid_leader")


@bp.get("/cases/new")
def new() -> ResponseReturnValue:
    """Show the form; its map moves under a pin."""
    access.viewer().require("case.report")
    urls = {"place": url_for("reporting.place"), "create": url_for("reporting.create")}
    shown = small_map.of_page(WORDS, urls, user=access.viewer().user_id, token=generate_csrf())
    return render_template("cases/new.html", categories=CATEGORIES, sources=SOURCES,
                           meeting=request.args.get("meeting", 0, int),
                           council=request.args.get("council", 0, int), **shown)  # fmt: skip


@bp.get("/cases/place")
def place() -> ResponseReturnValue:
    """Answer what is at a spot: grid, workers, the duty list's entry, and open cases nearby, as a fragment."""
    session, viewer, spot = access.database().session(), access.viewer(), spot_of(request.args)
    found = filing.place_of(session, viewer, spot, access.today())
    category, urgency = request.args.get("category", ""), request.args.get("urgency", "normal")
    known = category in CATEGORIES
    return render_template(
        "cases/place.html", place=found, levels=LEVEL_NAMES, category=category if known else "",
        near=filing.similar(session, viewer, spot, category, access.now()) if known else [],
        entries=duties.offered(session, viewer, category, urgency, access.today())[:1] if known else [],
        workers=workers(found), outside=found.outline is None and not held(found),
    )  # fmt: skip


@bp.post("/cases/")
def create() -> ResponseReturnValue:
    """Store a report with its pictures, and answer where its page is; sent twice, it is stored once."""
    session, viewer, form = access.database().session(), access.viewer(), request.form
    lon, lat = spot_of(form)
    words: dict[str, Any] = {name: form.get(name, "") for name in ("category", "title", "description", "address")}
    given = filing.Report(**words, lon=lon, lat=lat, source=form.get("source", "grid_patrol"),
                          urgency=form.get("urgency", "normal"), key=key_of(form.get("key", "")),
                          reception=form.get("meeting", None, int), council=form.get("council", None, int),
                          same_as=form.get("same", ""))  # fmt: skip
    pictures = photos.all_redrawn([each.read() for each in request.files.getlist("photo") if each.filename])
    made = filing.report(session, viewer, given, access.now())
    photos.bring(session, viewer, made, pictures, access.now())
    return {"to": url_for("cases.show", case_no=made.case_no), "case": made.case_no}


def key_of(text: str) -> str | None:
    """Return the key of a report under the user's number; raises Invalid for one that no page makes."""
    if not text:
        return None
    if len(text) > 64 or not text.isascii():
        raise Invalid(N_("The key of a report has at most 64 signs."))
    return f"{access.viewer().user_id}:{text}"


def workers(found: filing.Place) -> list[Any]:
    """Return who works in the grid of a place."""
    if found.outline is None:
        return []
    duty = on_duty(access.database().session(), access.viewer(), found.outline.grid_id, access.today())
    return [each for each in duty if each.role in ANSWERS and each.name]


def held(found: filing.Place) -> bool:
    """Tell whether a place without a grid lies in a village of the viewer's, where a case can still be stored."""
    return found.village is not None and access.viewer().territory.holds(found.village.code)
