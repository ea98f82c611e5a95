"""Many cases at a time, and the views of the list that somebody keeps."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from gis.cases import together, views
from gis.cases.changes import Given
from gis.cases.states import TITLES
from gis.errors import Invalid
from gis.words import N_
from webapp import access
from webapp.addresses import local_path
from webapp.cases.asked import scope_of, told, url_of, wanted_of
from webapp.language import gettext

bp = Blueprint("many", __name__)


@bp.post("/cases/together")
def act() -> ResponseReturnValue:
    """Take one step with the chosen cases, all of them or none."""
    session, viewer, form = access.database().session(), access.viewer(), request.form
    name, urging = form.get("step", ""), form.get("step") == "urge"
    given = Given(reason=form.get("reason", "") if urging else "", handler=form.get("handler", None, int),
                  body=form.get("body", ""))  # fmt: skip
    done = together.act(session, viewer, name, chosen_of(form.getlist("chosen")), access.now(), given)
    said = gettext(N_("Done with %(count)s cases: %(step)s."), count=len(done), step=gettext(TITLES[name]))
    flash(said, "success")
    return redirect(local_path(form.get("back"), url_for("cases.listed")))


@bp.post("/cases/views")
def keep() -> ResponseReturnValue:
    """Keep the filters of the page under a label."""
    args = MultiDict({name[2:]: value for name, value in request.form.items() if name.startswith("f.")})
    scope_of(args, access.viewer())
    filters = told(wanted_of(args), args.get("area"))
    made = views.keep(access.database().session(), access.viewer(), request.form.get("label", ""), filters)
    return redirect(url_of(made.filters))


@bp.post("/cases/views/<int:view_id>/label")
def rename(view_id: int) -> ResponseReturnValue:
    """Give a view another label."""
    views.rename(access.database().session(), access.viewer(), view_id, request.form.get("label", ""))
    return back(N_("The view has its new label."))


@bp.post("/cases/views/<int:view_id>/first")
def open_first(view_id: int) -> ResponseReturnValue:
    """Let the list open with a view, or with none."""
    views.open_first(access.database().session(), access.viewer(), view_id, request.form.get("first") == "1")
    return back(N_("Noted: what the list opens with."))


@bp.post("/cases/views/<int:view_id>/drop")
def drop(view_id: int) -> ResponseReturnValue:
    """Delete a view."""
    views.drop(access.database().session(), access.viewer(), view_id)
    return back(N_("The view is deleted."))


def back(said: str) -> ResponseReturnValue:
    """Return to the page that was left, with a word about what was done."""
    flash(gettext(said), "success")
    return redirect(local_path(request.referrer, url_for("cases.listed")))


def chosen_of(values: list[str]) -> dict[str, int]:
    """Return number → revision of the chosen cases; raises Invalid for what no page sends."""
    found = {}
    for value in values:
        number, _sign, revision = value.partition(":")
        if not revision.isascii() or not revision.isdigit() or len(revision) > 9:
            raise Invalid(N_("Choose the cases anew."))
        found[number] = int(revision)
    return found
