"""The formats a layer leaves in: one entry each, with its media type and the way its bytes are made."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import shapely
from sqlalchemy import BigInteger, func, select
from sqlalchemy.orm import Session

from gis.errors import NotFound, Refused
from gis.viewer import Viewer
from gis.words import N_
from layers import geojson
from layers.layer import Layer
from layers.query import Asked, rows

if TYPE_CHECKING:
    import geopandas  # loaded when a file of that kind is made: it takes a quarter of a worker's memory

CHUNK = 20_000
ID_NUMBER = r"(^|\D)[1-9]\d{5}(19|20)\d{9}[\dXx](\D|$)"
Write = Callable[[Session, Layer, Viewer, Asked, dict[str, Any]], Iterator[bytes]]


@dataclass(frozen=True)
class Format:
    """A file format: its suffix, media type, and the generator that writes it."""

    name: str
    title: str
    media_type: str
    write: Write


def geojson_file(
    session: Session, layer: Layer, viewer: Viewer, asked: Asked, about: dict[str, Any]
) -> Iterator[bytes]:
    """Yield one RFC 7946 FeatureCollection."""
    yield from geojson.collection(session, layer, viewer, asked, about)


def geojsonl_file(
    session: Session, layer: Layer, viewer: Viewer, asked: Asked, about: dict[str, Any]
) -> Iterator[bytes]:
    """Yield one feature a line."""
    yield from geojson.lines(session, layer, viewer, asked)


def csv_file(session: Session, layer: Layer, viewer: Viewer, asked: Asked, about: dict[str, Any]) -> Iterator[bytes]:
    """Yield a table with a byte-order mark for spreadsheets and the geometry as WKT, longitude first."""
    found = rows(layer, viewer, asked).subquery("found")
    listed = [
        func.array_to_string(c, "; ").label(c.name) if layer.field(c.name).kind == "list" else c
        for c in found.c
        if c.name not in ("id", "geom")
    ]
    query = select(found.c.id, *listed, func.st_astext(found.c.geom, geojson.PRECISION).label("wkt"))
    yield "\ufeff".encode()
    yield from geojson.copy_out(session, f"COPY ({geojson.literal(session, query)}) TO STDOUT (FORMAT csv, HEADER)")


def gpkg_file(session: Session, layer: Layer, viewer: Viewer, asked: Asked, about: dict[str, Any]) -> Iterator[bytes]:
    """Yield a GeoPackage in CGCS2000 (EPSG:4490), written to a temporary file chunk by chunk."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{layer.name}.gpkg"
        for number, frame in enumerate(frames(session, layer, viewer, asked)):
            options = {} if number else {"VERSION": "1.3", "dataset_metadata": {k: str(v) for k, v in about.items()}}
            frame.to_file(path, layer=layer.name, driver="GPKG", engine="pyogrio", append=number > 0, **options)
        with path.open("rb") as file:
            while block := file.read(geojson.BLOCK):
                yield block


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
        yield frame(part, names, kinds, layer)
        empty = False
    if empty:
        yield frame([], names, kinds, layer)


def frame(part: Any, names: list[str], kinds: Mapping[str, str], layer: Layer) -> geopandas.GeoDataFrame:
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


FORMATS = {
    "geojson": Format("geojson", N_("GeoJSON (RFC 7946)"), "application/geo+json", geojson_file),
    "geojsonl": Format("geojsonl", N_("GeoJSON, one feature a line"), "application/geo+json-seq", geojsonl_file),
    "gpkg": Format("gpkg", N_("GeoPackage (EPSG:4490)"), "application/geopackage+sqlite3", gpkg_file),
    "csv": Format("csv", N_("CSV table with WKT"), "text/csv; charset=utf-8", csv_file),
}


def get(name: str) -> Format:
    """Return a format by its suffix, or raise NotFound."""
    if name not in FORMATS:
        raise NotFound(N_("There is no format %(name)s; choose one of %(names)s."), name=name, names=", ".join(FORMATS))
    return FORMATS[name]


def inspect(session: Session, layer: Layer, viewer: Viewer, asked: Asked) -> None:
    """Refuse the export when a free text of its rows holds what looks like an identity-card number."""
    names = tuple(f.name for f in layer.seen_by(viewer) if f.free_text)
    if not names:
        return
    found = rows(layer, viewer, asked, fields=names, geometry=None).subquery("found")
    words = func.concat_ws(" ", *(found.c[name] for name in names))
    hit = session.scalar(select(found.c.id).where(words.op("~")(ID_NUMBER)).limit(1))
    if hit is not None:
        raise Refused(
            N_("The export is stopped: the text of row %(id)s of %(layer)s seems to hold an identity-card number."
               " Have it removed, then export again."),
            id=hit, layer=layer.name,
        )  # fmt: skip


def about(layer: Layer, viewer: Viewer, asked: Asked, purpose: str) -> dict[str, Any]:
    """Return what a file says of itself: who took it, when, for what, as at which day, on which datum."""
    return {
        "layer": layer.name,
        "taken_by": viewer.name,
        "taken_at": asked.now.isoformat(timespec="seconds"),
        "purpose": purpose,
        "as_at": asked.day.isoformat(),
        "area": asked.area or "territory",
        "mask_level": "L0",
        "datum": "CGCS2000 (EPSG:4490); WGS 84 within map accuracy",
    }
