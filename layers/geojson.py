"""GeoJSON as PostgreSQL writes it, streamed untouched: memory does not grow with the file."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator
from typing import Any

from sqlalchemy import BigInteger, Select, Text, cast, func, select
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import Session

from gis.viewer import Viewer
from layers.layer import Layer
from layers.query import Asked, rows

PRECISION = 7
BLOCK = 1 << 16
# CSV with a quote and a delimiter that JSON text cannot hold: the bytes pass without escaping.
RAW = "COPY ({query}) TO STDOUT (FORMAT csv, QUOTE E'\\x01', DELIMITER E'\\x02')"


def feature_texts(layer: Layer, viewer: Viewer, asked: Asked, before: str = "") -> Select[tuple[str]]:
    """Select one GeoJSON feature per row as text: longitude first, outer rings counter-clockwise, 7 decimals, no crs.

    The text is put together in one call: building JSON objects takes three times as long.
    """
    found = rows(layer, viewer, asked).subquery("found")
    names = [c.name for c in found.c if c.name not in ("id", "geom")]
    shape = func.st_forcepolygonccw(found.c.geom) if layer.geometry == "polygon" else found.c.geom
    properties: list[Any] = []
    for name in names:
        value = found.c[name] if layer.field(name).kind == "integer" else func.to_json(found.c[name])
        properties += [f'{"," if properties else ""}{json.dumps(name)}:', func.coalesce(cast(value, Text), "null")]
    text = func.concat(
        before + '{"type":"Feature","id":',
        cast(found.c.id, BigInteger),
        ',"geometry":',
        func.st_asgeojson(shape, PRECISION, 0),
        ',"properties":{',
        *properties,
        "}}",
    )
    return select(text.label("feature")).select_from(found)


def collection(session: Session, layer: Layer, viewer: Viewer, asked: Asked, about: dict[str, Any]) -> Iterator[bytes]:
    """Yield a FeatureCollection with bbox and `about`; its last member says how many features it has.

    When the database fails on the way the text stays unfinished, so that a reader fails too.
    """
    head: dict[str, Any] = {"type": "FeatureCollection", "name": layer.name, "wangge": about}
    box = bbox(session, layer, viewer, asked)
    if box is not None:
        head["bbox"] = box
    yield json.dumps(head, ensure_ascii=False)[:-1].encode() + b',"features":[\n'
    count, first = 0, True
    for block in copied(session, feature_texts(layer, viewer, asked, before=",")):
        count += block.count(b"\n")
        yield block[1:] if first else block
        first = False
    yield b'],"numberReturned":%d}\n' % count


def lines(session: Session, layer: Layer, viewer: Viewer, asked: Asked) -> Iterator[bytes]:
    """Yield one feature a line (GeoJSON text sequence without separators)."""
    yield from copied(session, feature_texts(layer, viewer, asked))


def bbox(session: Session, layer: Layer, viewer: Viewer, asked: Asked) -> list[float] | None:
    """Return west, south, east, north of the rows, or None when there are none."""
    found = rows(layer, viewer, asked, fields=()).subquery("found")
    box = func.st_extent(found.c.geom)
    edges = select(func.st_xmin(box), func.st_ymin(box), func.st_xmax(box), func.st_ymax(box))
    west, south, east, north = session.execute(edges.select_from(found)).one()
    return None if west is None else [round(edge, PRECISION) for edge in (west, south, east, north)]


def copied(session: Session, query: Select[Any]) -> Iterator[bytes]:
    """Yield the text column of a query as PostgreSQL sends it, a row a line."""
    yield from copy_out(session, RAW.format(query=literal(session, query)))


def literal(session: Session, query: Select[Any]) -> str:
    """Return the query as one text with its values quoted by the driver: COPY takes no parameters."""
    compiled = query.compile(dialect=postgresql.psycopg2.dialect(), compile_kwargs={"render_postcompile": True})
    with driver(session).cursor() as cursor:
        return str(cursor.mogrify(str(compiled), compiled.params).decode())


def driver(session: Session) -> Any:
    """Return the psycopg2 connection that the session works on."""
    return session.connection().connection.driver_connection


def copy_out(session: Session, statement: str) -> Iterator[bytes]:
    """Run COPY … TO STDOUT in a thread and yield its bytes in blocks as they come; closing early cancels it."""
    connection = driver(session)
    reading, writing = os.pipe()
    failed: list[BaseException] = []

    def run() -> None:
        try:
            with os.fdopen(writing, "wb", BLOCK) as sink, connection.cursor() as cursor:
                cursor.copy_expert(statement, sink)
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
