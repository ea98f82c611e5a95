"""A plan as a file: its cells as a table, or its grids as GeoJSON, GeoPackage or Shapefile."""

from __future__ import annotations

import csv
import io
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import geopandas
import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from gis import audit
from gis.errors import Invalid
from gis.fabric.store import shapes
from gis.geometry import derive
from gis.plans.draft import Draft, draft, totals
from gis.plans.labels import digest, labels
from gis.premises import Building
from gis.viewer import Viewer
from gis.words import N_
from layers.files.table import harmless

COLUMNS = ("village", "cell", "building", "kind", "households", "grid", "grid_name")
FORMATS = ("csv", "geojson", "gpkg", "shp.zip")


def write(session: Session, viewer: Viewer, plan_id: int, form: str) -> bytes:
    """Return a plan as a file of a format, and write to the audit log that it was taken away."""
    viewer.require("plan.view")
    if form not in FORMATS:
        raise Invalid(
            N_("A plan is exported as %(formats)s, not as %(format)s."), formats=", ".join(FORMATS), format=form
        )
    plan = draft(session, viewer, plan_id)
    body = table(session, plan) if form == "csv" else WRITERS[form](grids(session, viewer, plan))
    audit.record(session, viewer, "plan.export", plan.plan.area_code, plan=plan_id, format=form, hash=digest(plan))
    return body


def form_of(path: Path) -> str:
    """Return the format that a file's name asks for."""
    return "shp.zip" if path.name.lower().endswith(".shp.zip") else path.suffix.lstrip(".").lower()


def table(session: Session, plan: Draft) -> bytes:
    """Return village, cell, building and grid of every cell as CSV with a byte-order mark."""
    ground, names = plan.ground, labels(plan)
    ids = [number for number in np.unique(ground.building_ids).tolist() if number >= 0]
    found = session.execute(select(Building.id, Building.code).where(Building.id.in_(ids)))
    codes = {number: code or "" for number, code in found}
    out = io.StringIO(newline="")
    rows = csv.writer(out)
    rows.writerow(COLUMNS)
    for at, number in enumerate(plan.of.tolist()):
        grid, name = (names[number], plan.grids[number].name) if number >= 0 else ("", "")
        village, building = ground.villages[ground.village[at]], codes.get(int(ground.building_ids[at]), "")
        cells = (village, ground.codes[at], building, ground.kinds[at], ground.households[at], grid, name)
        rows.writerow([harmless(cell) if isinstance(cell, str) else int(cell) for cell in cells])
    return out.getvalue().encode("utf-8-sig")


def grids(session: Session, viewer: Viewer, plan: Draft) -> geopandas.GeoDataFrame:
    """Return one row per grid that holds a cell: code or new-n, name, village, counts, outline in EPSG:4490."""
    _ids, cells = shapes(session, viewer, plan.ground.villages)
    outlines = derive(cells, plan.of, len(plan.grids))
    rows = [
        {"grid": label, "name": grid.name, "kind": grid.kind, "village": grid.village_code,
         "households": total.households, "residents": total.residents, "buildings": total.buildings,
         "cells": total.cells, "area_m2": round(total.area_m2, 1)}
        for label, grid, total in zip(labels(plan), plan.grids, totals(plan), strict=True)
    ]  # fmt: skip
    there = [at for at, outline in enumerate(outlines) if outline is not None]
    return geopandas.GeoDataFrame([rows[at] for at in there], geometry=outlines[there].tolist(), crs=4490)


def geojson(frame: geopandas.GeoDataFrame) -> bytes:
    """Return the grids as RFC 7946: longitude first, no crs member, outer rings counter-clockwise."""
    return _through("plan.geojson", frame, driver="GeoJSON", RFC7946="YES", COORDINATE_PRECISION="9")


def geopackage(frame: geopandas.GeoDataFrame) -> bytes:
    """Return the grids as a GeoPackage with one layer."""
    return _through("plan.gpkg", frame, driver="GPKG", layer="plan")


def shapefile(frame: geopandas.GeoDataFrame) -> bytes:
    """Return the grids as a zipped Shapefile in UTF-8, with the .cpg that says so."""
    return _through("plan.shp", frame, driver="ESRI Shapefile", encoding="UTF-8", zipped=True)


def _through(name: str, frame: geopandas.GeoDataFrame, *, zipped: bool = False, **options: Any) -> bytes:
    with tempfile.TemporaryDirectory(prefix="wangge-plan-") as folder:
        path = Path(folder) / name
        frame.to_file(path, engine="pyogrio", **options)
        return _zip(path) if zipped else path.read_bytes()


def _zip(path: Path) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for part in _parts(path):
            archive.write(part, part.name)
    return out.getvalue()


def _parts(path: Path) -> Iterator[Path]:
    yield from sorted(path.parent.glob(f"{path.stem}.*"))


WRITERS: dict[str, Callable[[geopandas.GeoDataFrame], bytes]] = {
    "geojson": geojson, "gpkg": geopackage, "shp.zip": shapefile,
}  # fmt: skip
