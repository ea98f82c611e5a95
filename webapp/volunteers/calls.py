"""A team is called to a case, and its answer noted, on the revision of the case that the page showed."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from gis.volunteers import calls
from gis.words import N_
from webapp import access
from webapp.language import gettext
from webapp.volunteers.asked import number

bp = Blueprint("calls", __name__)


@bp.post("/cases/<case_no>/calls")
def make(case_no: str) -> ResponseReturnValue:
    """Call a team to a case."""
    session, viewer, form = access.database().session(), access.viewer(), request.form
    team, revision = number(form.get("team")), number(form.get("revision"))
    calls.call(session, viewer, case_no, team, revision, access.now())
    flash(gettext(N_("The team is called; tell it by telephone.")), "success")
    return redirect(url_for("cases.show", case_no=case_no))


@bp.post("/cases/<case_no>/calls/<int:call_id>")
def answer(case_no: str, call_id: int) -> ResponseReturnValue:
    """Note what came of a call."""
    session, viewer, form = access.database().session(), access.viewer(), request.form
    given, revision = form.get("answer", ""), number(form.get("revision"))
    calls.answer(session, viewer, case_no, call_id, given, revision, access.now())
    flash(gettext(N_("Noted.")), "success")
    return redirect(url_for("cases.show", case_no=case_no))
