"""The map page and what its scripts ask for: figures, territory, card, what lies at a spot, search."""

from __future__ import annotations

from flask import Blueprint, g, render_template, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from gis import areas
from gis.errors import Invalid
from gis.words import N_
from layers import card, find, folium_map, themes
from layers.catalogue import CATALOGUE
from layers.query import Asked
from webapp import access, answers, figures, grid_card
from webapp.addresses import area_of, day_of, grid_of, spot_of, words_of, zoom_of
from webapp.map_config import config_of

bp = Blueprint("maps", __name__)
bp.record_once(figures.make_room)


@bp.get("/map")
def show() -> ResponseReturnValue:
    """Show the map; its state is in the address, its features are not in the page."""
    session, viewer = access.database().session(), access.viewer()
    config = config_of(session, viewer, request.args, access.today(), access.now(), access.settings().map_approval_no)
    parts = folium_map.page(config["box"], lambda path: url_for("static", filename=path), g.nonce)
    page = {"head": Markup(parts.head), "body": Markup(parts.body), "script": Markup(parts.script)}
    return render_template("map.html", page=page, config=config)


@bp.get("/map/figures")
def figures_of_theme() -> ResponseReturnValue:
    """Answer the totals on top, one value per grid, and how many grids are in each class."""
    wanted = wanted_rows()
    measure = themes.get(request.args.get("theme")).get(request.args.get("measure"), access.viewer())
    return answers.figures(measure, figures.of_grids(measure, wanted), figures.totals(wanted), wanted)


@bp.get("/map/territory")
def territory() -> ResponseReturnValue:
    """Answer where an area lies in the tree, what is below it, and its bounds."""
    session, viewer = access.database().session(), access.viewer()
    code = area_of(request.args.get("area"), viewer) or viewer.territory.home
    if code is None:
        raise Invalid(N_("Your account has no territory on this day; ask the administrator."))
    return answers.territory(areas.whereabouts(session, viewer, code, day_of(request.args.get("date"), access.today())))


@bp.get("/map/card/<code>")
def card_of_grid(code: str) -> ResponseReturnValue:
    """Answer the card of a grid as a fragment of the page."""
    session, viewer = access.database().session(), access.viewer()
    found = card.card(session, viewer, grid_of(code), wanted_rows())
    return render_template("map/card.html", card=grid_card.lines(found, wanted_rows(), viewer))


@bp.get("/map/identify")
def identify() -> ResponseReturnValue:
    """Answer what the named layers have at a spot."""
    session, viewer, wanted = access.database().session(), access.viewer(), wanted_rows()
    spot, zoom = spot_of(request.args), zoom_of(request.args.get("z"))
    layers = [CATALOGUE.get(name) for name in request.args.get("layers", "").split(",") if name]
    seen = [layer for layer in layers if layer in CATALOGUE.seen_by(viewer)]
    return answers.spot(*find.identify(session, viewer, seen, spot, zoom, wanted), viewer)


@bp.get("/map/search")
def search() -> ResponseReturnValue:
    """Answer the areas, grids, buildings and cases whose code, name, address or number holds the words."""
    words = words_of(request.args.get("q"))
    if 0 < len(words) < find.SHORTEST_WORDS:
        return answers.too_short()
    return answers.search(*find.named(access.database().session(), access.viewer(), words, wanted_rows()))


def wanted_rows() -> Asked:
    """Return area and day of the request; the rest of its address is not a filter here."""
    viewer = access.viewer()
    return Asked(
        day_of(request.args.get("date"), access.today()), access.now(), area=area_of(request.args.get("area"), viewer)
    )
