"""CSV as PostgreSQL writes it, with no cell that a spreadsheet would run as a formula."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from gis.viewer import Viewer
from layers import geojson
from layers.layer import Field, Layer
from layers.query import Asked, rows

FORMULA_STARTS = "=+-@\t\r＝＋－＠"
"""What a cell may not begin with: a spreadsheet takes it for a formula, the full-width forms too."""


def csv_file(
    session: Session, layer: Layer, viewer: Viewer, asked: Asked, about: dict[str, Any]
) -> Generator[bytes, None, int]:
    """Yield a table with a byte-order mark for spreadsheets and the geometry as WKT, longitude first."""
    found = rows(layer, viewer, asked).subquery("found")
    cells = [cell(c, layer.field(c.name)) for c in found.c if c.name not in ("id", "geom")]
    query = select(found.c.id, *cells, func.st_astext(found.c.geom, geojson.PRECISION).label("wkt"))
    yield "\ufeff".encode()
    statement = f"COPY ({geojson.literal(session, query)}) TO STDOUT (FORMAT csv, HEADER)"
    return (yield from geojson.copy_out(session, statement))


def cell(column: Any, f: Field) -> Any:
    """Return a column as it stands in the table: lists joined, a formula's beginning behind an apostrophe."""
    text = func.array_to_string(column, "; ") if f.kind == "list" else column
    if f.kind not in ("text", "list") or f.words is not None:
        return text.label(f.name)
    begins = func.ascii(text).in_([ord(sign) for sign in FORMULA_STARTS])
    return case((begins, func.concat("'", text)), else_=text).label(f.name)


def harmless(cell: Any) -> Any:
    """Return a cell so that no spreadsheet takes it for a formula: a text that begins like one behind an apostrophe."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(tuple(FORMULA_STARTS)) else cell
