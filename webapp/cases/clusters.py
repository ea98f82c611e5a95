"""Clusters of cases: what lies close together, the project it lies in, and merging several into one."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from gis.cases import CATEGORIES, STATUSES, clusters
from gis.errors import Invalid
from gis.words import N_
from webapp import access
from webapp.cases.asked import scope_of
from webapp.language import ngettext
from webapp.volunteers.asked import place_of

bp = Blueprint("clusters", __name__)


@bp.get("/cases/clusters")
def listed() -> ResponseReturnValue:
    """Show the clusters of the area, or the one of a case."""
    session, viewer, args = access.database().session(), access.viewer(), request.args
    found = clusters.found(session, viewer, scope_of(args, viewer), case_no=args.get("case", ""))
    place = place_of(args, viewer)
    return render_template(
        "cases/clusters.html",
        clusters=found,
        place=place,
        near=clusters.NEAR_M,
        categories=CATEGORIES,
        statuses=STATUSES,
    )


@bp.post("/cases/clusters/merge")
def merge() -> ResponseReturnValue:
    """Mark the chosen cases as duplicates of one, on the revisions that the page showed."""
    session, viewer, form = access.database().session(), access.viewer(), request.form
    children = [child(text) for text in form.getlist("child")]
    merged = clusters.merge(session, viewer, form.get("parent", ""), children, access.now())
    flash(ngettext("%(num)s case was merged.", "%(num)s cases were merged.", merged), "success")
    return redirect(url_for("cases.show", case_no=form["parent"]))


def child(text: str) -> tuple[str, int]:
    """Return number and revision of a case of the form."""
    number, _slash, revision = text.partition("/")
    if not revision.isascii() or not revision.isdigit():
        raise Invalid(N_("%(value)s is no value of a filter."), value=text)
    return number, int(revision)
