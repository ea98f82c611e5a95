"""Plans as files: taken away, and brought in, where a file is shown on the map before it is taken."""

from __future__ import annotations

import tempfile
import uuid
from dataclasses import asdict
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, current_app, render_template, request
from flask.typing import ResponseReturnValue
from itsdangerous import BadSignature, URLSafeTimedSerializer
from werkzeug.utils import secure_filename

from gis.errors import Invalid, WanggeError
from gis.fabric import store as fabrics
from gis.plans import incoming, store
from gis.plans.draft import Draft, draft
from gis.plans.edits import Edit
from gis.plans.incoming import Proposal
from gis.plans.labels import labels
from gis.words import N_
from layers import differences, paper
from webapp import access
from webapp.language import gettext
from webapp.plans.pages import back

bp = Blueprint("exchange", __name__)
LASTS = 3600
"""For how many seconds a file that was shown can be taken."""
MIMETYPES = {"csv": "text/csv", "geojson": "application/geo+json", "gpkg": "application/geopackage+sqlite3"}


@bp.get("/plans/<int:plan_id>/file.<form>")
def take_away(plan_id: int, form: str) -> ResponseReturnValue:
    """Send the plan as a file: its cells as CSV, its grids as GeoJSON, GeoPackage or Shapefile."""
    from layers.files import plan as files  # it takes its share of a worker's memory

    body = files.write(access.database().session(), access.viewer(), plan_id, form)
    headers = {"Content-Disposition": f'attachment; filename="plan-{plan_id}.{form}"'}
    return Response(body, mimetype=MIMETYPES.get(form, "application/zip"), headers=headers)


@bp.get("/plans/<int:plan_id>/import")
def choose(plan_id: int) -> ResponseReturnValue:
    """Show the form for a file."""
    return form_of(plan_id)


@bp.post("/plans/<int:plan_id>/import")
def look(plan_id: int) -> ResponseReturnValue:
    """Show what a file would do to the plan; nothing is written."""
    session, viewer = access.database().session(), access.viewer()
    viewer.require("plan.draw")
    found = draft(session, viewer, plan_id)
    try:
        proposal = received(found)
    except WanggeError as error:
        return form_of(plan_id, sentences(error)), 400
    return render_template("plans/proposal.html", plan=found.plan, found=proposal, **shown(proposal))


@bp.post("/plans/<int:plan_id>/import/take")
def take(plan_id: int) -> ResponseReturnValue:
    """Take the file that was shown, as one step of the plan."""
    session, viewer = access.database().session(), access.viewer()
    viewer.require("plan.draw")
    incoming.take(session, viewer, plan_id, unsealed(plan_id, request.form.get("sealed", "")), access.now())
    return back(plan_id, N_("The file is taken. It is one step of the plan; undo in the editor takes it back."))


def form_of(plan_id: int, error: str | None = None) -> str:
    """Return the form for a file, with what was wrong with the last one."""
    session, viewer = access.database().session(), access.viewer()
    viewer.require("plan.draw")
    return render_template("plans/import.html", plan=store.find(session, viewer, plan_id), error=error)


def sentences(error: WanggeError) -> str:
    """Return what is wrong with a file and how to mend it; what the shell has options for, the form has fields for."""
    finding = getattr(error, "finding", None)
    if finding is None:
        return gettext(error.message, **error.params)
    wrong, mend = finding.told(gettext)
    return str(wrong) if "--" in mend else f"{wrong} {mend}"


def received(found: Draft) -> Proposal:
    """Hold the file that was sent against a draft; it is on the disk for as long as it is read."""
    sent = request.files.get("file")
    if sent is None or not sent.filename:
        raise Invalid(N_("Choose a file first."))
    suffix = "".join(Path(secure_filename(sent.filename)).suffixes[-2:]) or Path(sent.filename).suffix
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"sent{suffix}"
        sent.save(path)
        crs, layer = (request.form.get(name, "").strip() or None for name in ("crs", "layer"))
        return incoming.from_file(
            access.database().session(), access.viewer(), found, path, crs=crs, layer=layer
        )  # fmt: skip


def shown(proposal: Proposal) -> dict[str, Any]:
    """Return what the page tells of a proposal: the step, its seal, the map and the grids."""
    session, viewer, found = access.database().session(), access.viewer(), proposal.draft
    step = proposal.edit(uuid.uuid4().hex)
    ids, shapes = fabrics.shapes(session, viewer, list(found.plan.fabrics))
    after, names = proposal.laid(), [name for _label, name, _village in proposal.names]
    maps = {
        "before": differences.outlines(shapes, found.of, [grid.name for grid in found.grids]),
        "after": differences.outlines(shapes, after, names),
        "moved": differences.moved(ids, shapes, list(step.cells)),
        "cut": differences.moved(ids, shapes, [cut.cell for cut in proposal.cuts]),
    }
    drawn = paper.drawn(maps)
    places = [drawn["sheet"].place(*each.place) if each.place else None for each in proposal.remarks]
    limits = (found.plan.households_min, found.plan.households_max)
    return {"step": step, "sealed": sealed(found.plan.id, step), "drawn": drawn, "places": places,
            "grids": proposal.sums(after), "limits": limits, "dedicated": dedicated(found),
            "titles": {label: name for label, name, _village in proposal.names}}  # fmt: skip


def dedicated(found: Draft) -> set[str]:
    """Return the labels of the grids of a draft that have no target."""
    return {label for label, grid in zip(labels(found), found.grids, strict=True) if grid.kind == "dedicated"}


def sealed(plan_id: int, step: Edit) -> str:
    """Return a step so that the browser can keep it and nobody can change it: no server has to remember the file."""
    return str(seal().dumps({"plan": plan_id, "user": access.viewer().user_id, "step": asdict(step)}))


def unsealed(plan_id: int, text: str) -> Edit:
    """Return the step that was shown; raises Invalid for one that is too old, another's or another plan's."""
    try:
        told = seal().loads(text, max_age=LASTS)
    except BadSignature:
        told = {}
    if (told.get("plan"), told.get("user")) != (plan_id, access.viewer().user_id):
        raise Invalid(N_("What was shown is too old to be taken. Send the file again."))
    return Edit(**told["step"])


def seal() -> URLSafeTimedSerializer:
    """Return what signs steps."""
    return URLSafeTimedSerializer(str(current_app.secret_key), salt="plan-import")
