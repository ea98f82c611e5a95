"""The peers that speak SQL and tiles: pgbench with the application's own statements, tipg over the same content."""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from gis import machine
from gis.database import ADMIT, transaction
from gis.viewer import Viewer
from layers.geojson import literal
from tests.bench import server
from tests.bench.district import District
from tests.bench.report import Run

TILES = {
    "grids": "SELECT o.grid_id AS id, o.code, o.name, g.kind, o.outline_tile AS geom FROM grid_outlines o"
    " JOIN grids g ON g.id = o.grid_id WHERE o.valid @> current_date",
    "buildings": "SELECT id, kind, outline_tile AS geom FROM buildings",
    "households": "SELECT id, kind, outline_tile AS geom FROM households",
}
"""Layer → what its tiles hold, as a view for tipg."""


def program(name: str) -> str:
    """Return a program of PostgreSQL."""
    return str(next(iter(machine.postgis().values())) / name)


def admission(viewer: Viewer) -> list[str]:
    """Return the statement that puts a transaction under the viewer's territory, as the application sends it."""
    settings = {
        "plan_cache_mode": "force_generic_plan",
        "role": "wangge_app",
        "wangge.territory": viewer.territory.multirange,
        "wangge.reach": viewer.territory.reach,
        "wangge.sees": ",".join(sorted(viewer.permissions)),
        "wangge.staff": str(viewer.staff_id or ""),
        "wangge.user": str(viewer.user_id or ""),
    }
    assert all(name.removeprefix("wangge.") in ADMIT.text or name in str(ADMIT) for name in settings)
    return ["SELECT " + ", ".join(f"set_config('{name}', '{value}', true)" for name, value in settings.items())]


class Pgbench:
    """Lists of statements, one list per client, run by pgbench prepared and several times over."""

    def __init__(
        self, district: District, lists: Sequence[Sequence[str]], *, rows: int, user: str, passes: int
    ) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.passes = passes
        self.rows = rows
        self.commands = []
        for place, statements in enumerate(lists):
            file = Path(self.folder.name, f"{place}.sql")
            file.write_text("".join(f"{' '.join(statement.split())};\n" for statement in statements))
            where = [*district.command(program("pgbench"))[:-1], user]
            options = [
                "-n",
                "-M",
                "prepared",
                "-c",
                "1",
                "-t",
                str(passes),
                "-f",
                str(file),
                str(district.url.database),
            ]
            self.commands.append([*where, *options])

    def __call__(self) -> Run:
        """Run every client at the same time; the time of a pass is that of the slowest."""
        with ThreadPoolExecutor(len(self.commands)) as pool:
            return Run(max(pool.map(self.once, self.commands)), self.rows, 0)

    def once(self, command: list[str]) -> float:
        """Run one client and return the seconds of a pass, the connection not counted."""
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        found = re.search(r"latency average = ([\d.]+) ms", done.stdout)
        assert found is not None, done.stdout
        return float(found.group(1)) / 1000


def transactions(session: Session, admit: list[str], queries: Sequence[object]) -> list[list[str]]:
    """Return each query in a transaction of its own, as a request has it."""
    return [["BEGIN", *admit, literal(session, query), "COMMIT"] for query in queries]  # type: ignore[arg-type]


@contextmanager
def tipg(district: District) -> Iterator[int]:
    """Run tipg over views with the columns of our tiles until the block ends, and yield its port."""
    with transaction(district.engine) as session:
        session.execute(text("CREATE SCHEMA IF NOT EXISTS bench"))
        for layer, content in TILES.items():
            session.execute(text(f"CREATE OR REPLACE VIEW bench.{layer} AS {content}"))
    port = server.free()
    socket, database = quote(str(district.url.query["host"]), safe=""), district.url.database
    environment = {
        **os.environ,
        "DATABASE_URL": f"postgresql://wangge@{socket}:{district.url.query['port']}/{database}",
        "TIPG_DB_SCHEMAS": '["bench"]',
        "TIPG_DB_SPATIAL_EXTENT": "FALSE",
        "TIPG_DB_DATETIME_EXTENT": "FALSE",
        "TIPG_CATALOG_TTL": "0",
        "TIPG_MAX_FEATURES_PER_TILE": "1000000",
        "DB_MAX_CONN_SIZE": "4",
        **{f"TIPG_TABLE_CONFIG__bench_{layer}__pk": "id" for layer in TILES},
    }
    words = ["tipg.main:app", "--host", server.HOST, "--port", str(port), "--workers", "2", "--no-access-log"]
    command = [str(Path(os.sys.executable).with_name("uvicorn")), *words]  # type: ignore[attr-defined]
    with server.running(command, environment, port, "/healthz"):
        time.sleep(1)
        yield port


def clean(district: District) -> None:
    """Take the views away."""
    with transaction(district.engine) as session:
        session.execute(text("DROP SCHEMA IF EXISTS bench CASCADE"))


__all__ = ["TILES", "Pgbench", "admission", "clean", "program", "select", "tipg", "transactions"]
