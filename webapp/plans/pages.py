"""The pages of plans: the list, one plan, and the forms that begin, branch, name, date and drop one."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import format_datetime

from gis import areas
from gis.errors import Invalid
from gis.plans import review, store
from gis.plans.draft import draft
from gis.plans.tables import STANDINGS
from gis.words import N_
from webapp import access
from webapp.addresses import written_day
from webapp.language import gettext
from webapp.plans import overview

bp = Blueprint("plans", __name__)
PAGE, STEPS, LAST_PAGE = 50, 20, 100_000
"""How many plans, and how many entries of a log, are on a page; and the last page that is looked for."""
bp.add_app_template_filter(lambda moment: format_datetime(moment, "yyyy-MM-dd"), "localday")
bp.add_app_template_filter(lambda moment: format_datetime(moment, "yyyy-MM-dd HH:mm"), "localtime")


@bp.get("/plans/")
def listed() -> ResponseReturnValue:
    """Show the plans of the territory, and the form for a new one."""
    session, viewer = access.database().session(), access.viewer()
    page = page_of()
    found = session.scalars(store.listed(session, viewer).offset((page - 1) * PAGE).limit(PAGE + 1)).all()
    names = areas.names(session, {plan.area_code for plan in found})
    held = overview.towns(areas.held(session, viewer)) if viewer.may("plan.draw") else []
    return render_template(
        "plans/list.html", plans=found[:PAGE], more=len(found) > PAGE, page=page, names=names, towns=held,
        standings=STANDINGS, limits=targets(),
    )  # fmt: skip


@bp.post("/plans/")
def create() -> ResponseReturnValue:
    """Begin a plan with what is in force, and open the editor."""
    session, viewer, form = access.database().session(), access.viewer(), request.form
    limits = (whole("low"), whole("high")) if form.get("low") or form.get("high") else targets()
    plan = store.create(session, viewer, form.get("area", ""), form.get("name", ""), access.now(), limits=limits)
    return redirect(url_for("editor.show", plan_id=plan.id))


@bp.get("/plans/<int:plan_id>")
def show(plan_id: int) -> ResponseReturnValue:
    """Show one plan: where it stands, what it adds up to, what is wrong with it, what was done and said."""
    session, viewer = access.database().session(), access.viewer()
    found = draft(session, viewer, plan_id)
    page = page_of()
    log = store.history(session, viewer, plan_id).offset((page - 1) * STEPS).limit(STEPS + 1)
    events = overview.events(session.scalars(log).all(), STEPS)
    return render_template(
        "plans/show.html", **overview.page(session, found, viewer), events=events,
        comments=review.comments(session, viewer, plan_id), page=page, standings=STANDINGS,
    )  # fmt: skip


@bp.post("/plans/<int:plan_id>/settings")
def change(plan_id: int) -> ResponseReturnValue:
    """Give a draft another name, note, day or range."""
    session, viewer, form = access.database().session(), access.viewer(), request.form
    store.rename(session, viewer, plan_id, form.get("name", ""), note=form.get("note", ""))
    store.limit(session, viewer, plan_id, whole("low"), whole("high"))
    store.take_effect(session, viewer, plan_id, day("effective"))
    return back(plan_id, N_("Saved."))


@bp.post("/plans/<int:plan_id>/branch")
def branch(plan_id: int) -> ResponseReturnValue:
    """Begin another plan with what this one is."""
    session, viewer = access.database().session(), access.viewer()
    plan = store.branch(session, viewer, plan_id, request.form.get("name", ""), access.now())
    return back(plan.id, N_("This is the branch; the plan it came from stays as it is."))


@bp.post("/plans/<int:plan_id>/drop")
def drop(plan_id: int) -> ResponseReturnValue:
    """Put a draft away."""
    store.drop(access.database().session(), access.viewer(), plan_id, access.now())
    flash(gettext(N_("The draft was dropped; its log is kept.")), "success")
    return redirect(url_for("plans.listed"))


@bp.post("/plans/<int:plan_id>/carry")
def carry(plan_id: int) -> ResponseReturnValue:
    """Carry a draft over to cells that were built anew."""
    store.carry(access.database().session(), access.viewer(), plan_id, access.now())
    return back(plan_id, N_("Carried over to the new cells. Look at the findings."))


@bp.post("/plans/<int:plan_id>/follow")
def follow(plan_id: int) -> ResponseReturnValue:
    """Let a draft go on with what came into force in some of its villages."""
    store.follow(access.database().session(), access.viewer(), plan_id, access.now())
    return back(plan_id, N_("The villages that changed are as they are in force now; all others stay as drawn."))


def back(plan_id: int, said: str) -> ResponseReturnValue:
    """Return to the page of a plan with a word about what was done."""
    flash(gettext(said), "success")
    return redirect(url_for("plans.show", plan_id=plan_id))


def page_of() -> int:
    """Return which page of a list or a log is asked for."""
    return min(max(request.args.get("page", 1, int), 1), LAST_PAGE)


def whole(name: str) -> int:
    """Return a whole number of the form."""
    text = request.form.get(name, "")
    if not text.isascii() or not text.isdigit() or len(text) > 6:
        raise Invalid(N_("%(value)s is not a number of households."), value=text)
    return int(text)


def day(name: str) -> date | None:
    """Return a day of the form, None for an empty one."""
    text = request.form.get(name, "")
    return written_day(text) if text else None


def names_of(session: Any, codes: list[str]) -> dict[str, str]:
    """Return the names of villages by their codes, in the order of the codes."""
    return dict(sorted(areas.names(session, codes).items()))


def targets() -> tuple[int, int]:
    """Return how many households a grid has at least and at most where this district's settings say so."""
    settings = access.settings()
    return settings.grid_households_min, settings.grid_households_max
