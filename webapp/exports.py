"""Layers as files: streamed, inside the territory, masked, and written to the export log."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue

from gis.viewer import Viewer
from layers import files
from layers.catalogue import CATALOGUE
from layers.files import Export, Format, label
from layers.layer import Layer
from webapp import access
from webapp.addresses import asked, day_of
from webapp.language import gettext

bp = Blueprint("exports", __name__)


@bp.get("/exports")
def choose() -> ResponseReturnValue:
    """Show every layer that the viewer may take away, with its formats and fields."""
    viewer = access.viewer()
    viewer.require("layer.export")
    listed = [entry(layer, viewer) for layer in CATALOGUE.seen_by(viewer)]
    day = day_of(request.args.get("date"), access.today()).isoformat()
    return render_template(
        "exports.html", layers=listed, area=request.args.get("area"), date=day, formats=files.FORMATS
    )


@bp.get("/layers/<name>.<suffix>")
def layer(name: str, suffix: str) -> ResponseReturnValue:
    """Send a layer as a file."""
    viewer = access.viewer()
    viewer.require("layer.export")
    found, form = CATALOGUE.get(name), files.get(suffix)
    wanted = asked(request.args, viewer, access.today(), access.now())
    purpose = request.args.get("purpose", "")
    taken = files.export(access.database(), viewer, found, form, wanted, purpose, say=gettext)
    return sent(taken, form)


def sent(taken: Export, form: Format) -> Response:
    """Return the export as a download with a name that says what it is, and headers that say what it cannot."""
    response = Response(taken, mimetype=form.media_type)
    about = taken.about
    area = "all" if about["area"] == "territory" else about["area"]
    name = f"{about['layer']}-{area}-{about['as_at']}.{form.name}"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Cache-Control"] = "private, no-store"
    if not form.self_describing:
        response.headers.update(label.headers(about))
    return response


def entry(found: Layer, viewer: Viewer) -> dict[str, Any]:
    """Return one layer of the list: its title, what it holds, and its fields in words."""
    fields = [label.entry(f, gettext) for f in found.seen_by(viewer)]
    return {"name": found.name, "title": gettext(found.title), "about": gettext(found.about), "fields": fields}
