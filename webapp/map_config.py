"""What the map's scripts are told: state, addresses, layers, themes and words, all in the user's language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from gis import areas
from gis.viewer import Viewer
from layers import themes
from layers.bivariate import Axis
from layers.catalogue import CATALOGUE
from layers.layer import Class, Layer
from layers.query import Asked
from layers.stamps import stamp
from layers.themes import Measure, Theme
from webapp import access
from webapp.addresses import area_of, day_of, view_of
from webapp.language import current, gettext
from webapp.map_words import WORDS

URLS = {
    "tiles": "/tiles/{layer}/{z}/{x}/{y}.mvt",
    "figures": "/map/figures",
    "card": "/map/card/{code}",
    "identify": "/map/identify",
    "search": "/map/search",
    "territory": "/map/territory",
    "export": "/layers/{layer}.{format}",
}


def config_of(
    session: Session, viewer: Viewer, args: Mapping[str, str], today: date, now: datetime, approval: str | None
) -> dict[str, Any]:
    """Return the whole configuration; it names no feature, so it weighs the same for any district."""
    viewer.require("map.view")
    area = area_of(args.get("area"), viewer) or viewer.territory.home
    seen = CATALOGUE.seen_by(viewer)
    writes, wanted = access.writes(), Asked(day_of(args.get("date"), today), now)
    focus = area_of(args.get("grid"), viewer) or area
    box = areas.part(session, viewer, focus, wanted.day) if focus else None
    theme = themes.get(args.get("theme"))
    return {
        "language": current(),
        "box": box,
        "bounds": None if box is None else [[box[1], box[0]], [box[3], box[2]]],
        "state": state(viewer, args, area, theme, today),
        "urls": URLS,
        "layers": [layer_entry(layer, stamp(layer, writes, viewer, wanted)) for layer in seen if layer.drawn],
        "themes": [theme_entry(each, viewer) for each in themes.THEMES],
        "approval": approval,
        "words": {key: gettext(text) for key, text in WORDS.items()},
    }


def state(viewer: Viewer, args: Mapping[str, str], area: str | None, theme: Theme, today: date) -> dict[str, Any]:
    """Return the state that the address asks for, with a default for everything it leaves out."""
    measure = theme.get(args.get("measure"), viewer)
    seen = CATALOGUE.seen_by(viewer)
    shown = [layer.name for layer in seen if layer.on or layer.name in measure.companions]
    return {
        "area": area,
        "theme": theme.name,
        "measure": measure.name,
        "layers": args["layers"].split(",") if "layers" in args else shown,
        "date": day_of(args.get("date"), today).isoformat(),
        "today": today.isoformat(),
        "at": view_of(args.get("at")),
        "grid": args.get("grid"),
    }


def layer_entry(layer: Layer, version: str) -> dict[str, Any]:
    """Return one layer as the scripts draw it."""
    style = layer.style
    return {
        "name": layer.name,
        "title": gettext(layer.title),
        "geometry": layer.geometry,
        "minzoom": max(layer.minzoom, layer.drawn_from),
        "maxzoom": layer.maxzoom,
        "counts_below": layer.counts_below,
        "version": version,
        "timed": layer.timed,
        "on": layer.on,
        "label": style.label,
        "style": {
            "fill": style.fill,
            "line": style.line,
            "width": style.width,
            "opacity": style.opacity,
            "by": style.by,
            "classes": [class_entry(each) for each in style.classes],
        },
    }


def class_entry(each: Class) -> dict[str, Any]:
    """Return one class with its label translated."""
    return {**asdict(each), "label": gettext(each.label)}


def theme_entry(theme: Theme, viewer: Viewer) -> dict[str, Any]:
    """Return a theme with the measures that the viewer may see."""
    measures = [measure_entry(measure) for measure in theme.seen_by(viewer)]
    return {"name": theme.name, "title": gettext(theme.title), "measures": measures}


def measure_entry(measure: Measure) -> dict[str, Any]:
    """Return a measure with its words, unit and classes."""
    indicator = measure.indicator
    return {
        "name": measure.name,
        "title": gettext(indicator.title),
        "unit": gettext(indicator.unit) if indicator.unit else "",
        "numerator": gettext(indicator.numerator_title),
        "denominator": gettext(indicator.denominator_title) if indicator.denominator_title else None,
        "about": gettext(indicator.about) if indicator.about else "",
        "layer": "grids",
        "classes": [class_entry(each) for each in measure.classes],
        "none": class_entry(measure.none),
        "with": list(measure.companions),
        "axes": None if measure.axes is None else [axis_entry(measure.axes.need), axis_entry(measure.axes.resource)],
    }


def axis_entry(axis: Axis) -> dict[str, Any]:
    """Return one axis of a measure that is two figures in one."""
    indicator, ranges = axis.indicator, axis.ranges
    steps = [{"label": gettext(word), "range": told} for word, told in zip(axis.steps, ranges, strict=True)]
    return {
        "title": gettext(axis.title),
        "about": gettext(indicator.title),
        "steps": steps,
        "numerator": gettext(indicator.numerator_title),
        "denominator": gettext(indicator.denominator_title) if indicator.denominator_title else None,
    }
