"""A plan over a town's 60 grids put in force, against the writing alone of the rows that it writes."""

from __future__ import annotations

import io
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
import shapely
from sqlalchemy import Engine, func, select, text, update
from sqlalchemy.orm import Session
from sqlalchemy.pool import NullPool

from gis import cluster
from gis.boundaries import GridOutline
from gis.cluster import ClusterUrls
from gis.database import Base, admit, connect, transaction
from gis.plans import store
from gis.plans.draft import Draft, draft
from gis.plans.edits.stroke import assign
from gis.plans.land import land as laid
from gis.plans.publish import publish
from gis.plans.tables import Plan
from gis.viewer import key, system
from tests.bench.district import District, say, today
from tests.bench.report import Line, Report, Run, rounds
from tests.bench.server import Crowd, Server

TOWN = "999901106000"
UPDATED = {
    "grid_outlines": ("valid", "closed_figures"),
    "grids": ("name", "kind", "status"),
    "plan_grids": ("published_id",),
    "buildings": ("grid_id", "territory"),
    "households": ("grid_id", "territory"),
    "honours": ("territory",),
    "cases": ("grid_id", "territory"),
    "organisations": ("valid", "grid_id", "territory", "parent_id"),
    "volunteer_teams": ("grid_id", "territory"),
    "service_points": ("grid_id", "territory"),
    "assignments": ("valid",),
    "user_territories": ("valid",),
    "staff": ("territory",),
    "care.enrolments": ("grid_id", "territory", "staff_id"),
    "care.visits": ("territory",),
    "plans": ("status", "published_at", "report"),
}
"""Table → the columns that a publication writes anew; all others of its rows stay."""
ADDED = ("grids", "grid_outlines", "plan_households", "plan_cases", "organisations", "organisation_grids",
         "assignments", "user_territories", "gaps", "audit_log")  # fmt: skip
"""Tables that get rows, in the order in which one needs the other."""
BY_ITSELF = "revisions"
"""The table that triggers write."""
WRITTEN = """
SELECT CASE schemaname WHEN 'public' THEN relname ELSE schemaname || '.' || relname END,
       n_tup_ins, n_tup_upd, n_tup_del FROM pg_stat_xact_user_tables
 WHERE n_tup_ins + n_tup_upd + n_tup_del > 0"""
OWN = "t.xmin = CAST(CAST(pg_current_xact_id() AS text) AS xid)"
"""The rows that the transaction has written."""


@dataclass(frozen=True)
class Stage:
    """A copy of the district with an approved plan."""

    owner: Engine
    app: Engine
    plan: int
    grids: int


def cut_anew(session: Session, drawn: Draft) -> int:
    """Cut each village into as many strips of equal households as it has grids, and return how many cells went.

    The strips follow the grids' own order from west to east, so that what can stay stays.
    """
    land = drawn.ground
    middle = shapely.get_x(shapely.centroid(laid(session, drawn.plan).shapes))
    numbers = np.array([grid.id for grid in drawn.grids], np.int64)
    goes = np.full(len(land.ids), -1, np.int64)
    for village in range(len(land.villages)):
        cells = np.flatnonzero(land.village == village)
        own = [at for at, grid in enumerate(drawn.grids) if grid.village_code == land.villages[village]]
        east = [np.median(middle[drawn.of == at]) if (drawn.of == at).any() else 0.0 for at in own]
        ordered = [own[at] for at in np.argsort(east)]
        cells = cells[np.argsort(middle[cells], kind="stable")]
        running = np.cumsum(land.households[cells] + 1e-6)
        strip = np.minimum((running / running[-1] * len(own)).astype(int), len(own) - 1)
        goes[cells] = numbers[np.array(ordered)[strip]]
    assign(session, drawn.plan.id, land.ids.tolist(), goes.tolist())
    return int((goes != numbers[drawn.of]).sum())


def prepared(session: Session) -> tuple[int, int]:
    """Store an approved plan for the town, and return its number and how many grids it has."""
    viewer, now = system(today()), datetime.now(UTC)
    began = time.monotonic()
    plan = store.create(session, viewer, TOWN, "基准方案", now)
    say(f"The plan with its cells took {time.monotonic() - began:.1f} s")
    drawn = draft(session, viewer, plan.id)
    say(f"{cut_anew(session, drawn)} of {len(drawn.of)} cells go to another of {len(drawn.grids)} grids")
    session.execute(update(Plan).where(Plan.id == plan.id).values(status="approved", effective_from=today()))
    return plan.id, len(drawn.grids)


@contextmanager
def staged(district: District) -> Iterator[Stage]:
    """Yield a copy of the district with the plan and a list of what moves; it is dropped at the end."""
    name = f"{district.url.database}_publish"
    district.engine.dispose()
    cluster.drop_database(district.urls, name)
    with connect(district.urls.to("postgres").superuser, poolclass=NullPool).connect() as run:
        run = run.execution_options(isolation_level="AUTOCOMMIT")
        ended = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :name"
        run.execute(text(ended), {"name": district.url.database})
        run.execute(text(f"CREATE DATABASE {name} TEMPLATE {district.url.database} OWNER wangge"))
    urls: ClusterUrls = district.urls.to(name)
    owner, app = connect(urls.owner), connect(urls.app)
    try:
        with transaction(owner) as session:
            plan, grids = prepared(session)
        vacuum(owner)
        listed(owner, plan)
        yield Stage(owner, app, plan, grids)
    finally:
        owner.dispose()
        app.dispose()
        cluster.drop_database(district.urls, name)


def vacuum(engine: Engine) -> None:
    """Take away what a round that was rolled back has left."""
    with engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT").exec_driver_sql("VACUUM (ANALYZE)")


def listed(engine: Engine, plan: int) -> None:
    """Publish once, keep every row that is written in tables of our own, and take it back."""
    with Session(engine) as session:
        last = {name: session.scalar(text(f"SELECT coalesce(max(id), 0) FROM {name}")) for name in ids()}
        publish(session, system(today()), plan, datetime.now(UTC), metric_srid=4549)
        unknown = set(written(session)) - {*UPDATED, *ADDED}
        assert not unknown, f"a publication writes {unknown} too"
        kept = {f"new_{name}": fresh(session, name, last.get(name, 0)) for name in ADDED}
        kept |= {f"to_{name.replace('.', '_')}": again(session, name, last.get(name)) for name in UPDATED}
        session.rollback()
    with transaction(engine) as session:
        for table, (source, columns, lines) in kept.items():
            session.execute(text(f"CREATE TABLE {table} AS SELECT {columns} FROM {source} LIMIT 0"))
            copied(session, f"COPY {table} FROM STDIN", lines)
            say(f"{table}: {len(lines.splitlines())} rows")
    vacuum(engine)


def ids() -> list[str]:
    """Return the tables whose rows are numbered."""
    return [name for name in {*UPDATED, *ADDED} if "id" in Base.metadata.tables[name].columns]


def written(session: Session) -> dict[str, tuple[int, ...]]:
    """Return how many rows of which tables the transaction has added, changed and taken away."""
    return {name: tuple(counts) for name, *counts in session.execute(text(WRITTEN)) if name != BY_ITSELF}


def stored(table: str) -> str:
    """Return the columns of a table that can be written."""
    return ", ".join(column.name for column in Base.metadata.tables[table].columns if column.computed is None)


def fresh(session: Session, table: str, last: int) -> tuple[str, str, bytes]:
    """Return a table, its columns, and as text the rows that the transaction added: those after a number."""
    after = f"AND t.id > {last}" if table in ids() else ""
    found = f"SELECT {stored(table)} FROM {table} t WHERE {OWN} {after}"
    return table, stored(table), copied(session, f"COPY ({found}) TO STDOUT")


def again(session: Session, table: str, last: int | None) -> tuple[str, str, bytes]:
    """Return a table, the columns that are written anew, and as text the older rows that the transaction changed."""
    columns = ", ".join(("id", *UPDATED[table]))
    found = f"SELECT {columns} FROM {table} t WHERE {OWN} AND t.id <= {last}"
    return table, columns, copied(session, f"COPY ({found}) TO STDOUT")


def copied(session: Session, command: str, lines: bytes = b"") -> bytes:
    """Run a COPY with some lines, or return those that it gives."""
    through, driver = io.BytesIO(lines), session.connection().connection
    with driver.cursor() as cursor:
        cursor.copy_expert(command, through)  # type: ignore[attr-defined]
    return through.getvalue()


def ours(stage: Stage, district: District) -> Run:
    """Publish as the manager of the district does, under row security, and take it back."""
    viewer = district.viewer("district_manager")
    with Session(stage.app) as session:
        admit(session, viewer)
        began = time.perf_counter()
        publish(session, viewer, stage.plan, datetime.now(UTC), metric_srid=4549)
        seconds = time.perf_counter() - began
        rows = sum(sum(counts) for counts in written(session).values())
        new = session.scalar(select(func.count()).where(func.lower(GridOutline.valid) == today()))
        session.rollback()
    vacuum(stage.owner)
    return Run(seconds, rows, int(new or 0))


def alone(stage: Stage) -> Run:
    """Write the same rows, which are known by now, as the owner, and take it back."""
    with Session(stage.owner) as session:
        run = session.connection().exec_driver_sql
        low = key(TOWN)
        began = time.perf_counter()
        run(f"DELETE FROM gaps WHERE territory BETWEEN {low} AND {low + 999999}")
        for name in ADDED:
            if name in ENDS_FIRST:
                run(rewriting(name))
            run(f"INSERT INTO {name} ({stored(name)}) SELECT {stored(name)} FROM new_{name}")
        for name in UPDATED:
            if name not in ENDS_FIRST:
                run(rewriting(name))
        seconds = time.perf_counter() - began
        rows = sum(sum(counts) for counts in written(session).values())
        session.rollback()
    vacuum(stage.owner)
    return Run(seconds, rows, 0)


ENDS_FIRST = ("grid_outlines",)
"""Tables where a row can only begin when another has ended."""


def rewriting(table: str) -> str:
    """Return the statement that writes a table's changed rows."""
    changes = ", ".join(f"{column} = n.{column}" for column in UPDATED[table])
    return f"UPDATE {table} t SET {changes} FROM to_{table.replace('.', '_')} n WHERE n.id = t.id"


def measure(district: District, server: Server, crowd: Crowd, report: Report, times: int) -> None:
    """Measure the publication of a plan for a town."""
    with staged(district) as stage:
        found = rounds(times, {"ours": lambda: ours(stage, district), "updates": lambda: alone(stage)})
        us, updates = found["ours"], found["updates"]
        agree = "same rows" if us.rows == updates.rows else f"{us.rows} AND {updates.rows} ROWS"
        note = f"{us.size} outlines begin; report, links, gaps and history are part of it"
        work = f"publish a plan over {stage.grids} grids"
        report.add(Line(work, str(us), str(updates), us.seconds / updates.seconds, 2, False, agree, note))
