"""GeoPackage in CGCS2000 (EPSG:4490), written to a temporary file chunk by chunk."""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Generator, Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import shapely
from sqlalchemy import BigInteger, func, select
from sqlalchemy.orm import Session

from gis.viewer import Viewer
from layers import geojson
from layers.files import label
from layers.layer import Layer
from layers.query import Asked, rows

if TYPE_CHECKING:
    import geopandas  # loaded when a file of that kind is made: it takes a quarter of a worker's memory

CHUNK = 20_000


def gpkg_file(
    session: Session, layer: Layer, viewer: Viewer, asked: Asked, about: dict[str, Any]
) -> Generator[bytes, None, int]:
    """Yield the GeoPackage; what is said of it stands in its metadata."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{layer.name}.gpkg"
        count = 0
        for number, each in enumerate(frames(session, layer, viewer, asked)):
            options = {} if number else {"VERSION": "1.3", "dataset_metadata": label.texts(about)}
            each.to_file(path, layer=layer.name, driver="GPKG", engine="pyogrio", append=number > 0, **options)
            count += len(each)
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


def frames(session: Session, layer: Layer, viewer: Viewer, asked: Asked) -> Iterator[geopandas.GeoDataFrame]:
    """Yield the rows as frames of at most CHUNK rows; the first comes even when it is empty."""
    found = rows(layer, viewer, asked).subquery("found")
    kinds = {f.name: f.kind for f in layer.fields}
    names = [c.name for c in found.c if c.name not in ("id", "geom")]
    query = select(
        found.c.id.cast(BigInteger).label("fid"), *(found.c[n] for n in names), func.st_asbinary(found.c.geom)
    )
    result = session.execute(query.execution_options(stream_results=True, max_row_buffer=CHUNK))
    empty = True
    for part in result.partitions(CHUNK):
        yield frame(part, names, kinds)
        empty = False
    if empty:
        yield frame([], names, kinds)


def frame(part: Any, names: list[str], kinds: Mapping[str, str]) -> geopandas.GeoDataFrame:
    """Return one chunk as a frame with plain column types."""
    import geopandas

    columns = list(zip(*part, strict=True)) or [()] * (len(names) + 2)
    shapes = shapely.from_wkb([bytes(wkb) if wkb is not None else None for wkb in columns[-1]])
    data = {name: plain(values, kinds[name]) for name, values in zip(names, columns[1:-1], strict=True)}
    return geopandas.GeoDataFrame(data, geometry=list(shapes), crs=4490)


def plain(values: Any, kind: str) -> Any:
    """Return a column in a type that every format has: lists joined, times as ISO text."""
    import pandas

    if kind == "list":
        return pandas.Series(["; ".join(v) if v else None for v in values], dtype="string")
    if kind == "time":
        return (
            pandas.Series(pandas.to_datetime(list(values), utc=True))
            if len(values)
            else pandas.Series([], dtype="datetime64[ms, UTC]")
        )
    if kind == "date":
        return pandas.Series(list(values), dtype="object") if len(values) else pandas.Series([], dtype="string")
    dtype = {"integer": "Int64", "number": "Float64", "boolean": "boolean"}.get(kind, "string")
    return pandas.Series([None if v is None else v for v in values], dtype=dtype)
