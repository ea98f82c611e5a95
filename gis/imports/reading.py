"""A file in, a frame of raw columns and outlines in degrees out; GeoJSON, GeoPackage and Shapefile (zipped too)."""

from __future__ import annotations

import hashlib
import json
import logging
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import pyproj
import shapely
from numpy.typing import NDArray
from pyogrio.errors import DataSourceError

from gis import crs as systems
from gis.errors import Invalid
from gis.imports import packing
from gis.imports.findings import Finding, Unreadable

Cells = NDArray[Any]
KINDS = {".shp": "Shapefile", ".gpkg": "GeoPackage", ".geojson": "GeoJSON", ".json": "GeoJSON", ".geojsonl": "GeoJSON"}
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Raw:
    """The features of one layer: `shapes` in the file's own coordinates, one array per column, in the file's order.

    `closed` are the shapes with a ring that did not end where it began, and was closed here.
    """

    name: str
    sha256: str
    crs: systems.Crs
    columns: dict[str, Cells]
    truncated: bool
    shapes: NDArray[Any]
    broken: NDArray[np.bool_]
    closed: NDArray[np.bool_]
    findings: tuple[Finding, ...] = ()

    @property
    def rows(self) -> int:
        """How many features there are."""
        return len(self.shapes)


def read(path: Path, crs: str | None = None, layer: str | None = None, most_gb: float | None = None) -> Raw:
    """Read a file as it is; raise Unreadable when it has no rows to look at, or would be too large unpacked."""
    wanted = _wanted(crs)
    with _unpacked(path, most_gb) as (source, encoding, findings):
        layer = _layer(source, layer)
        try:
            with warnings.catch_warnings():
                warnings.filterwarnings("ignore", "Non closed ring")  # the user is told, with the row
                meta, _, wkb, columns = pyogrio.raw.read(source, layer=layer, force_2d=True, encoding=encoding)
        except UnicodeDecodeError as error:
            raise Unreadable("encoding_unknown") from error
        except (DataSourceError, ValueError, RuntimeError) as error:
            raise _unreadable(error, source) from error
    if wkb is None or not len(wkb):
        raise Unreadable("empty_file")
    shapes, broken, closed = _shapes(wkb)
    system, said = _system(meta["crs"], wanted, source.suffix.lower() == ".shp")
    whole = dict(zip(meta["fields"], _whole(columns, meta["dtypes"]), strict=True))
    truncated = source.suffix.lower() == ".shp"
    return Raw(path.name, sha256(path), system, whole, truncated, shapes, broken, closed, (*findings, *said))


def sha256(path: Path) -> str:
    """Return the hash of a file, or of the .shp in a folder: what tells a second import of the same."""
    source = path if path.is_file() else packing.in_folder(path)
    with source.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def _unpacked(path: Path, most_gb: float | None) -> Iterator[tuple[Path, str | None, list[Finding]]]:
    if not path.exists():
        raise Unreadable("no_file", name=path.name)
    if path.is_dir():
        path = packing.in_folder(path)
    if path.stat().st_size == 0:
        raise Unreadable("empty_file")
    with tempfile.TemporaryDirectory(prefix="wangge-import-") as folder:
        if path.suffix.lower() == ".zip":
            path = packing.unzip(path, Path(folder), most_gb)
        if path.suffix.lower() == ".shp":
            packing.require_parts(path)
            encoding, findings = packing.encoding(path)
            yield packing.with_whole_names(path, encoding, Path(folder)), encoding, findings
        else:
            yield path, None, []


def _layer(source: Path, layer: str | None) -> str | None:
    """Return the layer to read; only a GeoPackage can hold several, and opening a large GeoJSON costs a second."""
    if source.suffix.lower() not in packing.READABLE:
        raise Unreadable("format_unknown", driver=source.suffix or source.name)
    if source.suffix.lower() != ".gpkg":
        return None
    try:
        layers = [str(name) for name in pyogrio.list_layers(source)[:, 0]]
    except (DataSourceError, RuntimeError) as error:
        raise _unreadable(error, source) from error
    if not layers:
        raise Unreadable("empty_file")
    if layer is None and len(layers) > 1:
        raise Unreadable("layer_choice", layers=", ".join(layers))
    if layer is not None and layer not in layers:
        raise Unreadable("layer_unknown", layer=layer, layers=", ".join(layers))
    return layer or layers[0]


def _unreadable(error: Exception, source: Path) -> Unreadable:
    """Return what is wrong with a file in the user's words; the library's own go to the log."""
    log.warning("%s cannot be read: %s", source.name, error)
    suffix = source.suffix.lower()
    if suffix in (".json", ".geojson"):
        try:
            json.loads(source.read_bytes())
        except UnicodeDecodeError:
            return Unreadable("encoding_unknown")
        except json.JSONDecodeError as wrong:
            return Unreadable("not_json", line=wrong.lineno, column=wrong.colno)
    return Unreadable("unreadable", kind=KINDS[suffix])


def _wanted(crs: str | None) -> systems.Crs | None:
    try:
        return systems.named(crs) if crs else None
    except Invalid as error:
        raise Unreadable("crs_unknown", **error.params) from error


def _system(said: str | None, wanted: systems.Crs | None, shapefile: bool) -> tuple[systems.Crs, list[Finding]]:
    if wanted is None and said is None:
        if shapefile:
            raise Unreadable("crs_missing")
        said = "EPSG:4326"
    own = systems.named(said) if said else None
    system = wanted or own
    assert system is not None
    if not system.same_earth:
        raise Unreadable("crs_datum", crs=system.name)
    if wanted and own and own.system != wanted.system and not (own.geographic and wanted.geographic):
        return system, [Finding("crs_replaced", params={"said": own.name, "used": wanted.name})]
    return system, []


def _shapes(wkb: NDArray[Any]) -> tuple[NDArray[Any], NDArray[np.bool_], NDArray[np.bool_]]:
    """Return the shapes, which of them cannot be read, and in which a ring was closed."""
    shapes = shapely.from_wkb(wkb, on_invalid="ignore")
    open_ = np.array([data is not None for data in wkb]) & shapely.is_missing(shapes)
    shapes[open_] = shapely.from_wkb(wkb[open_], on_invalid="fix")
    broken = open_ & shapely.is_missing(shapes)
    return shapes, broken, open_ & ~broken


def _whole(columns: list[Cells], dtypes: NDArray[Any]) -> Iterator[Cells]:
    """Give whole-number columns with empty cells back their numbers: the reader hands them over as decimals."""
    for cells, dtype in zip(columns, dtypes, strict=True):
        if str(dtype).startswith("int") and cells.dtype.kind == "f":
            yield np.array([None if np.isnan(cell) else int(cell) for cell in cells], object)
        else:
            yield cells


def in_degrees(raw: Raw) -> NDArray[Any]:
    """Return the outlines in CGCS2000 degrees; numbers that are no degrees stay as they are."""
    if raw.crs.offset is None and raw.crs.geographic:
        return raw.shapes
    with np.errstate(invalid="ignore"):
        try:
            return shapely.transform(raw.shapes, lambda points: systems.to_storage(points, raw.crs))
        except pyproj.exceptions.ProjError:
            return raw.shapes
