"""The editor's page: the map of one village of a plan, with everything that its scripts are told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from flask import Blueprint, g, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import generate_csrf
from markupsafe import Markup

from gis import areas
from gis.boundaries import KINDS
from gis.plans import review, store
from gis.plans.tables import STANDINGS, Plan, PlanComment
from gis.viewer import Viewer
from layers import folium_map
from layers.catalogue import CATALOGUE
from layers.query import Asked
from layers.stamps import stamp, versions
from webapp import access
from webapp.language import current, gettext
from webapp.map_config import URLS, layer_entry
from webapp.plans.drafts import village_of
from webapp.plans.pages import names_of
from webapp.plans.words import WORDS

bp = Blueprint("editor", __name__)
BACKDROP = ("barriers", "buildings")
"""The layers that lie over the cells, the lowest first."""


@bp.get("/plans/<int:plan_id>/edit")
def show(plan_id: int) -> ResponseReturnValue:
    """Show the editor; its cells are not in the page."""
    session, viewer = access.database().session(), access.viewer()
    plan = store.find(session, viewer, plan_id)
    village = village_of(plan.fabrics)
    villages = names_of(session, sorted(plan.fabrics))
    talk = review.comments(session, viewer, plan_id)
    config = config_of(plan, village, viewer) | {"village_name": villages[village], "said": said_of(talk)}
    parts = folium_map.page(config["box"], lambda path: url_for("static", filename=path), g.nonce)
    page = {"head": Markup(parts.head), "body": Markup(parts.body), "script": Markup(parts.script)}
    return render_template(
        "plans/edit.html", plan=plan, page=page, config=config, village=village, villages=villages, kinds=KINDS,
        standings=STANDINGS, may=config["may"], talk=talk, grid_names=store.grid_names(session, viewer, plan_id),
    )  # fmt: skip


def said_of(talk: Sequence[PlanComment]) -> dict[int, int]:
    """Return how many comments each grid has."""
    return Counter(each.plan_grid_id for each in talk if each.plan_grid_id)


def config_of(plan: Plan, village: str, viewer: Viewer) -> dict[str, Any]:
    """Return what the scripts are told; it weighs the same for any village."""
    box = areas.box(access.database().session(), village, viewer.day)
    names = ("show", "events", "edit", "undo", "redo", "fork", "findings", "suggest")
    urls = {name: url_for(f"drafts.{name}", plan_id=plan.id, village=village) for name in names}
    urls |= {"draft": urls["show"], "edits": urls["edit"], "cells": url_for("fabrics.shapes", code=village)}
    return {
        "language": current(),
        "plan": plan.id,
        "village": village,
        "user": viewer.user_id,
        "token": generate_csrf(),
        "box": box,
        "bounds": None if box is None else [[box[1], box[0]], [box[3], box[2]]],
        "may": {"draw": viewer.may("plan.draw") and plan.status == "draft"},
        "urls": {**urls, "tiles": URLS["tiles"]},
        "layers": backdrop(viewer),
        "words": {key: gettext(text) for key, text in WORDS.items()},
    }


def backdrop(viewer: Viewer, names: Sequence[str] = BACKDROP) -> list[dict[str, Any]]:
    """Return the layers of a backdrop that the viewer may see."""
    writes, wanted = versions(access.database().session()), Asked(access.today(), access.now())
    seen = {layer.name: layer for layer in CATALOGUE.seen_by(viewer)}
    shown = [seen[name] for name in names if name in seen]
    return [layer_entry(layer, stamp(layer, writes, viewer, wanted)) for layer in shown]
