"""The limits of acceptance and dispatch, on the page of the duty list."""

from __future__ import annotations

from flask import Blueprint, Response, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from gis import stages
from gis.duties import amount_of
from gis.errors import Invalid
from gis.words import N_
from webapp import access
from webapp.addresses import day_of, numbers_of
from webapp.language import gettext

bp = Blueprint("stages", __name__)


@bp.post("/duties/stages")
def put() -> ResponseReturnValue:
    """Set a limit from today on."""
    form = request.form
    limit = stages.Limit(form.get("stage", ""), amount_of(form.get("amount", "")), form.get("unit", ""),
                         form.get("urgency", ""))  # fmt: skip
    stages.put(access.database().session(), access.viewer(), limit, access.today(), numbers_of(form.get("seen")))
    return back(gettext(N_("The limit holds from today on.")))


@bp.post("/duties/stages/end")
def end() -> ResponseReturnValue:
    """End a limit."""
    place = request.form.get("stage", ""), request.form.get("urgency", "")
    seen = numbers_of(request.form.get("seen"))
    stages.end(access.database().session(), access.viewer(), place, access.today(), seen)
    return back(gettext(N_("The limit has ended.")))


@bp.post("/duties/stages/import")
def bring() -> ResponseReturnValue:
    """Put a table in the place of the limits."""
    sent = request.files.get("file")
    if sent is None or not sent.filename:
        raise Invalid(N_("Choose a file first."))
    session, viewer, seen = access.database().session(), access.viewer(), numbers_of(request.form.get("seen"))
    put, ended = stages.replace(session, viewer, sent.read(), access.today(), seen)
    return back(gettext(N_("%(put)s limits set, %(ended)s ended."), put=put, ended=ended))


@bp.get("/duties/stages.csv")
def table() -> ResponseReturnValue:
    """Send the limits in force on a day as a table that comes in again as it went out."""
    access.viewer().require("layer.export")
    day = day_of(request.args.get("date"), access.today())
    body = stages.table(access.database().session(), access.viewer(), day)
    headers = {"Content-Disposition": 'attachment; filename="stages.csv"'}
    return Response("\ufeff" + body, mimetype="text/csv", headers=headers)


def back(said: str) -> ResponseReturnValue:
    """Return to the list with a word about what was done."""
    flash(said, "success")
    return redirect(url_for("duties.listed") + "#stages")
