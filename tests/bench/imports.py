"""The import of all buildings with every check, against ogr2ogr into a bare table."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pyogrio
from sqlalchemy import text

from gis import cluster
from gis.cluster import ClusterUrls
from gis.database import connect, transaction
from tests.bench.district import District
from tests.bench.report import Line, Report, Run, rounds
from tests.bench.server import Crowd, Server

SQL = (
    "SELECT b.code, b.name, b.compound, b.address, b.kind, b.floors, b.households, b.residents, b.outline AS geom"
    " FROM buildings b"
)
COMMAND = [str(Path(sys.executable).with_name("wangge")), "import", "buildings"]
FORMATS = {"GPKG": "gpkg", "GeoJSON": "geojson"}


@contextmanager
def bare(district: District) -> Iterator[ClusterUrls]:
    """Yield a database with the district's areas and grids and nothing on them, until the block ends."""
    name = f"{district.url.database}_import"
    district.engine.dispose()
    cluster.drop_database(district.urls, name)
    with connect(district.urls.to("postgres").superuser).connect() as run:
        run = run.execution_options(isolation_level="AUTOCOMMIT")
        ended = text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :name")
        run.execute(ended, {"name": district.url.database})
        run.execute(text(f"CREATE DATABASE {name} TEMPLATE {district.url.database} OWNER wangge"))
    try:
        yield district.urls.to(name)
    finally:
        cluster.drop_database(district.urls, name)


def empty(urls: ClusterUrls) -> None:
    """Take every building away, with all that hangs on one and the memory of the file."""
    engine = connect(urls.owner)
    with transaction(engine) as session:
        session.execute(text("TRUNCATE buildings, import_batches CASCADE"))
        session.execute(text("DROP TABLE IF EXISTS bare"))
    engine.dispose()


def counted(urls: ClusterUrls, table: str) -> int:
    """Return how many rows a table has."""
    engine = connect(urls.owner)
    with transaction(engine) as session:
        number = session.execute(text(f"SELECT count(*) FROM {table}")).scalar_one()
    engine.dispose()
    return int(number)


def compiled(folder: Path) -> dict[str, str]:
    """Return an environment where Python keeps what it compiled, as on a user's machine, with that already done."""
    environment = {**os.environ, "PYTHONPYCACHEPREFIX": str(folder)}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    subprocess.run([*COMMAND, "--help"], env=environment, check=True, capture_output=True)
    return environment


def ours(urls: ClusterUrls, environment: dict[str, str], file: Path) -> Run:
    """Import the file as a user does."""
    empty(urls)
    environment = {**environment, "DATABASE_URL": urls.owner, "APP_DATABASE_URL": urls.app}
    command = [*COMMAND, str(file)]
    began = time.perf_counter()
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    seconds = time.perf_counter() - began
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    return Run(seconds, counted(urls, "buildings"), file.stat().st_size)


def converted(urls: ClusterUrls, libpq: str, file: Path) -> Run:
    """Let ogr2ogr put the file into a table of its own, with its spatial index and by COPY."""
    empty(urls)
    words = ["-q", "-f", "PostgreSQL", f"PG:{libpq}", str(file), "-nln", "bare", "-lco", "GEOMETRY_NAME=geom"]
    words += ["-nlt", "MULTIPOLYGON"]
    began = time.perf_counter()
    subprocess.run(["ogr2ogr", *words, "--config", "PG_USE_COPY", "YES"], check=True)
    return Run(time.perf_counter() - began, counted(urls, "bare"), file.stat().st_size)


def measure(district: District, server: Server, crowd: Crowd, report: Report, times: int) -> None:
    """Measure the import of each format."""
    with tempfile.TemporaryDirectory() as folder:
        files = {form: Path(folder, f"buildings.{suffix}") for form, suffix in FORMATS.items()}
        for form, file in files.items():
            subprocess.run(["ogr2ogr", "-q", "-f", form, str(file), f"PG:{district.libpq}", "-sql", SQL], check=True)
            assert pyogrio.read_info(file, force_feature_count=True)["features"] == district.count()
        environment = compiled(Path(folder, "compiled"))
        with bare(district) as urls:
            libpq = district.libpq.replace(str(district.url.database), f"{district.url.database}_import")
            for form, file in files.items():
                mine, theirs = partial(ours, urls, environment, file), partial(converted, urls, libpq, file)
                found = rounds(times, {"ours": mine, "ogr2ogr": theirs})
                us, ogr = found["ours"], found["ogr2ogr"]
                agree = "same rows" if us.rows == ogr.rows == district.count() else "ROWS DIFFER"
                work = f"import of all buildings with every check ({form})"
                report.add(Line(work, str(us), str(ogr), us.seconds / ogr.seconds, 2, False, agree))
