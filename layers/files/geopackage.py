"""GeoPackage in CGCS2000 (EPSG:4490), written to a temporary file chunk by chunk."""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from datetime import UTC
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from gis.viewer import Viewer
from layers import geojson
from layers.files import label
from layers.layer import Field, Layer
from layers.query import Asked, rows

CHUNK = 20_000
GEOMETRY = {"polygon": "MultiPolygon", "line": "Unknown", "point": "Point"}
"""Geometry of a layer → that of its table; rivers are lines or land."""
TYPES = {"integer": "i8", "number": "f8", "boolean": "?", "date": "M8[D]", "time": "M8[ms]"}
"""Kind of a field → the type of its column; the others are text."""
UTC_IN_GDAL = 100


def gpkg_file(
    session: Session, layer: Layer, viewer: Viewer, asked: Asked, about: dict[str, Any]
) -> Generator[bytes, None, int]:
    """Yield the GeoPackage; what is said of it stands in its metadata."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{layer.name}.gpkg"
        count = 0
        for part in parts(session, layer, viewer, asked):
            write(path, layer, layer.seen_by(viewer), part, about)
            count += len(part)
        finish(path, count)
        with path.open("rb") as file:
            while block := file.read(geojson.BLOCK):
                yield block
    return count


def finish(path: Path, count: int) -> None:
    """Add the row count to the metadata: it is known when all rows are written."""
    member = f'<MDI key="numberReturned">{count}</MDI>\n</Metadata>'
    with closing(sqlite3.connect(path)) as file, file:
        file.execute("UPDATE gpkg_metadata SET metadata = replace(metadata, '</Metadata>', ?)", (member,))


def parts(session: Session, layer: Layer, viewer: Viewer, asked: Asked) -> Iterator[Sequence[Any]]:
    """Yield the rows in lists of at most CHUNK, fields first and the shape last; one comes even when it is empty."""
    found = rows(layer, viewer, asked).subquery("found")
    query = select(*(found.c[f.name] for f in layer.seen_by(viewer)), func.st_asbinary(found.c.geom))
    result = session.execute(query.execution_options(stream_results=True, max_row_buffer=CHUNK))
    empty = True
    for part in result.partitions(CHUNK):
        yield part
        empty = False
    if empty:
        yield []


def write(path: Path, layer: Layer, fields: Sequence[Field], part: Sequence[Any], about: dict[str, Any]) -> None:
    """Write rows to the file, which is made with the first of them."""
    import pyogrio  # loaded when a file of that kind is made: it takes its share of a worker's memory

    columns = list(zip(*part, strict=True)) or [()] * (len(fields) + 1)
    shapes = np.array([None if wkb is None else bytes(wkb) for wkb in columns[-1]], object)
    made = path.exists()
    options: dict[str, Any] = {} if made else {"VERSION": "1.3", "dataset_metadata": label.texts(about)}
    pyogrio.raw.write(
        path, shapes, [column(values, f.kind) for values, f in zip(columns, fields, strict=False)],
        np.array([f.name for f in fields], object), layer=layer.name, driver="GPKG", crs="EPSG:4490", append=made,
        field_mask=[np.array([value is None for value in values], bool) for values in columns[:-1]],
        geometry_type=GEOMETRY[layer.geometry],
        gdal_tz_offsets={f.name: np.full(len(part), UTC_IN_GDAL) for f in fields if f.kind == "time"}, **options,
    )  # fmt: skip


def column(values: Sequence[Any], kind: str) -> NDArray[Any]:
    """Return a column in its type; what is empty is masked, so it may be anything of that type."""
    if kind == "list":
        return np.array(["; ".join(value) if value else None for value in values], object)
    if kind == "time":
        values = [None if value is None else value.astimezone(UTC).replace(tzinfo=None) for value in values]
    if kind not in TYPES:
        return np.array([None if value is None else str(value) for value in values], object)
    empty = None if kind in ("date", "time") else 0
    return np.array([empty if value is None else value for value in values], TYPES[kind])
