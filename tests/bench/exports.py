"""All buildings as GeoJSON over HTTP, against COPY of the same text, ogr2ogr and geopandas."""

from __future__ import annotations

import subprocess
import tempfile
import time
from functools import partial
from pathlib import Path

import geopandas

from layers.catalogue import BUILDINGS
from layers.geojson import RAW, feature_texts, literal
from tests.bench.contestants import admission, program
from tests.bench.district import District, asked, say
from tests.bench.report import Line, Report, Run, rounds
from tests.bench.server import Client, Crowd, Server

ACCOUNT = "district_manager"
MEMORY = 150_000_000
COLUMNS = "b.id, b.code, b.name, b.compound, b.address, b.kind, b.floors, b.households, b.residents"
SQL = (
    f"SELECT {COLUMNS}, h.kind AS honour, g.code AS grid_code, b.outline FROM buildings b"
    " LEFT JOIN (SELECT DISTINCT ON (building_id) building_id, kind FROM honours ORDER BY building_id, year DESC) h"
    " ON h.building_id = b.id LEFT JOIN grids g ON g.id = b.grid_id"
)
"""The same columns for the peers, which know no territory."""


def ours(server: Server, cookie: str) -> Run:
    """Fetch the whole layer and throw it away."""
    client = Client(server.port, cookie)
    began = time.perf_counter()
    size, lines = client.drained(f"/layers/{BUILDINGS.name}.geojson?purpose=bench")
    return Run(time.perf_counter() - began, lines - 2, size)


def copied(district: District) -> Run:
    """Let psql COPY the text of the same features, under the same row security."""
    viewer = district.viewer(ACCOUNT)
    with district.session(viewer) as session:
        text = literal(session, feature_texts(BUILDINGS, viewer, asked()))
    steps = [
        "\\o /dev/null",
        "BEGIN;",
        *(f"{each};" for each in admission(viewer)),
        "SET LOCAL enable_nestloop = off;",
        "\\o",
    ]
    script = "\n".join([*steps, RAW.format(query=" ".join(text.split())) + ";"])
    command = [*district.command(program("psql")), "-qAt", "-d", str(district.url.database)]
    size = rows = 0
    began = time.perf_counter()
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as psql:
        assert psql.stdin is not None
        assert psql.stdout is not None
        psql.stdin.write(script.encode())
        psql.stdin.close()
        while block := psql.stdout.read(1 << 18):
            size, rows = size + len(block), rows + block.count(b"\n")
    return Run(time.perf_counter() - began, rows, size)


def converted(district: District) -> Run:
    """Let ogr2ogr write the same features as RFC 7946."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "buildings.geojson")
        words = [
            "-q",
            "-f",
            "GeoJSON",
            "-lco",
            "RFC7946=YES",
            "-lco",
            "ID_FIELD=id",
            str(path),
            f"PG:{district.libpq}",
            "-sql",
            SQL,
        ]
        began = time.perf_counter()
        subprocess.run(["ogr2ogr", *words], check=True)
        return written(began, path)


def framed(district: District) -> Run:
    """Let geopandas read and write the same features."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "buildings.geojson")
        began = time.perf_counter()
        frame = geopandas.read_postgis(SQL, district.engine, geom_col="outline")
        path.write_text(frame.set_index("id").to_crs(4326).to_json(drop_id=False, ensure_ascii=False))
        return written(began, path)


def written(began: float, path: Path) -> Run:
    """Return the run that wrote a file."""
    seconds = time.perf_counter() - began
    body = path.read_bytes()
    return Run(seconds, body.count(b'"Feature"'), len(body))


def measure(district: District, server: Server, crowd: Crowd, report: Report, times: int) -> None:
    """Measure the export against the limit and the peers, and look at the memory of the workers."""
    cookie = server.cookie(ACCOUNT)
    ours(server, cookie)
    before = server.peak()
    mine = partial(ours, server, cookie)
    against = {
        "COPY": partial(copied, district),
        "ogr2ogr": partial(converted, district),
        "geopandas": partial(framed, district),
    }
    found = rounds(times, {"ours": mine, **against})
    say(f"workers' peak {before / 1e6:.0f} → {server.peak() / 1e6:.0f} MB")
    us = found["ours"]
    agree = "same rows" if len({each.rows for each in found.values()} | {district.count()}) == 1 else "ROWS DIFFER"
    limit, ogr, frame = found["COPY"], found["ogr2ogr"], found["geopandas"]
    work = "GeoJSON of all buildings over HTTP"
    report.add(Line(work, str(us), str(limit), us.seconds / limit.seconds, 1.3, False, agree))
    report.add(Line(work, str(us), str(ogr), ogr.seconds / us.seconds, 6, True, agree))
    report.add(Line(work, str(us), str(frame), frame.seconds / us.seconds, 6, True, agree))
    grown = f"{before / 1e6:.0f} MB after the first, {server.peak() / 1e6:.0f} MB after the last"
    report.add(
        Line("… memory of the fullest worker (MB)", grown, "150 MB", server.peak() / 1e6, MEMORY / 1e6, False, "VmHWM")
    )
