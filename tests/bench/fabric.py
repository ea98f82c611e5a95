"""The fabric of ten thousand buildings, against momepy's enclosures and enclosed tessellation alone."""

from __future__ import annotations

import time
import warnings
from typing import Any

import geopandas as gpd
import momepy
import numpy as np
import shapely
from sqlalchemy import text
from sqlalchemy.orm import Session

from gis import geometry
from gis.fabric.build import around, build
from gis.fabric.material import Barriers, Buildings, Material, no_units
from tests.bench.district import District
from tests.bench.report import Line, Report, Run, rounds, spell
from tests.bench.server import Crowd, Server

BUILDINGS = 10_000
COUNTS = """
SELECT a.code, count(b.id) FROM areas a JOIN buildings b ON b.territory BETWEEN a.territory AND a.territory + 999
 WHERE a.level = 'village' GROUP BY 1 ORDER BY 1"""
GROUND = "SELECT st_asbinary(st_union(outline)) FROM areas WHERE code = ANY (:codes)"
STANDING = """
SELECT b.id, b.households, b.residents, st_asbinary(b.outline) FROM buildings b
  JOIN areas a ON a.code = ANY (:codes) AND b.territory BETWEEN a.territory AND a.territory + 999 ORDER BY 1"""
LINES = """
SELECT kind, rank, st_asbinary(line) FROM barriers
 WHERE st_intersects(line, (SELECT st_union(outline) FROM areas WHERE code = ANY (:codes))) ORDER BY id"""


def material(session: Session) -> Material:
    """Return the villages of the district, in the order of their codes, until they have so many buildings, as one."""
    codes, count = [], 0
    for code, buildings in session.execute(text(COUNTS)):
        if count < BUILDINGS:
            codes, count = [*codes, code], count + buildings
    asked = {"codes": codes}
    ground = shapely.from_wkb(bytes(session.execute(text(GROUND), asked).scalar_one()))
    ids, households, residents, outlines = zip(*session.execute(text(STANDING), asked), strict=True)
    kinds, ranks, lines = zip(*session.execute(text(LINES), asked), strict=True)
    buildings = Buildings(
        np.array(ids), np.full(len(ids), None), np.array(households), np.array(residents), read(outlines)
    )
    barriers = Barriers(read(lines), np.array(kinds, object), np.array(ranks, object))
    return Material(codes[0], ground, buildings, no_units(), barriers)


def read(blobs: Any) -> Any:
    """Return geometries as an array."""
    return np.array(shapely.from_wkb([bytes(blob) for blob in blobs]), object)


def ours(found: Material, srid: int) -> Run:
    """Build the fabric: a valid coverage with one cell per building and the borders between them."""
    began = time.perf_counter()
    built = build(found, srid)
    seconds = time.perf_counter() - began
    assert shapely.coverage_is_valid(built.outlines)
    assert abs(shapely.area(built.outlines).sum() / shapely.area(found.outline) - 1) < 1e-8
    return Run(seconds, len(np.unique(built.building[built.building >= 0])), size(built.outlines))


def theirs(found: Material, processes: int) -> Run:
    """Let momepy make enclosures and the cells in them, in metres; what it returns is not edge-matched yet."""
    on = around(found.outline)
    lines = geometry.metres(found.barriers.shapes, on)
    surface = shapely.get_dimensions(lines) == 2
    lines[surface] = shapely.boundary(lines[surface])
    parts, of = shapely.get_parts(geometry.metres(found.buildings.outlines, on), return_index=True)
    houses = gpd.GeoSeries(parts, index=of, crs=4549)
    limit = gpd.GeoSeries([geometry.metres(found.outline, on)], crs=4549)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        began = time.perf_counter()
        barriers = gpd.GeoSeries(shapely.get_parts(lines), crs=4549)
        blocks = momepy.enclosures(barriers, limit=limit, clip=True)
        cells = momepy.enclosed_tessellation(houses, blocks.geometry, n_jobs=processes)
        seconds = time.perf_counter() - began
    return Run(seconds, len(np.unique(cells.index[cells.index >= 0])), size(cells.geometry.to_numpy()))


def size(shapes: Any) -> int:
    """Return the bytes of geometries as WKB."""
    return sum(map(len, shapely.to_wkb(shapes)))


def measure(district: District, server: Server, crowd: Crowd, report: Report, times: int) -> None:
    """Measure both; momepy takes half a minute, so there is one round of it in five."""
    with Session(district.engine) as session:
        found = material(session)
    build(found, district.settings.metric_srid)
    run = {
        "ours": lambda: ours(found, district.settings.metric_srid),
        "momepy": lambda: theirs(found, 1),
        "momepy on all cores": lambda: theirs(found, -1),
    }
    medians = rounds(max(times // 5, 1), run)
    us, one, all_ = medians["ours"], medians["momepy"], medians["momepy on all cores"]
    agree = "same buildings" if us.rows == one.rows == len(found.buildings) else "BUILDINGS DIFFER"
    work = f"fabric of {len(found.buildings):,} buildings, coverage valid, with borders"
    cores = f"{spell(all_.seconds)}, a ratio of {us.seconds / all_.seconds:.2f}"
    note = f"momepy in one process, as its figure was measured before; on all cores it takes {cores}"
    report.add(Line(work, str(us), str(one), us.seconds / one.seconds, 0.2, False, agree, note))
