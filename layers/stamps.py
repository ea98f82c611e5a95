"""When an answer is still good: a layer's stamp changes with each write, with the viewer's scope and with the clock."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from sqlalchemy.orm import Session

from gis import revisions
from gis.viewer import Viewer
from layers.layer import Layer
from layers.query import Asked

MINUTES = 5
"""Layers that depend on the clock are good for this long."""
ACCOUNTS = {"users", "user_territories"}
"""What is read of these is in the viewer's stamp."""


def versions(session: Session) -> dict[str, int]:
    """Return table → number of writes that this transaction's snapshot sees."""
    return revisions.current(session)


def stamp(layer: Layer, writes: Mapping[str, int], viewer: Viewer, asked: Asked) -> str:
    """Return a short hash of everything that decides the layer's rows for this viewer and request."""
    parts: list[object] = [layer.name, viewer.stamp, *(writes.get(table, 0) for table in layer.tables)]
    parts += [asked.area, sorted(asked.filters.items()), asked.day if layer.timed else None]
    if layer.clocked and asked.scope(viewer).live:
        parts.append(int(asked.now.timestamp()) // (MINUTES * 60))
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:16]


def figures_key(writes: Mapping[str, int], viewer: Viewer, asked: Asked, *, clocked: bool) -> tuple[object, ...]:
    """Return everything that decides the figures of this viewer and request, to the minute where the clock does.

    Figures read nearly every table, so each write counts: a table that was forgotten would be a wrong figure.
    """
    minute = int(asked.now.timestamp()) // 60 if clocked and asked.scope(viewer).live else None
    written = sorted(each for each in writes.items() if each[0] not in ACCOUNTS)
    return viewer.stamp, asked.area, asked.day, minute, *written
