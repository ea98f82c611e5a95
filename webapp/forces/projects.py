"""Renovation projects with their stage and the cases inside them."""

from __future__ import annotations

import re

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from gis import areas, grounds, projects
from gis.cases import STATUSES
from gis.errors import Invalid
from gis.premises import PROJECT_STAGES
from gis.tabular import Wrong
from gis.words import N_
from layers import paper, spot
from webapp import access, small_map
from webapp.forces.asked import day_in, kept, place, scope_of
from webapp.language import gettext

bp = Blueprint("projects", __name__)
BETWEEN_CODES = re.compile(r"[\s,，、;；]+")


@bp.get("/projects/")
def show() -> ResponseReturnValue:
    """Show the projects of an area that run on a day."""
    session, viewer, scope, here = access.database().session(), access.viewer(), scope_of(request.args), place()
    drawing = small_map.of_page(area=here.area.code) if viewer.may("project.manage") else {}
    return render_template("forces/projects.html", rows=projects.listed(session, viewer, scope), place=here,
                           stages=PROJECT_STAGES, given=kept(), day=scope.day, today=access.today(),
                           **drawing)  # fmt: skip


@bp.get("/projects/<int:number>")
def one(number: int) -> ResponseReturnValue:
    """Show one project with its cases."""
    session, viewer, scope = access.database().session(), access.viewer(), scope_of(request.args)
    found = projects.one(session, viewer, scope, number)
    cases = projects.cases_of(session, viewer, scope, found) if viewer.may("case.view") else []
    keeps = viewer.may("project.manage") and viewer.territory.holds(found.area_code)
    drawn = paper.drawn(spot.of_one(session, viewer, found.name, found.geom))
    mended = small_map.of_page(area=found.area_code) if keeps else {}
    return render_template("forces/project.html", row=found, cases=cases, stages=PROJECT_STAGES, day=scope.day,
                           statuses=STATUSES, today=access.today(), keeps=keeps, drawn=drawn, **mended)  # fmt: skip


@bp.post("/projects/")
def begin() -> ResponseReturnValue:
    """Begin a project over the ground of some buildings, or over an outline that was drawn."""
    codes = [code for code in BETWEEN_CODES.split(request.form.get("buildings", "")) if code]
    made = projects.begin(access.database().session(), access.viewer(), request.form.get("name", ""),
                          request.form.get("lead_body", ""), codes, access.today(),
                          request.form.get("drawn", ""))  # fmt: skip
    flash(gettext(N_("The project has begun.")), "success")
    return redirect(url_for("projects.one", number=made.id))


@bp.get("/projects/bring")
def form() -> ResponseReturnValue:
    """Show the form that brings projects in."""
    access.viewer().require("project.manage")
    return render_template("forces/bring.html", placed=[], wrong=[], seen=False, stages=PROJECT_STAGES,
                           fields=grounds.FIELDS)  # fmt: skip


@bp.post("/projects/bring")
def take() -> ResponseReturnValue:
    """Bring projects in, all or none, or only show what that would do."""
    session, viewer, text = access.database().session(), access.viewer(), sent()
    placed, wrong = projects.examine(session, viewer, text)
    if wrong or request.form.get("try"):
        return looked_at(placed, wrong)
    count = projects.bring(session, viewer, text, access.today())
    flash(gettext(N_("%(count)s projects were brought in."), count=count), "success")
    return redirect(url_for("projects.show"))


def sent() -> str:
    """Return the text of the file that was sent."""
    file = request.files.get("file")
    if file is None or not file.filename:
        raise Invalid(N_("Choose a file first."))
    try:
        return file.read().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Invalid(N_("This is no GeoJSON. Export the outlines as a FeatureCollection.")) from error


def looked_at(placed: list[tuple[str, grounds.Ground]], wrong: list[Wrong]) -> str:
    """Return the page with the projects of a file on a map, or with what is wrong in which row and field."""
    session, viewer = access.database().session(), access.viewer()
    shapes = {f"{each.row} {each.name}": each.shape for _code, each in placed}
    drawn = paper.drawn(spot.under(session, viewer, shapes)) if shapes and not wrong else None
    said = [(each.row, each.field, gettext(each.error.message, **each.error.params)) for each in wrong]
    names = areas.names(session, [code for code, _each in placed])
    return render_template("forces/bring.html", placed=placed, wrong=said, seen=True, drawn=drawn, names=names,
                           stages=PROJECT_STAGES, fields=grounds.FIELDS)  # fmt: skip


@bp.post("/projects/<int:number>")
def correct(number: int) -> ResponseReturnValue:
    """Mend what a project is called and, where it is drawn anew, its outline."""
    form = request.form
    seen = form.get("seen_name", ""), form.get("seen_lead_body", "")
    projects.correct(access.database().session(), access.viewer(), number, seen, form.get("name", ""),
                     form.get("lead_body", ""), form.get("drawn", ""))  # fmt: skip
    flash(gettext(N_("The project is mended.")), "success")
    return redirect(url_for("projects.one", number=number))


@bp.post("/projects/<int:number>/stage")
def move(number: int) -> ResponseReturnValue:
    """Change the stage that the page showed."""
    form = request.form
    projects.move(access.database().session(), access.viewer(), number, form.get("seen", ""), form.get("stage", ""))
    flash(gettext(N_("The stage is set.")), "success")
    return redirect(url_for("projects.one", number=number))


@bp.post("/projects/<int:number>/end")
def end(number: int) -> ResponseReturnValue:
    """Let a project be over from a day on, or take that back."""
    seen, day = (day_in(name) if request.form.get(name) else None for name in ("seen", "ends_on"))
    over = projects.end(access.database().session(), access.viewer(), number, seen, day)
    if over.valid.is_empty:
        flash(gettext(N_("The project is taken back: it began today, and is nowhere any more.")), "success")
        return redirect(url_for("projects.show"))
    flash(
        gettext(N_("The end of the project is set.") if day else N_("The project goes on without an end.")), "success"
    )
    return redirect(url_for("projects.one", number=number))
