"""Layers as files: streamed, inside the territory, masked, and written to the export log."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue

from gis import audit
from gis.viewer import Viewer
from layers import files
from layers.catalogue import CATALOGUE
from layers.files import Format
from layers.layer import Layer
from layers.query import Asked, total
from webapp import access
from webapp.addresses import asked, day_of
from webapp.language import gettext
from webapp.transaction import Database

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
    viewer, database = access.viewer(), access.database()
    viewer.require("layer.export")
    found, form = CATALOGUE.get(name), files.get(suffix)
    wanted = asked(request.args, viewer, access.today(), access.now())
    session = database.session()
    session.execute(total(found, viewer, wanted).limit(0))
    files.inspect(session, found, viewer, wanted)
    purpose = request.args.get("purpose", "").strip()[:200] or audit.NOT_STATED
    number = audit.start_export(session, viewer, found.name, form.name, dict(request.args), purpose)
    return sent(stream(database, found, form, viewer, wanted, number, purpose), found, form, wanted)


def sent(body: Iterator[bytes], found: Layer, form: Format, wanted: Asked) -> Response:
    """Return the stream as a download with a name that says what it is."""
    response = Response(body, mimetype=form.media_type)
    name = f"{found.name}-{wanted.area or 'all'}-{wanted.day}.{form.name}"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Cache-Control"] = "private, no-store"
    return response


def stream(
    database: Database, found: Layer, form: Format, viewer: Viewer, wanted: Asked, number: int, purpose: str
) -> Iterator[bytes]:
    """Yield the file from a session of its own, then write how many rows and bytes left to the log."""
    about = files.about(found, viewer, wanted, purpose)
    size = 0
    with database.snapshot(viewer) as session:
        rows = session.scalar(total(found, viewer, wanted))
        for block in form.write(session, found, viewer, wanted, about):
            size += len(block)
            yield block
    with database.afterwards(viewer) as session:
        audit.end_export(session, number, rows=rows or 0, size=size)


def entry(found: Layer, viewer: Viewer) -> dict[str, Any]:
    """Return one layer of the list: its title, what it holds, and its fields in words."""
    return {
        "name": found.name,
        "title": gettext(found.title),
        "about": gettext(found.about),
        "fields": [
            {"name": f.name, "title": gettext(f.title), "kind": f.kind, "unit": f.unit} for f in found.seen_by(viewer)
        ],
    }
