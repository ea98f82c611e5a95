"""The audit page: what was done, by whom, when; for the auditor."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from gis import audit
from layers.catalogue import CATALOGUE
from webapp import access

bp = Blueprint("audit", __name__)
PAGE = 100
LAST_PAGE = 100_000


@bp.get("/audit")
def entries() -> ResponseReturnValue:
    """Show the newest actions and exports."""
    session, viewer = access.database().session(), access.viewer()
    page = min(max(request.args.get("page", 1, int), 1), LAST_PAGE)
    actions = session.scalars(audit.entries(session, viewer).offset((page - 1) * PAGE).limit(PAGE + 1)).all()
    return render_template(
        "audit.html", actions=actions[:PAGE], page=page, more=len(actions) > PAGE, action_names=audit.ACTIONS
    )


@bp.get("/audit/exports")
def export_entries() -> ResponseReturnValue:
    """Show the newest exports."""
    session, viewer = access.database().session(), access.viewer()
    page = min(max(request.args.get("page", 1, int), 1), LAST_PAGE)
    taken = session.scalars(audit.exports(session, viewer).offset((page - 1) * PAGE).limit(PAGE + 1)).all()
    more, titles = len(taken) > PAGE, {layer.name: layer.title for layer in CATALOGUE}
    return render_template("audit_exports.html", exports=taken[:PAGE], page=page, more=more, titles=titles)
