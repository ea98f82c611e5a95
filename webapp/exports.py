"""Layers as files: streamed, inside the territory, masked, and written to the export log."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue

from gis.errors import Invalid, NotFound, Refused, WanggeError
from gis.viewer import Viewer
from layers import files
from layers.catalogue import CATALOGUE
from layers.files import Export, Format, label
from layers.layer import Layer
from webapp import access, faults
from webapp.addresses import asked, day_of
from webapp.language import gettext

bp = Blueprint("exports", __name__)


@bp.get("/exports")
def choose() -> ResponseReturnValue:
    """Show every layer that the viewer may take away, with its formats and fields."""
    viewer = access.viewer()
    viewer.require("layer.export")
    day = day_of(request.args.get("date"), access.today())
    return form({"area": request.args.get("area"), "date": day.isoformat(), "purpose": request.args.get("purpose")})


def form(given: Mapping[str, str | None], error: str | None = None) -> str:
    """Return the form with what was typed into it, and what was wrong with that."""
    viewer = access.viewer()
    listed = [entry(layer, viewer) for layer in CATALOGUE.seen_by(viewer)]
    return render_template("exports.html", layers=listed, formats=files.FORMATS, error=error, **given)


@bp.errorhandler(Invalid)
@bp.errorhandler(NotFound)
@bp.errorhandler(Refused)
def again(error: WanggeError) -> ResponseReturnValue:
    """Show a person the form again with what was wrong; scripts and programs get the sentence."""
    if access.by_script():
        return faults.told(error)
    given = {name: request.args.get(name) for name in ("area", "date", "purpose")}
    return form(given, gettext(error.message, **error.params)), faults.STATUS[type(error)]


@bp.get("/layers/<name>.<suffix>")
def layer(name: str, suffix: str) -> ResponseReturnValue:
    """Send a layer as a file."""
    viewer = access.viewer()
    viewer.require("layer.export")
    found, kind = CATALOGUE.get(name), files.get(suffix)
    wanted = asked(request.args, viewer, access.today(), access.now())
    purpose = request.args.get("purpose", "")
    taken = files.export(access.database(), viewer, found, kind, wanted, purpose, say=gettext)
    return sent(taken, kind)


def sent(taken: Export, kind: Format) -> Response:
    """Return the export as a download with a name that says what it is, and headers that say what it cannot."""
    response = Response(taken, content_type=kind.media_type)
    about = taken.about
    area = "all" if about["area"] == "territory" else about["area"]
    name = f"{about['layer']}-{area}-{about['as_at']}.{kind.name}"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Cache-Control"] = "private, no-store"
    if not kind.self_describing:
        response.headers.update(label.headers(about))
    return response


def entry(found: Layer, viewer: Viewer) -> dict[str, Any]:
    """Return one layer of the list: its title, what it holds, and its fields in words."""
    fields = [label.entry(f, gettext) for f in found.seen_by(viewer)]
    said = {"title": gettext(found.title), "about": gettext(found.about), "of_today": not found.remembers}
    return {"name": found.name, "fields": fields, **said}
