"""Steps of a case, and its pictures."""

from __future__ import annotations

from flask import Blueprint, Response, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from gis.cases import photos, steps
from gis.cases.changes import Given
from gis.cases.states import TITLES
from gis.errors import Invalid
from gis.words import N_
from webapp import access
from webapp.language import gettext

bp = Blueprint("working", __name__)
WEEK = 7 * 24 * 3600


@bp.post("/cases/<case_no>/steps")
def act(case_no: str) -> ResponseReturnValue:
    """Take a step on the revision that the page showed."""
    session, viewer, form = access.database().session(), access.viewer(), request.form
    name, revision = form.get("step", ""), form.get("revision", 0, int)
    given = Given(
        reason=form.get("reason", ""), duty=form.get("duty", None, int), handler=form.get("handler", None, int),
        closure=form.get("closure", ""), level=form.get("level", ""), amount=form.get("amount", None, int),
        unit=form.get("unit", "working_day"), parent=form.get("parent", ""), body=form.get("body", ""),
        satisfied=form.get("satisfied", ""),
    )  # fmt: skip
    steps.act(session, viewer, case_no, name, revision, access.now(), given)
    flash(gettext(N_("Done: %(step)s."), step=gettext(TITLES[name])), "success")
    return redirect(url_for("cases.show", case_no=case_no))


@bp.post("/cases/<case_no>/photos")
def add_photo(case_no: str) -> ResponseReturnValue:
    """Store a picture of a case."""
    sent = request.files.get("photo")
    if sent is None or not sent.filename:
        raise Invalid(N_("Choose a file first."))
    photos.add(access.database().session(), access.viewer(), case_no, sent.read(), access.now())
    return redirect(url_for("cases.show", case_no=case_no))


@bp.get("/cases/photos/<int:photo_id>.jpg")
def photo(photo_id: int) -> ResponseReturnValue:
    """Send a picture to who may read its case."""
    body = photos.image(access.database().session(), access.viewer(), photo_id)
    return Response(body, mimetype="image/jpeg", headers={"Cache-Control": f"private, max-age={WEEK}"})
