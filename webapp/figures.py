"""The figures beside the map, made once for everyone who sees the same, until something is written."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from flask import current_app
from flask.blueprints import BlueprintSetupState
from sqlalchemy.orm import Session

from gis.viewer import Viewer
from layers import figures
from layers.figures import Figure, Totals
from layers.query import Asked
from layers.stamps import figures_key
from layers.themes import Measure
from webapp import access
from webapp.cache import Cache

KEPT_BYTES = 16 * 1024 * 1024
FIGURE_BYTES = 250
"""What one figure weighs, about."""

Made = TypeVar("Made")


def make_room(state: BlueprintSetupState) -> None:
    """Give the application its store of figures."""
    state.app.extensions["figures"] = Cache[object](KEPT_BYTES)


def of_grids(measure: Measure, wanted: Asked) -> list[Figure]:
    """Return the figure of every grid in view."""

    def make(session: Session, viewer: Viewer, asked: Asked) -> list[Figure]:
        return figures.figures(session, measure, viewer, asked)

    return kept(measure.name, make, wanted, clocked=figures.clocked(measure))


def totals(wanted: Asked) -> Totals:
    """Return the line on top; the clock moves only a part of it."""
    standing = kept("standing", figures.standing, wanted, clocked=False)
    return figures.joined(standing, kept("running", figures.running, wanted, clocked=True))


def kept(name: str, make: Callable[[Session, Viewer, Asked], Made], wanted: Asked, *, clocked: bool) -> Made:
    """Return what is kept for the request's viewer, area, day and state of the tables, making it on first use."""
    viewer, cache = access.viewer(), current_app.extensions["figures"]
    key = (name, *figures_key(access.writes(), viewer, wanted, clocked=clocked))
    found: Made | None = cache.get(key)
    if found is None:
        found = make(access.database().session(), viewer, wanted)
        cache.put(key, found, FIGURE_BYTES * (len(found) if isinstance(found, list) else 1))
    return found
