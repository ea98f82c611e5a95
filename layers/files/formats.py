"""The formats a layer leaves in: one entry each, with its media type and the way its bytes are made."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from gis.errors import NotFound
from gis.viewer import Viewer
from gis.words import N_
from layers import geojson
from layers.files.geopackage import gpkg_file
from layers.files.table import csv_file
from layers.layer import Layer
from layers.query import Asked

Write = Callable[[Session, Layer, Viewer, Asked, dict[str, Any]], Generator[bytes, None, int]]
"""Yields the bytes of a file and returns how many rows they hold."""


@dataclass(frozen=True)
class Format:
    """A file format: its suffix, media type, and the generator that writes it.

    `self_describing` files hold what is said of them; with the others it travels beside.
    """

    name: str
    title: str
    media_type: str
    write: Write
    self_describing: bool = True


def geojsonl_file(
    session: Session, layer: Layer, viewer: Viewer, asked: Asked, about: dict[str, Any]
) -> Generator[bytes, None, int]:
    """Yield one feature a line."""
    return (yield from geojson.lines(session, layer, viewer, asked))


FORMATS = {
    "geojson": Format("geojson", N_("GeoJSON (RFC 7946)"), "application/geo+json", geojson.collection),
    "geojsonl": Format("geojsonl", N_("GeoJSON, one feature a line"), "application/x-ndjson", geojsonl_file, False),
    "gpkg": Format("gpkg", N_("GeoPackage (EPSG:4490)"), "application/geopackage+sqlite3", gpkg_file),
    "csv": Format("csv", N_("CSV table with WKT"), "text/csv; charset=utf-8", csv_file, False),
}


def get(name: str) -> Format:
    """Return a format by its suffix, or raise NotFound."""
    if name not in FORMATS:
        raise NotFound(N_("There is no format %(name)s; choose one of %(names)s."), name=name, names=", ".join(FORMATS))
    return FORMATS[name]
