"""Renovation projects with their stage and the cases inside them."""

from __future__ import annotations

import re

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from gis import projects
from gis.errors import NotFound
from gis.premises import PROJECT_STAGES
from gis.words import N_
from webapp import access
from webapp.forces.asked import kept, place, scope_of
from webapp.language import gettext

bp = Blueprint("projects", __name__)
BETWEEN_CODES = re.compile(r"[\s,，、;；]+")


@bp.get("/projects/")
def show() -> ResponseReturnValue:
    """Show the projects of an area that run on a day."""
    session, viewer, scope = access.database().session(), access.viewer(), scope_of(request.args)
    return render_template("forces/projects.html", rows=projects.listed(session, viewer, scope), place=place(),
                           stages=PROJECT_STAGES, given=kept(), day=scope.day)  # fmt: skip


@bp.get("/projects/<int:number>")
def one(number: int) -> ResponseReturnValue:
    """Show one project with its cases."""
    session, viewer, scope = access.database().session(), access.viewer(), scope_of(request.args)
    found = next((row for row in projects.listed(session, viewer, scope) if row.id == number), None)
    if found is None:
        raise NotFound(N_("There is no such project in your territory."))
    cases = projects.cases_of(session, viewer, number) if viewer.may("case.view") else []
    return render_template("forces/project.html", row=found, cases=cases, stages=PROJECT_STAGES)


@bp.post("/projects/")
def begin() -> ResponseReturnValue:
    """Begin a project over the ground of some buildings."""
    codes = [code for code in BETWEEN_CODES.split(request.form.get("buildings", "")) if code]
    made = projects.begin(access.database().session(), access.viewer(), request.form.get("name", ""),
                          request.form.get("lead_body", ""), codes, access.today())  # fmt: skip
    flash(gettext(N_("The project has begun.")), "success")
    return redirect(url_for("projects.one", number=made.id))


@bp.post("/projects/<int:number>/stage")
def move(number: int) -> ResponseReturnValue:
    """Change the stage that the page showed."""
    form = request.form
    projects.move(access.database().session(), access.viewer(), number, form.get("seen", ""), form.get("stage", ""))
    flash(gettext(N_("The stage is set.")), "success")
    return redirect(url_for("projects.one", number=number))
