"""GeoJSON as PostgreSQL writes it, streamed untouched: memory does not grow with the file."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Generator, Sequence
from typing import Any

from sqlalchemy import BigInteger, Select, Text, cast, func, select
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import Session

from gis.viewer import Viewer
from layers.layer import Layer
from layers.query import Asked, Box, rows

PRECISION = 7
BLOCK = 1 << 16
# CSV with a quote and a delimiter that JSON text cannot hold: the bytes pass without escaping.
RAW = "COPY ({query}) TO STDOUT (FORMAT csv, QUOTE E'\\x01', DELIMITER E'\\x02')"


def feature_texts(layer: Layer, viewer: Viewer, asked: Asked, before: str = "") -> Select[str]:
    """Select one GeoJSON feature per row as text: longitude first, outer rings counter-clockwise, 7 decimals, no crs.

    The text is put together in one call: building JSON objects takes three times as long.
    """
    found = rows(layer, viewer, asked).subquery("found")
    names = [c.name for c in found.c if c.name not in ("id", "geom")]
    shape = found.c.geom if layer.geometry == "point" else func.st_forcepolygonccw(found.c.geom)
    properties: list[Any] = []
    for name in names:
        value = found.c[name] if layer.field(name).kind == "integer" else func.to_json(found.c[name])
        properties += [f"{',' if properties else ''}{json.dumps(name)}:", func.coalesce(cast(value, Text), "null")]
    text = func.concat(
        before + '{"type":"Feature","id":',
        cast(found.c.id, BigInteger),
        ',"geometry":',
        func.coalesce(func.st_asgeojson(shape, PRECISION, 0), "null"),
        ',"properties":{',
        *properties,
        "}}",
    )
    return select(text.label("feature")).select_from(found)


def collection(
    session: Session, layer: Layer, viewer: Viewer, asked: Asked, about: dict[str, Any]
) -> Generator[bytes, None, int]:
    """Yield a FeatureCollection with bbox and `about`; its last member says how many features it has.

    When the database fails on the way the text stays unfinished, so that a reader fails too.
    """
    said = {name: value for name, value in about.items() if name != "extent"}
    head: dict[str, Any] = {"type": "FeatureCollection", "name": layer.name, "wangge": said}
    if about.get("extent"):
        head["bbox"] = about["extent"]
    yield json.dumps(head, ensure_ascii=False)[:-1].encode() + b',"features":[\n'
    features = copied(session, feature_texts(layer, viewer, asked, before=","))
    count, first = 0, next(features, None)
    if first is not None:
        yield first[1:]
        count = yield from features
    yield b'],"numberReturned":%d}\n' % count
    return count


def lines(session: Session, layer: Layer, viewer: Viewer, asked: Asked) -> Generator[bytes, None, int]:
    """Yield one feature a line (newline-delimited JSON)."""
    return (yield from copied(session, feature_texts(layer, viewer, asked)))


def edges(shape: Any) -> list[Any]:
    """Return west, south, east and north of all shapes, as columns of an aggregate."""
    box = func.st_extent(shape)
    return [func.st_xmin(box), func.st_ymin(box), func.st_xmax(box), func.st_ymax(box)]


def rounded(box: Sequence[float | None]) -> Box | None:
    """Return a box with the decimals that the shapes have, None for one without edges."""
    west, south, east, north = (None if edge is None else round(edge, PRECISION) for edge in box)
    return None if west is None or south is None or east is None or north is None else (west, south, east, north)


def copied(session: Session, query: Select[Any]) -> Generator[bytes, None, int]:
    """Yield the text column of a query as PostgreSQL sends it, a row a line."""
    return (yield from copy_out(session, RAW.format(query=literal(session, query))))


def literal(session: Session, query: Select[Any]) -> str:
    """Return the query as one text with its values quoted by the driver: COPY takes no parameters."""
    compiled = query.compile(dialect=postgresql.psycopg2.dialect(), compile_kwargs={"render_postcompile": True})
    with driver(session).cursor() as cursor:
        return str(cursor.mogrify(str(compiled), compiled.params).decode())


def driver(session: Session) -> Any:
    """Return the psycopg2 connection that the session works on."""
    return session.connection().connection.driver_connection


def copy_out(session: Session, statement: str) -> Generator[bytes, None, int]:
    """Run COPY … TO STDOUT in a thread, yield its bytes in blocks as they come, and return its rows.

    Closing early cancels it.
    """
    connection = driver(session)
    reading, writing = os.pipe()
    failed: list[BaseException] = []
    counts: list[int] = []

    def run() -> None:
        try:
            with os.fdopen(writing, "wb", BLOCK) as sink, connection.cursor() as cursor:
                cursor.copy_expert(statement, sink)
                counts.append(cursor.rowcount)
        except BaseException as error:  # handed to the reader below
            failed.append(error)

    worker = threading.Thread(target=run, name="copy-out", daemon=True)
    worker.start()
    try:
        with os.fdopen(reading, "rb", 0) as source:
            while block := source.read(BLOCK):
                yield block
    except GeneratorExit:
        connection.cancel()
        raise
    finally:
        worker.join()
    if failed:
        raise failed[0]
    return counts[0]
