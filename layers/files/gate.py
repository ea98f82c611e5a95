"""The last gate: words that people wrote are looked through for what must not leave, before anything does."""

from __future__ import annotations

from typing import Any

from sqlalchemy import and_, false, func, or_, select
from sqlalchemy.orm import Session

from gis.errors import Refused
from gis.private import CONTACT, found_in
from gis.viewer import Viewer
from gis.words import N_, Word
from layers import geojson
from layers.layer import Field, Layer
from layers.query import Asked, Box, rows

DIGITS = 11
LONG_NUMBER = "[0-9０-９](?:[ 　－-]?[0-9０-９]){10}"
"""Eleven or more digits in a row: an identity, bank-card or mobile number is one, and hardly any other word is."""


def inspect(session: Session, layer: Layer, viewer: Viewer, asked: Asked) -> Box | None:
    """Refuse the export when words of its rows hold a private number; return the box around the rows otherwise.

    One pass of PostgreSQL finds the rows with a long number; only these are looked at one by one, checksums and all.
    """
    written = tuple(f for f in layer.seen_by(viewer) if f.written)
    found = rows(layer, viewer, asked, fields=tuple(f.name for f in written)).subquery("found")
    suspect = or_(false(), *(holds_long_number(words(found.c[f.name], f)) for f in written))
    any_suspect = func.bool_or(suspect)
    seen = session.execute(select(any_suspect, *geojson.edges(found.c.geom)).select_from(found)).one()
    if seen[0]:
        texts = select(found.c.id, *(words(found.c[f.name], f) for f in written)).where(suspect)
        for row in session.execute(texts.execution_options(stream_results=True)):
            refuse(layer, written, row)
    return geojson.rounded(seen[1:])


def words(column: Any, f: Field) -> Any:
    """Return a field's words as one text."""
    return func.array_to_string(column, "\n") if f.kind == "list" else column


def holds_long_number(text: Any) -> Any:
    """Return the condition that a text may hold a private number; its length is looked at first, which is cheaper."""
    return and_(func.length(text) >= DIGITS, text.op("~")(LONG_NUMBER))


def refuse(layer: Layer, written: tuple[Field, ...], row: Any) -> None:
    """Raise Refused when a text of the row holds a private number; a phone number may stand where phones do."""
    for f, text in zip(written, row[1:], strict=True):
        what = found_in(text or "")
        if what is None or (what is CONTACT and f.name.endswith("phone")):
            continue
        raise Refused(
            N_("The export is stopped: %(field)s of row %(id)s of %(layer)s seems to hold %(what)s."
               " Have it removed, then export again."),
            field=Word(f.title), id=row[0], layer=Word(layer.title), what=what,
        )  # fmt: skip
