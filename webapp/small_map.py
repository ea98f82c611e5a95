"""A small map of the viewer's ground in a form: a pin to put on a place, or an outline to draw."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import g, url_for
from markupsafe import Markup

from gis import areas
from gis.words import N_
from layers import folium_map
from webapp import access
from webapp.language import current, gettext
from webapp.map_config import URLS
from webapp.plans.editor import backdrop

SHOWN = ("barriers", "grids", "areas", "buildings")
WORDS: dict[str, str] = {
    "tiles_failed": N_("Some map tiles could not be loaded."),
    "retry": N_("Try again"),
    "close": N_("Close"),
    "zoom_in": N_("Zoom in"),
    "zoom_out": N_("Zoom out"),
    "pin_map": N_("Map: move it until the pin stands on the place"),
    "outline_map": N_("Map: each click sets a corner of the outline"),
}
"""The texts that every small map shows, by key."""


def of_page(
    words: Mapping[str, str] | None = None, urls: Mapping[str, str] | None = None, area: str | None = None, **more: Any
) -> dict[str, Any]:
    """Return page and config as the templates of a small map take them, opened over an area or all of the viewer's."""
    viewer = access.viewer()
    home = area or viewer.territory.home
    box = areas.part(access.database().session(), viewer, home, viewer.day) if home else None
    parts = folium_map.page(box, lambda path: url_for("static", filename=path), g.nonce)
    config = {
        "language": current(),
        "box": box,
        "bounds": None if box is None else [[box[1], box[0]], [box[3], box[2]]],
        "urls": {"tiles": URLS["tiles"], **(urls or {})},
        "layers": backdrop(viewer, SHOWN),
        "words": {key: gettext(text) for key, text in {**WORDS, **(words or {})}.items()},
        **more,
    }
    page = {"head": Markup(parts.head), "body": Markup(parts.body), "script": Markup(parts.script)}
    return {"page": page, "config": config}
